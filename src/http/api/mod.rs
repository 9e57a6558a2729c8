//! The handlers, one file a noun.

pub(super) mod accounts;
pub(super) mod admin;
pub(super) mod audit;
pub(super) mod bays;
pub(super) mod calendar;
pub(super) mod cameras;
pub(super) mod events;
pub(super) mod health;
pub(super) mod inbox;
pub(super) mod invitations;
pub(super) mod keys;
pub(super) mod people;
pub(super) mod plates;
pub(super) mod recognition;
pub(super) mod recovery;
pub(super) mod reservations;
pub(super) mod second_factor;
pub(super) mod sightings;
pub(super) mod sign_in;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, Query};
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

/// An id as it stands in a path, which may be no UTF-8.
pub(super) type IdInPath = Result<Path<String>, PathRejection>;

/// An id in a path, in lower case. What is no UUID is an id of nothing: `missing`.
pub(super) fn uuid_or(id: IdInPath, missing: Code) -> Result<String, Problem> {
    match id.map(|Path(id)| (id.len(), uuid::Uuid::try_parse(&id))) {
        Ok((36, Ok(uuid))) => Ok(uuid.to_string()),
        _ => Err(missing.into()),
    }
}

/// The id of a reservation in a path, in lower case. What is no UUID names no reservation.
pub(super) struct ReservationId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ReservationId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid_or(Path::from_request_parts(parts, state).await, Code::ReservationNotFound).map(Self)
    }
}

/// The number of a bay in a path. What is no number names no bay.
pub(super) struct BayId(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for BayId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<i64>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Code::BayNotFound.into()),
        }
    }
}

/// Seconds since 1970 as RFC 3339 in UTC, for what is no business time.
pub(super) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |instant| instant.to_string())
}
