//! Pictures of figures: where things stand in an SVG, worked out here and written by a template. Each picture has a
//! table with the same figures beside it.

/// The cells of a heat map, a row an hour and a column a weekday.
pub(super) struct HeatMap {
    pub width: i64,
    pub height: i64,
    pub columns: Vec<Label>,
    pub rows: Vec<Label>,
    pub cells: Vec<Cell>,
}

/// A text at a place.
pub(super) struct Label {
    pub x: i64,
    pub y: i64,
    pub text: String,
}

/// A rectangle with its figure.
pub(super) struct Cell {
    pub x: i64,
    pub y: i64,
    pub text_x: i64,
    pub text_y: i64,
    /// 0 to 4; what it looks like stands in the sheet.
    pub level: u8,
    pub text: String,
}

const CELL: (i64, i64) = (48, 26);
const MARGIN: (i64, i64) = (52, 24);

impl HeatMap {
    /// Of percentages by row; `None` where there is nothing to tell.
    pub(super) fn of(columns: &[String], rows: &[(String, Vec<Option<i64>>)]) -> Self {
        let ((width, height), (left, top)) = (CELL, MARGIN);
        let at = |index: usize| i64::try_from(index).unwrap_or_default();
        let mut cells = Vec::new();
        for (y, (_, row)) in rows.iter().enumerate() {
            for (x, percent) in row.iter().enumerate() {
                let Some(percent) = percent else { continue };
                let (x, y) = (left + at(x) * width, top + at(y) * height);
                cells.push(Cell {
                    x,
                    y,
                    text_x: x + width / 2,
                    text_y: y + height - 8,
                    level: level(*percent),
                    text: percent.to_string(),
                });
            }
        }
        Self {
            width: left + at(columns.len()) * width,
            height: top + at(rows.len()) * height,
            columns: columns
                .iter()
                .enumerate()
                .map(|(index, text)| Label { x: left + at(index) * width + width / 2, y: top - 8, text: text.clone() })
                .collect(),
            rows: rows
                .iter()
                .enumerate()
                .map(|(index, (text, _))| Label {
                    x: left - 8,
                    y: top + at(index + 1) * height - 8,
                    text: text.clone(),
                })
                .collect(),
            cells,
        }
    }
}

/// How dark a cell is: nothing, up to a quarter, a half, three quarters, more.
fn level(percent: i64) -> u8 {
    match percent {
        ..=0 => 0,
        1..=25 => 1,
        26..=50 => 2,
        51..=75 => 3,
        _ => 4,
    }
}

/// A bar with its name and figure.
pub(super) struct Bar {
    pub y: i64,
    pub text_y: i64,
    pub width: i64,
    pub value_x: i64,
    pub name: String,
    pub value: String,
}

/// Bars of percentages, one below the other.
pub(super) struct Bars {
    pub height: i64,
    pub bars: Vec<Bar>,
}

/// How wide 100 percent are, and where they begin.
const FULL: i64 = 300;
const BEGIN: i64 = 130;

/// A name is cut in the picture; the table has it whole.
const LONGEST: usize = 14;

impl Bars {
    pub(super) fn of(values: &[(String, i64)]) -> Self {
        let bars = values.iter().enumerate().map(|(index, (name, percent))| {
            let y = i64::try_from(index).unwrap_or_default() * 26;
            let width = percent.clamp(&0, &100) * FULL / 100;
            Bar {
                y: y + 3,
                text_y: y + 18,
                width,
                value_x: BEGIN + width + 6,
                name: shortened(name),
                value: format!("{percent}%"),
            }
        });
        Self { height: i64::try_from(values.len()).unwrap_or_default() * 26, bars: bars.collect() }
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}

/// A part of a column.
pub(super) struct Part {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    /// Its place among the parts, from 0: what it looks like stands in the sheet and the patterns.
    pub kind: usize,
}

/// Columns of stacked parts over time.
pub(super) struct Columns {
    pub parts: Vec<Part>,
    pub labels: Vec<Label>,
    /// The number that the height stands for.
    pub most: i64,
}

/// How wide and high a picture of columns is, without its labels.
pub(super) const COLUMNS_WIDTH: i64 = 640;
pub(super) const COLUMNS_HEIGHT: i64 = 200;

impl Columns {
    /// Of counts by column, with its name. Only as many names are written as there is room for.
    pub(super) fn of(values: &[(String, [i64; 4])]) -> Self {
        let count = i64::try_from(values.len()).unwrap_or_default().max(1);
        let most = values.iter().map(|(_, parts)| parts.iter().sum::<i64>()).max().unwrap_or_default().max(1);
        let step = COLUMNS_WIDTH / count;
        let every = usize::try_from(count * 70 / COLUMNS_WIDTH + 1).unwrap_or(1);
        let (mut parts, mut labels) = (Vec::new(), Vec::new());
        for (index, (name, counts)) in values.iter().enumerate() {
            let x = i64::try_from(index).unwrap_or_default() * step;
            let mut below = 0;
            for (kind, count) in counts.iter().enumerate() {
                // Ends are rounded, not heights: parts touch.
                let (low, high) = (below * COLUMNS_HEIGHT / most, (below + count) * COLUMNS_HEIGHT / most);
                below += count;
                if high > low {
                    let (y, height) = (COLUMNS_HEIGHT - high, high - low);
                    parts.push(Part { x: x + 1, y, width: (step - 2).max(1), height, kind });
                }
            }
            if index.is_multiple_of(every) {
                labels.push(Label { x, y: COLUMNS_HEIGHT + 16, text: name.clone() });
            }
        }
        Self { parts, labels, most }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heat_map_has_a_cell_for_each_figure() {
        let rows = vec![
            ("09".to_owned(), vec![Some(0), Some(25), None]),
            ("10".to_owned(), vec![Some(26), Some(76), Some(100)]),
        ];
        let map = HeatMap::of(&["a".into(), "b".into(), "c".into()], &rows);
        let cells: Vec<_> = map.cells.iter().map(|cell| (cell.level, cell.text.as_str())).collect();
        assert_eq!(cells, [(0, "0"), (1, "25"), (2, "26"), (4, "76"), (4, "100")]);
        assert!(map.cells.iter().all(|cell| cell.x + CELL.0 <= map.width && cell.y + CELL.1 <= map.height));
    }

    #[test]
    fn bars_stay_in_the_picture_and_names_are_cut() {
        let bars = Bars::of(&[("a bay with quite a long name".into(), 250), ("세션 1".into(), 50)]);
        assert_eq!((bars.bars[0].width, bars.bars[1].width), (FULL, FULL / 2));
        assert_eq!((bars.bars[0].name.chars().count(), bars.bars[1].name.as_str()), (LONGEST, "세션 1"));
    }

    #[test]
    fn columns_are_as_high_as_their_counts() {
        let columns =
            Columns::of(&[("1".into(), [1, 2, 0, 1]), ("2".into(), [0, 0, 0, 0]), ("3".into(), [2, 0, 0, 0])]);
        assert_eq!(columns.most, 4);
        let of =
            |kind: usize| columns.parts.iter().filter(|part| part.kind == kind).map(|part| part.height).sum::<i64>();
        assert_eq!([of(0), of(1), of(2), of(3)], [150, 100, 0, 50]);
        let top = columns.parts.iter().map(|part| part.y).min();
        assert_eq!(top, Some(0));
        // Ninety names would stand upon each other.
        let many: Vec<_> = (0..90).map(|day| (day.to_string(), [1, 0, 0, 0])).collect();
        assert!(Columns::of(&many).labels.len() <= 10);
    }
}
