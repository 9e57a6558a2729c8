//! The server as a whole: built from settings and a clock, run until it is told to stop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{
    self, AccessMode, BookingConfig, Config, DatabaseUrl, MatchTolerance, PlainHttp, PlateServiceMode,
    RecognitionConfig, SecondFactorRule, Secret,
};
use crate::domain::matching::Tolerance;
use crate::domain::schedule::Schedule;
use crate::http::{self, HttpSettings, Limits, Origins, Tls, TlsProblem};
use crate::recognize::{Engine, LocalReader, Recognizer};
use crate::service::accounts::{self, Administrator};
use crate::service::inbox::{Keeping, PlateHasher, Room};
use crate::service::live::Live;
use crate::service::mail::Mail;
use crate::service::plates::Matching;
use crate::service::sign_in::Providers;
use crate::service::{AdminToken, Failure, Hasher, Lifetimes, Pace, Quotas, Rates, Site, Throttle, Tokens, bays};
use crate::store::{DbError, Store};
use crate::tasks;

/// A server that is ready to run.
pub struct App {
    /// What its use cases need.
    pub site: Arc<Site>,
    /// What became of the administrator's account.
    pub administrator: Administrator,
    /// Our own TLS, if the settings say so.
    pub tls: Option<Tls>,
    http: HttpSettings,
    limits: Limits,
}

/// Why a server cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

impl From<DbError> for StartError {
    fn from(error: DbError) -> Self {
        Self(error.to_string())
    }
}

impl From<TlsProblem> for StartError {
    fn from(problem: TlsProblem) -> Self {
        Self(format!("TLS_CERT and TLS_KEY: {problem}"))
    }
}

impl From<Failure> for StartError {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}

/// Opens the database of the settings, without migrating it.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(config: &Config) -> Result<Store, DbError> {
    match &config.database.url {
        DatabaseUrl::Sqlite(path) => Store::open_sqlite(path),
        DatabaseUrl::Postgres(url) => {
            let replica = match &config.database.read_url {
                Some(DatabaseUrl::Postgres(replica)) => Some(replica.as_str()),
                _ => None,
            };
            Store::open_postgres(url, replica, config.database.pool_size).await
        }
    }
}

/// Opens and migrates the database, and makes a site of it. Adds nothing to it but its signing key.
///
/// # Errors
/// When the database cannot be opened or is not ours.
pub async fn open_site(config: &Config, clock: Clock) -> Result<Site, StartError> {
    let store = open_store(config).await?;
    let migrated = store.migrate(clock.now()).await?;
    if migrated.from != migrated.to {
        tracing::info!(schema.from = migrated.from, schema.to = migrated.to, "migrated the database");
    }
    let keys = accounts::token_keys(&store, clock.now()).await?;
    let plate_key = accounts::plate_key(&store, clock.now()).await?;
    let admin = config.access.admin_token.as_ref().map(|token| AdminToken::new(token.expose()));
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let access = &config.access;
    // In the settings 0 means that there is no limit.
    let limit = |number: u16| (number > 0).then_some(number);
    let rate = |number: u32| (number > 0).then_some(number);
    let booking = &config.booking;
    Ok(Site {
        store,
        clock,
        schedule: Schedule::new(booking.timezone.clone(), booking.opening_hours, booking.horizon_days),
        access_mode: config.access.mode,
        tokens: Tokens::new(&keys, admin),
        hasher: Hasher::new()?,
        throttle: Throttle::default(),
        pace: Pace::default(),
        rates: Rates {
            changes_per_hour: rate(booking.changes_per_hour),
            checks_per_minute: rate(booking.checks_per_minute),
            requests_per_minute: rate(config.server.requests_per_minute),
        },
        lifetimes: Lifetimes {
            access_token: seconds(access.access_token),
            session: seconds(access.session),
            staff: seconds(access.staff_session),
            idle_session: seconds(access.session_idle),
            idle_staff: seconds(access.staff_idle),
        },
        quotas: Quotas {
            open_bookings: limit(booking.quota_open_bookings),
            hours_per_day: limit(booking.quota_hours_per_day),
            days_ahead: limit(booking.quota_days_ahead),
        },
        retention_days: limit(booking.retention_days),
        registration: access.registration.clone(),
        password_login: access.password_login,
        second_factor: access.second_factor,
        providers: Providers::new(&access.providers, config.server.public_url.as_deref()).map_err(StartError)?,
        matching: matching(&config.booking),
        recognizer: recognizer(&config.recognition)?,
        room: Room::default(),
        keeping: Keeping {
            cool_down: i64::from(booking.camera_cool_down),
            plate_days: limit(booking.sighting_days),
            picture_hours: booking.picture_hours,
        },
        plate_hasher: PlateHasher::new(&plate_key),
        live: Live::default(),
        mail: open_mail(config).map_err(StartError)?,
        expected: crate::service::plates::ExpectedCars::default(),
        settings: config.effective().to_vec(),
        last_ready: AtomicI64::new(i64::MIN),
    })
}

fn matching(config: &BookingConfig) -> Matching {
    let seconds = |minutes: u16| i64::from(minutes) * 60;
    let tolerant = config.match_tolerance == MatchTolerance::Tolerant;
    Matching {
        early: seconds(config.match_early_minutes),
        late: seconds(config.match_late_minutes),
        tolerance: Tolerance { tolerant, ..Tolerance::default() },
    }
}

