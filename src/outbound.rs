//! Requests to other servers: whom they trust, how long they wait, and where they never go.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Answers of other servers are read up to a limit.
#[derive(Debug, thiserror::Error)]
pub enum NoBody {
    /// The connection broke, or the answer took too long.
    #[error(transparent)]
    Failed(#[from] reqwest::Error),
    /// The limit was passed.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// A client that trusts the authorities that the machine trusts, follows no redirect (it would carry what is sent
/// to wherever it points), asks no proxy, and connects to no address of [`never_asked`].
///
/// # Errors
/// When TLS cannot be set up.
pub fn client(connect: Duration, whole: Duration) -> Result<reqwest::Client, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connect)
        .timeout(whole)
        .dns_resolver(Arc::new(Names))
        .no_proxy()
        .build();
    client.map_err(|error| error.to_string())
}

/// The body of an answer, up to `limit` bytes.
///
/// # Errors
/// [`NoBody`].
pub async fn body(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, NoBody> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(NoBody::TooLong(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether an address is never asked: link-local ones, where clouds serve the machine's own credentials, the few
/// metadata addresses outside them, and those that name no single machine. Private networks and loopback stay:
/// recognition services stand there.
#[must_use]
pub fn never_asked(address: IpAddr) -> bool {
    let v4 = |address: Ipv4Addr| {
        address.is_link_local()
            || address.is_unspecified()
            || address.is_broadcast()
            || address.is_multicast()
            || address == Ipv4Addr::new(100, 100, 100, 200)
    };
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => {
            let parts = address.segments();
            // NAT64 and the old form of ::/96 carry an IPv4 address at their end.
            let carries_v4 = parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] || (parts[..6] == [0; 6] && parts[6] != 0);
            let [.., a, b, c, d] = address.octets();
            address.is_unicast_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || parts == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
                || (carries_v4 && v4(Ipv4Addr::new(a, b, c, d)))
        }
    }
}

/// Whether the host of an address is an IP address that is never asked. Names are looked at when they are resolved.
#[must_use]
pub fn names_never_asked(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']').parse().is_ok_and(never_asked)
}

/// Looks names up, and leaves out the addresses that are never asked. It is done for each connection, so a name
/// that is pointed elsewhere later gains nothing.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| !never_asked(address.ip())).collect();
            if allowed.is_empty() {
                return Err("the name has no address that may be asked".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_and_link_local_addresses_are_never_asked_in_any_spelling() {
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "::169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
            "255.255.255.255",
            "224.0.0.1",
            "ff02::1",
        ] {
            assert!(never_asked(address.parse().expect("an address")), "{address}");
        }
        for address in ["127.0.0.1", "::1", "10.0.0.7", "192.168.1.20", "fd12::1", "203.0.113.5", "2001:db8::1"] {
            assert!(!never_asked(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn addresses_written_as_numbers_are_seen_too() {
        for url in ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://0xa9fea9fe/", "http://2852039166/"] {
            assert!(names_never_asked(url), "{url}");
        }
        assert!(!names_never_asked("http://localhost:8001/v1/recognize"));
    }
}
