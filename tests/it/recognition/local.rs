//! The reader built in, on pictures drawn by `reader/draw_set.py`, and on files that are no pictures.

use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};
use jari::recognize::{LocalReader, Picture, recognition_of};

use super::pictures::{jpeg, lying, png, webp};
use super::upload;
use crate::binary::{jari, run};
use crate::harness::{ADMIN_TOKEN, Engine, Server, full_scale};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures")
}

/// The drawn pictures with their plates.
fn labelled() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(folder().join("labels.csv")).unwrap();
    let mut labels: Vec<(String, Vec<String>)> = Vec::new();
    for (name, plate) in text.lines().map(|line| line.split_once(',').unwrap()) {
        if labels.last().is_none_or(|(last, _)| last != name) {
            labels.push((name.to_owned(), Vec::new()));
        }
        labels.last_mut().unwrap().1.extend((!plate.is_empty()).then(|| plate.to_owned()));
    }
    labels
}

/// One of the drawn pictures, with its plate.
pub fn drawn_plate() -> (Vec<u8>, String) {
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    (std::fs::read(folder().join(name)).unwrap(), plates[0].clone())
}

fn as_jpeg(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 92)).unwrap();
    bytes
}

fn as_webp(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::webp::WebPEncoder::new_lossless(&mut bytes);
    picture.to_rgb8().write_with_encoder(encoder).unwrap();
    bytes
}

