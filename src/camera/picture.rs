//! Pictures that come with a read, as files of a form or as base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::form::Part;
use super::{LARGEST_PICTURE, NotUnderstood, Read};

/// The most bytes of pictures that are kept a second time, for several cars in one picture.
const MOST_COPIED: usize = 16 * 1024 * 1024;

/// Base64 with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a file is a picture that we keep, by its first bytes.
pub(super) fn is_picture(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xd8, 0xff, ..]
            | [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..]
            | [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..]
    )
}

/// A body that is a picture as a whole. An error where it is one and too large.
pub(super) fn whole(body: &[u8]) -> Result<Option<Vec<u8>>, NotUnderstood> {
    match is_picture(body) {
        true if body.len() > LARGEST_PICTURE => Err(NotUnderstood::BrokenPicture),
        true => Ok(Some(body.to_vec())),
        false => Ok(None),
    }
}

/// A picture in base64, with white space or a `data:` head or without. `None` for what is none, or too large: a plate
/// counts without its picture.
pub(super) fn base64(value: Option<&Value>) -> Option<Vec<u8>> {
    let text = value?.as_str()?;
    let text = if text.starts_with("data:") { text.split_once(',')?.1 } else { text };
    if text.len() / 4 * 3 > LARGEST_PICTURE + LARGEST_PICTURE / 16 {
        return None;
    }
    let has_space = text.bytes().any(|byte| byte.is_ascii_whitespace());
    let bytes =
        if has_space { BASE64.decode(text.split_ascii_whitespace().collect::<String>()) } else { BASE64.decode(text) };
    bytes.ok().filter(|bytes| is_picture(bytes) && bytes.len() <= LARGEST_PICTURE)
}

/// The pictures of an entry: the plate cut out, and the whole.
#[derive(Default)]
pub(super) struct Pictures {
    pub plate: Option<Vec<u8>>,
    pub scene: Option<Vec<u8>>,
}

impl Pictures {
    pub fn is_empty(&self) -> bool {
        self.plate.is_none() && self.scene.is_none()
    }

    /// Keeps the file of a form, by what it is called; of several of a kind the first.
    pub fn add(&mut self, part: &Part<'_>) {
        let of_the_plate = ["plate", "crop", "cutout"].iter().any(|word| part.names.contains(word));
        let kept = if of_the_plate { &mut self.plate } else { &mut self.scene };
        if kept.is_none() && part.body.len() <= LARGEST_PICTURE {
            *kept = Some(part.body.to_vec());
        }
    }

    /// Takes what came before, where there is nothing yet.
    pub fn add_before(&mut self, before: Self) {
        self.plate = before.plate.or(self.plate.take());
        self.scene = before.scene.or(self.scene.take());
    }

    /// Gives the pictures to a read that has none of its own.
    pub fn give(self, read: &mut Read) {
        if self.is_empty() || read.picture.is_some() {
            return;
        }
        (read.picture, read.scene) = match self.plate {
            Some(plate) => (Some(plate), self.scene),
            None => (self.scene, None),
        };
    }

    /// Gives the pictures to all reads. Of several cars none is known to be the one that was cut out, so they share
    /// the whole, as many of them as memory allows.
    pub fn give_to(self, reads: &mut [Read]) {
        if let [read] = reads {
            return self.give(read);
        }
        let Some(shared) = self.scene.or(self.plate) else { return };
        let copies = MOST_COPIED / shared.len().max(1);
        for read in reads.iter_mut().take(copies) {
            Self { plate: None, scene: Some(shared.clone()) }.give(read);
        }
    }
}
