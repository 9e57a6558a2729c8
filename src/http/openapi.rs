//! The OpenAPI document, made from the handlers, and its page.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::service::Site;

use super::api::{accounts, admin, audit, bays, calendar, health, keys, people, plates, reservations, sign_in};
use super::codes::{Code, FieldCode};

pub(super) const IDEMPOTENCY_KEY: &str = "1 to 255 printable ASCII characters. Sent again with the same body, it acts once and has the same answer; \
     with another body it is refused. Remembered for a day.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "jari",
        description = "Reserves charging bays in half-hour slots and says which car holds one. \"Session\" is a bay. \
                       Dates and times of day are in the business time zone. Errors are RFC 9457 problems, in Korean \
                       or, asked for by Accept-Language, in English.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    modifiers(&Completion),
    tags(
        (name = "calendar", description = "What is booked when."),
        (name = "reservations", description = "Booking, moving and cancelling."),
        (name = "plates", description = "Asking about a car."),
        (name = "accounts", description = "Drivers' accounts."),
        (name = "operators", description = "The operators' calls."),
        (name = "people", description = "Accounts, machines' keys and the audit trail, for operators and administrators."),
        (name = "bays", description = "Adding, renaming, closing and reopening bays."),
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
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::refresh))
        .routes(routes!(accounts::logout))
        .routes(routes!(accounts::change_password))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(accounts::sessions))
        .routes(routes!(accounts::end_session))
        .routes(routes!(sign_in::providers))
        .routes(routes!(people::list))
        .routes(routes!(people::change))
        .routes(routes!(people::reset_link))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
        .routes(routes!(audit::search))
        .routes(routes!(audit::export))
        .routes(routes!(admin::login))
        .routes(routes!(admin::by_session))
        .routes(routes!(admin::cancel))
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

struct Completion;

impl Modify for Completion {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

/// Adds what every operation has: the answers that come from around the handlers, and the request id.
fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            complete_operation(operation);
        }
    }
    // Requests of ours refuse unknown fields; those of the report ignore them.
    for name in [
        "NewBay",
        "BayChange",
        "ReservationChange",
        "RefreshRequest",
        "PasswordChange",
        "PasswordReset",
        "AccountChange",
        "NewKeyBody",
    ] {
        let schemas = document.components.as_mut().map(|components| &mut components.schemas);
        if let Some(RefOr::T(Schema::Object(object))) = schemas.and_then(|schemas| schemas.get_mut(name)) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

fn complete_operation(operation: &mut Operation) {
    let health = operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == "health"));
    if !health {
        let mut common = vec![
            ("401", "Nobody is logged in, or the token is no good."),
            ("403", "The account may not do this."),
            ("500", "A fault of the server."),
            ("503", "The storage cannot be reached, or the answer took too long."),
        ];
        if operation.request_body.is_some() {
            common.extend([
                ("408", "The body did not arrive in time."),
                ("413", "The body is larger than 16 KiB."),
                ("415", "The body is not declared as JSON."),
                ("422", "The body is no JSON object, or some fields are missing or wrong."),
                ("507", "The disk is full."),
            ]);
        }
        for (status, description) in common {
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let id = Header::builder()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some("The id of this request."))
                .build();
            response.headers.insert("X-Request-Id".to_owned(), RefOr::T(id));
        }
    }
}

fn problem(description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", body).build()
}

type Made = RefOr<Schema>;

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn nullable_string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

fn number_of_bay() -> AnyOfBuilder {
    AnyOfBuilder::new()
        .item(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Int64)))
                .minimum(Some(i64::MIN))
                .maximum(Some(i64::MAX)),
        )
        .item(string().pattern(Some("^[0-9]{1,18}$")))
}

pub(super) fn bay_choice() -> Made {
    number_of_bay().item(string().enum_values(Some(["any"]))).item(null()).examples([json!(1)]).into()
}

pub(super) fn bay_choice_or_blank() -> Made {
    number_of_bay().item(string().enum_values(Some(["any", ""]))).item(null()).examples([json!(1)]).into()
}

/// Every kind of Korean plate that a client would usually send; the server takes more, see docs/api.md.
pub(super) fn plate() -> Made {
    string().max_length(Some(64)).examples([json!("12가3456")]).into()
}

pub(super) fn plate_read() -> Made {
    string().pattern(Some(r"\S")).max_length(Some(64)).examples([json!("12가3456")]).into()
}

const TIME: &str = "^([0-9]|[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";
const TIME_OR_BLANK: &str = "^$|^([0-9]|[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";

pub(super) fn time_of_day() -> Made {
    string().pattern(Some(TIME)).examples([json!("09:00")]).into()
}

pub(super) fn optional_time_of_day() -> Made {
    nullable_string().pattern(Some(TIME)).examples([json!("09:00")]).into()
}

pub(super) fn time_of_day_or_blank() -> Made {
    nullable_string().pattern(Some(TIME_OR_BLANK)).examples([json!("09:00")]).into()
}

fn date() -> ObjectBuilder {
    string().format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Date)))
}

pub(super) fn optional_date() -> Made {
    AnyOfBuilder::new().item(date()).item(null()).examples([json!("2026-04-01")]).into()
}

pub(super) fn date_or_blank() -> Made {
    let blank = string().enum_values(Some([""]));
    AnyOfBuilder::new().item(date()).item(blank).item(null()).examples([json!("2026-04-01")]).into()
}

pub(super) fn start_times() -> Made {
    ArrayBuilder::new()
        .items(string().pattern(Some(TIME)))
        .min_items(Some(1))
        .max_items(Some(24))
        .unique_items(true)
        .examples([json!(["09:00", "11:00"])])
        .into()
}

pub(super) fn optional_email() -> Made {
    let email = string()
        .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Email)))
        .max_length(Some(254));
    let blank = string().enum_values(Some([""]));
    AnyOfBuilder::new().item(email).item(blank).item(null()).examples([json!("driver@example.com")]).into()
}

pub(super) fn timestamp() -> Made {
    // Epoch seconds of the years 2000 to 2100, then milliseconds.
    let number =
        |least: i64, most: i64| ObjectBuilder::new().schema_type(Type::Number).minimum(Some(least)).maximum(Some(most));
    AnyOfBuilder::new()
        .item(string().format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime))))
        .item(number(946_684_800, 4_133_980_799))
        .item(number(1_000_000_000_001, 4_133_980_799_999))
        .examples([json!("2026-04-01T10:00:00+09:00"), json!(1_775_005_200)])
        .into()
}

pub(super) fn bay_name() -> Made {
    string().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_NAME)).examples([json!("B1-07")]).into()
}

pub(super) fn optional_bay_name() -> Made {
    nullable_string().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_NAME)).into()
}

pub(super) fn optional_reason() -> Made {
    nullable_string().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_REASON)).into()
}

pub(super) fn optional_role() -> Made {
    nullable_string()
        .enum_values(Some([json!("driver"), json!("operator"), json!("administrator"), json!(null)]))
        .into()
}

pub(super) fn key_scope() -> Made {
    string().enum_values(Some(["camera", "export", "integration"])).into()
}

pub(super) fn addresses() -> Made {
    ArrayBuilder::new().items(string()).max_items(Some(20)).examples([json!(["192.168.0.0/16"])]).into()
}

pub(super) fn key_days() -> Made {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::Null]))
        .minimum(Some(1))
        .maximum(Some(3650))
        .into()
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
