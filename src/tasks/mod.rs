//! What runs beside requests; each task ends when the server stops, and is waited for.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::{self, Site, changeable, live, mail, privacy};

/// How often what is over is forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// How often is looked whether another instance changed a setting.
const READ_EVERY: Duration = Duration::from_secs(5);

/// Starts every task; the answer ends when all of them have.
pub fn start(site: &Arc<Site>, stop: &CancellationToken) -> impl Future<Output = ()> + use<> {
    let forgetting = tokio::spawn(stop.clone().run_until_cancelled_owned(forget(Arc::clone(site))));
    let following = tokio::spawn(stop.clone().run_until_cancelled_owned(live::run(Arc::clone(site))));
    let reading = tokio::spawn(stop.clone().run_until_cancelled_owned(read_settings(Arc::clone(site))));
    let mailing = tokio::spawn(mail::run(Arc::clone(site), stop.clone().cancelled_owned()));
    async move {
        for ended in
            [forgetting.await.map(|_| ()), following.await.map(|_| ()), reading.await.map(|_| ()), mailing.await]
        {
            if let Err(error) = ended {
                tracing::error!(cause = %error, "a task ended by a panic");
            }
        }
    }
}

/// Takes over what was changed by another instance.
async fn read_settings(site: Arc<Site>) {
    loop {
        tokio::time::sleep(READ_EVERY).await;
        if let Err(error) = changeable::load(&site).await {
            tracing::error!(cause = %error, "the changed settings could not be read");
        }
    }
}

/// Forgets idempotency keys, log-ins, links and invitations that are over, and the plates of reservations and
/// sightings that are.
async fn forget(site: Arc<Site>) {
    loop {
        let forgotten = async {
            let keys = service::forget_old_keys(&site).await?;
            privacy::forget_old_log_ins(&site).await?;
            let seen = privacy::forget_sightings(&site).await?;
            Ok::<_, service::Failure>((keys, seen + privacy::enforce_retention(&site).await?))
        };
        match forgotten.await {
            Ok((0, 0)) => {}
            Ok((keys, plates)) => tracing::info!(keys, plates, "forgot what is over"),
            Err(error) => tracing::error!(cause = %error, "what is over could not be forgotten"),
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
