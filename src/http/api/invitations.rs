//! Inviting people, for operators and administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Role;
use crate::service::{Site, invitations};
use crate::store::invitations::Invitation as Stored;

use super::super::caller::PeopleManager;
use super::super::codes::Code;
use super::super::error::{Problem, ProblemBody};
use super::super::fields::{self, Fields, JsonBody};
use super::super::lang::Lang;
use super::super::openapi::schemas;
use super::reservations::{DONE, Done};
use super::{IdInPath, QueryFields, rfc3339, uuid_or};

/// An invitation, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    /// A UUID.
    #[schema(format = "uuid")]
    id: String,
    /// Whose account it may make; masked like those of accounts.
    email: String,
    /// `driver`, `operator` or `administrator`.
    role: &'static str,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    created_at: String,
    /// RFC 3339, UTC.
    #[schema(format = "date-time")]
    expires_at: String,
}

impl std::convert::From<Stored> for Invitation {
    fn from(stored: Stored) -> Self {
        Self {
            id: stored.id,
            email: stored.email,
            role: stored.role.as_str(),
            created_at: rfc3339(stored.created_at),
            expires_at: rfc3339(stored.expires_at),
        }
    }
}

/// Who is invited.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of the body for the OpenAPI document; fields.rs reads it")]
pub(crate) struct NewInvitation {
    /// The e-mail that the account will have.
    #[schema(schema_with = schemas::email)]
    email: (),
    /// What the account may do; `driver` when left out. Others are for administrators.
    #[schema(schema_with = schemas::optional_role, required = false)]
    role: (),
}

/// An invitation that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeInvitation {
    /// For the field `invitation` of `/api/user/register`. Shown once; it works once, for seven days.
    link: String,
    /// The page of the link; null where no mails are sent.
    #[schema(required = true)]
    url: Option<String>,
    /// Whether a mail goes out.
    mailed: bool,
    /// What is stored.
    invitation: Invitation,
}

/// Invitations that can still be used, the newest first, 200 at most.
#[utoipa::path(get, path = "/api/admin/invitations", operation_id = "list_invitations", tag = "people", security(("bearer" = [])),
    params(("unmasked" = inline(Option<bool>), Query, description = "Whether e-mails are shown whole, which is recorded. Administrators see them so anyway.")),
    responses(
        (status = 200, description = "The invitations.", body = Vec<Invitation>),
        (status = 422, description = "The query is wrong.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    QueryFields(mut query): QueryFields,
) -> Result<Json<Vec<Invitation>>, Problem> {
    let unmasked = query.optional("unmasked", fields::word_for_boolean);
    query.finish_known()?;
    let list = invitations::list(&site, &caller, unmasked?.unwrap_or(false)).await?;
    Ok(Json(list.into_iter().map(Invitation::from).collect()))
}

/// Invites somebody to make an account. The link is shown once, and mailed where mails are sent.
#[utoipa::path(post, path = "/api/admin/invitations", operation_id = "make_invitation", tag = "people", security(("bearer" = [])),
    request_body = NewInvitation,
    responses(
        (status = 201, description = "The invitation.", body = MadeInvitation),
        (status = 409, description = "The e-mail has an account.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn make(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<MadeInvitation>), Problem> {
    let mut fields = Fields::of_json(&body)?;
    let email = fields.required("email", fields::email);
    let role = fields.optional("role", fields::role);
    fields.finish_known()?;
    let made = invitations::invite(&site, &caller, email?, role?.unwrap_or(Role::Driver)).await?;
    let mailed = invitations::mail(&site, &caller, &made, Lang::of(&headers));
    let shown = MadeInvitation { link: made.secret, url: made.url, mailed, invitation: made.invitation.into() };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Revokes an invitation, at once.
#[utoipa::path(delete, path = "/api/admin/invitations/{id}", operation_id = "revoke_invitation", tag = "people", security(("bearer" = [])),
    params(("id" = String, Path, format = "uuid", description = "Its id.")),
    responses(
        (status = 200, description = "It was revoked.", body = Done),
        (status = 404, description = "There is no such invitation that can still be used.", body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn revoke(
    State(site): State<Arc<Site>>,
    PeopleManager(caller): PeopleManager,
    id: IdInPath,
) -> Result<Json<Done>, Problem> {
    invitations::revoke(&site, &caller, uuid_or(id, Code::InvitationNotFound)?).await?;
    Ok(DONE)
}
