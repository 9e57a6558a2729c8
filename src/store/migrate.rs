//! Migrations: numbered scripts, each run once, under a lock that other instances wait for.
//!
//! The runner of the PostgreSQL driver's own crate needs a second SQLite binding and locks nothing on
//! SQLite (docs/decisions/0004), so this is ours: one transaction over all that is missing, with `BEGIN
//! IMMEDIATE` on SQLite and an advisory lock on PostgreSQL.

use super::conn::{Conn, vals};
use super::error::DbError;
use super::{EngineName, NoRefusal, Store};

struct Migration {
    version: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_first"),
    migration!(2, "0002_people"),
    migration!(3, "0003_sign_in"),
    migration!(4, "0004_mails"),
    migration!(5, "0005_sightings"),
    migration!(6, "0006_second_factor"),
    migration!(7, "0007_settings"),
];

/// Any constant will do, as long as every instance takes the same.
const ADVISORY_LOCK: i64 = 0x6a61_7269;

const CREATE_HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version    BIGINT NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    applied_at BIGINT NOT NULL
)";

/// What a migration run did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Migrated {
    /// The version before; 0 for an empty database.
    pub from: i64,
    /// The version now.
    pub to: i64,
}

/// The schema version that this program works with.
#[must_use]
pub fn latest_version() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

impl Store {
    /// Brings the schema up to date, in one transaction: it is done, or nothing was changed. Safe to call
    /// from several instances at once, and again.
    ///
    /// # Errors
    /// When the database is another program's or a later version's, or the storage broke.
    pub async fn migrate(&self, now: i64) -> Result<Migrated, DbError> {
        // Asked by a reader first: a start with nothing to do writes nothing, so it also works on a full disk.
        let from = self.read(async |conn| current(conn).await).await?;
        if from == latest_version() {
            return Ok(Migrated { from, to: from });
        }
        let engine = self.engine();
        let done = self.write(async move |conn| Ok::<_, NoRefusal>(migrate(conn, engine, now).await?)).await;
        done.map_err(|failure| match failure {
            NoRefusal::Db(error) => error,
            NoRefusal::Refused(never) => match never {},
            NoRefusal::KeyReused => DbError::broken("a migration has no idempotency key"),
        })
    }
}

async fn migrate(conn: &mut Conn<'_>, engine: EngineName, now: i64) -> Result<Migrated, DbError> {
    if engine == EngineName::Postgres {
        conn.one("SELECT pg_advisory_xact_lock($1)", vals![ADVISORY_LOCK], |_| Ok(())).await?;
    }
    // Asked again under the lock: another instance may have been first.
    let from = current(conn).await?;
    conn.script(CREATE_HISTORY).await?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > from) {
        let script = match engine {
            EngineName::Sqlite => migration.sqlite,
            EngineName::Postgres => migration.postgres,
        };
        conn.script(script).await?;
        conn.exec(
            "INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)",
            vals![migration.version, migration.name, now],
        )
        .await?;
    }
    Ok(Migrated { from, to: latest_version() })
}

/// The version of a database that is ours or empty.
async fn current(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    if has_table(conn, "charging_sessions").await? {
        return Err(DbError::unavailable(
            "this database belongs to the earlier server (it has a table charging_sessions) and jari leaves it \
             untouched; set DATABASE_URL to a new file or database",
        ));
    }
    if !has_table(conn, "schema_migrations").await? {
        return Ok(0);
    }
    let version = version(conn).await?;
    if version > latest_version() {
        return Err(DbError::unavailable(format!(
            "this database has schema version {version}, written by a later jari; this one knows {} at most, so \
             start the later one",
            latest_version()
        )));
    }
    Ok(version)
}

/// The version of a database that has a migration history; 0 when nothing was applied yet.
pub(super) async fn version(conn: &mut Conn<'_>) -> Result<i64, DbError> {
    let version =
        conn.one("SELECT COALESCE(MAX(version), 0) FROM schema_migrations", vals![], |row| row.int(0)).await?;
    Ok(version.unwrap_or(0))
}

/// Whether a table exists. The engines keep their catalogues in different places.
pub(super) async fn has_table(conn: &mut Conn<'_>, table: &str) -> Result<bool, DbError> {
    let sql = match conn {
        Conn::Lite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = $1",
        Conn::Pg(_) => {
            "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"
        }
    };
    Ok(conn.one(sql, vals![table], |row| row.text(0)).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_by_one_and_stand_in_the_names() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.version, i64::try_from(index).expect("few migrations") + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)), "{}", migration.name);
        }
    }
}
