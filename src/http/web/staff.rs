//! The operators' pages.

mod audit;
mod bays;
mod cameras;
mod charts;
mod downloads;
mod keys;
mod people;
mod quarantine;
mod reports;
mod reservations;
mod review;
mod search;
mod settings;
mod sightings;
mod texts;
mod today;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::Value;

use crate::domain::account::Action;
use crate::domain::reservation::Bay;
use crate::http::codes::{Code, FieldCode};
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::Site;

use super::form::{Form, Wrong};
use super::page::Page;
use super::problem::encoded;
use texts::StaffTexts;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .merge(today::routes())
        .merge(review::routes())
        .merge(search::routes())
        .merge(reservations::routes())
        .merge(bays::routes())
        .merge(cameras::routes())
        .merge(quarantine::routes())
        .merge(people::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(reports::routes())
        .merge(downloads::routes())
        .merge(settings::routes())
}

/// Who reads a page of operators, and what it says. Who has not logged in is sent there; drivers are refused.
struct Staff {
    page: Page,
    t: &'static StaffTexts,
}

impl FromRequestParts<Arc<Site>> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let mut page = Page::from_request_parts(parts, site).await?;
        page.log_in_first()?;
        site.authorise(&page.caller, Action::SeeOperatorsLists).await?;
        let t = StaffTexts::of(page.frame.lang);
        page.frame.done = page.frame.done.or_else(|| done(t, parts.uri.query()));
        Ok(Self { page, t })
    }
}

/// What an address says was done: `?done=bay-added`. Only what stands here is told.
fn done(t: &'static StaffTexts, query: Option<&str>) -> Option<&'static str> {
    let what = query?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    match what {
        "reviewed" => Some(t.done_reviewed),
        "bay-added" => Some(t.done_bay_added),
        "bay-changed" => Some(t.done_bay_changed),
        "camera-changed" => Some(t.done_camera_changed),
        "camera-removed" => Some(t.done_camera_removed),
        "discarded" => Some(t.done_discarded),
        "account-changed" => Some(t.done_account_changed),
        "factor-removed" => Some(t.done_factor_removed),
        "invitation-revoked" => Some(t.done_invitation_revoked),
        "key-revoked" => Some(t.done_key_revoked),
        _ => None,
    }
}

/// What a query asks for, as a form: a search is sent again with what was typed.
struct Asked(Form);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = pairs.map_err(|_| Code::MalformedQuery)?;
        // What was done before is no field.
        Ok(Self(Form::of(pairs.into_iter().filter(|(name, _)| name != "done").collect())))
    }
}

/// A form that was sent and refused: which one of the page, what was wrong, and what had been typed.
struct Tried {
    form: &'static str,
    wrong: Wrong,
    typed: Form,
}

impl Tried {
    /// None of them.
    fn nothing() -> Self {
        Self { form: "", wrong: Wrong::default(), typed: Form::of(Vec::new()) }
    }

    /// Shown as it was typed, with nothing wrong.
    fn typed(form: &'static str, typed: Form) -> Self {
        Self { form, wrong: Wrong::default(), typed }
    }

    /// What the person can mend stays on the page; anything else is a problem of its own.
    fn of(form: &'static str, problem: Problem, page: &Page, typed: Form) -> Result<Self, Problem> {
        Ok(Self { form, wrong: Wrong::of(problem, page)?, typed })
    }

    fn status(&self) -> StatusCode {
        self.wrong.status
    }

    /// Whether this form was refused.
    fn is(&self, form: &str) -> bool {
        self.form == form && self.wrong.any()
    }

    fn sentence(&self) -> &str {
        &self.wrong.sentence
    }

    /// What to show in a field: what was typed, or what there is.
    fn text<'a>(&'a self, form: &str, name: &str, otherwise: &'a str) -> &'a str {
        if self.form == form { self.typed.text(name) } else { otherwise }
    }

    fn chose(&self, form: &str, name: &str, otherwise: &str, value: &str) -> bool {
        self.text(form, name, otherwise) == value
    }

    fn mistake(&self, form: &str, name: &str) -> &str {
        if self.form == form { self.wrong.field(name) } else { "" }
    }

    fn is_wrong(&self, form: &str, name: &str) -> bool {
        !self.mistake(form, name).is_empty()
    }
}

/// Something to choose.
struct Choice {
    value: String,
    label: String,
}

impl Choice {
    fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// The bays to choose from, after one entry of another kind.
fn bay_choices(bays: &[Bay], first: Choice) -> Vec<Choice> {
    let bays = bays.iter().map(|bay| Choice::new(bay.id.to_string(), &bay.name));
    std::iter::once(first).chain(bays).collect()
}

/// What people call a bay.
fn bay_name(bays: &[Bay], id: i64) -> String {
    bays.iter().find(|bay| bay.id == id).map_or_else(|| id.to_string(), |bay| bay.name.clone())
}

/// The address of a search again, with what was typed into these fields; to be followed by one more.
fn search_again(path: &str, typed: &Form, names: &[&str]) -> String {
    let given = names.iter().filter_map(|name| Some((name, typed.given(name)?)));
    given.fold(format!("{path}?"), |address, (name, value)| address + name + "=" + &encoded(value) + "&")
}

/// Networks as people type them: with commas or spaces between.
fn networks(value: &Value) -> Result<Vec<ipnet::IpNet>, FieldCode> {
    let text = value.as_str().ok_or(FieldCode::WrongType)?;
    let list = text.split([',', ' ', '\n', '\r', '\t']).filter(|one| !one.is_empty());
    fields::addresses(&list.map(Value::from).collect::<Vec<_>>().into())
}

/// For how many days a key holds, as digits.
fn key_days(value: &Value) -> Result<i64, FieldCode> {
    let days: i64 = value.as_str().and_then(|text| text.trim().parse().ok()).ok_or(FieldCode::LifetimeInvalid)?;
    fields::key_days(&days.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_people_type_them() {
        let read = |text: &str| networks(&Value::from(text)).map(|all| all.len());
        assert_eq!(read("10.0.0.0/8, 192.168.7.9"), Ok(2));
        assert_eq!(read("2001:db8::/32\r\n10.0.0.1"), Ok(2));
        assert_eq!(read(""), Ok(0));
        assert_eq!(read("the gate"), Err(FieldCode::AddressesInvalid));
    }

    #[test]
    fn days_are_digits_within_ten_years() {
        let read = |text: &str| key_days(&Value::from(text));
        assert_eq!(read(" 365 "), Ok(365));
        for wrong in ["0", "3651", "-1", "a year", ""] {
            assert_eq!(read(wrong), Err(FieldCode::LifetimeInvalid), "{wrong}");
        }
    }
}
