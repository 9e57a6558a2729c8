//! Keys in the path: `/k/KEY/api/plates/match` is `/api/plates/match` with that key, for machines whose only
//! setting is an address. `/api/cameras/KEY/events` has it in its midst.

use axum::extract::Request;
use axum::http::Uri;

use crate::service::keys;

use super::caller::PathKey;

const CAMERAS: &str = "/api/cameras/";

/// Takes the key out of the path, before routing, so that it is neither matched nor logged.
pub(super) fn take<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    let (key, path) = if let Some((key, rest)) = path.strip_prefix("/k/").and_then(|rest| rest.split_once('/')) {
        (PathKey(key.to_owned()), format!("/{rest}"))
    } else if let Some((key, rest)) = path.strip_prefix(CAMERAS).and_then(|rest| rest.split_once('/'))
        && keys::is_key(key)
    {
        (PathKey(key.to_owned()), format!("{CAMERAS}key/{rest}"))
    } else {
        return request;
    };
    let path = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(uri) = path.parse::<Uri>() {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(key);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_leaves_the_path() {
        let cases = [
            ("/k/jari_1_2/api/plates/match", Some("jari_1_2"), "/api/plates/match"),
            ("/k/x/api/reservations/my?plate=1&a=b", Some("x"), "/api/reservations/my?plate=1&a=b"),
            ("/api/cameras/jari_1_2/events", Some("jari_1_2"), "/api/cameras/key/events"),
            ("/api/cameras/jari_1_2/events?a=b", Some("jari_1_2"), "/api/cameras/key/events?a=b"),
            ("/api/cameras/gate/events", None, "/api/cameras/gate/events"),
            ("/k/jari_1_2/NotificationInfo/KeepAlive", Some("jari_1_2"), "/NotificationInfo/KeepAlive"),
            ("/api/plates/match", None, "/api/plates/match"),
            ("/k/only", None, "/k/only"),
            ("/kit/x/y", None, "/kit/x/y"),
        ];
        for (uri, key, left) in cases {
            let request = take(Request::builder().uri(uri).body(()).expect("a request"));
            assert_eq!(request.uri().to_string(), left);
            assert_eq!(request.extensions().get::<PathKey>().map(|key| key.0.as_str()), key);
        }
    }
}
