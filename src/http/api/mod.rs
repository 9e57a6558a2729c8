//! The handlers, one file a noun.

pub(super) mod accounts;
pub(super) mod admin;
pub(super) mod audit;
pub(super) mod bays;
pub(super) mod calendar;
pub(super) mod health;
pub(super) mod keys;
pub(super) mod people;
pub(super) mod plates;
pub(super) mod reservations;
pub(super) mod sign_in;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use super::codes::Code;
use super::error::Problem;
use super::fields::Fields;

/// The query of a request, as fields.
pub(super) struct QueryFields(pub Fields);

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = pairs.map_err(|_| Code::MalformedQuery)?;
        Ok(Self(Fields::of_query(pairs)))
    }
}

/// An id in a path: a UUID in its usual spelling, or `missing`.
pub(super) fn uuid_or(id: &str, missing: Code) -> Result<String, Problem> {
    match uuid::Uuid::try_parse(id) {
        Ok(uuid) if id.len() == 36 => Ok(uuid.to_string()),
        _ => Err(missing.into()),
    }
}

/// The id of a reservation in a path. What is no UUID names no reservation.
pub(super) fn reservation_id(id: &str) -> Result<String, Problem> {
    uuid_or(id, Code::ReservationNotFound)
}

/// Seconds since 1970 as RFC 3339 in UTC, for what is no business time.
pub(super) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |instant| instant.to_string())
}
