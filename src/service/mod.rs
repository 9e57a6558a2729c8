//! Use cases: authorise, ask the domain, store. Plain functions over a [`Site`].

pub mod accounts;
pub mod audit;
pub mod bays;
pub mod booking;
pub mod calendar;
mod caller;
pub mod cameras;
mod first_password;
pub mod inbox;
pub mod installation;
pub mod invitations;
pub mod keys;
pub mod live;
pub mod mail;
pub mod overview;
mod pace;
mod password;
pub mod plates;
pub mod privacy;
mod quota;
pub mod recognition;
pub mod recovery;
mod refusal;
pub mod registration;
pub mod reports;
pub mod second_factor;
pub mod sessions;
pub mod sightings;
pub mod sign_in;
mod throttle;
mod tokens;

use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;
use crate::config::{AccessMode, Effective, PasswordLogin, Registration, SecondFactorRule};
use crate::domain::account::Role;
use crate::domain::schedule::Schedule;
use crate::random;
use crate::recognize::Recognizer;
use crate::store::idempotency::{self, IdempotencyKey};
use crate::store::{DbError, Store};

pub use caller::{Caller, network};
pub use pace::{Pace, Rates};
pub use password::Hasher;
pub use quota::Quotas;
pub use refusal::Refusal;
pub use throttle::Throttle;
pub use tokens::{AdminToken, Tokens};

/// Why a use case answers nothing: the domain refused, or the storage broke.
pub type Failure = crate::store::Failure<Refusal>;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The site that this server runs: what every use case needs.
pub struct Site {
    /// Where everything is kept.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// When bays can be booked.
    pub schedule: Schedule,
    /// Whether people without an account may do what the original let them.
    pub access_mode: AccessMode,
    /// Makes and checks tokens.
    pub tokens: Tokens,
    /// Makes and checks password hashes.
    pub hasher: Hasher,
    /// Counts wrong tries.
    pub throttle: Throttle,
    /// Counts right ones.
    pub pace: Pace,
    /// How often what can be done.
    pub rates: Rates,
    /// How long log-ins and tokens hold.
    pub lifetimes: Lifetimes,
    /// How much one account and one car may reserve.
    pub quotas: Quotas,
    /// After how many days finished reservations lose plate and e-mail; `None` for never.
    pub retention_days: Option<u16>,
    /// Who can register.
    pub registration: Registration,
    /// How cameras' reads are matched.
    pub matching: plates::Matching,
    /// The cars that are expected now.
    pub expected: plates::ExpectedCars,
    /// Reads plates in pictures.
    pub recognizer: Recognizer,
    /// Room for what cameras send.
    pub room: inbox::Room,
    /// How sightings are kept.
    pub keeping: inbox::Keeping,
    /// Turns plates into what tells nothing but whether two are the same.
    pub plate_hasher: inbox::PlateHasher,
    /// What happens, as it happens.
    pub live: live::Live,
    /// Who can log in with a password.
    pub password_login: PasswordLogin,
    /// Who must have a second factor.
    pub second_factor: SecondFactorRule,
    /// With whose accounts people can log in.
    pub providers: sign_in::Providers,
    /// Where mails are handed over; `None` when none are sent.
    pub mail: Option<mail::Mail>,
    /// The settings as they are in force, secrets masked.
    pub settings: Vec<Effective>,
    /// The second in which a write was last seen to work.
    pub last_ready: AtomicI64,
}

impl Site {
    /// Whether people without an account may do what the original let them.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.access_mode == AccessMode::Open
    }

    /// Whether anybody can log in with a password.
    #[must_use]
    pub fn takes_passwords(&self) -> bool {
        self.password_login != PasswordLogin::Off
    }

    /// Whether anybody can make an account without an invitation.
    #[must_use]
    pub fn takes_registrations(&self) -> bool {
        self.password_login == PasswordLogin::On && !matches!(self.registration, Registration::Off)
    }
}

/// How long log-ins and tokens hold, in seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lifetimes {
    /// A driver's access token.
    pub access_token: i64,
    /// A driver's log-in.
    pub session: i64,
    /// An operator's log-in and its token: a shift, for clients that never renew it.
    pub staff: i64,
    /// A driver's log-in that is not used.
    pub idle_session: i64,
    /// An operator's log-in that is not used.
    pub idle_staff: i64,
}

impl Lifetimes {
    /// How long a log-in holds that is not used.
    fn idle(self, role: Role) -> i64 {
        match role {
            Role::Driver => self.idle_session,
            Role::Operator | Role::Administrator => self.idle_staff,
        }
    }

    fn token(self, whom: sessions::LoginFor) -> i64 {
        match whom {
            sessions::LoginFor::Anybody => self.access_token,
            sessions::LoginFor::Staff => self.staff,
        }
    }

    fn session(self, whom: sessions::LoginFor) -> i64 {
        match whom {
            sessions::LoginFor::Anybody => self.session,
            sessions::LoginFor::Staff => self.staff,
        }
    }
}

/// Whether the storage can be written, tried once a second at most.
///
/// # Errors
/// Why it cannot.
pub async fn check_ready(site: &Site) -> Result<(), DbError> {
    let now = site.clock.now();
    if site.last_ready.load(Ordering::Relaxed) == now {
        return Ok(());
    }
    // A row that is written and taken back needs the disk as any other does, and leaves nothing.
    let probe = IdempotencyKey::new("probe".into(), &random::request_id(), String::new());
    let tried = site.store.write(async move |conn| {
        idempotency::begin::<(), ()>(conn, Some(&probe), now).await?;
        idempotency::forget(conn, &probe).await?;
        Ok::<_, crate::store::Failure<()>>(())
    });
    match tried.await {
        Ok(()) => {
            site.last_ready.store(now, Ordering::Relaxed);
            Ok(())
        }
        Err(crate::store::Failure::Db(error)) => Err(error),
        Err(_) => Err(DbError::Broken("the probe of the storage was refused".into())),
    }
}

/// Forgets idempotency keys that nobody repeats any more; answers how many.
///
/// # Errors
/// When the storage broke.
pub async fn forget_old_keys(site: &Site) -> Result<u64, Failure> {
    let before = site.clock.now() - KEY_LIFETIME;
    site.store.write(async move |conn| Ok::<_, Failure>(idempotency::prune(conn, before).await?)).await
}

/// How long an `Idempotency-Key` is remembered, in seconds: a day.
const KEY_LIFETIME: i64 = 24 * 60 * 60;
