//! What runs beside requests; each task ends when the server stops, and is waited for.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::{self, Site};

/// How often idempotency keys that are over a day old are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// Starts every task; the answer ends when all of them have.
pub fn start(site: &Arc<Site>, stop: &CancellationToken) -> impl Future<Output = ()> + use<> {
    let forgetting = tokio::spawn(stop.clone().run_until_cancelled_owned(forget_old_keys(Arc::clone(site))));
    async move {
        if let Err(error) = forgetting.await {
            tracing::error!(cause = %error, "a task ended by a panic");
        }
    }
}

async fn forget_old_keys(site: Arc<Site>) {
    loop {
        match service::forget_old_keys(&site).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "forgot idempotency keys that were over a day old"),
            Err(error) => tracing::error!(cause = %error, "old idempotency keys could not be forgotten"),
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
