//! The OpenAI Responses API, of OpenAI or of another server that speaks it
//! (<https://platform.openai.com/docs/api-reference/responses>).

use std::fmt::Write as _;

use base64::Engine as _;
use serde_json::Value;

use super::picture::Picture;
use super::{Candidate, Recognition, RecognizeError, nonsense, plates_in, send};

/// Whom to ask, and what.
pub(super) struct Asked<'a> {
    pub base_url: &'a str,
    pub key: &'a str,
    pub model: &'a str,
    pub prompt: &'a str,
}

/// What the call cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tokens {
    pub input: u64,
    pub output: u64,
}

pub(super) async fn read(
    client: &reqwest::Client,
    asked: &Asked<'_>,
    picture: Picture,
) -> Result<(Recognition, Tokens), RecognizeError> {
    let picture = picture.upright().await;
    let body = body(asked, &picture);
    drop(picture);
    let url = format!("{}/responses", asked.base_url);
    let body = bytes::Bytes::from(body);
    let request = || {
        client
            .post(&url)
            .bearer_auth(asked.key)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body.clone())
    };
    let answer: Value = serde_json::from_slice(&send(request).await?).map_err(|_| nonsense("it is no JSON"))?;
    let text = output_text(&answer).ok_or_else(|| nonsense("it has no output text"))?;
    let usage = |name: &str| answer["usage"][name].as_u64().unwrap_or_default();
    let tokens = Tokens { input: usage("input_tokens"), output: usage("output_tokens") };
    let plates = plates_in(&text).into_iter().map(|plate| Candidate { plate, confidence: None }).collect();
    Ok((Recognition { plates, raw: Value::String(text) }, tokens))
}

/// One user message of the prompt and the picture. `store: false` asks that the picture be kept nowhere. Put together
/// by hand, so that the picture is in memory once and not once more in a tree of JSON.
fn body(asked: &Asked<'_>, picture: &Picture) -> String {
    let (model, prompt, media) = (Value::from(asked.model), Value::from(asked.prompt), picture.media_type());
    let mut body = String::with_capacity(picture.bytes().len() * 4 / 3 + asked.prompt.len() * 2 + 512);
    let _ = write!(
        body,
        r#"{{"model":{model},"store":false,"input":[{{"role":"user","content":[{{"type":"input_text","text":{prompt}}},{{"type":"input_image","image_url":"data:{media};base64,"#
    );
    base64::engine::general_purpose::STANDARD.encode_string(picture.bytes(), &mut body);
    body.push_str(r#""}]}]}"#);
    body
}

/// All that the model said, as the SDKs' `output_text` puts it together. `None` when it said nothing at all.
fn output_text(answer: &Value) -> Option<String> {
    let messages = answer["output"].as_array()?.iter().filter(|item| item["type"] == "message");
    let parts = messages.filter_map(|message| message["content"].as_array()).flatten();
    let texts: Vec<&str> =
        parts.filter(|part| part["type"] == "output_text").filter_map(|part| part["text"].as_str()).collect();
    (!texts.is_empty()).then(|| texts.concat().trim().to_owned())
}
