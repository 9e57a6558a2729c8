//! Where in a picture there may be plates.

use super::model::Models;
use super::pixels::{Pixels, Quad, is_sound};

/// The longer sides at which the net looks at a picture. It knows plates of about a thirtieth to two fifths of its view,
/// so the first finds what fills a close photo and the last what stands far down a street.
const SIDES: [u32; 4] = [160, 320, 640, 1280];

/// A picture shorter than this is not looked at at the last of them: it would show nothing more.
const LOOK_CLOSER: u32 = 1_500;

/// A picture longer than this, as the net looks at it, is looked at part by part, so that memory has a bound. The parts
/// overlap by as much as the widest plate that the next smaller picture does not show better.
const PART: u32 = 448;
const OVERLAP: u32 = 96;

/// Cells that are less sure than this are not looked at. What is no plate after all, the reader will say.
const LEAST: f32 = 0.12;

/// The most places that are read.
const MOST: usize = 8;

/// Smaller pictures hold no plate that can be read.
const SMALLEST: u32 = 24;

/// The pixels of one cell of the net, and the unit of its corners.
const CELL: f32 = 8.0;
const UNIT: f32 = 32.0;

/// The corners of what may be a plate, the surest first.
pub(super) fn plates(models: &Models, pixels: &Pixels) -> Vec<Quad> {
    if pixels.width().min(pixels.height()) < SMALLEST {
        return Vec::new();
    }
    let mut peaks = Vec::new();
    let mut seen = None;
    let looks = if pixels.width().max(pixels.height()) > LOOK_CLOSER { SIDES.len() } else { SIDES.len() - 1 };
    for &side in &SIDES[..looks] {
        let at = size(pixels.width(), pixels.height(), side);
        if seen.replace(at) != Some(at) {
            look(models, pixels, at, &mut peaks);
        }
    }
    peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept: Vec<Quad> = Vec::new();
    for (_, corners) in peaks {
        if kept.len() < MOST && is_sound(&corners) && kept.iter().all(|known| !same(known, &corners)) {
            kept.push(corners);
        }
    }
    kept
}

fn look(models: &Models, pixels: &Pixels, (width, height): (u32, u32), peaks: &mut Vec<(f32, Quad)>) {
    let planes = pixels.planes(width, height);
    let (kx, ky) = (ratio(pixels.width(), width), ratio(pixels.height(), height));
    for (top, rows) in parts(height) {
        for (left, columns) in parts(width) {
            let part = cut(&planes, (width, height), (left, top), (columns, rows));
            let Some(map) = models.locate(part, columns, rows) else { return };
            for (sure, corners) in highest(&map, columns as usize / 8, rows as usize / 8) {
                let (left, top) = (ratio(left, 1), ratio(top, 1));
                peaks.push((sure, corners.map(|(x, y)| ((x + left) * kx, (y + top) * ky))));
            }
        }
    }
}

/// Where the parts of a side begin and how long they are, in multiples of 8.
fn parts(length: u32) -> Vec<(u32, u32)> {
    let count = length.saturating_sub(OVERLAP).div_ceil(PART - OVERLAP).max(1);
    let each = (length + (count - 1) * OVERLAP).div_ceil(count).next_multiple_of(8).min(length);
    (0..count).map(|part| ((length - each) * part / (count - 1).max(1) / 8 * 8, each)).collect()
}

/// A part of three planes.
fn cut(planes: &[f32], of: (u32, u32), at: (u32, u32), size: (u32, u32)) -> Vec<f32> {
    let (width, columns) = (of.0 as usize, size.0 as usize);
    let lines = planes.chunks(width).enumerate().filter(|(line, _)| {
        let y = (line % of.1 as usize) as u64;
        (u64::from(at.1)..u64::from(at.1 + size.1)).contains(&y)
    });
    lines.flat_map(|(_, line)| &line[at.0 as usize..at.0 as usize + columns]).copied().collect()
}

