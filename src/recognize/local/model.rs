//! The two nets: loading, checking, running.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value};
use serde::Deserialize;

use super::pixels::{Pixels, Quad};

const LOCATOR: &[u8] = include_bytes!("../../../assets/reader/locator.onnx");
const READER: &[u8] = include_bytes!("../../../assets/reader/reader.onnx");
const MEANING: &str = include_str!("../../../assets/reader/reader.json");

/// The size of a straightened plate.
const WIDTH: u32 = 160;
const HEIGHT: u32 = 56;

/// The version of the files that this code reads.
const FORMAT: u32 = 1;

/// The largest file of somebody's own that is loaded.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// How many of each the reader knows, with "nothing" (`reader/plates.py`).
pub(super) const WORDS: usize = 27;
pub(super) const SYLLABLES: usize = 46;
pub(super) const DIGIT_SLOTS: usize = 9;
pub(super) const DIGITS: usize = 11;
pub(super) const COLOURS: usize = 8;

/// What the numbers of the reader mean: measured after training (`reader/calibrate.py`).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Meaning {
    format: u32,
    /// Logits are divided by it.
    pub temperature: f64,
    /// From the logit of the joint probability of all characters to that of a plate's being right: slope, offset.
    pub plate: (f64, f64),
}

pub(super) struct Models {
    locator: Model,
    reader: Model,
    pub meaning: Meaning,
    options: RunOptions,
}

/// What the reader sees in a straightened picture. All but `is_plate` and the corners are logits.
pub(super) struct Seen {
    pub word: Vec<f32>,
    pub syllable: Vec<f32>,
    /// Slot by slot.
    pub digits: Vec<f32>,
    pub colour: Vec<f32>,
    /// From 0 to 1.
    pub is_plate: f64,
    /// In the picture.
    pub corners: Quad,
    /// How far they are from where a tight crop has them, on average, as shares of the sides.
    pub moved: f32,
}

impl Seen {
    /// What several looks at one plate say together: the mean of what each says; the corners are those of the last.
    /// `None` of none.
    pub(super) fn together(looks: &[Self]) -> Option<Self> {
        let last = looks.last()?;
        let share = 1.0 / f32::from(u8::try_from(looks.len()).ok()?);
        let mean = |of: fn(&Self) -> &[f32]| {
            let mut sum = vec![0.0; of(last).len()];
            for look in looks {
                sum.iter_mut().zip(of(look)).for_each(|(sum, value)| *sum += value * share);
            }
            sum
        };
        Some(Self {
            word: mean(|seen| &seen.word),
            syllable: mean(|seen| &seen.syllable),
            digits: mean(|seen| &seen.digits),
            colour: mean(|seen| &seen.colour),
            is_plate: looks.iter().map(|seen| seen.is_plate).sum::<f64>() * f64::from(share),
            corners: last.corners,
            moved: last.moved,
        })
    }
}

