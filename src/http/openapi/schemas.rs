//! The shapes of what comes in, as the document tells them. `fields.rs` reads the values themselves.
//!
//! Where a schema promises less than the server takes (other spellings of a plate, other forms of a
//! timestamp), its description says so: what follows the schema is always understood.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type,
};

use super::super::api::bays;
use crate::service::accounts;

type Made = RefOr<Schema>;

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn string_or_null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

fn format(object: ObjectBuilder, format: KnownFormat) -> ObjectBuilder {
    object.format(Some(SchemaFormat::KnownFormat(format)))
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

fn blank() -> ObjectBuilder {
    string().enum_values(Some([""]))
}

fn any_of(description: &str) -> AnyOfBuilder {
    AnyOfBuilder::new().description(Some(description))
}

fn number_of_bay(description: &str) -> AnyOfBuilder {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(i64::MIN)).maximum(Some(i64::MAX));
    any_of(description)
        .item(format(number, KnownFormat::Int64))
        .item(string().pattern(Some("^[0-9]{1,18}$")))
        .examples([json!(1)])
}

pub(in crate::http) fn bay_choice() -> Made {
    let description = "The number of a bay; `\"any\"`, null or left out for the free one with the lowest number.";
    number_of_bay(description).item(string().enum_values(Some(["any"]))).item(null()).into()
}

pub(in crate::http) fn bay_to_move_to() -> Made {
    let description = "The number of another bay, or `\"any\"` for the free one with the lowest number.";
    number_of_bay(description).item(string().enum_values(Some(["any"]))).item(null()).into()
}

pub(in crate::http) fn bay_choice_or_blank() -> Made {
    let description = "The number of a bay, or `\"any\"`.";
    number_of_bay(description).item(string().enum_values(Some(["any", ""]))).item(null()).into()
}

/// Private and rental cars: what nearly every driver has.
const USUAL_PLATE: &str =
    "^[1-9][0-9]{1,2}[가나다라마거너더러머고노도로모구누두루무버서어저보소오조부수우주하허호][0-9]{3}[1-9]$";

fn some_plate(description: &str) -> AnyOfBuilder {
    any_of(description)
        .item(string().pattern(Some(USUAL_PLATE)).description(Some("A Korean private or rental car.")))
        .item(string().pattern(Some(r"\S")).max_length(Some(64)).description(Some(
            "Any other spelling or kind: with spaces or hyphens, with a region, taxis, trucks, diplomats, foreign cars.",
        )))
        .examples([json!("12가3456")])
}

pub(in crate::http) fn plate() -> Made {
    some_plate("The number plate. What is no plate of any kind is refused as `plate_invalid`.").into()
}

pub(in crate::http) fn plate_or_blank() -> Made {
    some_plate("The car's plate, in any spelling. Blank counts as left out.").item(blank()).into()
}

pub(in crate::http) fn plate_typed() -> Made {
    some_plate("The number plate, as somebody typed it. What is no plate of any kind is answered as not valid.").into()
}

pub(in crate::http) fn plate_read() -> Made {
    some_plate("The plate as it was read. What is no plate of any kind matches nothing.").into()
}

const DATE: &str = "^(20[0-9]{2}|2100)-";

fn day() -> ObjectBuilder {
    format(string(), KnownFormat::Date).pattern(Some(DATE))
}

pub(in crate::http) fn date() -> Made {
    let description = "A day in the business time zone, of the years 2000 to 2100.";
    day().description(Some(description)).examples([json!("2026-04-01")]).into()
}

pub(in crate::http) fn first_day() -> Made {
    day().description(Some("The first day; today when left out.")).examples([json!("2026-04-01")]).into()
}

pub(in crate::http) fn optional_date() -> Made {
    any_of("Another day.").item(day()).item(null()).examples([json!("2026-04-01")]).into()
}

pub(in crate::http) fn date_or_blank() -> Made {
    let description = "The day. Date, start and end are looked at only when all three are given.";
    any_of(description).item(day()).item(blank()).item(null()).examples([json!("2026-04-01")]).into()
}

const TIME: &str = "^([0-9]|[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";
const TIME_OR_BLANK: &str = "^$|^([0-9]|[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$";

fn time_of_day(description: &str, example: &str) -> Made {
    string().pattern(Some(TIME)).description(Some(description)).examples([json!(example)]).into()
}

pub(in crate::http) fn start() -> Made {
    time_of_day("From when, on the half hour.", "09:00")
}

pub(in crate::http) fn end() -> Made {
    time_of_day("Until when, on the half hour; `24:00` is the end of the day.", "10:30")
}

fn optional_time(pattern: &str, description: &str, example: &str) -> Made {
    string_or_null().pattern(Some(pattern)).description(Some(description)).examples([json!(example)]).into()
}

