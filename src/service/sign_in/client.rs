//! What asks identity providers: short waits, small answers.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse, http};

use crate::outbound;

/// How long one answer may take, from the look-up of the name to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// Discovery documents and key sets have a few KiB.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Asks identity providers. Clones share connections.
#[derive(Clone)]
pub(super) struct Client(reqwest::Client);

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error(transparent)]
    Failed(#[from] reqwest::Error),
    #[error("the request cannot be made")]
    Malformed(#[from] http::Error),
    #[error(transparent)]
    NoBody(#[from] outbound::NoBody),
}

impl Client {
    /// As [`outbound::client`].
    pub(super) fn new() -> Result<Self, String> {
        outbound::client(PATIENCE, PATIENCE).map(Self)
    }

    async fn ask(self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            std::mem::swap(headers, response.headers_mut());
        }
        let body = outbound::body(response, LONGEST_ANSWER).await?;
        Ok(answer.body(body)?)
    }
}

impl<'c> openidconnect::AsyncHttpClient<'c> for Client {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.clone().ask(request))
    }
}
