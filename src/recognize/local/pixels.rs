//! Pictures as pixels, and pulling a part of one straight.

use image::RgbImage;

use crate::recognize::picture::{Picture, PictureError};

/// Four corners in pixels, clockwise from the upper left.
pub type Quad = [(f32, f32); 4];

/// The most samples a side that one pixel of a straightened picture is the mean of.
const MOST_SAMPLES: u8 = 4;

/// A decoded picture, upright.
pub(super) struct Pixels(RgbImage);

impl Pixels {
    pub(super) fn decode(picture: &Picture) -> Result<Self, PictureError> {
        picture.decoded().map(Self)
    }

    pub(super) fn width(&self) -> u32 {
        self.0.width()
    }

    pub(super) fn height(&self) -> u32 {
        self.0.height()
    }

    pub(super) fn whole(&self) -> Quad {
        let (w, h) = (real(self.width()), real(self.height()));
        [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
    }

    /// The picture at another size, as planes of red, green and blue from 0 to 1.
    pub(super) fn planes(&self, width: u32, height: u32) -> Vec<f32> {
        let small = if (width, height) == (self.width(), self.height()) {
            std::borrow::Cow::Borrowed(&self.0)
        } else {
            std::borrow::Cow::Owned(image::imageops::thumbnail(&self.0, width, height))
        };
        let of = |channel: usize| small.pixels().map(move |pixel| f32::from(pixel.0[channel]) / 255.0);
        of(0).chain(of(1)).chain(of(2)).collect()
    }

    /// What is between four corners, pulled straight to a size, as planes of red, green and blue from 0 to 1; and the
    /// map from it, its sides being 1, back to the picture. `None` when the corners make no sense.
    pub(super) fn straight(&self, corners: &Quad, width: u32, height: u32) -> Option<(Vec<f32>, Map)> {
        let map = Map::onto(corners)?;
        let side = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
        let across = side(corners[0], corners[1]).max(side(corners[3], corners[2])) / real(width);
        let down = side(corners[0], corners[3]).max(side(corners[1], corners[2])) / real(height);
        let (nx, ny) = (samples(across), samples(down));
        let plane = (width * height) as usize;
        let mut planes = vec![0.0; 3 * plane];
        let weight = 1.0 / (255.0 * f32::from(nx) * f32::from(ny));
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0; 3];
                for sy in 0..ny {
                    for sx in 0..nx {
                        let u = (real(x) + (f32::from(sx) + 0.5) / f32::from(nx)) / real(width);
                        let v = (real(y) + (f32::from(sy) + 0.5) / f32::from(ny)) / real(height);
                        self.add(map.apply(u, v), &mut sum);
                    }
                }
                let index = (y * width + x) as usize;
                for (channel, value) in sum.into_iter().enumerate() {
                    planes[channel * plane + index] = value * weight;
                }
            }
        }
        Some((planes, map))
    }

    /// Adds the colour at a place, between pixels a mixture of four; beyond the edge that of the edge.
    fn add(&self, (x, y): (f32, f32), sum: &mut [f32; 3]) {
        let last = (self.width() - 1, self.height() - 1);
        let (x, y) = ((x - 0.5).clamp(0.0, real(last.0)), (y - 0.5).clamp(0.0, real(last.1)));
        let (left, top) = (whole(x), whole(y));
        let (right, bottom) = ((left + 1).min(last.0), (top + 1).min(last.1));
        let (across, down) = (x - real(left), y - real(top));
        let (bytes, row) = (self.0.as_raw().as_slice(), 3 * self.width() as usize);
        let line = |y: u32| &bytes[y as usize * row..(y as usize + 1) * row];
        let (upper, lower) = (line(top), line(bottom));
        let (left, right) = (3 * left as usize, 3 * right as usize);
        for (channel, sum) in sum.iter_mut().enumerate() {
            let between = |line: &[u8]| {
                let (one, other) = (f32::from(line[left + channel]), f32::from(line[right + channel]));
                one + (other - one) * across
            };
            let (above, below) = (between(upper), between(lower));
            *sum += above + (below - above) * down;
        }
    }
}

