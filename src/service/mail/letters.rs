//! What mails say, in Korean and English. Plain text; the one thing in it that is not ours is the link.

use crate::domain::account::Role;
use crate::domain::lang::Lang;

/// A mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

fn letter(to: &str, subject: &str, lines: &[&str]) -> Letter {
    Letter { to: to.to_owned(), subject: subject.to_owned(), body: format!("{}\n", lines.join("\n\n")) }
}

/// For whoever forgot the password.
pub(super) fn forgotten(to: &str, link: &str, lang: Lang) -> Letter {
    match lang {
        Lang::Ko => letter(
            to,
            "[자리] 비밀번호를 새로 정하는 링크",
            &[
                "비밀번호를 새로 정하려면 한 시간 안에 아래 링크를 열어 주세요. 링크는 한 번만 쓸 수 있습니다.",
                link,
                "요청하지 않으셨다면 이 메일을 무시해 주세요. 아무것도 바뀌지 않습니다.",
            ],
        ),
        Lang::En => letter(
            to,
            "[jari] A link for a new password",
            &[
                "Open this link within an hour to choose a new password. It works once.",
                link,
                "If you did not ask for it, ignore this mail. Nothing changes.",
            ],
        ),
    }
}

/// For whoever registered.
pub(super) fn proof(to: &str, link: &str, lang: Lang) -> Letter {
    match lang {
        Lang::Ko => letter(
            to,
            "[자리] 이메일 확인",
            &[
                "이 이메일로 가입하셨다면 하루 안에 아래 링크를 열어 주세요. 그다음부터 로그인하고 예약할 수 있습니다.",
                link,
                "가입하지 않으셨다면 링크를 열지 말고 이 메일을 무시해 주세요.",
            ],
        ),
        Lang::En => letter(
            to,
            "[jari] Confirm your e-mail",
            &[
                "If you registered with this e-mail, open this link within a day. Then you can log in and book.",
                link,
                "If you did not register, do not open the link and ignore this mail.",
            ],
        ),
    }
}

/// For whoever has an account already.
pub(super) fn registered_before(to: &str, link: &str, lang: Lang) -> Letter {
    match lang {
        Lang::Ko => letter(
            to,
            "[자리] 이미 가입된 이메일입니다",
            &[
                "누군가 이 이메일로 가입하려고 했지만 이미 계정이 있습니다. 바뀐 것은 없으니 그대로 로그인하시면 됩니다.",
                "비밀번호가 기억나지 않거나 가입 확인을 마치지 못했다면, 한 시간 안에 아래 링크에서 새로 정해 주세요.",
                link,
                "가입하려고 하지 않으셨다면 이 메일을 무시해 주세요.",
            ],
        ),
        Lang::En => letter(
            to,
            "[jari] You already have an account",
            &[
                "Somebody tried to register with this e-mail, which already has an account. Nothing changed: log in as before.",
                "If you do not know the password, or never confirmed the e-mail, choose a new one here within an hour:",
                link,
                "If it was not you, ignore this mail.",
            ],
        ),
    }
}

/// For whoever has an account without a password.
pub(super) fn no_password(to: &str, lang: Lang) -> Letter {
    match lang {
        Lang::Ko => letter(
            to,
            "[자리] 이미 가입된 이메일입니다",
            &[
                "이 이메일의 계정에는 비밀번호가 없습니다. 회사나 구글 같은 로그인 제공자의 단추로 로그인해 주세요.",
                "요청하지 않으셨다면 이 메일을 무시해 주세요. 아무것도 바뀌지 않습니다.",
            ],
        ),
        Lang::En => letter(
            to,
            "[jari] You already have an account",
            &[
                "The account of this e-mail has no password: log in with the button of your identity provider.",
                "If you did not ask, ignore this mail. Nothing changes.",
            ],
        ),
    }
}

/// For whoever is invited.
pub(super) fn invitation(to: &str, link: &str, role: Role, lang: Lang) -> Letter {
    let what = match (role, lang) {
        (Role::Driver, Lang::Ko) => "충전 자리를 예약할 수 있도록 초대받으셨습니다.",
        (Role::Operator, Lang::Ko) => "충전 자리를 운영하도록 초대받으셨습니다.",
        (Role::Administrator, Lang::Ko) => "서버를 관리하도록 초대받으셨습니다.",
        (Role::Driver, Lang::En) => "You are invited to book charging bays.",
        (Role::Operator, Lang::En) => "You are invited to run the charging bays.",
        (Role::Administrator, Lang::En) => "You are invited to administer the server.",
    };
    match lang {
        Lang::Ko => letter(
            to,
            "[자리] 초대",
            &[
                what,
                "7일 안에 아래 링크에서 비밀번호를 정하면 계정이 만들어집니다. 링크는 한 번만 쓸 수 있습니다.",
                link,
                "받으실 초대가 아니라면 이 메일을 무시해 주세요.",
            ],
        ),
        Lang::En => letter(
            to,
            "[jari] An invitation",
            &[
                what,
                "Open this link within 7 days and choose a password to make your account. It works once.",
                link,
                "If this is not for you, ignore this mail.",
            ],
        ),
    }
}