/// What reads plates, as the settings say.
fn recognizer(config: &RecognitionConfig) -> Result<Recognizer, StartError> {
    let engine = match config.mode {
        PlateServiceMode::GptApi => Engine::OpenAi {
            base_url: config.openai_base_url.as_str().to_owned(),
            key: config.openai_api_key.as_ref().map(|key| key.expose().to_owned()),
            model: config.openai_model.clone(),
            prompt: config.openai_prompt.clone(),
        },
        PlateServiceMode::Http => Engine::Service(config.service_url.as_str().to_owned()),
        PlateServiceMode::Local => {
            let reader = LocalReader::open(config.model_dir.as_deref()).map_err(StartError)?;
            Engine::Local(Arc::new(reader))
        }
    };
    Recognizer::new(engine, config.at_once, config.timeout).map_err(StartError)
}

/// The hosts that requests may be for: without log-ins it is all that tells our own pages from those of a site that
/// calls itself by our address (DNS rebinding). Asked for only where the settings say how people reach us.
fn hosts(config: &Config) -> Option<Vec<String>> {
    let public = config.server.public_url.as_deref().map(config::host_of).map(str::to_owned);
    let hosts: Vec<String> = config.access.allowed_hosts.iter().cloned().chain(public).collect();
    (config.access.mode == AccessMode::Open && !hosts.is_empty()).then_some(hosts)
}

/// Who beside this machine is heard without TLS; `None` for everybody.
fn plain_from(config: &Config) -> Option<Vec<ipnet::IpNet>> {
    match config.server.plain_http {
        PlainHttp::Loopback => Some(Vec::new()),
        PlainHttp::Proxies => Some(config.access.trusted_proxies.clone()),
        PlainHttp::Allow => None,
    }
}

/// Our own TLS, if the settings say so; what is worth a warning is told.
fn open_tls(config: &Config, clock: &Clock) -> Result<Option<Tls>, TlsProblem> {
    let Some(files) = &config.server.tls else { return Ok(None) };
    let tls = Tls::open(&files.certificate, &files.key)?;
    if tls.key_is_open() {
        tracing::warn!("everybody on this machine can read the file of TLS_KEY; take that right away (chmod 600)");
    }
    if tls.ends_at().is_some_and(|end| end <= clock.now()) {
        tracing::warn!("the certificate of TLS_CERT is over: browsers refuse it until there is a new one");
    }
    Ok(Some(tls))
}

/// Where mails are handed over, when the settings say how they go out.
fn open_mail(config: &Config) -> Result<Option<Mail>, String> {
    let given = config.mail.as_ref().zip(config.server.public_url.as_deref());
    given.map(|(mail, public_url)| Mail::new(mail, public_url)).transpose()
}

impl App {
    /// Opens the database, brings it up to date, and sees to it that there are bays and an administrator.
    ///
    /// # Errors
    /// When the database cannot be opened or is not ours.
    pub async fn build(config: &Config, clock: Clock) -> Result<Self, StartError> {
        // One implementation of TLS in the process, for every client that does not say which. That somebody chose
        // one before is no harm.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = open_tls(config, &clock)?;
        let site = open_site(config, clock).await?;
        if config.booking.auto_seed && bays::seed(&site).await? {
            tracing::info!("added the bays 세션 1 to 세션 4, because there was none");
        }
        let (email, password) = (&config.access.admin_email, &config.access.admin_password);
        let password = password.as_ref().map(Secret::expose);
        let administrator = accounts::ensure_administrator(&site, email.as_deref(), password).await?;
        if config.access.mode == AccessMode::Open {
            tracing::warn!(
                "ACCESS_MODE=open: anybody who reaches this server sees every plate and e-mail and may cancel \
                 by naming one; use it in a closed network only"
            );
        }
        if config.access.admin_token.is_some() && config.access.second_factor != SecondFactorRule::Optional {
            tracing::warn!(
                "SECOND_FACTOR asks operators for a second factor, and ADMIN_TOKEN opens their calls with one: leave it \
                 out unless a script needs it"
            );
        }
        Ok(Self {
            site: Arc::new(site),
            administrator,
            http: HttpSettings {
                origins: Origins::new(&config.access.cors_origins),
                request_timeout: config.server.request_timeout,
                trusted_proxies: config.access.trusted_proxies.clone(),
                tls: tls.is_some()
                    || config.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
                public_url: config.server.public_url.clone(),
                static_dir: config.server.static_dir.clone(),
                hosts: hosts(config),
            },
            limits: Limits {
                connections: config.server.max_connections,
                connections_per_address: config.server.connections_per_address,
                trusted_proxies: config.access.trusted_proxies.clone(),
                plain_from: plain_from(config),
                grace: config.server.shutdown_grace,
            },
            tls,
        })
    }

    /// Serves until `shutdown`, finishes what was begun, and closes the database.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let tasks = tasks::start(&self.site, &stop);
        let router = http::router(Arc::clone(&self.site), self.http);
        let site = Arc::clone(&self.site);
        let shutdown = async move {
            shutdown.await;
            // Streams of events do not end by themselves.
            site.live.close();
        };
        http::serve(listener, router, self.limits, self.tls, shutdown).await;
        stop.cancel();
        tasks.await;
        if let Ok(site) = Arc::try_unwrap(self.site) {
            site.store.close().await;
        } else {
            // Requests that were cut still hold the site; the database survives being closed by force.
            tracing::warn!("some requests were still running at the end");
        }
    }
}
