//! Every error code of the API, with its status and its sentence in both languages.
//!
//! A sentence says what was wrong and what to do about it. `{hours}`, `{days}`, `{limit}` and `{reason}` are filled in
//! when the answer is written. `docs/errors.md` is generated from these tables.

use axum::http::StatusCode;

use super::lang::Lang;

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $status:expr, $ko:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name that programs read.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The status of an answer with this code.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The sentence in a language, with its places still open.
            #[must_use]
            pub const fn sentence(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Ko => self.ko(),
                    Lang::En => self.en(),
                }
            }

            /// The sentence in Korean, with its places still open.
            #[must_use]
            pub const fn ko(self) -> &'static str {
                match self { $(Self::$variant => $ko,)+ }
            }

            /// The sentence in English, with its places still open.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)+ }
            }
        }
    };
}

use StatusCode as S;

codes! {
    /// The code of a problem: what was wrong with a request as a whole.
    Code {
        /// Some fields are missing or wrong; `errors` says which.
        InvalidInput = "invalid_input", S::UNPROCESSABLE_ENTITY,
            "입력값이 올바르지 않습니다. 표시된 항목을 고쳐 주세요.",
            "Some fields are missing or wrong. Correct the ones listed.";
        /// The body is no JSON object.
        MalformedJson = "malformed_json", S::UNPROCESSABLE_ENTITY,
            "요청 본문이 올바른 JSON 객체가 아닙니다. 형식을 확인해 주세요.",
            "The body is not a valid JSON object. Check its syntax.";
        /// The body is nested too deeply.
        JsonTooDeep = "json_too_deep", S::UNPROCESSABLE_ENTITY,
            "요청 본문의 중첩이 너무 깊습니다. 단순하게 줄여 주세요.",
            "The body is nested too deeply. Flatten it.";
        /// The query cannot be read.
        MalformedQuery = "malformed_query", S::UNPROCESSABLE_ENTITY,
            "주소의 쿼리 부분을 읽을 수 없습니다. 각 항목을 한 번씩만 올바르게 적어 주세요.",
            "The query of the address cannot be read. Give each parameter once, correctly encoded.";
        /// The `Idempotency-Key` header is empty, too long or not printable.
        IdempotencyKeyInvalid = "idempotency_key_invalid", S::UNPROCESSABLE_ENTITY,
            "Idempotency-Key 헤더는 공백 없는 ASCII 문자 1~255자여야 합니다.",
            "The Idempotency-Key header must be 1 to 255 printable ASCII characters without spaces.";
        /// The `Idempotency-Key` was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused", S::UNPROCESSABLE_ENTITY,
            "이 Idempotency-Key는 이미 다른 요청에 사용되었습니다. 새 키로 다시 보내 주세요.",
            "This Idempotency-Key was already used for another request. Send this one with a new key.";

        /// The end is not after the start.
        EndNotAfterStart = "end_not_after_start", S::BAD_REQUEST,
            "종료 시간은 시작 시간보다 늦어야 합니다.",
            "The end must be later than the start.";
        /// Start or end is not on the half hour.
        NotOnHalfHour = "not_on_half_hour", S::BAD_REQUEST,
            "시작과 종료 시간은 00분 또는 30분이어야 합니다.",
            "Start and end must be on the hour or half hour.";
        /// The start is outside the opening hours.
        OutsideOpeningHours = "outside_opening_hours", S::BAD_REQUEST,
            "영업시간({hours}) 안에서 시작하는 시간을 선택해 주세요.",
            "Choose a start within the opening hours ({hours}).";
        /// The end is after closing.
        AfterClosing = "after_closing", S::BAD_REQUEST,
            "영업시간({hours})이 끝나기 전에 마치는 시간을 선택해 주세요.",
            "Choose an end no later than closing ({hours}).";
        /// The clocks skip this time on this day.
        TimeSkipped = "time_skipped", S::BAD_REQUEST,
            "그날은 시계가 바뀌어 존재하지 않는 시간입니다. 다른 시간을 선택해 주세요.",
            "The clocks skip this time on that day. Choose another time.";
        /// The start has passed.
        InThePast = "in_the_past", S::BAD_REQUEST,
            "이미 지난 시간은 예약할 수 없습니다. 앞으로의 시간을 선택해 주세요.",
            "This start has already passed. Choose a later one.";
        /// The day is beyond the booking horizon.
        BeyondHorizon = "beyond_horizon", S::BAD_REQUEST,
            "예약은 오늘부터 {days}일 이내만 가능합니다. 더 이른 날짜를 선택해 주세요.",
            "Bookings open {days} days ahead. Choose an earlier day.";
        /// E-mail or password is blank.
        CredentialsMissing = "credentials_missing", S::BAD_REQUEST,
            "이메일과 비밀번호를 모두 입력해 주세요.",
            "Enter both e-mail and password.";
        /// Nothing says whose reservations are meant.
        FilterMissing = "filter_missing", S::BAD_REQUEST,
            "예약할 때 쓴 이메일이나 차량 번호를 입력해 주세요.",
            "Give the e-mail or the plate that the reservation was made with.";
        /// The password is too short or too long.
        PasswordLength = "password_length", S::BAD_REQUEST,
            "비밀번호는 8자 이상 256자 이하로 정해 주세요.",
            "Choose a password of 8 to 256 characters.";
        /// The password is soon guessed.
        PasswordGuessable = "password_guessable", S::BAD_REQUEST,
            "너무 쉽게 추측할 수 있는 비밀번호입니다. 서로 관련 없는 단어 몇 개를 이어 보세요.",
            "This password is soon guessed. Try a few words that have nothing to do with each other.";
        /// The link was used, is over, or is none.
        LinkInvalid = "link_invalid", S::BAD_REQUEST,
            "이미 사용했거나 만료된 링크입니다. 새 링크를 요청해 주세요.",
            "This link was used before or is over. Ask for a new one.";

        /// Nobody is logged in.
        LoginRequired = "login_required", S::UNAUTHORIZED,
            "로그인이 필요합니다. 로그인한 뒤 다시 시도해 주세요.",
            "Log in and try again.";
        /// The token is wrong or over.
        TokenInvalid = "token_invalid", S::UNAUTHORIZED,
            "로그인이 만료되었거나 올바르지 않습니다. 다시 로그인해 주세요.",
            "Your log-in has expired or is not valid. Log in again.";
        /// E-mail or password is wrong.
        CredentialsWrong = "credentials_wrong", S::UNAUTHORIZED,
            "이메일 또는 비밀번호가 올바르지 않습니다.",
            "E-mail or password is wrong.";
        /// The password is right, and a code is asked for.
        CodeNeeded = "code_needed", S::UNAUTHORIZED,
            "인증 앱의 6자리 코드나 복구 코드를 함께 입력해 주세요.",
            "Enter the six digits of your authenticator app as well, or a recovery code.";
        /// The code is wrong, over, or was used before.
        CodeWrong = "code_wrong", S::UNAUTHORIZED,
            "코드가 올바르지 않거나 이미 사용되었습니다. 인증 앱에 새로 나온 코드를 입력해 주세요.",
            "This code is wrong, or was used before. Enter the next one that your app shows.";
        /// A sign-in with an identity provider is not good, or it is over.
        SignInFailed = "sign_in_failed", S::UNAUTHORIZED,
            "로그인을 마치지 못했습니다. 시간이 지났거나 다른 창에서 이미 끝났을 수 있습니다. 처음부터 다시 시도해 주세요.",
            "The sign-in could not be finished. It may have taken too long, or be done already. Start again.";
        /// The account may not do this.
        Forbidden = "forbidden", S::FORBIDDEN,
            "이 작업을 할 권한이 없습니다. 관리자에게 문의해 주세요.",
            "Your account may not do this. Ask the administrator.";

        /// Nobody, or not this e-mail, can register.
        RegistrationClosed = "registration_closed", S::FORBIDDEN,
            "이 이메일로는 가입할 수 없습니다. 관리자에게 문의해 주세요.",
            "This e-mail cannot register here. Ask the administrator.";
        /// The e-mail is not verified.
        EmailNotVerified = "email_not_verified", S::FORBIDDEN,
            "이메일이 확인되지 않았습니다. 받은 메일의 링크를 열거나 로그인 제공자에서 인증한 뒤 다시 시도해 주세요.",
            "Your e-mail is not verified. Open the link in our mail, or verify it at your identity provider.";
        /// The account may not log in.
        AccountDisabled = "account_disabled", S::FORBIDDEN,
            "사용이 중지된 계정입니다. 관리자에게 문의해 주세요.",
            "This account is disabled. Ask the administrator.";
        /// A fresh log-in or the password is needed.
        LogInAgain = "log_in_again", S::FORBIDDEN,
            "본인 확인이 필요합니다. 비밀번호를 함께 보내거나 다시 로그인한 뒤 시도해 주세요.",
            "This needs a proof that it is you. Send your password along, or log in again first.";
        /// The account must have a second factor first.
        SecondFactorMissing = "second_factor_missing", S::FORBIDDEN,
            "이 계정은 2단계 인증을 먼저 설정해야 합니다. 인증 앱을 등록한 뒤 다시 시도해 주세요.",
            "Your account needs a second factor. Set up an authenticator app, then try again.";
        /// People log in with an identity provider here.
        PasswordLoginOff = "password_login_off", S::FORBIDDEN,
            "여기서는 비밀번호로 로그인할 수 없습니다. 로그인 제공자를 선택해 주세요.",
            "Passwords are not used here. Choose an identity provider to log in.";
        /// A page of another origin sent our cookie along.
        CrossOrigin = "cross_origin", S::FORBIDDEN,
            "다른 사이트에서 보낸 요청은 받지 않습니다. 이 사이트에서 다시 시도해 주세요.",
            "Requests from other sites are refused. Try again from this site.";

        /// No such bay.
        BayNotFound = "bay_not_found", S::NOT_FOUND,
            "충전 자리를 찾을 수 없습니다. 목록에서 다시 선택해 주세요.",
            "There is no such bay. Choose one from the list.";
        /// No such reservation, or somebody else's.
        ReservationNotFound = "reservation_not_found", S::NOT_FOUND,
            "예약을 찾을 수 없습니다. 이미 취소되었거나 다른 사람의 예약일 수 있습니다.",
            "There is no such reservation. It may be cancelled already, or somebody else's.";
        /// No such log-in, or somebody else's.
        SessionNotFound = "session_not_found", S::NOT_FOUND,
            "로그인 기록을 찾을 수 없습니다. 이미 로그아웃되었을 수 있습니다.",
            "There is no such log-in. It may have ended already.";
        /// No such key.
        KeyNotFound = "key_not_found", S::NOT_FOUND,
            "키를 찾을 수 없습니다. 이미 폐기되었을 수 있습니다.",
            "There is no such key. It may be revoked already.";
        /// No such camera, or the key is no camera's.
        CameraNotFound = "camera_not_found", S::NOT_FOUND,
            "카메라를 찾을 수 없습니다. 삭제되었거나 카메라의 키가 아닙니다.",
            "There is no such camera. It may be removed, or the key is not a camera's.";
        /// Another camera has this name.
        CameraNameTaken = "camera_name_taken", S::CONFLICT,
            "같은 이름의 카메라가 이미 있습니다. 다른 이름을 정해 주세요.",
            "Another camera has this name. Choose another one.";
        /// The camera is switched off.
        CameraOff = "camera_off", S::FORBIDDEN,
            "꺼 둔 카메라입니다. 다시 켜면 받습니다.",
            "This camera is switched off here. Switch it on to listen to it again.";
        /// No such sighting, or no picture of it.
        SightingNotFound = "sighting_not_found", S::NOT_FOUND,
            "촬영 기록이나 사진을 찾을 수 없습니다. 보관 기간이 지났을 수 있습니다.",
            "There is no such sighting, or its picture is no longer kept.";
        /// A person looked at it already, or nobody needs to.
        SightingReviewed = "sighting_reviewed", S::CONFLICT,
            "이미 확인했거나 확인할 필요가 없는 촬영 기록입니다.",
            "This sighting was reviewed already, or needs no review.";
        /// No expected car is near what was read.
        NothingToAccept = "nothing_to_accept", S::CONFLICT,
            "비슷한 예약 차량이 없습니다. 번호를 직접 입력하거나 거절해 주세요.",
            "No expected car is near what was read. Correct the plate or reject the sighting.";
        /// Nothing of this id is in quarantine.
        QuarantinedNotFound = "quarantined_not_found", S::NOT_FOUND,
            "보류된 수신 데이터를 찾을 수 없습니다. 이미 처리되었을 수 있습니다.",
            "There is nothing of this id in quarantine. It may be replayed already.";
        /// As much as may be kept is in quarantine.
        QuarantineFull = "quarantine_full", S::SERVICE_UNAVAILABLE,
            "해석하지 못한 카메라 데이터가 너무 많이 쌓였습니다. 운영자가 정리해야 합니다.",
            "Too much of what cameras send is not understood and kept. An operator must clear it.";
        /// No such invitation.
        InvitationNotFound = "invitation_not_found", S::NOT_FOUND,
            "초대를 찾을 수 없습니다. 이미 사용했거나 만료되었을 수 있습니다.",
            "There is no such invitation. It may be used or over.";
        /// No such account.
        AccountNotFound = "account_not_found", S::NOT_FOUND,
            "계정을 찾을 수 없습니다. 목록에서 다시 선택해 주세요.",
            "There is no such account. Choose one from the list.";
        /// No second factor, or none that waits for its first code.
        SecondFactorNotFound = "second_factor_not_found", S::NOT_FOUND,
            "2단계 인증이 설정되어 있지 않거나 등록 시간이 지났습니다. 등록을 처음부터 다시 시작해 주세요.",
            "There is no second factor, or setting it up took too long. Start again.";
        /// No such identity provider.
        ProviderNotFound = "provider_not_found", S::NOT_FOUND,
            "그런 로그인 제공자가 없습니다. 로그인 화면에서 다시 선택해 주세요.",
            "There is no such identity provider. Choose one on the log-in page.";
        /// No such address.
        RouteNotFound = "route_not_found", S::NOT_FOUND,
            "존재하지 않는 주소입니다. /docs에서 사용할 수 있는 주소를 확인해 주세요.",
            "There is nothing at this address. See /docs for those there are.";
        /// The address does not take this method.
        MethodNotAllowed = "method_not_allowed", S::METHOD_NOT_ALLOWED,
            "이 주소에서 쓸 수 없는 메서드입니다. Allow 헤더를 확인해 주세요.",
            "This address does not take this method. See the Allow header.";
        /// The request is for a host that is not ours.
        WrongHost = "wrong_host", S::MISDIRECTED_REQUEST,
            "이 주소로는 접속할 수 없습니다. 관리자가 알려 준 주소를 사용해 주세요.",
            "This server is not known by that name. Use the address that the administrator gave you.";
        /// The body did not arrive in time.
        RequestTimeout = "request_timeout", S::REQUEST_TIMEOUT,
            "요청을 끝까지 받지 못했습니다. 다시 시도해 주세요.",
            "The request did not arrive in time. Try again.";

        /// Another car has the bay then.
        BayTaken = "bay_taken", S::CONFLICT,
            "해당 시간에 이미 예약이 존재합니다. 다른 시간이나 자리를 선택해 주세요.",
            "This bay is already reserved then. Choose another time or bay.";
        /// This car has another reservation then.
        PlateTaken = "plate_taken", S::CONFLICT,
            "해당 차량은 같은 시간에 이미 예약되어 있습니다. 기존 예약을 확인해 주세요.",
            "This car already has a reservation then. Check your reservations.";
        /// No open bay is free then.
        NoBayFree = "no_bay_free", S::CONFLICT,
            "그 시간에는 빈 자리가 없습니다. 다른 시간을 선택해 주세요.",
            "No bay is free then. Choose another time.";
        /// The account or the car has too many reservations that are not over.
        QuotaOpenBookings = "quota_open_bookings", S::CONFLICT,
            "한 사람과 한 차는 끝나지 않은 예약을 {limit}건까지 가질 수 있습니다. 기존 예약을 취소한 뒤 다시 시도해 주세요.",
            "One account and one car may have {limit} reservations that are not over. Cancel one first.";
        /// The account or the car has too many hours of the day.
        QuotaHoursPerDay = "quota_hours_per_day", S::CONFLICT,
            "한 사람과 한 차는 하루에 {limit}시간까지 예약할 수 있습니다. 시간을 줄이거나 다른 날을 선택해 주세요.",
            "One account and one car may reserve {limit} hours a day. Choose fewer hours or another day.";
        /// The day is further ahead than drivers may reserve.
        QuotaDaysAhead = "quota_days_ahead", S::CONFLICT,
            "예약은 {limit}일 뒤까지만 할 수 있습니다. 더 이른 날짜를 선택해 주세요.",
            "Drivers may reserve {limit} days ahead. Choose an earlier day.";
        /// The bay takes no new bookings.
        BayClosed = "bay_closed", S::CONFLICT,
            "이 자리는 지금 예약을 받지 않습니다. 다른 자리를 선택해 주세요.{reason}",
            "This bay takes no new bookings. Choose another bay.{reason}";
        /// Another bay has the name.
        BayNameTaken = "bay_name_taken", S::CONFLICT,
            "같은 이름의 자리가 이미 있습니다. 다른 이름을 정해 주세요.",
            "Another bay has this name. Choose another name.";
        /// The reservation is over.
        ReservationOver = "reservation_over", S::CONFLICT,
            "이미 끝난 예약은 바꿀 수 없습니다.",
            "This reservation is over and cannot be changed.";
        /// The reservation is running.
        ReservationStarted = "reservation_started", S::CONFLICT,
            "이미 시작된 예약은 종료 시간만 바꿀 수 있습니다.",
            "This reservation has started: only its end can be changed.";
        /// The e-mail has an account.
        EmailTaken = "email_taken", S::CONFLICT,
            "이미 가입된 이메일입니다. 로그인해 주세요.",
            "This e-mail already has an account. Log in.";

        /// The e-mail has an account that this identity provider does not open.
        AccountNotLinked = "account_not_linked", S::CONFLICT,
            "이 이메일로 만든 계정이 이미 있습니다. 그 계정의 로그인 방법을 사용하거나 관리자에게 문의해 주세요.",
            "Your e-mail already has an account here. Log in the way you did before, or ask the administrator.";
        /// There is a second factor already.
        SecondFactorActive = "second_factor_active", S::CONFLICT,
            "이미 2단계 인증을 사용하고 있습니다. 바꾸려면 먼저 해제해 주세요.",
            "This account has a second factor already. Remove it first to set up another.";
        /// Nobody would be left who runs the server.
        LastAdministrator = "last_administrator", S::CONFLICT,
            "마지막 관리자는 바꿀 수 없습니다. 먼저 다른 관리자를 정해 주세요.",
            "This is the last administrator. Appoint another first.";

        /// The body is larger than is read.
        BodyTooLarge = "body_too_large", S::PAYLOAD_TOO_LARGE,
            "요청 본문이 너무 큽니다. 16KiB 이하로 줄여 주세요.",
            "The body is too large. Keep it within 16 KiB.";
        /// The upload is larger than 8 MiB.
        UploadTooLarge = "upload_too_large", S::PAYLOAD_TOO_LARGE,
            "파일이 너무 큽니다. 8MiB 이하의 사진을 보내 주세요.",
            "The file is too large. Send a picture of 8 MiB at most.";
        /// The body is not declared as a form with a file.
        UploadExpected = "upload_expected", S::UNSUPPORTED_MEDIA_TYPE,
            "사진은 multipart/form-data의 image 항목으로 보내 주세요.",
            "Send the picture as the field image of multipart/form-data.";
        /// The form cannot be read.
        MalformedForm = "malformed_form", S::UNPROCESSABLE_ENTITY,
            "보낸 양식을 읽을 수 없습니다. multipart/form-data 형식을 확인해 주세요.",
            "The form cannot be read. Check that it is valid multipart/form-data.";
        /// The file has nothing in it.
        PictureEmpty = "picture_empty", S::BAD_REQUEST,
            "빈 파일입니다. 사진을 다시 골라 주세요.",
            "The file is empty. Choose the picture again.";
        /// The file is no JPEG, PNG or WebP.
        PictureTypeUnknown = "picture_type_unknown", S::UNSUPPORTED_MEDIA_TYPE,
            "사진 파일이 아닙니다. JPEG, PNG 또는 WebP 사진을 보내 주세요.",
            "This is no picture. Send a JPEG, PNG or WebP.";
        /// The picture breaks off, or makes no sense.
        PictureBroken = "picture_broken", S::UNPROCESSABLE_ENTITY,
            "사진이 손상되었거나 일부만 전송되었습니다. 다시 찍거나 다시 보내 주세요.",
            "The picture is damaged or was cut off. Take or send it again.";
        /// The picture has more than 50 million pixels.
        PictureTooManyPixels = "picture_too_many_pixels", S::UNPROCESSABLE_ENTITY,
            "사진의 화소 수가 너무 많습니다. 5천만 화소 이하로 줄여 주세요.",
            "The picture has too many pixels. Scale it down to 50 million or fewer.";
        /// The body is not declared as JSON.
        UnsupportedMediaType = "unsupported_media_type", S::UNSUPPORTED_MEDIA_TYPE,
            "요청 본문은 JSON이어야 합니다. Content-Type을 application/json으로 보내 주세요.",
            "The body must be JSON. Send Content-Type: application/json.";

        /// Too many tries.
        TooManyTries = "too_many_tries", S::TOO_MANY_REQUESTS,
            "시도가 너무 많습니다. 잠시 후 다시 시도해 주세요.",
            "Too many tries. Wait a while and try again.";

        /// A fault of ours.
        Internal = "internal", S::INTERNAL_SERVER_ERROR,
            "서버에 문제가 생겼습니다. 요청 번호를 관리자에게 알려 주세요.",
            "Something went wrong on our side. Tell the administrator the request id.";
        /// The identity provider does not answer, or not as it should.
        ProviderUnavailable = "provider_unavailable", S::BAD_GATEWAY,
            "로그인 제공자가 제대로 응답하지 않습니다. 잠시 후 다시 시도하거나 다른 방법으로 로그인해 주세요.",
            "The identity provider does not answer as it should. Try again shortly, or log in another way.";
        /// No mails can be sent.
        MailNotConfigured = "mail_not_configured", S::SERVICE_UNAVAILABLE,
            "이 서버는 메일을 보내지 않습니다. 비밀번호를 새로 정하는 링크를 운영자에게 요청해 주세요.",
            "This server sends no mails. Ask the operator for a link to choose a new password.";
        /// The answer took too long.
        TimedOut = "timed_out", S::SERVICE_UNAVAILABLE,
            "처리가 오래 걸려 중단했습니다. 처리되었는지 확인한 뒤 다시 시도해 주세요.",
            "This took too long and was given up. Check whether it was done before trying again.";
        /// The database cannot be reached.
        StorageUnavailable = "storage_unavailable", S::SERVICE_UNAVAILABLE,
            "지금은 저장소에 접근할 수 없습니다. 잠시 후 다시 시도해 주세요.",
            "The storage cannot be reached at the moment. Try again shortly.";
        /// Too many log-ins at once.
        TooBusy = "too_busy", S::SERVICE_UNAVAILABLE,
            "로그인 요청이 몰리고 있습니다. 잠시 후 다시 시도해 주세요.",
            "Too many log-ins at once. Try again shortly.";
        /// Nothing that reads plates is set up.
        RecognizerNotConfigured = "recognizer_not_configured", S::SERVICE_UNAVAILABLE,
            "번호판 인식이 설정되어 있지 않습니다. 번호를 직접 입력하고 관리자에게 알려 주세요.",
            "Reading plates is not set up here. Type the number, and tell the administrator.";
        /// As many pictures are being read as may be.
        RecognizerBusy = "recognizer_busy", S::SERVICE_UNAVAILABLE,
            "번호판 인식 요청이 몰리고 있습니다. 잠시 후 다시 보내 주세요.",
            "Too many pictures are being read. Send this one again shortly.";
        /// The server that reads plates fails.
        RecognizerFailed = "recognizer_failed", S::BAD_GATEWAY,
            "번호판 인식 서버가 제대로 응답하지 않습니다. 다시 시도하거나 번호를 직접 입력해 주세요.",
            "The server that reads plates does not answer as it should. Try again, or type the number.";
        /// The server that reads plates takes too long.
        RecognizerTimedOut = "recognizer_timed_out", S::GATEWAY_TIMEOUT,
            "번호판 인식이 너무 오래 걸립니다. 다시 시도하거나 번호를 직접 입력해 주세요.",
            "Reading the plate takes too long. Try again, or type the number.";
        /// The disk is full.
        StorageFull = "storage_full", S::INSUFFICIENT_STORAGE,
            "저장 공간이 부족해 저장할 수 없습니다. 관리자에게 알려 주세요.",
            "The disk is full and nothing can be saved. Tell the administrator.";
    }
}

