//! The OpenAPI document, made from the handlers, and its page.

mod completion;
pub(super) mod schemas;

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa::{IntoParams, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::service::Site;

use super::api::{
    accounts, admin, audit, bays, calendar, cameras, events, health, inbox, invitations, keys, people, plates,
    recognition, recovery, reservations, second_factor, sightings, sign_in,
};
use super::codes::{Code, FieldCode};
use completion::complete;

/// The header under which a request may be repeated.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the shape of the header for the OpenAPI document; caller.rs reads it")]
pub(super) struct IdempotencyHeader {
    /// Sent again with the same body, the request acts once and has the same answer; with another body it is
    /// refused. Remembered for a day.
    #[param(rename = "Idempotency-Key", schema_with = schemas::idempotency_key, required = false)]
    idempotency_key: (),
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "jari",
        description = "Reserves charging bays in half-hour slots and says which car holds one. \"Session\" is a bay. \
                       Dates and times of day are in the business time zone.\n\n\
                       Errors are RFC 9457 problems, in Korean or, asked for by `Accept-Language`, in English; \
                       `code` is stable, and docs/errors.md lists all of them. An address that does not exist \
                       answers 404 `route_not_found`. One that exists answers 405 `method_not_allowed` to a method \
                       that is not described here, and names in `Allow` those it takes.\n\n\
                       Names of fields may also be written in snake case (`session_id`), and numbers of bays as \
                       digits (`\"3\"`).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "calendar", description = "What is booked when."),
        (name = "reservations", description = "Booking, moving and cancelling."),
        (name = "plates", description = "Asking about a car."),
        (name = "accounts", description = "Drivers' accounts."),
        (name = "operators", description = "The operators' calls."),
        (name = "people", description = "Accounts, machines' keys and the audit trail, for operators and administrators."),
        (name = "bays", description = "Adding, renaming, closing and reopening bays."),
        (name = "cameras", description = "Cameras, what they send, and what they saw."),
        (name = "health", description = "Whether the server lives, and whether it can work."),
    ),
)]
struct Document;

/// Every route of the API, with its entry in the document.
pub(super) fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(calendar::sessions))
        .routes(routes!(calendar::by_session))
        .routes(routes!(calendar::availability))
        .routes(routes!(reservations::create))
        .routes(routes!(reservations::create_batch))
        .routes(routes!(reservations::my))
        .routes(routes!(reservations::get, reservations::change, reservations::cancel))
        .routes(routes!(plates::verify))
        .routes(routes!(plates::find_match))
        .routes(routes!(recognition::recognize))
        .routes(routes!(recognition::recognize_old_name))
        .routes(routes!(recognition::snapshot))
        .routes(routes!(recognition::usage))
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::refresh))
        .routes(routes!(accounts::logout))
        .routes(routes!(accounts::change_password))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(recovery::forgot))
        .routes(routes!(recovery::verify))
        .routes(routes!(accounts::sessions))
        .routes(routes!(accounts::end_session))
        .routes(routes!(second_factor::get, second_factor::begin, second_factor::remove))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::remove_of))
        .routes(routes!(accounts::export))
        .routes(routes!(accounts::erase))
        .routes(routes!(sign_in::providers))
        .routes(routes!(people::list))
        .routes(routes!(people::change))
        .routes(routes!(people::reset_link))
        .routes(routes!(invitations::list, invitations::make))
        .routes(routes!(invitations::revoke))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(audit::search))
        .routes(routes!(audit::export))
        .routes(routes!(admin::login))
        .routes(routes!(admin::by_session))
        .routes(routes!(admin::cancel))
        .routes(routes!(events::follow))
        .routes(routes!(inbox::send))
        .routes(routes!(inbox::send_notification_info))
        .routes(routes!(cameras::list, cameras::add))
        .routes(routes!(cameras::change, cameras::remove))
        .routes(routes!(cameras::replace_key))
        .routes(routes!(sightings::list))
        .routes(routes!(sightings::get))
        .routes(routes!(sightings::picture))
        .routes(routes!(sightings::review))
        .routes(routes!(inbox::quarantined))
        .routes(routes!(inbox::replay))
        .routes(routes!(inbox::payload, inbox::discard))
        .routes(routes!(bays::list, bays::add))
        .routes(routes!(bays::change))
}

/// The document's page and the document itself. Nothing in it comes from another server.
pub(super) fn docs(mut document: OpenApi) -> Router {
    complete(&mut document);
    SwaggerUi::new("/docs").url("/openapi.json", document).into()
}

/// The document as it is committed in `docs/openapi.json`.
///
/// # Panics
/// Never: the document is a tree of texts and numbers.
#[must_use]
pub fn openapi_json() -> String {
    let (_, mut document) = routes().split_for_parts();
    complete(&mut document);
    let mut json = document.to_pretty_json().expect("the document is a tree of texts and numbers");
    json.push('\n');
    json
}

/// `docs/errors.md`: every code with its status and its sentences.
#[must_use]
pub fn error_reference_markdown() -> String {
    let mut page = String::from(
        "# Errors\n\nGenerated from `src/http/codes.rs` by `make docs-generated`; change it there.\n\n\
         An error is an RFC 9457 problem (`application/problem+json`): `type`, `title`, `status`, `detail` (one\n\
         sentence for the person), `code` (stable), `requestId`, and for 422 `errors`, one entry a field with\n\
         `field`, `code` and `message`. Korean unless `Accept-Language` asks for English. What was sent is never\n\
         echoed.\n\n## Problems\n\n| code | status | Korean | English |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let status = code.status().as_u16();
        let _ = writeln!(page, "| `{}` | {status} | {} | {} |", code.as_str(), code.ko(), code.en());
    }
    page.push_str("\n## Fields\n\n| code | Korean | English |\n|---|---|---|\n");
    for code in FieldCode::ALL {
        let _ = writeln!(page, "| `{}` | {} | {} |", code.as_str(), code.ko(), code.en());
    }
    page
}
