//! The only place that knows SQL.
//!
//! [`Store`] opens a database, [`Store::write`] is one transaction that is answered after its commit, and
//! [`Store::read`] and [`Store::snapshot`] read. What is stored is one file a noun: [`bays`],
//! [`reservations`], [`accounts`], [`identities`], [`sessions`], [`sign_ins`], [`keys`], [`links`], [`invitations`],
//! [`audit`], [`idempotency`], [`secrets`], [`cameras`], [`sightings`], [`quarantine`]; each keeps its SQL text beside its function.

pub mod accounts;
pub mod audit;
pub mod bays;
pub mod cameras;
pub mod changed_settings;
mod conn;
mod error;
pub mod idempotency;
pub mod identities;
pub mod inspect;
pub mod invitations;
pub mod keys;
pub mod links;
mod migrate;
pub mod quarantine;
pub mod reservations;
pub mod second_factors;
pub mod secrets;
pub mod sessions;
pub mod sightings;
pub mod sign_ins;
mod sqlite;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

pub use conn::{Conn, Row, Val};
pub use error::{DbError, Failure, NoRefusal};
pub use migrate::{Migrated, latest_version};
pub use sqlite::Version;

/// How long a request waits for a connection to PostgreSQL before it is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a unit is run when PostgreSQL ends it to resolve a deadlock.
const ATTEMPTS: usize = 5;

/// A database on either engine. Clones share it.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres { primary: PgPool, replica: Option<PgPool> },
}

/// Which engine a store runs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EngineName {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Store {
    /// Opens or makes a SQLite file, with its folder, and starts its writer. Migrates nothing.
    ///
    /// # Errors
    /// When the file cannot be opened, or is no database.
    pub fn open_sqlite(path: &Path) -> Result<Self, DbError> {
        Ok(Self { engine: Engine::Sqlite(Arc::new(sqlite::Sqlite::open(path)?)) })
    }

    /// Connects to PostgreSQL with at most `connections` connections; `replica_url` names a copy that
    /// [`Store::stale_snapshot`] reads. Migrates nothing.
    ///
    /// # Errors
    /// When an address is malformed or the server does not answer.
    pub async fn open_postgres(url: &str, replica_url: Option<&str>, connections: u32) -> Result<Self, DbError> {
        let primary = postgres_pool(url, connections)?;
        primary.acquire().await?;
        let replica = replica_url.map(|url| postgres_pool(url, connections)).transpose()?;
        Ok(Self { engine: Engine::Postgres { primary, replica } })
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> EngineName {
        match &self.engine {
            Engine::Sqlite(_) => EngineName::Sqlite,
            Engine::Postgres { .. } => EngineName::Postgres,
        }
    }

    /// Runs `unit` as one transaction and answers after its commit. A unit that answers an error changes
    /// nothing. It may be run more than once (a deadlock on PostgreSQL), so it must hold no state of its
    /// own, and it may wait for nothing but the connection.
    ///
    /// # Errors
    /// The unit's refusal, or [`Failure::Db`] when the storage broke.
    pub async fn write<F, T, R>(&self, unit: F) -> Result<T, Failure<R>>
    where
        F: for<'a, 'c> AsyncFn(&'a mut Conn<'c>) -> Result<T, Failure<R>> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let primary = match &self.engine {
            Engine::Sqlite(sqlite) => return sqlite.writer.write(unit).await,
            Engine::Postgres { primary, .. } => primary,
        };
        let mut attempt = 1;
        loop {
            match postgres_transaction(primary, &unit).await {
                Err(Failure::Db(DbError::Again(_))) if attempt < ATTEMPTS => attempt += 1,
                Err(Failure::Db(DbError::Again(cause))) => return Err(DbError::Unavailable(cause).into()),
                answer => return answer,
            }
        }
    }

    /// Point look-ups: one statement, or several that need not agree with each other. On SQLite they run
    /// in place, in microseconds.
    ///
    /// # Errors
    /// When the storage broke.
    pub async fn read<F, T>(&self, look_up: F) -> Result<T, DbError>
    where
        F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError> + Send,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.with_reader(|conn| run_in_place(look_up, conn)),
            Engine::Postgres { primary, .. } => {
                let mut conn = primary.acquire().await?;
                look_up(&mut Conn::Pg(&mut conn)).await
            }
        }
    }

    /// Which state the database is in: another value than before whenever something was committed in between, by this
    /// process or by another. `None` where that cannot be known for less than a question: on PostgreSQL.
    ///
    /// Whoever keeps what was read asks first and reads then: what is read is as new as the version, or newer.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn version(&self) -> Result<Option<Version>, DbError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.version().map(Some),
            Engine::Postgres { .. } => Ok(None),
        }
    }

    /// Lists: every statement sees the same moment. On SQLite they run on a thread for blocking work.
    ///
    /// # Errors
    /// When the storage broke.
    pub async fn snapshot<F, T>(&self, list: F) -> Result<T, DbError>
    where
        F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError> + Send + 'static,
        T: Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite_snapshot(Arc::clone(sqlite), list).await,
            Engine::Postgres { primary, .. } => postgres_snapshot(primary, list).await,
        }
    }

    /// As [`Store::snapshot`], for readers who may be shown a moment ago: from the copy of
    /// `DATABASE_READ_URL` where there is one.
    ///
    /// # Errors
    /// When the storage broke.
    pub async fn stale_snapshot<F, T>(&self, list: F) -> Result<T, DbError>
    where
        F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError> + Send + 'static,
        T: Send + 'static,
    {
        match &self.engine {
            Engine::Postgres { replica: Some(replica), .. } => postgres_snapshot(replica, list).await,
            _ => self.snapshot(list).await,
        }
    }

    /// Finishes what was handed over and closes the database.
    pub async fn close(self) {
        match self.engine {
            Engine::Sqlite(sqlite) => {
                // The last owner stops the writer; joining it is blocking work.
                if let Some(sqlite) = Arc::into_inner(sqlite) {
                    let _ = tokio::task::spawn_blocking(move || sqlite.close()).await;
                }
            }
            Engine::Postgres { primary, replica } => {
                primary.close().await;
                if let Some(replica) = replica {
                    replica.close().await;
                }
            }
        }
    }
}

