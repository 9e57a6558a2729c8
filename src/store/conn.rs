//! One SQL text and one Rust body for both engines.
//!
//! [`Conn`] is a connection inside a transaction; [`Val`] is what a statement is given and [`Row`] what it
//! gives back. Statements number their parameters `$1`, `$2`, … on both engines. SQLite takes `$3` for a
//! *name* and numbers names by first appearance, so values are bound by the number in the name: a text may
//! mention `$3` before `$1`.
//!
//! Columns are `BIGINT` or `TEXT` on both engines, so a value is a number or a text; pictures and payloads are bytes
//! (`BLOB`, `BYTEA`).

use sqlx::{Executor as _, Row as _};

use super::error::DbError;

/// A connection inside a transaction, on either engine.
pub enum Conn<'c> {
    /// SQLite: calls return at once, so the futures below are ready when first polled.
    Lite(&'c mut rusqlite::Connection),
    /// PostgreSQL.
    Pg(&'c mut sqlx::PgConnection),
}

/// A value bound to a statement.
#[derive(Clone, Copy, Debug)]
pub enum Val<'v> {
    /// A whole number, or null in a `BIGINT` column.
    Int(Option<i64>),
    /// A text, or null in a `TEXT` column.
    Text(Option<&'v str>),
    /// Bytes.
    Bytes(&'v [u8]),
}

impl From<i64> for Val<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Val<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl<'v> From<&'v str> for Val<'v> {
    fn from(value: &'v str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'v> From<&'v String> for Val<'v> {
    fn from(value: &'v String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'v> From<&'v [u8]> for Val<'v> {
    fn from(value: &'v [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'v> From<Option<&'v str>> for Val<'v> {
    fn from(value: Option<&'v str>) -> Self {
        Self::Text(value)
    }
}

/// The values of a statement, in the order of their numbers.
macro_rules! vals {
    ($($value:expr),* $(,)?) => { &[$($crate::store::conn::Val::from($value)),*] };
}
pub(crate) use vals;

/// One row of an answer; columns are counted from 0.
pub enum Row<'r> {
    /// SQLite.
    Lite(&'r rusqlite::Row<'r>),
    /// PostgreSQL.
    Pg(&'r sqlx::postgres::PgRow),
}

impl Row<'_> {
    /// The number in a column that is never null.
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column is no number.
    pub fn int(&self, column: usize) -> Result<i64, DbError> {
        self.opt_int(column)?.ok_or_else(|| DbError::broken(format!("column {column} is null")))
    }

    /// The number in a column, or `None` for null.
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column is no number.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        match self {
            Row::Lite(row) => Ok(row.get(column)?),
            Row::Pg(row) => Ok(row.try_get(column)?),
        }
    }

    /// The text in a column that is never null.
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column is no text.
    pub fn text(&self, column: usize) -> Result<String, DbError> {
        self.opt_text(column)?.ok_or_else(|| DbError::broken(format!("column {column} is null")))
    }

    /// The bytes in a column that is never null.
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column has no bytes.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, DbError> {
        match self {
            Row::Lite(row) => Ok(row.get(column)?),
            Row::Pg(row) => Ok(row.try_get(column)?),
        }
    }

    /// The text in a column, or `None` for null.
    ///
    /// # Errors
    /// [`DbError::Broken`] when the column is no text.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, DbError> {
        match self {
            Row::Lite(row) => Ok(row.get(column)?),
            Row::Pg(row) => Ok(row.try_get(column)?),
        }
    }
}

impl Conn<'_> {
    /// Runs a statement and answers how many rows it changed.
    ///
    /// # Errors
    /// What the engine refuses, see [`DbError`].
    pub async fn exec(&mut self, sql: &'static str, values: &[Val<'_>]) -> Result<u64, DbError> {
        match self {
            Conn::Lite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                bind_by_number(&mut statement, values)?;
                Ok(statement.raw_execute()? as u64)
            }
            Conn::Pg(conn) => Ok(bound(sql, values).execute(&mut **conn).await?.rows_affected()),
        }
    }

    /// The first row of an answer, read by `read`, or `None` when there is none.
    ///
    /// # Errors
    /// What the engine refuses, see [`DbError`].
    pub async fn one<T>(
        &mut self,
        sql: &'static str,
        values: &[Val<'_>],
        read: impl Fn(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        match self {
            Conn::Lite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                bind_by_number(&mut statement, values)?;
                let mut rows = statement.raw_query();
                let first = rows.next()?.map(|row| read(&Row::Lite(row))).transpose()?;
                // Stepping to the end finishes the statement: an INSERT … RETURNING that is only half
                // stepped keeps its savepoint from being released.
                while rows.next()?.is_some() {}
                Ok(first)
            }
            Conn::Pg(conn) => {
                let row = conn.fetch_optional(bound(sql, values)).await?;
                row.map(|row| read(&Row::Pg(&row))).transpose()
            }
        }
    }

    /// All rows of an answer, each read by `read`.
    ///
    /// # Errors
    /// What the engine refuses, see [`DbError`].
    pub async fn all<T>(
        &mut self,
        sql: &'static str,
        values: &[Val<'_>],
        read: impl Fn(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        match self {
            Conn::Lite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                bind_by_number(&mut statement, values)?;
                let mut rows = statement.raw_query();
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(read(&Row::Lite(row))?);
                }
                Ok(out)
            }
            Conn::Pg(conn) => {
                let rows = conn.fetch_all(bound(sql, values)).await?;
                rows.iter().map(|row| read(&Row::Pg(row))).collect()
            }
        }
    }

    /// Runs a script of several statements without values: migrations, and the test harness.
    ///
    /// # Errors
    /// What the engine refuses, see [`DbError`].
    pub async fn script(&mut self, sql: &str) -> Result<(), DbError> {
        match self {
            Conn::Lite(conn) => Ok(conn.execute_batch(sql)?),
            Conn::Pg(conn) => {
                // The text is one of our own files, compiled in, or a test's.
                let sql = sqlx::AssertSqlSafe(sql.to_owned());
                conn.execute(sqlx::raw_sql(sql)).await?;
                Ok(())
            }
        }
    }
}

fn bind_by_number(statement: &mut rusqlite::Statement<'_>, values: &[Val<'_>]) -> Result<(), DbError> {
    for index in 1..=statement.parameter_count() {
        let value = statement
            .parameter_name(index)
            .and_then(|name| name.get(1..)?.parse::<usize>().ok())
            .and_then(|number| values.get(number.checked_sub(1)?))
            .copied()
            .ok_or_else(|| DbError::broken("a statement names a parameter that it was not given"))?;
        match value {
            Val::Int(value) => statement.raw_bind_parameter(index, value)?,
            Val::Text(value) => statement.raw_bind_parameter(index, value)?,
            Val::Bytes(value) => statement.raw_bind_parameter(index, value)?,
        }
    }
    Ok(())
}

fn bound<'q>(
    sql: &'static str,
    values: &[Val<'q>],
) -> sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let mut query = sqlx::query(sql);
    for value in values {
        query = match *value {
            Val::Int(value) => query.bind(value),
            Val::Text(value) => query.bind(value),
            Val::Bytes(value) => query.bind(value),
        };
    }
    query
}
