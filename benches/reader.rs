//! The plate reader built in: a crop and a frame, on one core, beside a fixed loop.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use jari::recognize::{LocalReader, Picture};

const ROUNDS: usize = 31;

pub fn run() {
    let before = resident();
    let reader = LocalReader::open(None).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let of = |extension: &str| -> Vec<Picture> {
        let files = files.iter().filter(|path| path.extension().is_some_and(|found| found == extension));
        files.map(|path| Picture::check(std::fs::read(path).unwrap().into()).unwrap()).collect()
    };
    let (crops, frames) = (of("png"), of("jpg"));
    let (mut loops, mut crop, mut frame) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        loops.push(timed(reference));
        crop.push(timed(|| drop(black_box(reader.look(&crops[round % crops.len()])))));
        frame.push(timed(|| drop(black_box(reader.look(&frames[round % frames.len()])))));
    }
    let (loops, crop, frame) = (median(loops), median(crop), median(frame));
    println!(
        "reader: {} crops, {} frames of 1280 x 720, {ROUNDS} rounds, medians, one core",
        crops.len(),
        frames.len()
    );
    println!("  the fixed loop   {loops:8.2} ms");
    println!("  a crop           {crop:8.2} ms, {:.3} of the loop", crop / loops);
    println!("  a frame          {frame:8.2} ms, {:.3} of the loop", frame / loops);
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("  resident memory  {:+8.1} MB", (after - before) / 1e6);
    }
}

/// Fifty million steps of xorshift, which nothing can shorten.
fn reference() {
    let mut state = black_box(88_172_645_463_325_252_u64);
    for _ in 0..50_000_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The resident memory of this process in bytes; `None` where there is no /proc.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}
