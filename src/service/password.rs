//! Password hashes: Argon2id, a bounded number at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::random;
use crate::store::DbError;

use super::{Failure, Refusal};

/// A hash takes 19 MiB and some 20 ms of one core; more than so many at once would starve everything else.
const AT_ONCE: usize = 2;

/// How many may wait for their turn; more are told to come back.
const WAITING: usize = 64;

/// Makes and checks password hashes.
pub struct Hasher {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// A hash of a password that nobody knows: checked when there is no account, so that a wrong e-mail
    /// takes as long as a wrong password.
    nobodys: String,
}

impl Hasher {
    /// A hasher with the parameters of the OWASP password storage cheat sheet: 19 MiB, two passes, one lane.
    ///
    /// # Errors
    /// When the parameters are out of range, which a test would show.
    pub fn new() -> Result<Self, DbError> {
        let params = Params::new(19 * 1024, 2, 1, None)
            .map_err(|error| DbError::broken(format!("the Argon2 parameters are wrong: {error}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobodys = hash(&argon2, &random::secret())?;
        Ok(Self {
            argon2,
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobodys,
        })
    }

    /// Hashes a password to a PHC string.
    ///
    /// # Errors
    /// [`Refusal::TooBusy`] when too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Failure> {
        let argon2 = self.argon2.clone();
        Ok(self.in_turn(move || hash(&argon2, &password)).await??)
    }

    /// Whether `password` is that of `stored`, a PHC string. Without one it takes as long and answers no.
    ///
    /// # Errors
    /// [`Refusal::TooBusy`] when too many wait already.
    pub async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, Failure> {
        let argon2 = self.argon2.clone();
        let exists = stored.is_some();
        let stored = stored.unwrap_or(&self.nobodys).to_owned();
        let fits = self.in_turn(move || {
            PasswordHash::new(&stored).is_ok_and(|stored| argon2.verify_password(password.as_bytes(), &stored).is_ok())
        });
        Ok(fits.await? && exists)
    }

    /// Whether a stored hash was made as hashes are made today; others are renewed when their password comes by.
    #[must_use]
    pub fn is_current(&self, stored: &str) -> bool {
        // `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: all but the last two say how.
        let how = |hash: &str| hash.rsplitn(3, '$').nth(2).map(str::to_owned);
        how(stored) == how(&self.nobodys)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| Refusal::TooBusy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Refusal::TooBusy)?;
        // The permits go with the work: a client that hangs up ends the waiting, not the hashing.
        let work = move || {
            let done = work();
            drop((admitted, running));
            done
        };
        let done = tokio::task::spawn_blocking(work).await;
        Ok(done.map_err(|error| DbError::broken(format!("hashing a password panicked: {error}")))?)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, DbError> {
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &random::bytes::<16>());
    hash.map(|hash| hash.to_string()).map_err(|error| DbError::broken(format!("a password cannot be hashed: {error}")))
}
