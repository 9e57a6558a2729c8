//! Getting in and out, and one's own account.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::domain::account::Actor;
use crate::service::registration::{self, NewAccount, Registered};
use crate::service::sessions::{self, LoginFor};
use crate::service::{Site, accounts, privacy, recovery, second_factor};

use super::super::api::accounts::session_cookie;
use super::super::api::{IdInPath, QueryFields, uuid_or};
use super::super::caller::{RepeatKey, Secure, set_session_cookie};
use super::super::codes::Code;
use super::super::error::Problem;
use super::super::fields;
use super::form::{Form, Wrong};
use super::page::{Frame, Newcomer, Page, go, own_address, show, show_with};
use super::qr;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/login", get(log_in_form).post(log_in))
        .route("/register", get(register_form).post(register))
        .route("/forgot", get(forgot_form).post(forgot))
        .route("/logout", post(log_out))
        .route("/account", get(account))
        .route("/account/password", post(change_password))
        .route("/account/sessions/{id}/end", post(end_session))
        .route("/account/erase", post(erase))
        .route("/account/second-factor", get(factor).post(begin_factor))
        .route("/account/second-factor/confirm", post(confirm_factor))
        .route("/account/second-factor/remove", post(remove_factor))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn {
    frame: Frame,
    wrong: Wrong,
    email: String,
    next: String,
    /// Whether a code is asked for, too.
    code: bool,
    providers: Vec<(String, String)>,
    by_password: bool,
    may_register: bool,
}

fn log_in_page(site: &Site, frame: Frame, wrong: Wrong, email: String, next: &str) -> LogIn {
    LogIn {
        code: matches!(wrong.code, Some(Code::CodeNeeded | Code::CodeWrong)),
        providers: site.providers.names().map(|(name, title)| (format!("/auth/{name}"), title.to_owned())).collect(),
        by_password: site.takes_passwords(),
        may_register: site.takes_registrations(),
        next: next.to_owned(),
        email,
        frame,
        wrong,
    }
}

async fn log_in_form(
    State(site): State<Arc<Site>>,
    page: Page,
    QueryFields(mut query): QueryFields,
) -> Result<Response, Problem> {
    let next = query.optional("next", fields::address);
    query.finish()?;
    let next = next?;
    let next = own_address(next.as_deref());
    if matches!(page.caller.actor, Actor::Account(..)) {
        return Ok(go(next));
    }
    show(&log_in_page(&site, page.frame, Wrong::default(), String::new(), next))
}

async fn log_in(
    State(site): State<Arc<Site>>,
    Newcomer(page): Newcomer,
    secure: Secure,
    form: Form,
) -> Result<Response, Problem> {
    let next = own_address(form.given("next")).to_owned();
    let tried = async {
        let mut fields = form.fields();
        let email = fields.required("email", fields::login_name);
        let password = fields.required("password", fields::password);
        let code = fields.optional("code", fields::code);
        fields.finish()?;
        let credentials = sessions::Credentials { email: email?, password: password?, code: code? };
        Ok::<_, Problem>(sessions::log_in(&site, &page.caller, LoginFor::Anybody, credentials).await?)
    };
    match tried.await {
        Ok(done) => {
            let next = if done.must_enrol { "/account/second-factor" } else { &next };
            Ok((session_cookie(&done, secure), go(next)).into_response())
        }
        Err(problem) => {
            let wrong = Wrong::of(problem, &page)?;
            let shown = log_in_page(&site, page.frame, wrong, form.text("email").to_owned(), &next);
            show_with(shown.wrong.status, &shown)
        }
    }
}

#[derive(Template)]
#[template(path = "register.html")]
struct Register {
    frame: Frame,
    wrong: Wrong,
    email: String,
    next: String,
    /// What to do next is in a mail.
    mailed: bool,
}

async fn register_form(page: Page, QueryFields(mut query): QueryFields) -> Result<Response, Problem> {
    let next = query.optional("next", fields::address);
    query.finish()?;
    let next = own_address(next?.as_deref()).to_owned();
    show(&Register { frame: page.frame, wrong: Wrong::default(), email: String::new(), next, mailed: false })
}

