//! The page of `jari evaluate`: one file, with the pictures that went wrong in it.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;

use super::file;
use super::score::{Picture, Score};
use crate::domain::plate::Plate;
use crate::service::recognition::picture_for_page;

/// The most pictures that the page shows.
const MOST: usize = 200;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Plate reader</title>\n<style>\
     body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}\
     pre{background:#f4f4f4;padding:1rem;overflow-x:auto}\
     figure{display:inline-block;margin:0 1rem 1rem 0;vertical-align:top;max-width:20rem}\
     img{max-width:20rem;max-height:14rem}figcaption b{color:#a00}</style>\n<h1>Plate reader</h1>\n";

pub(super) fn html(score: &Score, pictures: &[Picture], folder: &Path) -> String {
    let mut page = HEAD.to_owned();
    let _ = writeln!(page, "<pre>{}</pre>", escaped(&score.text()));
    let wrong: Vec<&Picture> = pictures.iter().filter(|picture| !picture.is_right()).collect();
    let _ = writeln!(page, "<h2>{} of {} pictures went wrong</h2>", wrong.len(), pictures.len());
    for picture in wrong.iter().take(MOST) {
        let labels: Vec<String> = picture.labels.iter().map(Plate::canonical).collect();
        let read = |one: &super::score::OneRead| format!("{} ({:.2})", one.plate.canonical(), one.confidence);
        let reads: Vec<String> = picture.reads.iter().map(read).collect();
        let or_none = |texts: Vec<String>| if texts.is_empty() { "no plate".to_owned() } else { texts.join(", ") };
        let _ = writeln!(
            page,
            "<figure>{}<figcaption>{}<br>is {}<br><b>read {}</b></figcaption></figure>",
            image(&folder.join(&picture.name)),
            escaped(&picture.name),
            escaped(&or_none(labels)),
            escaped(&or_none(reads)),
        );
    }
    page
}

/// The picture in small. One that is gone by now is left out.
fn image(path: &Path) -> String {
    let small = file(path).ok().and_then(|bytes| picture_for_page(bytes.into()));
    small.map_or_else(String::new, |jpeg| {
        let data = base64::engine::general_purpose::STANDARD.encode(jpeg);
        format!("<img alt=\"\" src=\"data:image/jpeg;base64,{data}\">")
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
