//! What can go wrong in a transaction: a refusal of the domain, or breakage below it.

use std::sync::Arc;

/// Breakage of the storage. It is opaque to clients; the cause is for the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// The engine cannot be reached or is too busy: try again later.
    #[error("storage unavailable: {0}")]
    Unavailable(Arc<str>),
    /// The disk is full: reads go on, writes do not.
    #[error("storage full: {0}")]
    Full(Arc<str>),
    /// The engine ended the transaction to resolve a deadlock or a race: run the unit again.
    #[error("transaction must be repeated: {0}")]
    Again(Arc<str>),
    /// A fault of ours or a damaged database.
    #[error("storage fault: {0}")]
    Broken(Arc<str>),
}

impl DbError {
    pub(crate) fn broken(cause: impl Into<Arc<str>>) -> Self {
        Self::Broken(cause.into())
    }

    pub(crate) fn unavailable(cause: impl Into<Arc<str>>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let cause: Arc<str> = error.to_string().into();
        // The file that connections share beside the database could not be given its room.
        if error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
            return Self::Full(cause);
        }
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full(cause),
            Some(
                Code::DatabaseBusy
                | Code::DatabaseLocked
                | Code::SystemIoFailure
                | Code::CannotOpen
                | Code::ReadOnly
                | Code::OutOfMemory,
            ) => Self::Unavailable(cause),
            _ => Self::Broken(cause),
        }
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let cause: Arc<str> = error.to_string().into();
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // deadlock_detected, serialization_failure
                Some("40P01" | "40001") => Self::Again(cause),
                // disk_full
                Some("53100") => Self::Full(cause),
                // connection exceptions, insufficient resources, operator intervention (a restart, a
                // cancelled statement), lock_not_available, a standby that is read-only
                Some(code)
                    if code.starts_with("08")
                        || code.starts_with("53")
                        || code.starts_with("57")
                        || code == "55P03"
                        || code == "25006" =>
                {
                    Self::Unavailable(cause)
                }
                _ => Self::Broken(cause),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(cause),
            _ => Self::Broken(cause),
        }
    }
}

/// Why a transaction was not committed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure<R> {
    /// The domain said no; nothing was changed.
    #[error("refused")]
    Refused(R),
    /// The idempotency key was used before, for another request.
    #[error("idempotency key reused for another request")]
    KeyReused,
    /// The storage broke; nothing was changed, or (a lost connection during the commit) it is not known.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// For units that the domain cannot refuse.
pub type NoRefusal = Failure<std::convert::Infallible>;
