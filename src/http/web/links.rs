//! The pages behind the links of our mails: another password, the proof of an e-mail, an invitation.
//!
//! The secret of a link stands behind the `#`, which browsers do not send, so it needs a script to reach the call that
//! takes it: these are the only pages that need one.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;

use crate::service::Site;

use super::super::error::Problem;
use super::page::{Frame, Page, show};
use super::texts::Texts;

/// What a page asks for and where that goes.
#[derive(Clone, Copy)]
struct Link {
    call: &'static str,
    /// The field that the secret goes into.
    secret: &'static str,
    email: bool,
    /// The field that a new password goes into.
    password: Option<&'static str>,
    title: fn(&Texts) -> &'static str,
    button: fn(&Texts) -> &'static str,
    done: fn(&Texts) -> &'static str,
}

const RESET: Link = Link {
    call: "/api/user/password/reset",
    secret: "link",
    email: false,
    password: Some("newPassword"),
    title: |t| t.link_reset,
    button: |t| t.account_password,
    done: |t| t.link_reset_done,
};

const VERIFY: Link = Link {
    call: "/api/user/verify",
    secret: "link",
    email: false,
    password: None,
    title: |t| t.link_verify,
    button: |t| t.link_verify,
    done: |t| t.link_verify_done,
};

const INVITE: Link = Link {
    call: "/api/user/register",
    secret: "invitation",
    email: true,
    password: Some("password"),
    title: |t| t.link_invite,
    button: |t| t.make_account,
    done: |t| t.link_invite_done,
};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/reset", get(async |page: Page| RESET.show(page)))
        .route("/verify", get(async |page: Page| VERIFY.show(page)))
        .route("/invite", get(async |page: Page| INVITE.show(page)))
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    frame: Frame,
    link: Link,
    title: &'static str,
    button: &'static str,
    done: &'static str,
}

impl Link {
    fn show(self, page: Page) -> Result<Response, Problem> {
        let t = page.frame.t;
        let (title, button, done) = ((self.title)(t), (self.button)(t), (self.done)(t));
        show(&LinkPage { frame: page.frame, link: self, title, button, done })
    }
}
