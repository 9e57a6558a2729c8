//! The handlers, one file a noun.

pub(super) mod accounts;
pub(super) mod admin;
pub(super) mod bays;
pub(super) mod calendar;
pub(super) mod health;
pub(super) mod plates;
pub(super) mod reservations;

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

/// The id of a reservation in a path, in lower case. What is no UUID names no reservation.
pub(super) struct ReservationId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ReservationId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is no UTF-8 once decoded is no UUID either.
        let path = Path::<String>::from_request_parts(parts, state).await;
        match path.map(|Path(id)| (id.len(), uuid::Uuid::try_parse(&id))) {
            Ok((36, Ok(uuid))) => Ok(Self(uuid.to_string())),
            _ => Err(Code::ReservationNotFound.into()),
        }
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
