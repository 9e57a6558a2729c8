//! Cross-origin requests: the configured origins, with credentials, and nobody else (Fetch standard §3.2).

use std::collections::HashSet;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE");
const EXPOSED: HeaderValue = HeaderValue::from_static("X-Request-Id, Location, Retry-After, ETag");

/// The origins whose pages may call this server, as browsers spell them.
pub struct Origins(HashSet<HeaderValue>);

impl Origins {
    /// Origins such as `https://app.example.com`; compared whole, so that no suffix of a name passes.
    #[must_use]
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// Whether pages of this origin may call this server.
    pub(super) fn allows(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }

    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        headers.get(header::ORIGIN).filter(|origin| self.allows(origin)).cloned()
    }
}

/// What a request says of the page that sends it.
pub(super) struct CrossOrigin {
    origin: Option<HeaderValue>,
    /// Whether the browser asks if it may send the request at all. It is answered without asking any route.
    pub is_preflight: bool,
    wanted: Option<HeaderValue>,
}

impl CrossOrigin {
    /// Of a request.
    pub(super) fn of(request: &Request, origins: &Origins) -> Self {
        let is_preflight = is_preflight(request);
        let wanted = if is_preflight { wanted_headers(request.headers()) } else { None };
        Self { origin: origins.allowed(request.headers()), is_preflight, wanted }
    }

    /// Marks an answer to an allowed origin, an error too.
    pub(super) fn mark(self, headers: &mut HeaderMap) {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.origin else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        if self.is_preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
            if let Some(wanted) = self.wanted {
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
            }
        } else {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    *request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The headers that a preflight asks for: those that are names of headers.
fn wanted_headers(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS)?.to_str().ok()?;
    let names: Vec<&str> = wanted
        .split(',')
        .map(str::trim)
        .filter(|name| HeaderName::from_bytes(name.as_bytes()).is_ok())
        .take(32)
        .collect();
    if names.is_empty() { None } else { HeaderValue::from_str(&names.join(", ")).ok() }
}
