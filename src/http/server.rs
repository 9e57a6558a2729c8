//! Accepting connections: our own loop, because the framework's own has no limit on how long a client may
//! take to send its headers, nor on how many clients there are, nor on how many of them are one.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
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
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::service::network;

use super::caller::Peer;
use super::path_key;
use super::tls::Tls;

/// How long a client may take from the first byte of a request to the last of its headers, and how long it
/// may keep a connection open between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// The type of the record that TLS begins with (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

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
    /// Who beside this machine is heard without TLS; `None` for everybody.
    pub plain_from: Option<Vec<IpNet>>,
    /// How long running requests may take to finish after the shutdown began.
    pub grace: Duration,
}

impl Limits {
    /// Whether an address is heard without TLS.
    fn hears_plainly(&self, address: IpAddr) -> bool {
        let named = |networks: &Vec<IpNet>| networks.iter().any(|network| network.contains(&address));
        address.is_loopback() || self.plain_from.as_ref().is_none_or(named)
    }
}

/// Serves until `shutdown`, then lets running requests finish. With `tls` nothing else is spoken.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    tls: Option<Tls>,
    shutdown: impl Future<Output = ()>,
) {
    let closing = CancellationToken::new();
    let acceptor = tls.as_ref().map(|tls| (tls.acceptor(), tls.handshake_timeout));
    let refused_plainly = AtomicBool::new(false);
    if let Some(tls) = tls {
        tokio::spawn(closing.clone().run_until_cancelled_owned(async move { tls.keep_up().await }));
    }
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
        if acceptor.is_none() && !limits.hears_plainly(address) {
            if !refused_plainly.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    client.address = %address,
                    "a connection without TLS was closed, as every later one of its kind will be; PLAIN_HTTP says who may"
                );
            }
            continue;
        }
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
        let (http, watcher) = (http.clone(), graceful.watcher());
        let (acceptor, closing) = (acceptor.clone(), closing.clone());
        tokio::spawn(async move {
            // An error here is a client that went away or sent no HTTP.
            if let Some((acceptor, timeout)) = acceptor {
                if let Some(stream) = shake_hands(acceptor, stream, timeout, &closing).await {
                    let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
                }
            } else {
                let _ = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
            }
            drop((slot, share));
        });
    }
    drop(listener);
    closing.cancel();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.grace) => tracing::warn!("some requests did not finish in time and were cut"),
    }
}

/// The encrypted connection, unless the client takes too long, speaks no TLS that we do, or the server stops.
async fn shake_hands(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    timeout: Duration,
    closing: &CancellationToken,
) -> Option<TlsStream<TcpStream>> {
    let shaking = async {
        let mut first = [0];
        if stream.peek(&mut first).await.ok()? == 0 || first != [HANDSHAKE] {
            close_plain(stream).await;
            return None;
        }
        acceptor.accept(stream).await.ok()
    };
    tokio::select! {
        shaken = tokio::time::timeout(timeout, shaking) => shaken.ok().flatten(),
        () = closing.cancelled() => None,
    }
}

/// Closes the connection of a client that does not speak TLS. What it sent is read first: closed with something
/// unread, a connection is broken off.
async fn close_plain(mut stream: TcpStream) {
    let _ = stream.try_read(&mut [0; 4096]);
    let _ = stream.shutdown().await;
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
