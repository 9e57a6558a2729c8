//! Accounts and invitations.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::account::Role;
use crate::http::api::{IdInPath, uuid_or};
use crate::http::caller::Origin;
use crate::http::codes::Code;
use crate::http::error::Problem;
use crate::http::fields;
use crate::service::accounts::{self, Change, Listing};
use crate::service::{Site, invitations, second_factor};
use crate::store::accounts::StoredAccount;

use super::super::form::Form;
use super::super::page::{Frame, go, show, show_with};
use super::super::texts::fill;
use super::super::when::When;
use super::texts::StaffTexts;
use super::{Asked, Choice, Staff, Tried};

/// A page of accounts, as the use case gives it.
const PAGE: usize = 200;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/people", get(list))
        .route("/staff/people/{id}", get(one))
        .route("/staff/people/{id}/role", post(role))
        .route("/staff/people/{id}/disable", post(disable))
        .route("/staff/people/{id}/password-link", post(password_link))
        .route("/staff/people/{id}/second-factor", post(remove_factor))
        .route("/staff/people/invitations", get(invited).post(invite))
        .route("/staff/people/invitations/{id}/revoke", post(revoke))
}

/// An account as pages tell it.
struct Row {
    id: String,
    email: String,
    role: &'static str,
    role_name: &'static str,
    disabled: bool,
    unproved: bool,
    since: String,
}

impl Row {
    fn of(t: &'static StaffTexts, when: &When, stored: &StoredAccount) -> Self {
        Self {
            id: stored.account.id.clone(),
            email: stored.account.email.clone(),
            role: role_name(t, stored.account.role),
            role_name: stored.account.role.as_str(),
            disabled: stored.disabled_at.is_some(),
            unproved: stored.is_unproved(),
            since: when.day(when.date_of(stored.created_at)),
        }
    }
}

fn role_name(t: &'static StaffTexts, role: Role) -> &'static str {
    match role {
        Role::Driver => t.role_driver,
        Role::Operator => t.role_operator,
        Role::Administrator => t.role_administrator,
    }
}

/// The roles to choose from: only administrators give others than the driver's.
fn roles(t: &'static StaffTexts, all: &[Role]) -> Vec<Choice> {
    all.iter().map(|role| Choice::new(role.as_str(), role_name(t, *role))).collect()
}

const ROLES: [Role; 3] = [Role::Driver, Role::Operator, Role::Administrator];

#[derive(Template)]
#[template(path = "staff/people.html")]
struct People {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    rows: Vec<Row>,
    /// Whether e-mails are masked, and can be asked for.
    masked: bool,
    later: bool,
    more: String,
}

async fn list(
    State(site): State<Arc<Site>>,
    Staff { page, t }: Staff,
    Asked(asked): Asked,
) -> Result<Response, Problem> {
    let mut fields = asked.fields();
    let after = fields.optional("after", fields::id);
    let email = fields.optional("email", fields::login_name);
    let unmasked = fields.optional("unmasked", fields::word_for_boolean);
    fields.finish()?;
    let (after, unmasked) = (after?, unmasked?.unwrap_or(false));
    let later = after.is_some();
    let found = accounts::list(&site, &page.caller, Listing { after, email: email?, unmasked }).await?;
    let more = found.last().filter(|_| found.len() >= PAGE).map_or_else(String::new, |last| {
        let unmasked = if unmasked { "&unmasked=true" } else { "" };
        format!("/staff/people?after={}{unmasked}", last.account.id)
    });
    let view = People {
        rows: found.iter().map(|stored| Row::of(t, &page.when, stored)).collect(),
        masked: !unmasked && !page.frame.administrator,
        frame: page.frame,
        t,
        tried: Tried::typed("search", asked),
        later,
        more,
    };
    show(&view)
}

#[derive(Template)]
#[template(path = "staff/person.html")]
struct One {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    person: Row,
    roles: Vec<Choice>,
    factor: String,
    has_factor: bool,
    /// Whether the reader may change it: operators change drivers.
    manages: bool,
}

async fn one(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    show_one(&site, staff, uuid_or(id, Code::AccountNotFound)?, Tried::nothing()).await
}

async fn show_one(site: &Site, Staff { page, t }: Staff, id: String, tried: Tried) -> Result<Response, Problem> {
    let (found, factor) = accounts::find(site, &page.caller, id).await?;
    let view = One {
        person: Row::of(t, &page.when, &found),
        roles: roles(t, &ROLES),
        factor: factor.map_or_else(|| t.factor_none.to_owned(), |at| fill(t.factor_since, &[&page.when.moment(at)])),
        has_factor: factor.is_some(),
        manages: page.frame.administrator || found.account.role == Role::Driver,
        frame: page.frame,
        t,
        tried,
    };
    show_with(view.tried.status(), &view)
}

/// Goes back to the page of an account, or says on it what was wrong.
async fn done_or(
    site: &Site,
    staff: Staff,
    id: String,
    which: &'static str,
    form: Form,
    came: Result<(), Problem>,
) -> Result<Response, Problem> {
    match came {
        Ok(()) if which == "factor" => Ok(go(&format!("/staff/people/{id}?done=factor-removed"))),
        Ok(()) => Ok(go(&format!("/staff/people/{id}?done=account-changed"))),
        Err(problem) => {
            let tried = Tried::of(which, problem, &staff.page, form)?;
            show_one(site, staff, id, tried).await
        }
    }
}

async fn role(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::AccountNotFound)?;
    let mut fields = form.fields();
    let role = fields.required("role", fields::role);
    let wanted = fields.finish().and_then(|()| Ok(Change { role: Some(role?), disabled: None }));
    let came = match wanted {
        Ok(wanted) => {
            accounts::change(&site, &staff.page.caller, id.clone(), wanted).await.map(drop).map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    done_or(&site, staff, id, "role", form, came).await
}

async fn disable(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath, form: Form) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::AccountNotFound)?;
    let wanted = Change { role: None, disabled: Some(form.text("to") == "disabled") };
    let came = accounts::change(&site, &staff.page.caller, id.clone(), wanted).await.map(drop).map_err(Problem::from);
    done_or(&site, staff, id, "disable", form, came).await
}