async fn register(
    State(site): State<Arc<Site>>,
    Newcomer(page): Newcomer,
    secure: Secure,
    form: Form,
) -> Result<Response, Problem> {
    let next = own_address(form.given("next")).to_owned();
    let tried = async {
        let mut fields = form.fields();
        let email = fields.required("email", fields::email);
        let password = fields.required("password", fields::password);
        fields.finish()?;
        let wanted = NewAccount { email: email?, password: password?, invitation: None, lang: page.frame.lang };
        let key = RepeatKey::of_form(None).for_registration(&wanted.email, None);
        Ok::<_, Problem>(registration::register(&site, &page.caller, wanted, key).await?)
    };
    let email = form.text("email").to_owned();
    match tried.await {
        Ok(Registered::LoggedIn(done)) => Ok((session_cookie(&done, secure), go(&next)).into_response()),
        Ok(Registered::SeeMail) => {
            show(&Register { frame: page.frame, wrong: Wrong::default(), email, next, mailed: true })
        }
        Err(problem) => {
            let wrong = Wrong::of(problem, &page)?;
            show_with(wrong.status, &Register { wrong, frame: page.frame, email, next, mailed: false })
        }
    }
}

#[derive(Template)]
#[template(path = "forgot.html")]
struct Forgot {
    frame: Frame,
    wrong: Wrong,
    by_mail: bool,
    sent: bool,
}

async fn forgot_form(State(site): State<Arc<Site>>, page: Page) -> Result<Response, Problem> {
    show(&Forgot { frame: page.frame, wrong: Wrong::default(), by_mail: site.mail.is_some(), sent: false })
}

async fn forgot(State(site): State<Arc<Site>>, Newcomer(page): Newcomer, form: Form) -> Result<Response, Problem> {
    let tried = || {
        let mut fields = form.fields();
        let email = fields.required("email", fields::email);
        fields.finish()?;
        Ok::<_, Problem>(recovery::forgot(&site, &page.caller, email?, page.frame.lang)?)
    };
    let by_mail = site.mail.is_some();
    match tried() {
        Ok(()) => show(&Forgot { frame: page.frame, wrong: Wrong::default(), by_mail, sent: true }),
        Err(problem) => {
            let wrong = Wrong::of(problem, &page)?;
            show_with(wrong.status, &Forgot { wrong, frame: page.frame, by_mail, sent: false })
        }
    }
}

async fn log_out(State(site): State<Arc<Site>>, page: Page, secure: Secure, _form: Form) -> Result<Response, Problem> {
    if page.caller.actor.session().is_some() {
        sessions::log_out(&site, &page.caller).await?;
    }
    Ok((set_session_cookie("", 0, secure), go("/board?done=out")).into_response())
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    wrong: Wrong,
    /// In which part of the page something was wrong: `password`, `session` or `erase`.
    part: &'static str,
    sessions: Vec<Device>,
    factor: Option<i64>,
}

/// Somewhere where one is logged in.
struct Device {
    id: String,
    current: bool,
    program: String,
    address: String,
    used: String,
}

async fn account(State(site): State<Arc<Site>>, page: Page) -> Result<Response, Problem> {
    page.log_in_first()?;
    account_page(&site, page, Wrong::default(), "").await
}

async fn account_page(site: &Site, page: Page, wrong: Wrong, part: &'static str) -> Result<Response, Problem> {
    let list = sessions::list(site, &page.caller).await?;
    let status = second_factor::status(site, &page.caller).await?;
    let current = page.caller.actor.session().unwrap_or_default();
    let device = |session: crate::store::sessions::Session| Device {
        current: session.id == current,
        used: page.when.moment(session.used_at),
        id: session.id,
        program: session.user_agent.unwrap_or_default(),
        address: session.address.unwrap_or_default(),
    };
    let shown = AccountPage {
        sessions: list.into_iter().map(device).collect(),
        factor: status.active_since.map(|_| status.recovery_codes),
        frame: page.frame,
        wrong,
        part,
    };
    let code = if shown.wrong.any() { shown.wrong.status } else { StatusCode::OK };
    show_with(code, &shown)
}

