//! `jari recognize` and `jari evaluate`: the plate reader built in, on files.

mod page;
mod score;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::config::Config;
use crate::domain::plate::Plate;
use crate::service::recognition::{Found, LocalReader, Picture, recognition_of};

use super::{Told, print};

use score::{Picture as Scored, Score};

/// The largest file that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

#[derive(Args)]
pub(super) struct RecognizeArguments {
    /// Pictures: JPEG, PNG or WebP
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one line of JSON for each file
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct EvaluateArguments {
    /// The folder with the pictures
    folder: PathBuf,
    /// A text file with a line `FILE,PLATE` for each plate, and `FILE,` for a picture without one
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,
    /// Where to write the page with the pictures that went wrong
    #[arg(long, value_name = "FILE", default_value = "evaluation.html")]
    report: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Reads pictures and prints what is in them. A file that is no picture is told and fails the command in the end.
pub(super) fn recognize(config: &Config, arguments: &RecognizeArguments) -> Result<(), Told> {
    let reader = LocalReader::open(config.recognition.model_dir.as_deref()).map_err(Told)?;
    let mut failed = 0;
    for path in &arguments.files {
        let name = path.display().to_string();
        let found = look(&reader, path);
        failed += usize::from(found.is_err());
        let line = match found {
            Ok((found, _)) if arguments.json => json_line(&name, &found),
            Ok((found, _)) => text_lines(&name, &found),
            Err(sentence) if arguments.json => json!({"file": name, "error": sentence}).to_string() + "\n",
            Err(sentence) => format!("{name}: {sentence}\n"),
        };
        print(&line)?;
    }
    if failed > 0 {
        Err(Told(format!("{failed} of {} files could not be read", arguments.files.len())))
    } else {
        Ok(())
    }
}

fn json_line(name: &str, found: &[Found]) -> String {
    let read = recognition_of(found);
    let best = read.plates.first();
    let mut line = json!({
        "file": name,
        "plate": best.map(|best| best.plate.canonical()).unwrap_or_default(),
        "confidence": best.and_then(|best| best.confidence),
    });
    line["plates"] = read.raw["plates"].clone();
    line.to_string() + "\n"
}

fn text_lines(name: &str, found: &[Found]) -> String {
    let mut text = String::new();
    for one in found.iter().filter(|one| one.is_told()) {
        let candidates = &one.reading.candidates;
        let _ =
            write!(text, "{name}: {} {:.3} {}", candidates[0].plate.canonical(), one.confidence(), one.reading.colour);
        for other in candidates.iter().skip(1).filter(|other| other.confidence >= Some(0.05)) {
            let _ = write!(text, ", or {} {:.3}", other.plate.canonical(), other.confidence.unwrap_or_default());
        }
        text.push('\n');
    }
    if text.is_empty() { format!("{name}: no plate\n") } else { text }
}

/// What is in a file, and how many milliseconds reading it took.
fn look(reader: &LocalReader, path: &Path) -> Result<(Vec<Found>, f64), String> {
    let bytes = file(path)?;
    let began = Instant::now();
    let picture = Picture::check(bytes.into()).map_err(|error| error.to_string())?;
    let found = reader.look(&picture).map_err(|error| error.to_string())?;
    Ok((found, began.elapsed().as_secs_f64() * 1e3))
}

fn file(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST { Err("the file is too large".to_owned()) } else { Ok(bytes) }
}

/// Reads every labelled picture of a folder, prints how much was right, and writes a page with what was not.
pub(super) fn evaluate(config: &Config, arguments: &EvaluateArguments) -> Result<(), Told> {
    let labels = labels(&arguments.labels)?;
    let reader = LocalReader::open(config.recognition.model_dir.as_deref()).map_err(Told)?;
    let mut pictures = Vec::with_capacity(labels.len());
    for (name, plates) in labels {
        let path = arguments.folder.join(&name);
        let (found, ms) = look(&reader, &path).map_err(|sentence| Told(format!("{}: {sentence}", path.display())))?;
        pictures.push(Scored::new(name, plates, &found, ms));
    }
    let score = Score::of(&pictures);
    std::fs::write(&arguments.report, page::html(&score, &pictures, &arguments.folder))
        .map_err(|error| Told(format!("{} cannot be written: {error}", arguments.report.display())))?;
    let text = if arguments.json { serde_json::to_string_pretty(&score.json(&pictures))? + "\n" } else { score.text() };
    print(&text)
}

/// The plates that each file is labelled with, by file.
fn labels(path: &Path) -> Result<BTreeMap<String, Vec<Plate>>, Told> {
    let text = String::from_utf8(file(path).map_err(|error| Told(format!("{}: {error}", path.display())))?);
    let text = text.map_err(|_| Told(format!("{} is not in UTF-8", path.display())))?;
    let mut labels: BTreeMap<String, Vec<Plate>> = BTreeMap::new();
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let wrong = |what: &str| Told(format!("{}, line {}: {what}", path.display(), index + 1));
        let (name, plate) = line.split_once([',', '\t']).ok_or_else(|| wrong("it must be FILE,PLATE or FILE,"))?;
        let plates = labels.entry(name.trim().to_owned()).or_default();
        if !plate.trim().is_empty() {
            plates.push(Plate::parse(plate.trim()).map_err(|error| wrong(&error.to_string()))?);
        }
    }
    if labels.is_empty() { Err(Told(format!("{} has no labels", path.display()))) } else { Ok(labels) }
}

/// Shares are printed and compared to four places.
fn share(part: usize, whole: usize) -> Value {
    match u32::try_from(whole) {
        Ok(whole) if whole > 0 => {
            let part = f64::from(u32::try_from(part).unwrap_or(u32::MAX));
            json!((part / f64::from(whole) * 1e4).round() / 1e4)
        }
        _ => Value::Null,
    }
}