pub(in crate::http) fn optional_start() -> Made {
    optional_time(TIME, "Another start.", "09:00")
}

pub(in crate::http) fn optional_end() -> Made {
    optional_time(TIME, "Another end.", "10:30")
}

pub(in crate::http) fn start_or_blank() -> Made {
    optional_time(TIME_OR_BLANK, "From when.", "09:00")
}

pub(in crate::http) fn end_or_blank() -> Made {
    optional_time(TIME_OR_BLANK, "Until when.", "10:30")
}

pub(in crate::http) fn start_shown() -> Made {
    let shown = string().pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"));
    shown.description(Some("`HH:MM` in the business time zone.")).examples([json!("09:00")]).into()
}

pub(in crate::http) fn end_shown() -> Made {
    let shown = string().pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"));
    let description = "`HH:MM` in the business time zone; `24:00` for the end of the day.";
    shown.description(Some(description)).examples([json!("10:30")]).into()
}

pub(in crate::http) fn start_times() -> Made {
    ArrayBuilder::new()
        .items(string().pattern(Some(TIME)))
        .description(Some("From when, an hour each; no two may overlap."))
        .min_items(Some(1))
        .max_items(Some(24))
        .unique_items(true)
        .examples([json!(["09:00", "11:00"])])
        .into()
}

fn address() -> ObjectBuilder {
    format(string(), KnownFormat::Email).max_length(Some(254))
}

pub(in crate::http) fn email() -> Made {
    address().description(Some("The e-mail to log in with.")).examples([json!("driver@example.com")]).into()
}

pub(in crate::http) fn optional_email() -> Made {
    let description = "How to reach the driver. Null or the empty text for not at all.";
    any_of(description).item(address()).item(blank()).item(null()).examples([json!("driver@example.com")]).into()
}

pub(in crate::http) fn email_or_blank() -> Made {
    any_of("The contact e-mail that was given with the booking. Blank counts as left out.")
        .item(address())
        .item(blank())
        .examples([json!("driver@example.com")])
        .into()
}

/// Blank ones are refused with another status than wrong ones, which is why they are no part of the schema.
pub(in crate::http) fn login_name() -> Made {
    let name = string().pattern(Some("^[!-~]+$")).max_length(Some(254));
    name.description(Some("The e-mail of the account, in any case.")).examples([json!("driver@example.com")]).into()
}

fn password(description: &str) -> ObjectBuilder {
    let secret = format(string(), KnownFormat::Password).pattern(Some(r"\S"));
    let secret = secret.max_length(Some(accounts::LONGEST_PASSWORD)).description(Some(description));
    secret.examples([json!("correct horse battery staple")])
}

pub(in crate::http) fn password_given() -> Made {
    password("The password of the account.").into()
}

pub(in crate::http) fn password_chosen() -> Made {
    password("8 to 256 characters.").min_length(Some(accounts::SHORTEST_PASSWORD)).into()
}

pub(in crate::http) fn timestamp() -> Made {
    // Epoch seconds of the years 2000 to 2100, then milliseconds.
    let number = |least: i64, end: i64, description: &str| {
        let number = ObjectBuilder::new().schema_type(Type::Number).description(Some(description));
        number.minimum(Some(least)).exclusive_maximum(Some(end))
    };
    let text = format(string(), KnownFormat::DateTime).pattern(Some("^20[0-9]{2}-"));
    any_of(
        "When, in the years 2000 to 2100. ISO 8601 also in its basic form, with a space for `T`, and without an offset \
         (then it is UTC); numbers also as digits in a text.",
    )
    .item(text.description(Some("RFC 3339.")))
    .item(number(946_684_800, 4_133_980_800, "Unix seconds."))
    .item(number(1_000_000_000_001, 4_133_980_800_000, "Unix milliseconds."))
    .examples([json!("2026-04-01T10:00:00+09:00"), json!(1_775_005_200)])
    .into()
}

pub(in crate::http) fn bay_name() -> Made {
    let name = string().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_NAME));
    name.description(Some("What people call it, unique on the site.")).examples([json!("B1-07")]).into()
}

pub(in crate::http) fn optional_bay_name() -> Made {
    let name = string_or_null().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_NAME));
    name.description(Some("Another name.")).examples([json!("B1-07")]).into()
}

pub(in crate::http) fn optional_reason() -> Made {
    let reason = string_or_null().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_REASON));
    let description = "With `closed: true` only: a sentence for drivers that says why.";
    reason.description(Some(description)).examples([json!("충전기 수리 중")]).into()
}

pub(in crate::http) fn override_reason() -> Made {
    let reason = string_or_null().pattern(Some(r"\S")).max_length(Some(bays::LONGEST_REASON));
    let description = "From operators: why the quotas shall not hold. It stands in the audit trail.";
    reason.description(Some(description)).examples([json!("장애인 콜택시")]).into()
}

