//! What the document says of every operation: the answers that come from around the handlers, the headers
//! that every answer has, and where one can go from an answer.

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// Answers that many operations have, by the name of their component.
const COMMON: [(&str, &str, &str); 11] = [
    ("401", "LoginRequired", "Nobody is logged in, or the token is no good."),
    ("403", "Forbidden", "The account may not do this."),
    ("408", "RequestTimeout", "The body did not arrive in time."),
    ("413", "BodyTooLarge", "The body is larger than 16 KiB."),
    ("415", "UnsupportedMediaType", "The body is not declared as JSON."),
    ("422", "InvalidInput", "The body is no JSON object, or some fields are missing or wrong."),
    ("421", "WrongHost", "The request is for a host that is not this server's."),
    ("429", "TooManyTries", "Too many tries, or too many requests of this address."),
    ("500", "Internal", "A fault of the server."),
    ("503", "Unavailable", "The storage cannot be reached, or the answer took too long."),
    ("507", "StorageFull", "The disk is full."),
];

const REQUEST_ID: &str = "X-Request-Id";

pub(super) fn complete(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            lift_descriptions(operation);
            add_common_answers(operation);
            add_headers(operation);
            add_links(operation);
        }
    }
    complete_components(document.components.get_or_insert_default());
}

fn complete_components(components: &mut Components) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for (status, name, description) in COMMON {
        components.responses.insert(name.to_owned(), RefOr::T(with_headers(status, problem(description))));
    }
    components.headers.insert(REQUEST_ID.to_owned(), RefOr::T(header("The id of this request.")));
    // Requests of ours refuse unknown fields; those of the report ignore them.
    for name in [
        "NewAccount",
        "NewBay",
        "BayChange",
        "ReservationChange",
        "RefreshRequest",
        "PasswordChange",
        "PasswordReset",
        "Forgotten",
        "Proof",
        "SecondFactorBeginning",
        "SecondFactorCode",
        "NewInvitation",
        "Erasure",
        "AccountChange",
        "NewKeyBody",
        "NewCameraBody",
        "CameraChange",
        "CameraKeyBody",
        "ReplayBody",
        "Review",
    ] {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// A parameter's description is looked for at the parameter, not in its schema.
fn lift_descriptions(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let schema = match &mut parameter.schema {
            Some(RefOr::T(Schema::Object(schema))) => &mut schema.description,
            Some(RefOr::T(Schema::AnyOf(schema))) => &mut schema.description,
            _ => continue,
        };
        if parameter.description.is_none() {
            parameter.description = schema.take();
        }
    }
}

fn add_common_answers(operation: &mut Operation) {
    if operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == "health")) {
        return;
    }
    let schemes = operation.security.as_ref().and_then(|security| serde_json::to_value(security).ok());
    let schemes = schemes.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let takes_token = schemes.iter().any(|scheme| scheme.get("bearer").is_some());
    let needs_token = takes_token && schemes.len() == 1;
    let has_body = operation.request_body.is_some();
    let can_be_repeated = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key"));
    for (status, name, _) in COMMON {
        let applies = match status {
            "401" => takes_token,
            "403" => needs_token,
            "421" | "429" | "500" | "503" => true,
            "422" => has_body || can_be_repeated,
            _ => has_body,
        };
        if applies {
            let component = RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.entry(status.to_owned()).or_insert(component);
        }
    }
}

fn add_headers(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            *response = with_headers(status, std::mem::take(response));
        }
    }
}

fn with_headers(status: &str, mut response: Response) -> Response {
    let request_id = RefOr::Ref(Ref::new(format!("#/components/headers/{REQUEST_ID}")));
    response.headers.insert(REQUEST_ID.to_owned(), request_id);
    let own = match status {
        "401" => Some(("WWW-Authenticate", "`Bearer`.")),
        "429" | "503" | "507" => Some(("Retry-After", "After how many seconds to try again, if that may help.")),
        _ => None,
    };
    if let Some((name, description)) = own {
        response.headers.insert(name.to_owned(), RefOr::T(header(description)));
    }
    response
}

fn header(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description))
        .build()
}

fn problem(description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", body).build()
}

/// Where one can go from an answer: what a client has to carry from one call to the next.
fn add_links(operation: &mut Operation) {
    let id = || json!({"id": "$response.body#/id"});
    let bay = || json!({"sessionId": "$response.body#/sessionId"});
    let date = || json!({"date": "$response.body#/date"});
    let whole_last_day = json!({
        "sessionId": "any",
        "date": "$response.body#/lastBookableDate",
        "startTime": "$response.body#/openingHours/startTime",
        "endTime": "$response.body#/openingHours/endTime",
    });
    let links = match operation.operation_id.as_deref() {
        Some("create_reservation") => vec![
            ("look", "get_reservation", id(), None),
            ("move", "change_reservation", id(), None),
            ("cancel", "cancel_reservation", id(), None),
            ("cancelAsOperator", "cancel_any_reservation", id(), None),
            ("day", "list_day", date(), None),
        ],
        Some("get_availability") => {
            vec![("bookTheLastDay", "create_reservation", json!({}), Some(whole_last_day))]
        }
        Some("add_bay") => vec![("change", "change_bay", bay(), None)],
        _ => return,
    };
    let success = ["200", "201"].into_iter().find(|status| operation.responses.responses.contains_key(*status));
    let response = success.and_then(|status| operation.responses.responses.get_mut(status));
    let Some(RefOr::T(response)) = response else { return };
    for (name, target, parameters, body) in links {
        let mut link = LinkBuilder::new().operation_id(target).request_body(body).build();
        if let Value::Object(parameters) = parameters {
            link.parameters = parameters.into_iter().collect();
        }
        response.links.insert(name.to_owned(), RefOr::T(link));
    }
}