/// A map of the unit square onto four corners (Heckbert 1989).
#[derive(Clone, Copy, Debug)]
pub(super) struct Map([f32; 8]);

impl Map {
    pub(super) fn onto(q: &Quad) -> Option<Self> {
        if !is_sound(q) {
            return None;
        }
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = *q;
        let (dx1, dx2, dx3) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, dy3) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let det = dx1 * dy2 - dx2 * dy1;
        if det.abs() < 1e-3 {
            return None;
        }
        let g = (dx3 * dy2 - dx2 * dy3) / det;
        let h = (dx1 * dy3 - dx3 * dy1) / det;
        Some(Self([x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h]))
    }

    pub(super) fn apply(&self, u: f32, v: f32) -> (f32, f32) {
        let m = &self.0;
        let z = m[6] * u + m[7] * v + 1.0;
        let z = if z.abs() < 1e-6 { 1e-6 } else { z };
        ((m[0] * u + m[1] * v + m[2]) / z, (m[3] * u + m[4] * v + m[5]) / z)
    }
}

/// The corners pushed out by shares of the width and the height.
pub(super) fn grown(q: &Quad, across: f32, down: f32) -> Quad {
    let push = |p: (f32, f32), beside: (f32, f32), below: (f32, f32)| {
        (
            p.0 + (p.0 - beside.0) * across + (p.0 - below.0) * down,
            p.1 + (p.1 - beside.1) * across + (p.1 - below.1) * down,
        )
    };
    [push(q[0], q[1], q[3]), push(q[1], q[0], q[2]), push(q[2], q[3], q[1]), push(q[3], q[2], q[0])]
}

/// Whether four corners go clockwise around an area, without a dent, and are large enough to be read.
pub(super) fn is_sound(q: &Quad) -> bool {
    let turn = |a: (f32, f32), b: (f32, f32), c: (f32, f32)| (b.0 - a.0) * (c.1 - b.1) - (b.1 - a.1) * (c.0 - b.0);
    let finite = q.iter().all(|p| p.0.is_finite() && p.1.is_finite() && p.0.abs() < 1e5 && p.1.abs() < 1e5);
    finite && (0..4).all(|k| turn(q[k], q[(k + 1) % 4], q[(k + 2) % 4]) > 8.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the most")]
fn samples(scale: f32) -> u8 {
    (scale.ceil() as u8).clamp(1, MOST_SAMPLES)
}

/// Exact for all sides that a picture may have.
#[expect(clippy::cast_precision_loss, reason = "sides of pictures are small")]
fn real(value: u32) -> f32 {
    value as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the picture before")]
fn whole(value: f32) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_takes_the_corners_of_the_square_to_the_corners() {
        let quad = [(10.0, 20.0), (110.0, 10.0), (120.0, 60.0), (5.0, 50.0)];
        let map = Map::onto(&quad).unwrap();
        for ((u, v), (x, y)) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].into_iter().zip(quad) {
            let at = map.apply(u, v);
            assert!((at.0 - x).abs() < 0.01 && (at.1 - y).abs() < 0.01, "{at:?}");
        }
    }

    #[test]
    fn corners_that_make_no_area_are_not_sound() {
        for quad in [
            [(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)],
            [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)],
            [(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)],
            [(0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)],
            [(f32::NAN, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)],
        ] {
            assert!(!is_sound(&quad) && Map::onto(&quad).is_none(), "{quad:?}");
        }
        assert!(is_sound(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]));
    }

    #[test]
    fn straightening_an_upright_part_gives_that_part() {
        let image = RgbImage::from_fn(40, 20, |x, y| {
            image::Rgb([u8::try_from(x * 5).unwrap(), u8::try_from(y * 10).unwrap(), 7])
        });
        let pixels = Pixels(image);
        let (planes, _) = pixels.straight(&[(10.0, 5.0), (20.0, 5.0), (20.0, 15.0), (10.0, 15.0)], 10, 10).unwrap();
        assert!((planes[0] * 255.0 - 50.0).abs() < 0.1 && (planes[9] * 255.0 - 95.0).abs() < 0.1);
        assert!((planes[100] * 255.0 - 50.0).abs() < 0.1 && (planes[190] * 255.0 - 140.0).abs() < 0.1);
    }
}
