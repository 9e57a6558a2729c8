//! The pages behind the links of our mails: another password, the proof of an e-mail, an invitation.
//!
//! The secret of a link stands behind the `#`, which browsers do not send, so it needs a script to reach the call that
//! takes it.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::service::Site;

use super::lang::Lang;

/// Our own script and style, calls to our own origin, and nothing else.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                       frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What a page asks for and where that goes.
struct Page {
    call: &'static str,
    /// The field that the secret goes into.
    secret: &'static str,
    email: bool,
    /// The field that a new password goes into.
    password: Option<&'static str>,
    title: [&'static str; 2],
    button: [&'static str; 2],
    done: [&'static str; 2],
}

const RESET: Page = Page {
    call: "/api/user/password/reset",
    secret: "link",
    email: false,
    password: Some("newPassword"),
    title: ["새 비밀번호 정하기", "Choose a new password"],
    button: ["비밀번호 바꾸기", "Change the password"],
    done: [
        "비밀번호를 바꾸었습니다. 새 비밀번호로 로그인해 주세요.",
        "The password was changed. Log in with the new one.",
    ],
};

const VERIFY: Page = Page {
    call: "/api/user/verify",
    secret: "link",
    email: false,
    password: None,
    title: ["이메일 확인", "Confirm your e-mail"],
    button: ["이메일 확인하기", "Confirm"],
    done: ["이메일을 확인했습니다. 이제 로그인할 수 있습니다.", "Your e-mail is confirmed. You can log in now."],
};

const INVITE: Page = Page {
    call: "/api/user/register",
    secret: "invitation",
    email: true,
    password: Some("password"),
    title: ["초대받은 계정 만들기", "Make your account"],
    button: ["계정 만들기", "Make the account"],
    done: ["계정을 만들었습니다. 이제 로그인할 수 있습니다.", "Your account is made. You can log in now."],
};

/// The pages, with what they load.
pub(super) fn routes() -> Router<Arc<Site>> {
    let asset = |media_type: &'static str, text: &'static str| {
        get(async move || ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")], text))
    };
    Router::new()
        .route("/reset", get(async |headers: HeaderMap| RESET.show(Lang::of(&headers))))
        .route("/verify", get(async |headers: HeaderMap| VERIFY.show(Lang::of(&headers))))
        .route("/invite", get(async |headers: HeaderMap| INVITE.show(Lang::of(&headers))))
        .route("/assets/links.js", asset("text/javascript; charset=utf-8", include_str!("../../assets/links.js")))
        .route("/assets/page.css", asset("text/css; charset=utf-8", include_str!("../../assets/page.css")))
}

impl Page {
    fn show(&self, lang: Lang) -> impl IntoResponse + use<> {
        let (at, code) = match lang {
            Lang::Ko => (0, "ko"),
            Lang::En => (1, "en"),
        };
        let [email, password, missing, unreachable, script] = [
            ["이메일", "E-mail"],
            ["비밀번호 (8자 이상)", "Password (8 characters or more)"],
            [
                "링크가 완전하지 않습니다. 메일의 링크를 다시 열어 주세요.",
                "The link is not complete. Open the one in the mail again.",
            ],
            [
                "서버에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
                "The server cannot be reached. Try again shortly.",
            ],
            ["이 페이지에는 JavaScript가 필요합니다.", "This page needs JavaScript."],
        ]
        .map(|texts| texts[at]);
        let email = if self.email {
            format!("<label>{email}<input type=\"email\" name=\"email\" autocomplete=\"username\" required></label>\n")
        } else {
            String::new()
        };
        let password = self.password.map_or_else(String::new, |name| {
            format!(
                "<label>{password}<input type=\"password\" name=\"{name}\" autocomplete=\"new-password\" \
                 minlength=\"8\" maxlength=\"256\" required></label>\n"
            )
        });
        // Every text is ours; nothing of the request stands in the page.
        let (title, button, done) = (self.title[at], self.button[at], self.done[at]);
        let page = format!(
            "<!doctype html>\n<html lang=\"{code}\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} · 자리</title>\n\
             <link rel=\"stylesheet\" href=\"/assets/page.css\">\n\
             <script type=\"module\" src=\"/assets/links.js\"></script>\n\
             <main>\n<h1>{title}</h1>\n<noscript><p>{script}</p></noscript>\n\
             <form data-call=\"{}\" data-secret=\"{}\" data-done=\"{done}\" data-missing=\"{missing}\" \
             data-unreachable=\"{unreachable}\">\n{email}{password}<button>{button}</button>\n</form>\n\
             <p role=\"status\"></p>\n</main>\n</html>\n",
            self.call, self.secret
        );
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, CONTENT)], page)
    }
}