/// The picture twice, as an animation.
fn animated(picture: &DynamicImage) -> Vec<u8> {
    let still = as_webp(picture);
    let three = |value: u32| value.to_le_bytes()[..3].to_vec();
    let (w, h) = (three(picture.width() - 1), three(picture.height() - 1));
    let chunk = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [kind, &length, data, &vec![0; data.len() % 2]].concat()
    };
    let frame = chunk(b"ANMF", &[&three(0), &three(0), &w, &h, &three(100), &[0][..], &still[12..]].concat());
    let head = chunk(b"VP8X", &[&[2, 0, 0, 0][..], &w, &h].concat());
    let body = [b"WEBP".to_vec(), head, chunk(b"ANIM", &[0; 6]), frame.clone(), frame].concat();
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_any_key_reads_drawn_plates() {
    let server = Server::start_with(Engine::Sqlite, &[]).await;
    for (name, plates) in labelled() {
        let answer = upload(&server, std::fs::read(folder().join(&name)).unwrap()).await.expect(200);
        let empty = String::new();
        assert_eq!(answer.json["engine"], "local");
        if plates.len() < 2 {
            assert_eq!(answer.json["plate"], *plates.first().unwrap_or(&empty), "{name}: {}", answer.json);
            continue;
        }
        // Several plates give several results.
        let read = answer.json["candidates"].as_array().unwrap();
        for plate in plates {
            assert!(read.iter().any(|one| one["plate"] == plate), "{name}: {}", answer.json);
        }
    }
    let usage = server.get("/api/admin/recognition", ADMIN_TOKEN).await.expect(200);
    assert_eq!(usage.json["failed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_has_its_box_its_colour_and_how_sure_each_character_is() {
    let server = Server::start_with(Engine::Sqlite, &[]).await;
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let answer = upload(&server, std::fs::read(folder().join(name)).unwrap()).await.expect(200);
    let best = &answer.json["raw"]["plates"][0];
    assert_eq!(best["plate"], plates[0]);
    let characters: String =
        best["characters"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(characters, plates[0]);
    let share = |value: &serde_json::Value| (0.0..=1.0).contains(&value.as_f64().unwrap());
    assert!(best["characters"].as_array().unwrap().iter().all(|one| share(&one["confidence"])));
    assert!(share(&answer.json["confidence"]) && answer.json["confidence"].as_f64().unwrap() > 0.5);
    assert_eq!(best["box"].as_array().unwrap().len(), 4);
    assert!(best["colour"].is_string() && best["sure"].is_boolean());
    // What it may be instead adds up to one at most.
    let sum: f64 = best["candidates"].as_array().unwrap().iter().map(|one| one["confidence"].as_f64().unwrap()).sum();
    assert!(sum <= 1.001, "{sum}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_formats_animations_and_pictures_on_their_side_are_read_too() {
    let server = Server::start_with(Engine::Sqlite, &[]).await;
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let picture = image::open(folder().join(name)).unwrap();
    for (what, bytes) in [
        ("a WebP", as_webp(&picture)),
        ("an animation", animated(&picture)),
        ("a JPEG on its side", lying(&as_jpeg(&picture.rotate270()))),
        ("a grey JPEG", as_jpeg(&picture.grayscale())),
    ] {
        let answer = upload(&server, bytes).await.expect(200);
        assert_eq!(answer.json["plate"], plates[0], "{what}: {}", answer.json);
    }
}

#[test]
fn a_plate_that_fills_a_close_photo_is_read_like_one_far_away() {
    let reader = LocalReader::open(None).unwrap();
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let plate = image::open(folder().join(name)).unwrap();
    for (width, height) in [(1280, 960), (960, 1280)] {
        for percent in [15, 45, 65, 85] {
            let mut photo = DynamicImage::from(RgbImage::from_pixel(width, height, Rgb([70, 74, 80])));
            let near = plate.resize(width * percent / 100, height, FilterType::Triangle);
            let (x, y) = ((width - near.width()) / 2, (height - near.height()) / 2);
            image::imageops::overlay(&mut photo, &near, x.into(), y.into());
            let found = reader.look(&Picture::check(as_jpeg(&photo).into()).unwrap()).unwrap();
            let read = recognition_of(&found).plates.first().map(|best| best.plate.canonical());
            assert_eq!(read.as_ref(), Some(&plates[0]), "{percent} % of {width} x {height}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_plate_has_none_and_what_cannot_be_decoded_is_told() {
    let server = Server::start_with(Engine::Sqlite, &[]).await;
    let noise = RgbImage::from_fn(320, 200, |x, y| {
        let value = u8::try_from((x * 7919 + y * 104_729 + x * y * 31) % 251).unwrap();
        Rgb([value, value.rotate_left(3), value.rotate_left(5)])
    });
    for (what, bytes) in [
        ("one pixel", jpeg(1, 1)),
        ("a line", jpeg(400, 2)),
        ("a tiny one", jpeg(16, 12)),
        ("a blank one", jpeg(1280, 720)),
        ("a tall one", jpeg(40, 2_000)),
        ("noise", as_jpeg(&DynamicImage::from(noise))),
    ] {
        let answer = upload(&server, bytes).await.expect(200);
        assert_eq!(
            (&answer.json["plate"], &answer.json["confidence"]),
            (&"".into(), &serde_json::Value::Null),
            "{what}"
        );
        assert!(answer.json["raw"]["plates"].is_array(), "{what}");
    }
    let mut damaged = as_webp(&image::open(folder().join(&labelled()[0].0)).unwrap());
    let middle = damaged.len() / 2;
    damaged[30..middle].fill(0xff);
    for (what, bytes, status, code) in [
        ("a PNG without pixels", png(64, 48), 422, "picture_broken"),
        ("a WebP without pixels", webp(64, 48, 0), 422, "picture_broken"),
        ("a damaged WebP", damaged, 422, "picture_broken"),
        ("more pixels than are decoded", jpeg(5_000, 3_000), 422, "picture_too_many_pixels"),
        ("a text", b"12\xea\xb0\x803456".to_vec(), 415, "picture_type_unknown"),
        ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), 415, "picture_type_unknown"),
        ("nothing", Vec::new(), 400, "picture_empty"),
    ] {
        let answer = upload(&server, bytes).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{what}");
    }
}

#[test]
fn files_are_read_on_the_command_line() {
    let here = tempfile::tempdir().unwrap();
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let path = folder().join(&name).display().to_string();
    let text = run(here.path(), &["recognize", &path]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with(&format!("{path}: {} ", plates[0])), "{text}");

    let broken = here.path().join("broken.png");
    std::fs::write(&broken, png(64, 48)).unwrap();
    let told = run(here.path(), &["recognize", "--json", &path, broken.to_str().unwrap(), "gone.jpg"]);
    assert_eq!(told.status.code(), Some(1));
    let lines: Vec<serde_json::Value> =
        String::from_utf8(told.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["plate"]), (3, &plates[0].as_str().into()));
    assert_eq!(lines[1]["error"], "the picture is broken");
    assert!(lines[2]["error"].as_str().unwrap().contains("No such file"));
    assert!(String::from_utf8(told.stderr).unwrap().contains("2 of 3 files could not be read"));
}

#[test]
fn a_folder_is_evaluated_and_what_went_wrong_is_shown() {
    let here = tempfile::tempdir().unwrap();
    let labels = here.path().join("labels.csv");
    // Whoever wrote these labels made one mistake.
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let (first, last) = plates[0].split_at(plates[0].len() - 1);
    let other = (last.parse::<u8>().unwrap() + 1) % 10;
    let right = std::fs::read_to_string(folder().join("labels.csv")).unwrap();
    let text = right.replace(&format!("{name},{}", plates[0]), &format!("{name},{first}{other}"));
    std::fs::write(&labels, text).unwrap();
    let (folder, labels) = (folder().display().to_string(), labels.display().to_string());
    let told = run(here.path(), &["evaluate", &folder, "--labels", &labels, "--json", "--report", "page.html"]);
    assert_eq!(told.status.code(), Some(0), "{}", String::from_utf8_lossy(&told.stderr));
    let score: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let plates = labelled().iter().map(|(_, plates)| plates.len()).sum::<usize>();
    assert_eq!((&score["plates"], &score["pictures"]), (&plates.into(), &labelled().len().into()));
    assert_eq!(score["confusions"], serde_json::json!([{"plate": other.to_string(), "read": last, "times": 1}]));
    let page = std::fs::read_to_string(here.path().join("page.html")).unwrap();
    assert_eq!(page.matches("<figure>").count(), 1);
    assert!(page.contains(&name) && page.contains("data:image/jpeg;base64,/9j/"));

    for (labels, sentence) in [
        ("", "has no labels"),
        ("a.jpg", "line 1: it must be FILE,PLATE"),
        ("a.jpg,12가345", "line 1: this is not the number of a plate"),
        ("gone.jpg,12가3456", "No such file"),
    ] {
        std::fs::write(here.path().join("wrong.csv"), labels).unwrap();
        let told = run(here.path(), &["evaluate", &folder, "--labels", "wrong.csv"]);
        let stderr = String::from_utf8(told.stderr).unwrap();
        assert!(told.status.code() == Some(1) && stderr.contains(sentence), "{stderr}");
    }
}

#[test]
fn models_of_somebodys_own_are_taken_and_wrong_ones_are_told() {
    let here = tempfile::tempdir().unwrap();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/reader");
    let own = here.path().join("models");
    std::fs::create_dir(&own).unwrap();
    for name in ["locator.onnx", "reader.onnx", "reader.json"] {
        std::fs::copy(built_in.join(name), own.join(name)).unwrap();
    }
    let (name, plates) = labelled().into_iter().find(|(_, plates)| plates.len() == 1).unwrap();
    let path = folder().join(name).display().to_string();
    let read = || {
        let told = jari(here.path()).args(["recognize", &path]).env("PLATE_MODEL_DIR", &own).output().unwrap();
        (String::from_utf8(told.stdout).unwrap(), String::from_utf8(told.stderr).unwrap())
    };
    assert!(read().0.contains(&plates[0]));
    std::fs::write(own.join("reader.json"), "{\"format\": 2, \"temperature\": 1.0, \"plate\": [1.0, 0.0]}").unwrap();
    assert!(read().1.contains("reader.json of the plate reader is not of format 1"), "{}", read().1);
    std::fs::copy(built_in.join("reader.json"), own.join("reader.json")).unwrap();
    std::fs::copy(built_in.join("locator.onnx"), own.join("reader.onnx")).unwrap();
    assert!(read().1.contains("reader.onnx of the plate reader does not fit"), "{}", read().1);
    std::fs::write(own.join("reader.onnx"), "no model").unwrap();
    assert!(read().1.contains("reader.onnx of the plate reader is no model"), "{}", read().1);
    std::fs::remove_file(own.join("reader.onnx")).unwrap();
    assert!(read().1.contains("reader.onnx cannot be read"), "{}", read().1);
}

/// Damaged files: whatever comes of them, it is an answer. `JARI_FUZZ_SECONDS=600` goes on for that long.
#[test]
fn no_damaged_file_makes_the_reader_panic() {
    let reader = LocalReader::open(None).unwrap();
    let picture = image::open(folder().join(&labelled()[0].0)).unwrap().thumbnail(120, 60);
    let mut png = Vec::new();
    picture.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let seeds = [as_jpeg(&picture), lying(&as_jpeg(&picture)), png, as_webp(&picture), animated(&picture)];
    let seconds: u64 = std::env::var("JARI_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let (began, least) = (std::time::Instant::now(), if full_scale() { 3_000 } else { 400 });
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % below.max(1)
    };
    let (mut files, mut decoded) = (0, 0);
    while files < least || began.elapsed().as_secs() < seconds {
        let mut bytes = seeds[random(seeds.len())].clone();
        for _ in 0..=random(6) {
            let at = if random(2) == 0 { random(bytes.len().min(64)) } else { random(bytes.len()) };
            match random(6) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = u8::try_from(random(256)).unwrap(),
                2 => bytes[at] ^= 1 << random(8),
                3 => {
                    let from = random(bytes.len());
                    let piece = bytes[from..(from + 1 + random(40)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                4 => drop(bytes.drain(at..(at + 1 + random(20)).min(bytes.len()))),
                _ => {
                    let end = (at + 1 + random(8)).min(bytes.len());
                    bytes[at..end].fill([0x00, 0xff, 0x7f][random(3)]);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        files += 1;
        if let Ok(picture) = Picture::check(bytes.into()) {
            decoded += usize::from(reader.look(&picture).is_ok());
        }
    }
    println!("{files} damaged files, {decoded} of them still pictures");
    assert!(decoded > files / 50, "too few of the damaged files reach the reader: {decoded} of {files}");
}
