//! Pictures as they are uploaded: looked at by their first and last bytes before anything decodes them.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};
use tokio::sync::Semaphore;

/// The most pixels that a picture may claim to have.
const MOST_PIXELS: usize = 50_000_000;

/// The most pixels of a picture that is turned: it is held in memory, three bytes a pixel.
const MOST_TURNED: usize = 14_000_000;

/// The most bytes that a picture takes when the reader built in decodes it, and that its decoder may take beside them.
const MOST_DECODED: u64 = 3 * 14_000_000;
const MOST_BESIDE: u64 = 24_000_000;

/// How long the longer side of a decoded picture is, at most.
const LONGEST_DECODED: u32 = 2_560;

/// How long the longer side of a picture is after it was turned, at most. A plate is readable far below.
const LONGEST_TURNED: u32 = 2_048;

/// Turns one picture at a time, for the memory that it takes.
static TURNING: Semaphore = Semaphore::const_new(1);

/// A picture that may be given to something that reads plates.
#[derive(Clone)]
pub struct Picture {
    bytes: Bytes,
    format: Format,
    pixels: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Format {
    Jpeg,
    Png,
    WebP,
}

/// Why a file is no picture that we take.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PictureError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It begins like no JPEG, PNG or WebP.
    #[error("the file is no JPEG, PNG or WebP")]
    NoPicture,
    /// It breaks off, or its header makes no sense.
    #[error("the picture is broken")]
    Broken,
    /// It claims to have more pixels than we take.
    #[error("the picture has too many pixels")]
    TooManyPixels,
}

impl Picture {
    /// Looks at a file: its first bytes say what it is, its header how large it is when decoded, and its last bytes
    /// whether it is all there. What it is called and declared to be does not matter.
    ///
    /// # Errors
    /// [`PictureError`].
    pub fn check(bytes: Bytes) -> Result<Self, PictureError> {
        let format = match bytes.as_ref() {
            [] => return Err(PictureError::Empty),
            [0xff, 0xd8, 0xff, ..] => Format::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Format::Png,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
            _ => return Err(PictureError::NoPicture),
        };
        let size = imagesize::blob_size(&bytes).map_err(|_| PictureError::Broken)?;
        if size.width == 0 || size.height == 0 {
            return Err(PictureError::Broken);
        }
        let pixels = size.width.saturating_mul(size.height);
        if pixels > MOST_PIXELS {
            return Err(PictureError::TooManyPixels);
        }
        if !is_whole(&bytes, format) {
            return Err(PictureError::Broken);
        }
        Ok(Self { bytes, format, pixels })
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match self.format {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::WebP => "image/webp",
        }
    }

    /// A file name that fits it: what people call their files is nobody's business.
    #[must_use]
    pub fn file_name(&self) -> &'static str {
        match self.format {
            Format::Jpeg => "image.jpg",
            Format::Png => "image.png",
            Format::WebP => "image.webp",
        }
    }

    /// The picture as the photographer saw it: phones store photographs lying on their side, and note in the EXIF
    /// part how they must be turned. A picture that is upright, too large to be turned, or not to be decoded after all
    /// is left as it is, EXIF part included.
    pub async fn upright(self) -> Self {
        if self.format != Format::Jpeg || self.pixels > MOST_TURNED || self.orientation() == Orientation::NoTransforms {
            return self;
        }
        let Ok(_turn) = TURNING.acquire().await else { return self };
        let picture = self.clone();
        match tokio::task::spawn_blocking(move || picture.turned()).await {
            Ok(Some(turned)) => turned,
            _ => self,
        }
    }

    /// The picture in pixels, upright, its longer side cut down to 2,560; of an animation the first picture.
    ///
    /// # Errors
    /// [`PictureError::Broken`], [`PictureError::TooManyPixels`].
    pub(super) fn decoded(&self) -> Result<RgbImage, PictureError> {
        let bytes = Cursor::new(self.bytes.as_ref());
        match self.format {
            Format::Jpeg => upright_pixels(JpegDecoder::new(bytes)),
            Format::Png => upright_pixels(PngDecoder::new(bytes)),
            Format::WebP => upright_pixels(WebPDecoder::new(bytes)),
        }
    }

    /// The picture in small, as a JPEG, for a page that shows it. `None` when it cannot be decoded.
    #[must_use]
    pub fn small(&self) -> Option<Vec<u8>> {
        let small = DynamicImage::from(self.decoded().ok()?).thumbnail(640, 640);
        let mut bytes = Vec::new();
        small.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 80)).ok()?;
        Some(bytes)
    }

    fn orientation(&self) -> Orientation {
        let decoder = JpegDecoder::new(Cursor::new(&self.bytes));
        decoder.and_then(|mut decoder| decoder.orientation()).unwrap_or(Orientation::NoTransforms)
    }

    fn turned(&self) -> Option<Self> {
        let mut decoder = JpegDecoder::new(Cursor::new(&self.bytes)).ok()?;
        let orientation = decoder.orientation().ok()?;
        let whole = DynamicImage::from_decoder(decoder).ok()?;
        let longest = whole.width().max(whole.height()).min(LONGEST_TURNED);
        let mut small = whole.thumbnail(longest, longest);
        drop(whole);
        small.apply_orientation(orientation);
        let mut bytes = Vec::new();
        small.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 92)).ok()?;
        let pixels = usize::try_from(u64::from(small.width()) * u64::from(small.height())).ok()?;
        Some(Self { bytes: bytes.into(), format: Format::Jpeg, pixels })
    }
}

fn upright_pixels(decoder: image::ImageResult<impl ImageDecoder>) -> Result<RgbImage, PictureError> {
    let mut decoder = decoder.map_err(|_| PictureError::Broken)?;
    if decoder.total_bytes() > MOST_DECODED {
        return Err(PictureError::TooManyPixels);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_DECODED + MOST_BESIDE);
    decoder.set_limits(limits).map_err(|_| PictureError::TooManyPixels)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut whole = DynamicImage::from_decoder(decoder).map_err(|error| match error {
        image::ImageError::Limits(_) => PictureError::TooManyPixels,
        _ => PictureError::Broken,
    })?;
    if whole.width().max(whole.height()) > LONGEST_DECODED {
        whole = whole.thumbnail(LONGEST_DECODED, LONGEST_DECODED);
    }
    whole.apply_orientation(orientation);
    Ok(whole.into_rgb8())
}

/// Whether the end of a file is there. Cameras add bytes of their own after the end of a JPEG.
fn is_whole(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Jpeg => jpeg_ends(bytes),
        Format::Png => png_ends(bytes),
        Format::WebP => {
            let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
            length.is_some_and(|length| length as usize + 8 <= bytes.len())
        }
    }
}

/// Walks the segments of a JPEG to where the picture begins, and looks for its end after that. Before it, a small
/// picture for albums may have an end of its own.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2_usize;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        at += 2 + length;
        if marker == 0xda {
            return bytes.get(at..).is_some_and(|picture| picture.windows(2).any(|marker| marker == [0xff, 0xd9]));
        }
        if marker == 0xff {
            // A filling byte.
            at -= 1 + length;
        }
    }
    false
}

/// Walks the chunks of a PNG to `IEND`.
fn png_ends(bytes: &[u8]) -> bool {
    let mut at = 8_usize;
    while let Some(head) = bytes.get(at..at + 8) {
        let (length, kind) = head.split_at(4);
        if kind == b"IEND" {
            return true;
        }
        let length = u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize;
        at = at.saturating_add(12).saturating_add(length);
        if at > bytes.len() {
            break;
        }
    }
    false
}
