//! A recognition service of the site's own: the picture as the multipart field `image`, JSON with `plate` back.

use serde_json::Value;

use crate::domain::plate::Plate;

use super::picture::Picture;
use super::{Candidate, Recognition, RecognizeError, nonsense, plates_in, send};

pub(super) async fn read(client: &reqwest::Client, url: &str, picture: Picture) -> Result<Recognition, RecognizeError> {
    let (name, media_type, bytes) = (picture.file_name(), picture.media_type(), picture.into_bytes());
    let request = || {
        let part = reqwest::multipart::Part::stream(bytes.clone()).file_name(name);
        let part = part.mime_str(media_type).unwrap_or_else(|_| reqwest::multipart::Part::stream(bytes.clone()));
        client.post(url).multipart(reqwest::multipart::Form::new().part("image", part))
    };
    let raw: Value = serde_json::from_slice(&send(request).await?).map_err(|_| nonsense("it is no JSON"))?;
    let said = raw["plate"].as_str().ok_or_else(|| nonsense("it has no text `plate`"))?;
    let mut plates: Vec<Candidate> = plates_in(said)
        .into_iter()
        .take(1)
        .map(|plate| Candidate { plate, confidence: share(&raw["confidence"]).or_else(|| share(&raw["score"])) })
        .collect();
    for other in raw["candidates"].as_array().into_iter().flatten() {
        let Some(plate) = other["plate"].as_str().and_then(|text| Plate::parse(text).ok()) else { continue };
        if plates.iter().all(|known| known.plate != plate) && plates.len() < 10 {
            let confidence = share(&other["confidence"]).or_else(|| share(&other["score"]));
            plates.push(Candidate { plate, confidence });
        }
    }
    Ok(Recognition { plates, raw })
}

/// A confidence from 0 to 1, or from above 1 to 100 as percents.
fn share(value: &Value) -> Option<f64> {
    let value = value.as_f64()?;
    match value {
        0.0..=1.0 => Some(value),
        1.0..=100.0 => Some(value / 100.0),
        _ => None,
    }
}