impl Models {
    /// See [`super::LocalReader::open`].
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, String> {
        let own = |name: &str, built_in: &'static [u8]| match folder {
            None => Ok(built_in.to_vec()),
            Some(folder) => file(&folder.join(name)),
        };
        let model = |name: &str, built_in| {
            let bytes = own(name, built_in)?;
            ModelOptions::with_all_ops().load(bytes).map_err(|_| format!("{name} of the plate reader is no model"))
        };
        let text = own("reader.json", MEANING.as_bytes())?;
        let meaning: Meaning =
            serde_json::from_slice(&text).map_err(|_| "reader.json of the plate reader makes no sense".to_owned())?;
        if meaning.format != FORMAT || !meaning.temperature.is_finite() || meaning.temperature < 0.05 {
            return Err(format!("reader.json of the plate reader is not of format {FORMAT}"));
        }
        // One thread each: pictures are read side by side, and a small net gains little from more.
        let options = RunOptions::default().with_thread_pool(Some(Arc::new(ThreadPool::with_num_threads(1))));
        let (locator, reader) = (model("locator.onnx", LOCATOR)?, model("reader.onnx", READER)?);
        let models = Self { locator, reader, meaning, options };
        models.try_out()?;
        Ok(models)
    }

    /// Runs both once, so that what does not fit is told at the start.
    fn try_out(&self) -> Result<(), String> {
        let blank = |width: u32, height: u32| vec![0.5; (3 * width * height) as usize];
        self.locate(blank(64, 32), 64, 32).ok_or("locator.onnx of the plate reader does not fit this version")?;
        self.run_reader(blank(WIDTH, HEIGHT)).ok_or("reader.onnx of the plate reader does not fit this version")?;
        Ok(())
    }

    /// Nine planes of cells of 8 pixels: a logit, and where the corners are. `None` when the net does not fit.
    pub(super) fn locate(&self, planes: Vec<f32>, width: u32, height: u32) -> Option<Vec<f32>> {
        let shape = [1, 3, height as usize, width as usize];
        let input = Value::from_shape(shape, planes).ok()?;
        let output = self.locator.run_one(input.into(), Some(self.options.clone())).ok()?;
        let (shape, map) = output.into_shape_vec::<f32, 4>().ok()?;
        (shape == [1, 9, height as usize / 8, width as usize / 8]).then_some(map)
    }

    /// Reads what is between four corners. `None` when they make no sense.
    pub(super) fn read(&self, pixels: &Pixels, corners: &Quad) -> Option<Seen> {
        let (planes, map) = pixels.straight(corners, WIDTH, HEIGHT)?;
        let mut seen = self.run_reader(planes)?;
        seen.corners = seen.corners.map(|(u, v)| map.apply(u, v));
        Some(seen)
    }

    fn run_reader(&self, planes: Vec<f32>) -> Option<Seen> {
        let input = Value::from_shape([1, 3, HEIGHT as usize, WIDTH as usize], planes).ok()?;
        let inputs = vec![(*self.reader.input_ids().first()?, input.into())];
        let outputs = self.reader.run(inputs, self.reader.output_ids(), Some(self.options.clone())).ok()?;
        let mut outputs = outputs.into_iter().map(floats);
        let mut next = |length: usize| outputs.next().flatten().filter(|values| values.len() == length);
        let (word, syllable) = (next(WORDS)?, next(SYLLABLES)?);
        let digits = next(DIGIT_SLOTS * DIGITS)?;
        let (plate, colour, corners) = (next(1)?, next(COLOURS)?, next(8)?);
        let is_plate = 1.0 / (1.0 + (-f64::from(plate[0])).exp());
        let corners: Quad = std::array::from_fn(|k| (corners[2 * k], corners[2 * k + 1]));
        Some(Seen { word, syllable, digits, colour, is_plate, corners, moved: moved(&corners) })
    }
}

/// See [`Seen::moved`].
fn moved(corners: &Quad) -> f32 {
    let tight = |high: f32, share: f32| if high > 0.5 { 1.0 - share } else { share };
    let square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
    let off = |(corner, at): (&(f32, f32), (f32, f32))| {
        (corner.0 - tight(at.0, 0.017)).abs() + (corner.1 - tight(at.1, 0.045)).abs()
    };
    corners.iter().zip(square).map(off).sum::<f32>() / 8.0
}

fn floats(value: Value) -> Option<Vec<f32>> {
    let tensor = value.into_tensor::<f32>()?;
    Some(tensor.into_data())
}

fn file(path: &Path) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let length = std::fs::metadata(path).map_err(|error| format!("{shown} cannot be read: {error}"))?.len();
    if length > LARGEST_FILE {
        return Err(format!("{shown} is too large to be a model of the plate reader"));
    }
    std::fs::read(path).map_err(|error| format!("{shown} cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(word: f32, is_plate: f64, corner: f32) -> Seen {
        let one = |value: f32| vec![value, 1.0];
        Seen {
            word: one(word),
            syllable: one(0.0),
            digits: one(-word),
            colour: one(word / 2.0),
            is_plate,
            corners: [(corner, 0.0); 4],
            moved: corner,
        }
    }

    #[test]
    fn several_looks_count_alike_and_the_last_has_the_corners() {
        let seen = Seen::together(&[look(4.0, 0.9, 1.0), look(1.0, 0.6, 2.0), look(1.0, 0.3, 3.0)]).unwrap();
        assert_eq!((seen.word, seen.digits, seen.colour), (vec![2.0, 1.0], vec![-2.0, 1.0], vec![1.0, 1.0]));
        assert!((seen.is_plate - 0.6).abs() < 1e-6);
        assert_eq!((seen.corners[2].0, seen.moved), (3.0, 3.0));
        assert!(Seen::together(&[]).is_none());
    }
}
