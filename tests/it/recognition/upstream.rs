//! A server on loopback that reads plates, or does not: it says what it is told to, keeps what it was asked, and can
//! be made to misbehave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};

/// How the server misbehaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trick {
    None,
    Status(u16),
    BusyOnce,
    Redirect,
    NotJson,
    OtherJson,
    Endless,
    Hangup,
    Silent,
    Drip,
}

/// What it was asked.
#[derive(Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub trick: Trick,
}

pub struct Upstream {
    pub base: String,
    inner: Arc<Inner>,
    running: tokio::task::JoinHandle<()>,
}

struct Inner {
    trick: Mutex<Trick>,
    answer: Mutex<Value>,
    elsewhere: Mutex<String>,
    asked: Mutex<Vec<Asked>>,
}

impl Upstream {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            trick: Mutex::new(Trick::None),
            answer: Mutex::new(Value::Null),
            elsewhere: Mutex::default(),
            asked: Mutex::default(),
        });
        let app = Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let running = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, inner, running }
    }

    /// Answers with this JSON from now on.
    pub fn answer_json(&self, answer: Value) {
        *self.inner.answer.lock().unwrap() = answer;
    }

    /// Answers as the Responses API does when the model says this.
    pub fn say(&self, text: &str) {
        self.answer_json(json!({
            "id": "resp_1", "object": "response", "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text, "annotations": []}]},
            ],
            "usage": {"input_tokens": 1200, "output_tokens": 9, "total_tokens": 1209},
        }));
    }

    pub fn trick(&self, trick: Trick) {
        *self.inner.trick.lock().unwrap() = trick;
    }

    pub fn redirect_to(&self, base: &str) {
        base.clone_into(&mut self.inner.elsewhere.lock().unwrap());
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// Stops listening; answers where it did.
    pub async fn stop(self) -> String {
        self.running.abort();
        let _ = self.running.await;
        self.base
    }
}

async fn answer(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let trick = *inner.trick.lock().unwrap();
    inner.asked.lock().unwrap().push(Asked { path: uri.path().to_owned(), headers, body, trick });
    let json = |body: Body| ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    let whole = inner.answer.lock().unwrap().clone();
    match trick {
        Trick::None => Json(whole).into_response(),
        Trick::Status(status) => (StatusCode::from_u16(status).unwrap(), Json(whole)).into_response(),
        Trick::BusyOnce => {
            *inner.trick.lock().unwrap() = Trick::None;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Trick::Redirect => Redirect::temporary(&inner.elsewhere.lock().unwrap()).into_response(),
        Trick::NotJson => "12가3456".into_response(),
        Trick::OtherJson => Json(json!({"output": [], "plate": 5})).into_response(),
        Trick::Endless => {
            json(Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 4096])))))
        }
        Trick::Hangup => json(Body::from_stream(stream::iter([
            Ok(Bytes::from_static(b"{\"plate\"")),
            Err(std::io::Error::other("gone")),
        ]))),
        Trick::Silent => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            StatusCode::OK.into_response()
        }
        Trick::Drip => json(Body::from_stream(stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        }))),
    }
}