pub(in crate::http) fn word_for_boolean() -> Made {
    let word = ObjectBuilder::new().schema_type(Type::Boolean);
    word.description(Some("Whether cancelled ones are shown too; not, when left out.")).into()
}

pub(in crate::http) fn days() -> Made {
    let days = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(31));
    days.description(Some("How many days; 14 when left out.")).examples([json!(14)]).into()
}

pub(in crate::http) fn idempotency_key() -> Made {
    let key = string().pattern(Some("^[!-~]+$")).min_length(Some(1)).max_length(Some(255));
    let description = "1 to 255 printable ASCII characters without spaces. Sent again with the same body, the request acts once \
                       and has the same answer; with another body it is refused. Remembered for a day.";
    key.description(Some(description)).examples([json!("5f0c8f7e-3d0b-4a55-9a53-0c1f6d1f1e11")]).into()
}

pub(in crate::http) fn etag() -> Made {
    let tag = string().description(Some("The `ETag` of the last answer."));
    tag.examples([json!("\"0123456789abcdef01234567\"")]).into()
}

pub(in crate::http) fn optional_role() -> Made {
    let role = string().enum_values(Some(["driver", "operator", "administrator"]));
    AnyOfBuilder::new().item(role).item(null()).into()
}

pub(in crate::http) fn key_scope() -> Made {
    string().enum_values(Some(["camera", "export", "integration"])).into()
}

/// IPv4 addresses and networks; IPv6 is taken too.
pub(in crate::http) fn addresses() -> Made {
    let part = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    let pattern = format!("^{part}\\.{part}\\.{part}\\.{part}(/(3[0-2]|[12]?[0-9]))?$");
    let list = ArrayBuilder::new().items(string().pattern(Some(pattern))).max_items(Some(20));
    AnyOfBuilder::new().item(list).item(null()).examples([json!(["192.168.0.0/16"])]).into()
}

fn share() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)).maximum(Some(1))
}

pub(in crate::http) fn confidences() -> Made {
    let list = ArrayBuilder::new().items(share()).max_items(Some(32));
    any_of("How sure the reader is of each character of the plate, separators left out.").item(list).item(null()).into()
}

pub(in crate::http) fn candidates() -> Made {
    let candidate = ObjectBuilder::new()
        .property("plate", some_plate("The plate as it may be."))
        .property("confidence", share())
        .required("plate")
        .required("confidence");
    let list = ArrayBuilder::new().items(candidate).max_items(Some(20));
    any_of("What else the plate may be, the likeliest first.").item(list).item(null()).into()
}

pub(in crate::http) fn key_days() -> Made {
    let days = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(3650));
    AnyOfBuilder::new().item(days).item(null()).into()
}

pub(in crate::http) fn optional_secret() -> Made {
    AnyOfBuilder::new().item(secret()).item(null()).into()
}

pub(in crate::http) fn optional_password() -> Made {
    AnyOfBuilder::new().item(password_given()).item(null()).into()
}

/// What somebody types; spaces and hyphens are passed over.
fn typed_code() -> ObjectBuilder {
    let code = string().pattern(Some("^[0-9A-Za-z -]+$")).max_length(Some(64));
    code.examples([json!("123456")])
}

pub(in crate::http) fn code() -> Made {
    typed_code().into()
}

pub(in crate::http) fn optional_code() -> Made {
    let description = "Six digits of the authenticator app, or a recovery code, if the account has a second factor. Blank counts as \
                       left out.";
    any_of(description).item(typed_code()).item(blank()).item(null()).into()
}

/// A token that we made.
pub(in crate::http) fn secret() -> Made {
    string().pattern(Some("^[!-~]+$")).max_length(Some(512)).into()
}

pub(in crate::http) fn bay_or_entrance() -> Made {
    let description = "The number of the bay that it looks at, or `\"entrance\"`.";
    number_of_bay(description).item(string().enum_values(Some(["entrance"]))).item(null()).into()
}

pub(in crate::http) fn time_zone() -> Made {
    let zone = string().enum_values(Some(["Asia/Seoul", "UTC", "Europe/Berlin", "America/New_York"]));
    let description = "A time zone by its name; those listed are examples.";
    any_of(description).item(zone).item(null()).examples([json!("Asia/Seoul")]).into()
}

pub(in crate::http) fn optional_id() -> Made {
    AnyOfBuilder::new().item(format(string(), KnownFormat::Uuid)).item(null()).into()
}

pub(in crate::http) fn decision() -> Made {
    string().enum_values(Some(["accept", "correct", "reject"])).into()
}

pub(in crate::http) fn plate_of_review() -> Made {
    some_plate("With `correct`, and only then: which plate it is.").item(null()).into()
}
