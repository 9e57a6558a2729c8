//! Pictures made here: nobody's car is in them.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

/// A grey JPEG with a dark upper left corner.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let dark = |x: u32, y: u32| x < width / 4 && y < height / 4;
    let picture =
        RgbImage::from_fn(width, height, |x, y| if dark(x, y) { Rgb([20, 20, 20]) } else { Rgb([200, 200, 200]) });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

/// The same with a note that it must be turned a quarter to the right to be upright (EXIF orientation 6).
pub fn lying_jpeg(width: u32, height: u32) -> Vec<u8> {
    lying(&jpeg(width, height))
}

/// Any JPEG with that note.
pub fn lying(jpeg: &[u8]) -> Vec<u8> {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    with_segment(jpeg, exif)
}

/// A JPEG with a small, whole one in its EXIF segment, as cameras write it.
pub fn with_thumbnail(jpeg_bytes: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0".to_vec();
    exif.extend(jpeg(16, 12));
    with_segment(jpeg_bytes, &exif)
}

fn with_segment(jpeg: &[u8], segment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, segment, &jpeg[2..]].concat()
}

/// A PNG that claims this size and has no pixels.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 20]), chunk(b"IEND", &[])].concat()
}

/// A WebP that claims this size, and `missing` bytes more than there are.
pub fn webp(width: u32, height: u32, missing: u32) -> Vec<u8> {
    let side = |pixels: u32| (pixels - 1).to_le_bytes()[..3].to_vec();
    let body = [b"WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec(), side(width), side(height)].concat();
    let length = (u32::try_from(body.len()).unwrap() + missing).to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}