codes! {
    /// The code of a field: what was wrong with one of them. All of them answer 422.
    FieldCode {
        /// It is needed and was not given.
        Missing = "missing", S::UNPROCESSABLE_ENTITY,
            "꼭 필요한 항목입니다.",
            "This field is needed.";
        /// It has another type.
        WrongType = "wrong_type", S::UNPROCESSABLE_ENTITY,
            "값의 종류가 올바르지 않습니다.",
            "The value has the wrong type.";
        /// It stands there twice, or under both of its names.
        Duplicate = "duplicate", S::UNPROCESSABLE_ENTITY,
            "같은 항목이 두 번 있습니다. 한 번만 적어 주세요.",
            "This field is given twice. Give it once.";
        /// It is no field of this request.
        Unknown = "unknown", S::UNPROCESSABLE_ENTITY,
            "이 요청에 없는 항목입니다. 이름을 확인해 주세요.",
            "This request has no such field. Check its name.";
        /// It has too many characters.
        TooLong = "too_long", S::UNPROCESSABLE_ENTITY,
            "값이 너무 깁니다.",
            "The value is too long.";
        /// It is empty.
        Blank = "blank", S::UNPROCESSABLE_ENTITY,
            "빈 값은 쓸 수 없습니다.",
            "The value must not be empty.";
        /// It has characters that cannot be shown.
        UnprintableCharacters = "unprintable_characters", S::UNPROCESSABLE_ENTITY,
            "표시할 수 없는 문자가 들어 있습니다.",
            "The value has characters that cannot be shown.";
        /// No number of a bay.
        BayInvalid = "bay_invalid", S::UNPROCESSABLE_ENTITY,
            "자리 번호(정수) 또는 \"any\"여야 합니다.",
            "This must be the number of a bay, or \"any\".";
        /// No plate of any kind.
        PlateInvalid = "plate_invalid", S::UNPROCESSABLE_ENTITY,
            "차량 번호판 형식이 아닙니다. 예: 12가3456, 123가4567, 서울32바1234",
            "This is not a number plate, such as 12가3456, 123가4567 or 서울32바1234.";
        /// No date.
        DateInvalid = "date_invalid", S::UNPROCESSABLE_ENTITY,
            "날짜는 YYYY-MM-DD 형식의 실제 날짜(2000~2100년)여야 합니다.",
            "This must be a real date as YYYY-MM-DD, in the years 2000 to 2100.";
        /// No time of day.
        TimeInvalid = "time_invalid", S::UNPROCESSABLE_ENTITY,
            "시간은 HH:MM 형식이어야 합니다. 예: 09:30",
            "This must be a time of day as HH:MM, such as 09:30.";
        /// No instant.
        TimestampInvalid = "timestamp_invalid", S::UNPROCESSABLE_ENTITY,
            "시각은 ISO 8601 문자열이나 유닉스 시각(초 또는 밀리초)이어야 하며 2000~2100년이어야 합니다.",
            "This must be an ISO 8601 date and time or Unix seconds or milliseconds, in the years 2000 to 2100.";
        /// No list of numbers from 0 to 1.
        ConfidenceInvalid = "confidence_invalid", S::UNPROCESSABLE_ENTITY,
            "0과 1 사이의 숫자를 32개까지 적은 목록이어야 합니다.",
            "This must be a list of at most 32 numbers from 0 to 1.";
        /// No list of plates with their confidences.
        CandidatesInvalid = "candidates_invalid", S::UNPROCESSABLE_ENTITY,
            "plate와 confidence(0~1)를 가진 객체를 20개까지 적은 목록이어야 합니다.",
            "This must be a list of at most 20 objects with plate and confidence (0 to 1).";
        /// No e-mail.
        EmailInvalid = "email_invalid", S::UNPROCESSABLE_ENTITY,
            "이메일 형식이 올바르지 않습니다. 예: name@example.com",
            "This is not an e-mail address such as name@example.com.";
        /// No start, too many, or two that overlap.
        StartTimesInvalid = "start_times_invalid", S::UNPROCESSABLE_ENTITY,
            "시작 시간은 서로 겹치지 않게 1개 이상 24개 이하로 적어 주세요. 한 시간씩 예약됩니다.",
            "Give 1 to 24 start times that do not overlap. Each books one hour.";
        /// No id of a reservation.
        IdInvalid = "id_invalid", S::UNPROCESSABLE_ENTITY,
            "예약 번호(UUID)여야 합니다.",
            "This must be the id of a reservation, a UUID.";
        /// No role.
        RoleInvalid = "role_invalid", S::UNPROCESSABLE_ENTITY,
            "역할은 driver, operator, administrator 가운데 하나여야 합니다.",
            "This must be driver, operator or administrator.";
        /// No time zone of the IANA.
        TimeZoneUnknown = "time_zone_unknown", S::UNPROCESSABLE_ENTITY,
            "Asia/Seoul과 같은 시간대 이름이어야 합니다.",
            "This must be a time zone such as Asia/Seoul.";
        /// No state of a sighting.
        StateInvalid = "state_invalid", S::UNPROCESSABLE_ENTITY,
            "matched, passing, review, accepted, corrected, rejected 가운데 하나여야 합니다.",
            "This must be matched, passing, review, accepted, corrected or rejected.";
        /// No decision about a sighting.
        DecisionInvalid = "decision_invalid", S::UNPROCESSABLE_ENTITY,
            "accept, correct, reject 가운데 하나여야 합니다.",
            "This must be accept, correct or reject.";
        /// A plate where none is wanted.
        PlateWithoutCorrecting = "plate_without_correcting", S::UNPROCESSABLE_ENTITY,
            "번호는 고칠 때(correct)만 함께 보내 주세요.",
            "Give a plate only together with the decision to correct.";
        /// No position in the stream of events.
        PositionInvalid = "position_invalid", S::UNPROCESSABLE_ENTITY,
            "받은 이벤트의 id를 그대로 보내 주세요.",
            "This must be the id of an event that was received.";
        /// No scope of a key.
        ScopeInvalid = "scope_invalid", S::UNPROCESSABLE_ENTITY,
            "용도는 camera, export, integration 가운데 하나여야 합니다.",
            "This must be camera, export or integration.";
        /// No list of addresses or networks.
        AddressesInvalid = "addresses_invalid", S::UNPROCESSABLE_ENTITY,
            "주소나 대역을 20개까지 적어 주세요. 예: [\"192.168.0.0/16\"]",
            "Give up to 20 addresses or networks, such as [\"192.168.0.0/16\"].";
        /// No number of days that a key may hold.
        LifetimeInvalid = "lifetime_invalid", S::UNPROCESSABLE_ENTITY,
            "유효 기간은 1일에서 3650일 사이의 정수여야 합니다.",
            "This must be a whole number of days from 1 to 3650.";
        /// No number of days.
        DaysInvalid = "days_invalid", S::UNPROCESSABLE_ENTITY,
            "일수는 1에서 31 사이의 정수여야 합니다.",
            "This must be a whole number of days from 1 to 31.";
        /// No period that can be taken away at once.
        PeriodInvalid = "period_invalid", S::UNPROCESSABLE_ENTITY,
            "마지막 날은 첫날과 같거나 뒤여야 하고, 기간은 366일까지입니다.",
            "The last day must not be before the first, and a period has 366 days at most.";
        /// Neither true nor false.
        BooleanInvalid = "boolean_invalid", S::UNPROCESSABLE_ENTITY,
            "true 또는 false여야 합니다.",
            "This must be true or false.";
        /// A reason for closing a bay that stays open.
        ReasonWithoutClosing = "reason_without_closing", S::UNPROCESSABLE_ENTITY,
            "사유는 자리를 닫을 때만(closed: true) 적을 수 있습니다.",
            "A reason goes only with closing the bay (closed: true).";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_ends_like_one_and_every_code_is_there_once() {
        let all: Vec<_> = (Code::ALL.iter().map(|code| (code.as_str(), code.ko(), code.en())))
            .chain(FieldCode::ALL.iter().map(|code| (code.as_str(), code.ko(), code.en())))
            .collect();
        let mut names: Vec<_> = all.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for (name, ko, en) in all {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
            assert!(en.trim_end_matches("{reason}").ends_with('.'), "{en}");
            assert!(ko.chars().any(|c| ('가'..='힣').contains(&c)), "{ko}");
            assert!(en.is_ascii() || en.contains("12가3456"), "{en}");
        }
    }
}
