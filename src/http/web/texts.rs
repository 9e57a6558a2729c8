//! What the pages say, in both languages. A text that lacks a language does not compile; `{}` stands for what is
//! filled in.

use crate::domain::lang::Lang;

/// Makes a struct of texts, with one value a language.
macro_rules! texts {
    ($(#[$meta:meta])* $name:ident { $($key:ident: $ko:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the texts themselves stand beside their names")]
        pub struct $name { $(pub $key: &'static str,)+ }

        impl $name {
            const KO: Self = Self { $($key: $ko,)+ };
            const EN: Self = Self { $($key: $en,)+ };

            /// The texts of a language.
            #[must_use]
            pub const fn of(lang: Lang) -> &'static Self {
                match lang {
                    Lang::Ko => &Self::KO,
                    Lang::En => &Self::EN,
                }
            }

            /// All of them: name, Korean, English.
            #[cfg(test)]
            #[allow(clippy::large_stack_arrays, reason = "a constant, for tests; a long table is over the lint's bar")]
            pub const ALL: &[(&'static str, &'static str, &'static str)] = &[$((stringify!($key), $ko, $en),)+];
        }
    };
}

pub(crate) use texts;

/// Fills the places of a text, in order.
#[must_use]
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut values = values.iter();
    let mut parts = text.split("{}").peekable();
    while let Some(part) = parts.next() {
        filled.push_str(part);
        if parts.peek().is_some() {
            filled.push_str(values.next().copied().unwrap_or_default());
        }
    }
    filled
}

texts! {
    /// What every page and the drivers' pages say.
    Texts {
        brand: "자리", "jari";
        skip: "본문으로 건너뛰기", "Skip to the content";
        menu: "주 메뉴", "Main menu";
        nav_board: "예약 현황", "Bays";
        nav_my: "내 예약", "My bookings";
        nav_account: "내 계정", "Account";
        nav_staff: "운영", "Operations";
        log_in: "로그인", "Log in";
        log_out: "로그아웃", "Log out";
        register: "회원가입", "Sign up";
        language: "English", "한국어";
        theme_dark: "어두운 화면", "Dark";
        theme_light: "밝은 화면", "Light";
        footer_zone: "모든 시각은 {} 기준입니다.", "All times are in {}.";
        open_mode: "공개 모드입니다. 누구나 로그인 없이 모든 예약을 보고 바꿀 수 있습니다.", "Open mode: anybody can see and change every booking without logging in.";
        offline: "연결이 끊겼습니다. 다시 연결되면 자동으로 갱신됩니다.", "No connection. This page updates itself once it is back.";
        offline_title: "연결이 없습니다", "You are offline";
        offline_text: "인터넷에 연결되면 다시 시도해 주세요. 이미 한 예약은 그대로입니다.", "Try again once you are connected. Bookings you made are safe.";
        try_again: "다시 시도", "Try again";
        error_title: "처리하지 못했습니다", "That did not work";
        error_id: "문의할 때 이 번호를 알려 주세요: {}", "If you ask for help, give this number: {}";
        back_to_board: "예약 현황으로", "Back to the bays";
        working: "처리하고 있습니다…", "Working…";

        weekdays: "월,화,수,목,금,토,일", "Mon,Tue,Wed,Thu,Fri,Sat,Sun";
        months: "1월,2월,3월,4월,5월,6월,7월,8월,9월,10월,11월,12월", "January,February,March,April,May,June,July,August,September,October,November,December";
        date_long: "{year}년 {month} {day}일 ({weekday})", "{weekday} {day} {month} {year}";
        today: "오늘", "Today";
        tomorrow: "내일", "Tomorrow";
        hours_half: "30분", "30 minutes";
        hours_whole: "{}시간", "{} h";
        hours_and_half: "{}시간 30분", "{} h 30 min";

        email: "이메일", "E-mail";
        password: "비밀번호", "Password";
        password_new: "새 비밀번호", "New password";
        password_old: "지금 비밀번호", "Current password";
        password_hint: "8자 이상. 긴 문장이 짧고 복잡한 것보다 안전합니다.", "At least 8 characters. A long phrase is safer than a short, complicated one.";
        code: "인증 코드", "Code";
        code_hint: "인증 앱의 여섯 자리 숫자 또는 복구 코드", "Six digits from your authenticator app, or a recovery code";
        log_in_with: "{} 계정으로 로그인", "Log in with {}";
        log_in_or: "또는", "or";
        no_account: "계정이 없으신가요?", "No account yet?";
        have_account: "이미 계정이 있으신가요?", "Already have an account?";
        forgot: "비밀번호를 잊으셨나요?", "Forgot your password?";
        forgot_title: "비밀번호 재설정", "Reset your password";
        forgot_text: "가입한 이메일을 입력하면 재설정 링크를 보내 드립니다.", "Enter your e-mail and we send you a link.";
        forgot_no_mail: "이 사이트는 메일을 보내지 않습니다. 관리자에게 재설정 링크를 요청해 주세요.", "This site sends no mail. Ask an operator for a link.";
        forgot_send: "링크 보내기", "Send the link";
        forgot_sent: "이메일을 확인해 주세요. 가입된 주소라면 링크를 보냈습니다.", "Look into your mail: if there is an account, a link is on its way.";
        registered_mail: "이메일을 확인해 주세요. 다음 단계를 보내 드렸습니다.", "Look into your mail: it says what to do next.";
        make_account: "계정 만들기", "Make an account";
        logged_out: "로그아웃했습니다.", "You are logged out.";

        board_title: "예약 현황", "Bays";
        board_lead: "빈 시간을 눌러 예약하세요.", "Tap a free time to book it.";
        board_hint: "끌어서 여러 칸을 고를 수 있습니다. 키보드는 방향키로 움직이고 Shift와 방향키로 넓힌 뒤 Enter를 누릅니다.", "Drag over several half hours. With the keyboard: arrows move, Shift and arrows widen, Enter books.";
        board_dates: "날짜 고르기", "Choose a day";
        board_earlier: "이전 날짜", "Earlier days";
        board_later: "다음 날짜", "Later days";
        board_bay: "자리", "Bay";
        board_free: "비어 있음", "free";
        board_taken: "예약됨", "taken";
        board_past: "지난 시간", "past";
        board_mine: "내 예약", "mine";
        board_closed: "사용 중지", "closed";
        board_closed_why: "사용 중지: {}", "closed: {}";
        board_now: "지금", "now";
        board_no_bays: "등록된 자리가 없습니다. 관리자가 자리를 추가하면 여기에 나타납니다.", "There are no bays yet. They appear here once an operator adds them.";
        board_over: "오늘 운영 시간이 끝났습니다.", "Opening hours are over for today.";
        board_legend: "표시 설명", "Legend";
        any_title: "아무 자리나 바로 예약", "Any bay, quickly";
        any_at: "시작", "From";
        any_for: "이용 시간", "For";
        any_button: "빈 자리 찾기", "Find a free bay";

        book_title: "예약하기", "Book a bay";
        book_bay: "자리", "Bay";
        book_any: "아무 자리나", "Any bay";
        book_date: "날짜", "Day";
        book_start: "시작", "From";
        book_end: "종료", "Until";
        book_plate: "차량 번호", "Number plate";
        book_plate_hint: "예: 12가 3456", "For example 12가 3456";
        book_plate_mine: "내 차량", "My cars";
        book_plate_kind: "알아본 종류: {}", "Recognised as: {}";
        book_plate_unknown: "아직 한국 번호판 형식이 아닙니다.", "Not a Korean plate yet.";
        book_email: "연락 이메일 (선택)", "E-mail to reach you (optional)";
        book_photo: "사진으로 번호 입력", "Fill in from a photo";
        book_photo_hint: "번호판 사진을 고르면 번호를 읽어 위 칸에 채웁니다. 틀리면 고쳐 주세요.", "Choose a photo of the plate: its number is filled in above. Correct it if it is wrong.";
        book_photo_read: "번호 읽기", "Read the plate";
        book_photo_live: "카메라 켜기", "Use the camera";
        book_photo_take: "찍기", "Take";
        book_photo_none: "사진에서 번호판을 찾지 못했습니다. 직접 입력해 주세요.", "No plate was found in the photo. Type it in.";
        book_photo_unsure: "확실하지 않게 읽었습니다. 번호를 확인해 주세요.", "Read, but not surely. Check the number.";
        book_photo_sure: "번호를 읽었습니다. 맞는지 확인해 주세요.", "The number was read. Check that it is right.";
        book_button: "예약하기", "Book";
        book_login: "예약하려면 로그인해 주세요.", "Log in to book.";
        alternatives: "가까운 빈 시간", "Free nearby";
        alternative_none: "이 날은 같은 길이의 빈 시간이 없습니다. 다른 날을 골라 주세요.", "Nothing of this length is free that day. Choose another day.";
        plate_kind_private: "자가용", "private car";
        plate_kind_rental: "렌터카", "rental car";
        plate_kind_commercial: "영업용", "commercial vehicle";
        plate_kind_delivery: "택배", "delivery vehicle";
        plate_kind_diplomatic: "외교", "diplomatic";
        plate_kind_other: "번호판", "a plate";

        booked_title: "예약했습니다", "Booked";
        reservation_title: "예약", "Booking";
        reservation_when: "시간", "When";
        reservation_status: "상태", "Status";
        status_confirmed: "예약됨", "booked";
        status_in_progress: "이용 중", "in progress";
        status_completed: "끝남", "over";
        status_cancelled: "취소됨", "cancelled";
        calendar_file: "캘린더에 추가", "Add to calendar";
        qr_alt: "이 예약의 QR 코드", "QR code of this booking";
        qr_hint: "다른 기기에서 이 예약을 여는 QR 코드입니다.", "Scan to open this booking on another device.";
        move_title: "옮기기", "Move";
        move_button: "옮기기", "Move it";
        moved: "예약을 옮겼습니다.", "The booking was moved.";
        cancel_button: "예약 취소", "Cancel the booking";
        cancel_ask: "이 예약을 취소할까요?", "Cancel this booking?";
        cancel_yes: "네, 취소합니다", "Yes, cancel it";
        cancel_no: "아니요, 둡니다", "No, keep it";
        cancelled: "예약을 취소했습니다.", "The booking was cancelled.";
        my_title: "내 예약", "My bookings";
        my_none: "예약이 없습니다. 예약 현황에서 빈 시간을 골라 보세요.", "No bookings. Choose a free time on the board.";
        my_coming: "다가오는 예약", "Coming up";
        my_past: "지난 예약과 취소된 예약", "Earlier and cancelled";
        more: "더 보기", "Show more";

        account_title: "내 계정", "Your account";
        account_password: "비밀번호 바꾸기", "Change your password";
        account_password_done: "비밀번호를 바꾸었습니다. 다른 기기의 로그인은 끝났습니다.", "Your password was changed. Log-ins on other devices have ended.";
        account_sessions: "로그인된 기기", "Where you are logged in";
        account_session_here: "지금 이 기기", "this device";
        account_session_used: "마지막 사용 {}", "last used {}";
        account_session_end: "로그아웃시키기", "Log it out";
        account_session_ended: "그 기기를 로그아웃시켰습니다.", "That device is logged out.";
        account_data: "내 데이터", "Your data";
        account_export: "내 데이터 내려받기", "Download your data";
        account_erase: "계정 지우기", "Erase the account";
        account_erase_text: "계정과 차량 번호, 이메일을 지웁니다. 앞으로의 예약은 취소됩니다. 되돌릴 수 없습니다.", "Your account, plates and e-mail are erased and coming bookings cancelled. This cannot be undone.";
        account_erased: "계정을 지웠습니다.", "The account was erased.";
        factor_title: "2단계 인증", "Second factor";
        factor_on: "켜져 있습니다. 복구 코드가 {}개 남았습니다.", "On. {} recovery codes are left.";
        factor_off: "꺼져 있습니다. 켜면 비밀번호가 새어도 계정이 안전합니다.", "Off. With it, a leaked password is not enough to get in.";
        factor_must: "이 사이트는 2단계 인증을 요구합니다. 설정을 마쳐야 다른 일을 할 수 있습니다.", "This site asks for a second factor. Set it up before anything else.";
        factor_begin: "설정 시작", "Set it up";
        factor_scan: "인증 앱으로 QR 코드를 찍거나 아래 키를 입력한 뒤, 앱에 나온 여섯 자리 숫자를 적어 주세요.", "Scan the QR code with an authenticator app, or type in the key, then enter the six digits that it shows.";
        factor_qr: "인증 앱에 등록할 QR 코드", "QR code for the authenticator app";
        factor_key: "키", "Key";
        factor_confirm: "켜기", "Turn it on";
        factor_codes: "복구 코드입니다. 지금만 보이니 안전한 곳에 적어 두세요.", "These are your recovery codes. They are shown only now: keep them safe.";
        factor_remove: "끄기", "Turn it off";
        factor_removed: "2단계 인증을 껐습니다.", "The second factor is off.";
        factor_done: "적어 두었습니다", "I have kept them";

        link_reset: "새 비밀번호 정하기", "Choose a new password";
        link_reset_done: "비밀번호를 바꾸었습니다. 새 비밀번호로 로그인해 주세요.", "The password was changed. Log in with the new one.";
        link_verify: "이메일 확인하기", "Confirm your e-mail";
        link_verify_done: "이메일을 확인했습니다. 이제 로그인할 수 있습니다.", "Your e-mail is confirmed. You can log in now.";
        link_invite: "초대받은 계정 만들기", "Make your account";
        link_invite_done: "계정을 만들었습니다. 이제 로그인할 수 있습니다.", "Your account is made. You can log in now.";
        link_incomplete: "링크가 완전하지 않습니다. 메일의 링크를 다시 열어 주세요.", "The link is not complete. Open the one in the mail again.";
        link_unreachable: "서버에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.", "The server cannot be reached. Try again shortly.";
        link_script: "이 페이지에는 JavaScript가 필요합니다.", "This page needs JavaScript.";

        kiosk_title: "입구 안내", "Entrance";
        kiosk_now: "지금", "Now";
        kiosk_next: "다음", "Next";
        kiosk_free: "비어 있음", "free";
        kiosk_until: "{}까지", "until {}";
        kiosk_from: "{}부터", "from {}";
        kiosk_stale: "연결이 끊겼습니다. {} 기준입니다.", "No connection. As of {}.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the pages say, by name.
    fn all() -> Vec<(&'static str, &'static str, &'static str)> {
        Texts::ALL.to_vec()
    }

    #[test]
    fn both_languages_have_the_same_places_and_korean_is_korean() {
        for (name, ko, en) in all() {
            assert_eq!(ko.matches("{}").count(), en.matches("{}").count(), "{name}");
            assert!(!ko.trim().is_empty() && !en.trim().is_empty(), "{name}");
            let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
            let may_be_the_same = ["language"].contains(&name);
            assert!(may_be_the_same || hangul(ko), "{name} is not Korean");
            assert!(may_be_the_same || !hangul(en) || en.contains("12가"), "{name} is not English");
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        assert_eq!(fill("{}, then {}.", &["one", "two"]), "one, then two.");
        assert_eq!(fill("nothing", &["one"]), "nothing");
        assert_eq!(fill("{} and {}", &["one"]), "one and ");
    }

    #[test]
    fn every_text_is_said_somewhere() {
        let mut said = String::new();
        let mut folders = vec![std::path::PathBuf::from("templates"), "src/http/web".into()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("texts.rs") {
                    said.push_str(&std::fs::read_to_string(path).unwrap_or_default());
                }
            }
        }
        let is_said = |name: &str| {
            said.split(&format!(".{name}"))
                .skip(1)
                .any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        };
        let unsaid: Vec<_> = all().into_iter().map(|(name, ..)| name).filter(|name| !is_said(name)).collect();
        assert!(unsaid.is_empty(), "{unsaid:?}");
    }
}