async fn change_password(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    page.log_in_first()?;
    let tried = async {
        let mut fields = form.fields();
        let old = fields.required("old", fields::password);
        let new = fields.required("new", fields::password);
        fields.finish()?;
        Ok::<_, Problem>(accounts::change_password(&site, &page.caller, old?, new?).await?)
    };
    match tried.await {
        Ok(()) => Ok(go("/account?done=password")),
        Err(problem) => {
            let wrong = Wrong::of(problem, &page)?;
            account_page(&site, page, wrong, "password").await
        }
    }
}

async fn end_session(State(site): State<Arc<Site>>, page: Page, id: IdInPath, form: Form) -> Result<Response, Problem> {
    page.log_in_first()?;
    let id = uuid_or(id, Code::SessionNotFound)?;
    match sessions::end(&site, &page.caller, id, form.given("password").map(str::to_owned)).await {
        Ok(()) => Ok(go("/account?done=session")),
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            account_page(&site, page, wrong, "session").await
        }
    }
}

async fn erase(State(site): State<Arc<Site>>, page: Page, secure: Secure, form: Form) -> Result<Response, Problem> {
    page.log_in_first()?;
    match privacy::erase(&site, &page.caller, form.given("password").map(str::to_owned)).await {
        Ok(()) => Ok((set_session_cookie("", 0, secure), go("/board?done=erased")).into_response()),
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            account_page(&site, page, wrong, "erase").await
        }
    }
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct Factor {
    frame: Frame,
    wrong: Wrong,
    active: bool,
    must: bool,
    /// The key and its QR code, while it waits for its first code.
    begun: Option<(String, String)>,
    codes: Vec<String>,
}

async fn factor(State(site): State<Arc<Site>>, page: Page) -> Result<Response, Problem> {
    factor_page(&site, page, Wrong::default(), None, Vec::new()).await
}

async fn factor_page(
    site: &Site,
    page: Page,
    wrong: Wrong,
    begun: Option<(String, String)>,
    codes: Vec<String>,
) -> Result<Response, Problem> {
    if page.caller.actor.account().is_none() {
        return Err(Code::LoginRequired.into());
    }
    let status = second_factor::status(site, &page.caller).await?;
    let must = matches!(page.caller.actor, Actor::Enrolling(..));
    let code = if wrong.any() { wrong.status } else { StatusCode::OK };
    let shown = Factor { frame: page.frame, wrong, active: status.active_since.is_some(), must, begun, codes };
    show_with(code, &shown)
}

async fn begin_factor(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    match second_factor::begin(&site, &page.caller, form.given("password").map(str::to_owned)).await {
        Ok(begun) => {
            let picture = qr::svg(&begun.uri, page.frame.t.factor_qr);
            factor_page(&site, page, Wrong::default(), Some((begun.secret, picture)), Vec::new()).await
        }
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            factor_page(&site, page, wrong, None, Vec::new()).await
        }
    }
}

async fn confirm_factor(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    match second_factor::confirm(&site, &page.caller, form.text("code").trim()).await {
        Ok(codes) => factor_page(&site, page, Wrong::default(), None, codes).await,
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            // The key that waits is in the app already; it is shown as it was.
            let begun = form.given("key").filter(|key| key.len() <= 64).map(|key| (key.to_owned(), String::new()));
            factor_page(&site, page, wrong, begun, Vec::new()).await
        }
    }
}

async fn remove_factor(State(site): State<Arc<Site>>, page: Page, form: Form) -> Result<Response, Problem> {
    page.log_in_first()?;
    match second_factor::remove(&site, &page.caller, form.text("code").trim()).await {
        Ok(()) => Ok(go("/account/second-factor?done=factor-off")),
        Err(failure) => {
            let wrong = Wrong::of(failure.into(), &page)?;
            factor_page(&site, page, wrong, None, Vec::new()).await
        }
    }
}