async fn remove_factor(
    State(site): State<Arc<Site>>,
    staff: Staff,
    id: IdInPath,
    form: Form,
) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::AccountNotFound)?;
    let came = second_factor::remove_of(&site, &staff.page.caller, id.clone()).await.map_err(Problem::from);
    done_or(&site, staff, id, "factor", form, came).await
}

/// A link that is shown once.
#[derive(Template)]
#[template(path = "staff/link.html")]
struct Link {
    frame: Frame,
    t: &'static StaffTexts,
    title: &'static str,
    lead: &'static str,
    url: String,
    mailed: bool,
    back: String,
}

async fn password_link(
    State(site): State<Arc<Site>>,
    staff: Staff,
    id: IdInPath,
    Origin(origin): Origin,
) -> Result<Response, Problem> {
    let id = uuid_or(id, Code::AccountNotFound)?;
    let secret = accounts::issue_reset(&site, &staff.page.caller, id.clone(), None).await?;
    let Staff { page, t } = staff;
    show(&Link {
        frame: page.frame,
        t,
        title: t.password_link_title,
        lead: t.password_link_lead,
        url: format!("{origin}/reset#{secret}"),
        mailed: false,
        back: format!("/staff/people/{id}"),
    })
}

struct InvitationRow {
    id: String,
    email: String,
    role: &'static str,
    until: String,
}

#[derive(Template)]
#[template(path = "staff/invitations.html")]
struct Invitations {
    frame: Frame,
    t: &'static StaffTexts,
    tried: Tried,
    rows: Vec<InvitationRow>,
    roles: Vec<Choice>,
    masked: bool,
}

async fn invited(State(site): State<Arc<Site>>, staff: Staff, Asked(asked): Asked) -> Result<Response, Problem> {
    let mut fields = asked.fields();
    let unmasked = fields.optional("unmasked", fields::word_for_boolean);
    fields.finish()?;
    show_invitations(&site, staff, unmasked?.unwrap_or(false), Tried::nothing()).await
}

async fn show_invitations(
    site: &Site,
    Staff { page, t }: Staff,
    unmasked: bool,
    tried: Tried,
) -> Result<Response, Problem> {
    let list = invitations::list(site, &page.caller, unmasked).await?;
    let rows = list.into_iter().map(|invitation| InvitationRow {
        role: role_name(t, invitation.role),
        until: page.when.moment(invitation.expires_at),
        id: invitation.id,
        email: invitation.email,
    });
    let may_give = if page.frame.administrator { &ROLES[..] } else { &ROLES[..1] };
    let view = Invitations {
        rows: rows.collect(),
        roles: roles(t, may_give),
        masked: !unmasked && !page.frame.administrator,
        frame: page.frame,
        t,
        tried,
    };
    show_with(view.tried.status(), &view)
}

async fn invite(
    State(site): State<Arc<Site>>,
    staff: Staff,
    Origin(origin): Origin,
    form: Form,
) -> Result<Response, Problem> {
    let mut fields = form.fields();
    let email = fields.required("email", fields::email);
    let role = fields.optional("role", fields::role);
    let wanted = fields.finish().and_then(|()| Ok((email?, role?.unwrap_or(Role::Driver))));
    let made = match wanted {
        Ok((email, role)) => invitations::invite(&site, &staff.page.caller, email, role).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let made = match made {
        Ok(made) => made,
        Err(problem) => {
            let tried = Tried::of("invite", problem, &staff.page, form)?;
            return show_invitations(&site, staff, false, tried).await;
        }
    };
    let Staff { page, t } = staff;
    let mailed = invitations::mail(&site, &page.caller, &made, page.frame.lang);
    let url = made.url.unwrap_or_else(|| format!("{origin}/invite#{}", made.secret));
    show(&Link {
        frame: page.frame,
        t,
        title: t.invitation_made,
        lead: t.invitation_lead,
        url,
        mailed,
        back: "/staff/people/invitations".to_owned(),
    })
}

async fn revoke(State(site): State<Arc<Site>>, staff: Staff, id: IdInPath) -> Result<Response, Problem> {
    invitations::revoke(&site, &staff.page.caller, uuid_or(id, Code::InvitationNotFound)?).await?;
    Ok(go("/staff/people/invitations?done=invitation-revoked"))
}
