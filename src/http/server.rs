//! Accepting connections: our own loop, because the framework's own has no limit on how long a client may
//! take to send its headers, nor on how many clients there are.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::caller::Peer;
use super::path_key;

/// How long a client may take from the first byte of a request to the last of its headers, and how long it
/// may keep a connection open between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait before accepting again when the machine has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How much the server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the machine's queue.
    pub connections: u32,
    /// How long running requests may take to finish after the shutdown began.
    pub grace: Duration,
}

/// Serves until `shutdown`, then lets running requests finish.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(limits.connections as usize));
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
            drop(slot);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.grace) => tracing::warn!("some requests did not finish in time and were cut"),
    }
}
