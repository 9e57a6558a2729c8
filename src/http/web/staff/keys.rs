//! Machines' keys, for administrators.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::account::KeyScope;
use crate::http::LONGEST_NAME;
use crate::http::api::{IdInPath, uuid_or};
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::keys::{self, MadeKey, NewKey};
use crate::service::{Caller, Site};

use super::super::form::Form;
use super::super::page::{Frame, go, show, show_with};
use super::texts::StaffTexts;
use super::{Choice, Staff, Tried, key_days, networks};

/// For how many days a key holds when nothing is said.
const DAYS: i64 = 365;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/staff/keys", get(list).post(make)).route("/staff/keys/{id}/revoke", post(revoke))
}

struct Row {
    id: String,
    name: String,
    scope: &'static str,
    addresses: String,
    until: String,
    over: bool,
}

#[derive(Template)]
#[template(path = "staff/keys.html")]
struct Keys {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    rows: Vec<Row>,
    scopes: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "staff/key.html")]
struct Made {
    frame: Frame,
    t: &'static StaffTexts,
    name: String,
    bearer: String,
}

fn scope_name(t: &'static StaffTexts, scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Camera => t.scope_camera,
        KeyScope::Export => t.scope_export,
        KeyScope::Integration => t.scope_integration,
    }
}

async fn list(State(site): State<Arc<Site>>, staff: Staff) -> Result<Response, Problem> {
    show_list(&site, staff, Tried::nothing()).await
}

async fn show_list(site: &Site, Staff { page, t }: Staff, tried: Tried) -> Result<Response, Problem> {
    let rows = keys::list(site, &page.caller).await?.into_iter().map(|stored| Row {
        scope: scope_name(t, stored.key.scope),
        addresses: stored.addresses.map_or_else(|| t.anywhere.to_owned(), |list| list.replace(',', ", ")),
        until: page.when.moment(stored.expires_at),
        over: stored.expires_at <= page.when.now,
        id: stored.key.id,
        name: stored.key.name,
    });
    let scopes = KeyScope::ALL.into_iter().map(|scope| Choice::new(scope.as_str(), scope_name(t, scope)));
    let view = Keys { rows: rows.collect(), scopes: scopes.collect(), frame: page.frame, t, tried };
    show_with(view.tried.status(), &view)
}

async fn make(State(site): State<Arc<Site>>, staff: Staff, form: Form) -> Result<Response, Problem> {
    match make_it(&site, &staff.page.caller, &form).await {
        Ok(made) => {
            let (frame, t) = (staff.page.frame, staff.t);
            show(&Made { frame, t, name: made.stored.key.name, bearer: made.bearer })
        }
        Err(problem) => {
            let tried = Tried::of("make", problem, &staff.page, form)?;
            show_list(&site, staff, tried).await
        }
    }
}

async fn make_it(site: &Site, caller: &Caller, form: &Form) -> Result<MadeKey, Problem> {
    let mut fields = form.fields();
    let name = fields.required("name", fields::line(LONGEST_NAME));
    let scope = fields.required("scope", fields::key_scope);
    let (addresses, days) = (fields.optional("addresses", networks), fields.optional("days", key_days));
    fields.finish()?;
    let (addresses, days) = (addresses?.unwrap_or_default(), days?.unwrap_or(DAYS));
    Ok(keys::make(site, caller, NewKey { name: name?, scope: scope?, addresses, days }, None).await?)
}

async fn revoke(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    keys::revoke(&site, &staff.page.caller, uuid_or(id, Code::KeyNotFound)?).await?;
    Ok(go("/staff/keys?done=key-revoked"))
}