/// The cells of a map that are surer than those around them, and the corners that they tell.
fn highest(map: &[f32], columns: usize, rows: usize) -> Vec<(f32, Quad)> {
    let at = |channel: usize, x: usize, y: usize| map[(channel * rows + y) * columns + x];
    let mut peaks = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            let sure = 1.0 / (1.0 + (-at(0, x, y)).exp());
            let near = (y.saturating_sub(1)..(y + 2).min(rows))
                .flat_map(|ny| (x.saturating_sub(1)..(x + 2).min(columns)).map(move |nx| (nx, ny)));
            if sure < LEAST || near.clone().any(|(nx, ny)| at(0, nx, ny) > at(0, x, y)) {
                continue;
            }
            let middle = |index: usize| (f32::from(u16::try_from(index).unwrap_or(u16::MAX)) + 0.5) * CELL;
            let corners = std::array::from_fn(|corner| {
                let (dx, dy) = (at(1 + 2 * corner, x, y) * UNIT, at(2 + 2 * corner, x, y) * UNIT);
                (middle(x) + dx, middle(y) + dy)
            });
            peaks.push((sure, corners));
        }
    }
    peaks
}

/// The size at which a picture is looked at: the longer side at most `side`, both multiples of 8.
fn size(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longer = width.max(height);
    let scaled = |length: u32| {
        let length = if longer > side { length * side / longer } else { length };
        (length.max(32) + 4) / 8 * 8
    };
    (scaled(width), scaled(height))
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures are small")]
fn ratio(a: u32, b: u32) -> f32 {
    a as f32 / b as f32
}

/// Whether two places are mostly one, by the boxes around them: a plate and its lower line are not the same, but they
/// overlap.
fn same(a: &Quad, b: &Quad) -> bool {
    let (shared, a, b) = areas(a, b);
    shared > 0.4 * (a + b - shared)
}

/// Whether most of the smaller place lies in the other.
pub(super) fn overlap(a: &Quad, b: &Quad) -> bool {
    let (shared, a, b) = areas(a, b);
    shared > 0.4 * a.min(b)
}

/// The area that the boxes around two places share, and those of the boxes.
fn areas(a: &Quad, b: &Quad) -> (f32, f32, f32) {
    let bounds = |q: &Quad| {
        let x = q.map(|p| p.0);
        let y = q.map(|p| p.1);
        let low = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min);
        let high = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max);
        (low(x), low(y), high(x), high(y))
    };
    let (a, b) = (bounds(a), bounds(b));
    let across = a.2.min(b.2) - a.0.max(b.0);
    let down = a.3.min(b.3) - a.1.max(b.1);
    let area = |q: (f32, f32, f32, f32)| (q.2 - q.0) * (q.3 - q.1);
    (across.max(0.0) * down.max(0.0), area(a), area(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_multiples_of_eight_and_keep_the_shape() {
        assert_eq!(size(1280, 720, 640), (640, 360));
        assert_eq!(size(720, 1280, 640), (360, 640));
        assert_eq!(size(100, 30, 640), (104, 32));
        assert_eq!(size(4000, 1, 640), (640, 32));
    }

    #[test]
    fn parts_cover_a_side_overlap_and_are_short() {
        assert_eq!(parts(360), [(0, 360)]);
        assert_eq!(parts(640), [(0, 368), (272, 368)]);
        for length in (32..=1280).step_by(8) {
            let parts = parts(length);
            assert_eq!((parts[0].0, parts[parts.len() - 1].0 + parts[0].1), (0, length));
            assert!(parts.iter().all(|(from, each)| from % 8 == 0 && each % 8 == 0 && *each <= PART));
            assert!(parts.windows(2).all(|pair| pair[0].0 + pair[0].1 + 8 >= pair[1].0 + OVERLAP), "{parts:?}");
        }
    }

    #[test]
    fn a_part_is_cut_from_every_plane() {
        let planes: Vec<f32> = (0_u8..3 * 4 * 2).map(f32::from).collect();
        assert_eq!(cut(&planes, (4, 2), (1, 1), (2, 1)), [5.0, 6.0, 13.0, 14.0, 21.0, 22.0]);
        assert_eq!(cut(&planes, (4, 2), (0, 0), (4, 2)), planes);
    }

    #[test]
    fn a_place_within_another_is_the_same_and_one_beside_it_is_not() {
        let place = |x: f32, y: f32, w: f32| [(x, y), (x + w, y), (x + w, y + w / 4.0), (x, y + w / 4.0)];
        assert!(overlap(&place(0.0, 0.0, 100.0), &place(10.0, 2.0, 100.0)));
        assert!(overlap(&place(0.0, 0.0, 100.0), &place(20.0, 5.0, 40.0)));
        assert!(!overlap(&place(0.0, 0.0, 100.0), &place(90.0, 0.0, 100.0)));
        assert!(same(&place(0.0, 0.0, 100.0), &place(10.0, 2.0, 100.0)));
        assert!(!same(&place(0.0, 0.0, 100.0), &place(20.0, 5.0, 40.0)));
    }
}