fn run_in_place<F, T>(body: F, conn: &mut rusqlite::Connection) -> Result<T, DbError>
where
    F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError>,
{
    body(&mut Conn::Lite(conn))
        .now_or_never()
        .unwrap_or_else(|| Err(DbError::broken("a look-up waited for something that is not the store")))
}

async fn sqlite_snapshot<F, T>(sqlite: Arc<sqlite::Sqlite>, list: F) -> Result<T, DbError>
where
    F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError> + Send + 'static,
    T: Send + 'static,
{
    let list = move || {
        sqlite.with_reader(|conn| {
            conn.execute_batch("BEGIN DEFERRED")?;
            let answer = run_in_place(list, conn);
            conn.execute_batch("ROLLBACK")?;
            answer
        })
    };
    let joined = tokio::task::spawn_blocking(list).await;
    joined.unwrap_or_else(|error| Err(DbError::broken(format!("a list panicked: {error}"))))
}

async fn postgres_snapshot<F, T>(pool: &PgPool, list: F) -> Result<T, DbError>
where
    F: for<'a, 'c> AsyncFnOnce(&'a mut Conn<'c>) -> Result<T, DbError>,
{
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let answer = list(&mut Conn::Pg(&mut transaction)).await?;
    transaction.rollback().await?;
    Ok(answer)
}

async fn postgres_transaction<F, T, R>(pool: &PgPool, unit: &F) -> Result<T, Failure<R>>
where
    F: for<'a, 'c> AsyncFn(&'a mut Conn<'c>) -> Result<T, Failure<R>>,
{
    let mut transaction = pool.begin().await.map_err(DbError::from)?;
    let answer = unit(&mut Conn::Pg(&mut transaction)).await?;
    transaction.commit().await.map_err(DbError::from)?;
    Ok(answer)
}

fn postgres_pool(url: &str, connections: u32) -> Result<PgPool, DbError> {
    let options: PgConnectOptions = url.parse()?;
    // A statement that takes longer than a request may is not waited for by anybody.
    let options = options.application_name("jari").options([
        ("statement_timeout", "20s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("timezone", "UTC"),
    ]);
    Ok(PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(options))
}
