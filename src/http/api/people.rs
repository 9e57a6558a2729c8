//! Accounts, for operators and administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Site;
use crate::service::accounts::{self, Change, Listing};
use crate::store::accounts::StoredAccount;

use super::super::caller::{PeopleManager, RepeatKey};
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::openapi::{IdempotencyHeader, schemas};
use super::{IdInPath, QueryFields, rfc3339, uuid_or};

/// Somebody's account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// Lower case; for operators masked (`d***@example.com`) unless they ask.
    email: String,
    /// `driver`, `operator` or `administrator`.
    role: &'static str,
    /// Whether they cannot log in.
    disabled: bool,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
}

impl std::convert::From<StoredAccount> for Account {
    fn from(stored: StoredAccount) -> Self {
        Self {
            id: stored.account.id,
            email: stored.account.email,
            role: stored.account.role.as_str(),
            disabled: stored.disabled_at.is_some(),
            created_at: rfc3339(stored.created_at),
        }
    }
}

/// Accounts by e-mail, 200 at most. For the next page, send the last id as `after`.
#[utoipa::path(get, path = "/api/admin/accounts", operation_id = "list_accounts", tag = "people", security(("bearer" = [])),
    params(
        ("after" = Option<String>, Query, max_length = 100, description = "The id of the last account of the page before."),
        ("email" = Option<String>, Query, max_length = 254, description = "Only the account of this e-mail."),
        ("unmasked" = inline(Option<bool>), Query, description = "Whether e-mails are shown whole, which is recorded. Administrators see them so anyway."),
    ),
    responses(
        (status = 200, description = "The accounts.", body = Vec<Account>),
        (status = 422, description = "The query is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Vec<Account>>, Problem> {
    let after = query.optional("after", fields::word);
    let email = query.optional("email", fields::login_name);
    let unmasked = query.optional("unmasked", fields::word_for_boolean);
    query.finish_known()?;
    let listing = Listing { after: after?, email: email?, unmasked: unmasked?.unwrap_or(false) };
    let accounts = accounts::list(&site, &caller, listing).await?;
    Ok(Json(accounts.into_iter().map(Account::from).collect()))
}

/// What shall be different about an account. What is left out stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct AccountChange {
    /// `driver`, `operator` or `administrator`. For administrators.
    #[schema(schema_with = schemas::optional_role, required = false)]
    role: (),
    /// True logs them out and keeps them from logging in.
    #[schema(required = false)]
    disabled: Option<bool>,
}

/// Changes an account. Operators change drivers', administrators everybody's.
#[utoipa::path(patch, path = "/api/admin/accounts/{id}", operation_id = "change_account", tag = "people", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    request_body = AccountChange,
    responses(
        (status = 200, description = "The account as it is now.", body = Account),
        (status = 404, description = "There is no such account.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is the last administrator's.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    id: IdInPath,
    JsonBody(body): JsonBody,
) -> Result<Json<Account>, Problem> {
    let mut fields = Fields::of_json(&body)?;
    let role = fields.optional("role", fields::role);
    let disabled = fields.optional("disabled", fields::boolean);
    fields.finish_known()?;
    let change = Change { role: role?, disabled: disabled? };
    let changed = accounts::change(&site, &caller, uuid_or(id, Code::AccountNotFound)?, change).await?;
    Ok(Json(changed.into()))
}

/// A link for a new password.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResetLink {
    /// For `/api/user/password/reset`. Shown once; it works once, for an hour.
    link: String,
}

/// Issues a link for a new password, to be handed to its owner.
#[utoipa::path(post, path = "/api/admin/accounts/{id}/reset-link", operation_id = "issue_reset_link", tag = "people", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id."), IdempotencyHeader),
    responses(
        (status = 201, description = "The link.", body = ResetLink),
        (status = 404, description = "There is no such account.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn reset_link(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    repeat: RepeatKey,
    id: IdInPath,
) -> Result<(StatusCode, Json<ResetLink>), Problem> {
    let id = uuid_or(id, Code::AccountNotFound)?;
    let repeat = repeat.for_request(&caller, "POST /api/admin/accounts/{id}/reset-link", id.as_bytes());
    let link = accounts::issue_reset(&site, &caller, id, repeat).await?;
    Ok((StatusCode::CREATED, Json(ResetLink { link })))
}
