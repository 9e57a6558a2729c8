//! A SQLite file: one writer, and readers that are connections of their own.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;

use super::error::DbError;
use super::writer::Writer;

/// How long a statement waits for another process (the command line beside the server).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers that are kept open; more are opened under load and closed after use.
const IDLE_READERS: usize = 8;

pub(super) struct Sqlite {
    pub(super) writer: Writer,
    thread: std::thread::JoinHandle<()>,
    path: PathBuf,
    readers: Mutex<Vec<rusqlite::Connection>>,
    watcher: Mutex<Watcher>,
}

/// A connection that sees commits and makes none.
#[derive(Default)]
struct Watcher {
    conn: Option<rusqlite::Connection>,
    /// How many there were: each counts for itself.
    opened: u32,
}

/// A state of a database, see [`super::Store::version`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Version {
    watcher: u32,
    data: i64,
}

#[cfg(test)]
impl Version {
    pub(crate) fn of_a_test(data: i64) -> Self {
        Self { watcher: 0, data }
    }
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // Plates, password hashes and the signing key are in the file: it is for the server's user alone.
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
                DbError::unavailable(format!("the folder {} cannot be made: {error}", folder.display()))
            })?;
        }
        // Made here for its mode; what is wrong with one that is there, opening it tells.
        let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let conn = connect(path)?;
        // The mode is noted in the file's header, and the earlier server's file is left alone to the byte.
        if !has_earlier_server(&conn)? {
            conn.pragma_update(None, "journal_mode", "WAL")?;
        }
        let (writer, thread) =
            Writer::start(conn).map_err(|error| DbError::unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { writer, thread, path: path.to_owned(), readers: Mutex::new(Vec::new()), watcher: Mutex::default() })
    }

    /// Lends a reader. Its statements see what was committed when they begin, so a read that begins after
    /// a write was answered sees that write.
    pub(super) fn with_reader<T>(
        &self,
        body: impl FnOnce(&mut rusqlite::Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let idle = self.idle_readers().pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => self.open_reader()?,
        };
        let answer = body(&mut conn);
        let mut idle = self.idle_readers();
        if idle.len() < IDLE_READERS && conn.is_autocommit() {
            idle.push(conn);
        }
        answer
    }

    /// Waits for the writer to finish what it was handed.
    pub(super) fn close(self) {
        drop((self.readers, self.watcher));
        drop(self.writer);
        if self.thread.join().is_err() {
            tracing::error!("the writer of the store ended by a panic");
        }
    }

    /// `data_version` of one connection is another number whenever any other connection has committed, of
    /// whichever process (SQLite documentation, `PRAGMA data_version`). It reads the header of the log in shared memory.
    pub(super) fn version(&self) -> Result<Version, DbError> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = if let Some(conn) = watcher.conn.take() {
            conn
        } else {
            watcher.opened += 1;
            self.open_reader()?
        };
        let data = conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        // A connection that failed is not used again: the numbers of the next are its own.
        watcher.conn = Some(conn);
        Ok(Version { watcher: watcher.opened, data })
    }

    fn idle_readers(&self) -> std::sync::MutexGuard<'_, Vec<rusqlite::Connection>> {
        // A panic while the lock is held leaves a list of connections, which is as good as before.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_reader(&self) -> Result<rusqlite::Connection, DbError> {
        let conn = connect(&self.path)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }
}

fn has_earlier_server(conn: &rusqlite::Connection) -> Result<bool, DbError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'charging_sessions')";
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}

fn connect(path: &Path) -> Result<rusqlite::Connection, DbError> {
    let conn = rusqlite::Connection::open(path)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(128);
    // FULL: a commit is on the disk before it is answered. NORMAL may lose answered commits on power loss.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    // 32 MiB of log before it is moved into the database: a page that is written often is then moved once.
    conn.pragma_update(None, "wal_autocheckpoint", 8_192)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // With STAT4 a bound value makes SQLite plan a statement again at each call; the stability guarantee
    // keeps the plan (docs/decisions/0003).
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(conn)
}
