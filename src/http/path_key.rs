//! Keys in the path: `/k/KEY/api/plates/match` is `/api/plates/match` with that key, for machines whose only
//! setting is an address.

use axum::extract::Request;
use axum::http::Uri;

use super::caller::PathKey;

/// Takes the key out of the path, before routing, so that it is neither matched nor logged.
pub(super) fn take<B>(mut request: Request<B>) -> Request<B> {
    let Some((key, path)) = request.uri().path().strip_prefix("/k/").and_then(|rest| rest.split_once('/')) else {
        return request;
    };
    let key = PathKey(key.to_owned());
    let path = match request.uri().query() {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
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
