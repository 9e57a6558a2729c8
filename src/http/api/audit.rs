//! The audit trail, for operators and administrators.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::audit::Record as DomainRecord;
use crate::service::{Caller, Site, audit};
use crate::store::audit::Search;

use super::super::caller::AuditReader;
use super::super::error::{Problem, ProblemBody};
use super::super::fields;
use super::{QueryFields, rfc3339};

/// What was done, by whom, on what.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditRecord {
    /// Its place, counted from 1 without gaps.
    number: i64,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    at: String,
    /// `account:ID`, `key:ID`, `administrator` or `anonymous`.
    actor: String,
    /// Such as `reservation.create`.
    action: String,
    /// Such as `reservation:ID`.
    object: String,
    /// The state before, as JSON.
    #[schema(required = true)]
    before: Option<String>,
    /// The state after, as JSON.
    #[schema(required = true)]
    after: Option<String>,
    /// From which address.
    #[schema(required = true)]
    address: Option<String>,
    /// By which request.
    #[schema(required = true)]
    request_id: Option<String>,
    /// The hash of the record before.
    previous_hash: String,
    /// The hash of this record, over all of the above.
    hash: String,
}

impl std::convert::From<DomainRecord> for AuditRecord {
    fn from(record: DomainRecord) -> Self {
        Self {
            number: record.number,
            at: rfc3339(record.at),
            actor: record.actor,
            action: record.action,
            object: record.object,
            before: record.before,
            after: record.after,
            address: record.address,
            request_id: record.request_id,
            previous_hash: record.previous_hash,
            hash: record.hash,
        }
    }
}

/// Records, newest first, 200 at most. For the next page, send the last number as `before`.
#[utoipa::path(get, path = "/api/admin/audit", operation_id = "search_audit", tag = "people", security(("bearer" = [])),
    params(
        ("actor" = Option<String>, Query, max_length = 100, description = "Who, such as `account:ID`."),
        ("object" = Option<String>, Query, max_length = 100, description = "On what, such as `reservation:ID`."),
        ("action" = Option<String>, Query, max_length = 100, description = "What, by its beginning, such as `reservation.`."),
        ("before" = Option<i64>, Query, minimum = 0, description = "Only records with a lower number."),
    ),
    responses(
        (status = 200, description = "The records.", body = Vec<AuditRecord>),
        (status = 422, description = "The query is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn search(
    State(site): State<Arc<Site>>,
    AuditReader(caller): AuditReader,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Vec<AuditRecord>>, Problem> {
    let actor = query.optional("actor", fields::word);
    let object = query.optional("object", fields::word);
    let action = query.optional("action", fields::word);
    let before = query.optional("before", fields::page_start);
    query.finish_known()?;
    let search = Search { actor: actor?, object: object?, action: action?, before: before?, ..Search::default() };
    let records = audit::search(&site, &caller, search).await?;
    Ok(Json(records.into_iter().map(AuditRecord::from).collect()))
}

/// The whole trail, oldest first, a record a line (NDJSON). It is read in pages, so its length does not matter.
#[utoipa::path(get, path = "/api/admin/audit/export", operation_id = "export_audit", tag = "people", security(("bearer" = [])),
    responses((status = 200, description = "A record a line.", body = String, content_type = "application/x-ndjson")))]
pub(crate) async fn export(
    State(site): State<Arc<Site>>,
    AuditReader(caller): AuditReader,
) -> Result<Response, Problem> {
    // The first page is read before the answer begins, so that a refusal is one.
    let first = audit::export(&site, &caller, 0).await?;
    let pages = stream::try_unfold(Some(first), move |page| next_page(Arc::clone(&site), caller.clone(), page));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(pages)).into_response())
}

type Page = Option<Vec<DomainRecord>>;

async fn next_page(site: Arc<Site>, caller: Caller, page: Page) -> Result<Option<(Bytes, Page)>, std::io::Error> {
    let Some(records) = page else { return Ok(None) };
    let Some(last) = records.last().map(|record| record.number) else { return Ok(None) };
    let lines = audit_lines(records);
    let next = audit::export(&site, &caller, last).await.map_err(std::io::Error::other)?;
    Ok(Some((lines.into(), Some(next))))
}

/// Records as NDJSON.
#[must_use]
pub fn audit_lines(records: Vec<DomainRecord>) -> String {
    let mut lines = String::new();
    for record in records {
        // A struct of texts and numbers always has a JSON form.
        lines.push_str(&serde_json::to_string(&AuditRecord::from(record)).unwrap_or_default());
        lines.push('\n');
    }
    lines
}
