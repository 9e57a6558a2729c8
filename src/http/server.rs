//! Accepting connections: our own loop, because the framework's own has no limit on how long a client may
//! take to send its headers, nor on how many clients there are, nor on how many of them are one.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::service::network;

use super::caller::Peer;
use super::path_key;

/// How long a client may take from the first byte of a request to the last of its headers, and how long it
/// may keep a connection open between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait before accepting again when the machine has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How much the server takes on.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the machine's queue.
    pub connections: u32,
    /// Connections of one address at once; more are closed unheard.
    pub connections_per_address: u32,
    /// The reverse proxies: the connections of everybody are theirs.
    pub trusted_proxies: Vec<IpNet>,
    /// How long running requests may take to finish after the shutdown began.
    pub grace: Duration,
}

/// Serves until `shutdown`, then lets running requests finish.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(limits.connections as usize));
    let shares = Shares { of_each: limits.connections_per_address, ..Shares::default() };
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_headers(64).max_buf_size(64 * 1024);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // A client that went away before it was accepted is no news; no more file handles is.
                tracing::warn!(cause = %error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let trusted = limits.trusted_proxies.iter().any(|network| network.contains(&address));
        let share = if trusted { None } else { Some(shares.take(address)) };
        if matches!(share, Some(None)) {
            // An answer would cost what this is to save.
            tracing::debug!(client.address = %address, "one connection too many was closed");
            continue;
        }
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(path_key::take(request.map(Body::new)))
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // An error here is a client that went away or sent no HTTP.
            let _ = connection.await;
            drop((slot, share));
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.grace) => tracing::warn!("some requests did not finish in time and were cut"),
    }
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Shares {
    of_each: u32,
    taken: Arc<Mutex<HashMap<String, u32>>>,
}

impl Shares {
    /// Takes one of an address, given back when it is dropped; `None` when it has all of its share.
    fn take(&self, address: IpAddr) -> Option<Share> {
        let network = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(network.clone()).or_default();
        if *count >= self.of_each {
            return None;
        }
        *count += 1;
        Some(Share { network, taken: Arc::clone(&self.taken) })
    }
}

/// One connection of an address.
struct Share {
    network: String,
    taken: Arc<Mutex<HashMap<String, u32>>>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}
