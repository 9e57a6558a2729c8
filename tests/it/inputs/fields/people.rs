//! The fields of accounts, keys and bays.

use super::{MARKUP, SQL, Table};

pub(super) const BAY_FIELDS: &Table = &[
    ("name", "blank", &["\"\"", "\" \\t \""]),
    ("name", "unprintable_characters", &["\"zz\\u0000\"", "\"\\u202ezzmarkerzz\"", "\"a\\nb\""]),
    ("name", "wrong_type", &["1", "true", "[]", "{\"zzmarkerzz\":1}"]),
    ("name", "missing", &["null"]),
    ("name", "201", &[SQL, MARKUP]),
    ("name", "409 bay_name_taken", &[SQL]),
];

pub(super) const BAY_CHANGE_FIELDS: &Table = &[
    ("closed", "boolean_invalid", &["\"yes\"", "\"TRUE\"", "\"\"", "1", "0", "[]", "{}", MARKUP]),
    ("closedReason", "reason_without_closing", &["\"zzmarkerzz\""]),
    ("closedReason", "wrong_type", &["1", "[]"]),
    ("closedReason", "unprintable_characters", &["\"\\u0007\""]),
    ("name", "wrong_type", &["5", "false"]),
    ("closed", "200", &["null"]),
];

pub(super) const KEY_FIELDS: &Table = &[
    ("scope", "scope_invalid", &["\"all\"", "\"CAMERA\"", "\"\"", "\"camera\\u0000\"", SQL]),
    ("scope", "wrong_type", &["1", "[\"camera\"]"]),
    ("addresses", "wrong_type", &["\"10.0.0.0/8\"", "1", "{}"]),
    (
        "addresses",
        "addresses_invalid",
        &[
            "[\"10.0.0.0/33\"]",
            "[\"256.0.0.1\"]",
            "[\"zzmarkerzz\"]",
            "[1]",
            "[null]",
            "[\"\"]",
            "[[\"10.0.0.1\"]]",
            "[\"10.0.0.1/\"]",
            "[\"::1%eth0\"]",
        ],
    ),
    ("days", "lifetime_invalid", &["0", "-1", "3651", "1.5", "\"30\"", "true", "1e308", "9223372036854775808", "[]"]),
    ("name", "blank", &["\" \""]),
];

pub(super) const ACCOUNT_FIELDS: &Table = &[
    ("role", "role_invalid", &["\"root\"", "\"DRIVER\"", "\"\"", "\"driver\\u0000\"", SQL]),
    ("role", "wrong_type", &["1", "true", "[\"driver\"]"]),
    ("disabled", "boolean_invalid", &["\"maybe\"", "1", "[]"]),
    ("disabled", "404 account_not_found", &["true", "null"]),
];

pub(super) const REGISTER_FIELDS: &Table = &[
    (
        "email",
        "email_invalid",
        &[
            "\"zzmarkerzz\"",
            "\"a@example.com\\r\\nBcc: zzmarkerzz@example.com\"",
            "\"a@b@example.com\"",
            "\"a@example.com\\u0000\"",
            SQL,
            MARKUP,
        ],
    ),
    ("email", "blank", &["\"\"", "\" \""]),
    ("email", "wrong_type", &["1", "true", "[]", "{}"]),
    ("password", "wrong_type", &["12345678", "true", "[]", "{}"]),
    ("password", "missing", &["null"]),
    ("password", "400 password_guessable", &["\"password1234\""]),
    ("password", "400 password_length", &["\"short\"", "\"\\u0000\\u0000\\u0000\""]),
    ("role", "unknown", &["\"administrator\""]),
    ("invitation", "400 link_invalid", &["\"' OR 1=1\""]),
    ("invitation", "blank", &["\"\"", "\" \""]),
    ("invitation", "unprintable_characters", &["\"\\u0000\""]),
    ("invitation", "wrong_type", &["1", "[]"]),
];

pub(super) const INVITATION_FIELDS: &Table = &[
    ("email", "email_invalid", &["\"zzmarkerzz\"", "\"a@example.com\\r\\nBcc: zzmarkerzz@example.com\"", SQL, MARKUP]),
    ("email", "blank", &["\"\""]),
    ("email", "wrong_type", &["1", "[]"]),
    ("email", "missing", &["null"]),
    ("role", "role_invalid", &["\"root\"", "\"\""]),
    ("role", "wrong_type", &["1", "[\"driver\"]"]),
];

pub(super) const FORGOT_FIELDS: &Table = &[
    ("email", "email_invalid", &["\"zzmarkerzz\"", "\"a@example.com\\r\\nBcc: zzmarkerzz@example.com\"", SQL]),
    ("email", "wrong_type", &["1", "[]"]),
];

pub(super) const VERIFY_LINK_FIELDS: &Table = &[
    ("link", "unprintable_characters", &["\"\\u0000\""]),
    ("link", "400 link_invalid", &["\"\"", "\"zzmarkerzz\""]),
    ("link", "wrong_type", &["1", "[]"]),
    ("link", "missing", &["null"]),
];

pub(super) const LOGIN_FIELDS: &Table = &[
    ("email", "401 credentials_wrong", &["\"' OR '1'='1\"", MARKUP]),
    ("email", "unprintable_characters", &["\"\\u0000\"", "\"admin@localhost\\u0000\"", "\"a\\r\\nb\""]),
    ("email", "400 credentials_missing", &["\"\"", "\" \""]),
    ("email", "wrong_type", &["1", "true", "[\"admin@localhost\"]", "{\"$gt\":\"\"}"]),
    ("password", "401 credentials_wrong", &["\"\\u0000\"", "\"' OR '1'='1\""]),
    ("password", "wrong_type", &["1", "true", "{\"$ne\":\"\"}"]),
    ("password", "422 malformed_json", &["\"\\ud800\""]),
];

pub(super) const REFRESH_FIELDS: &Table = &[
    ("refreshToken", "401 token_invalid", &["\"\"", "\".\"", "\"zzmarkerzz\"", "\"' OR 1=1.x\"", "\"가.나\""]),
    ("refreshToken", "wrong_type", &["1", "true", "[]"]),
    ("refreshToken", "missing", &["null"]),
    ("refreshToken", "unprintable_characters", &["\"\\u0000.\\u0000\""]),
];

pub(super) const RESET_FIELDS: &Table = &[
    ("link", "unprintable_characters", &["\"\\u0000\"", "\"a\\nb\""]),
    ("link", "400 link_invalid", &["\"\"", "\"' OR 1=1\"", "\"%00\""]),
    ("link", "wrong_type", &["1", "[]"]),
    ("newPassword", "wrong_type", &["12345678", "{}"]),
];

pub(super) const PASSWORD_FIELDS: &Table = &[
    ("oldPassword", "401 credentials_wrong", &["\"\"", "\"\\u0000\"", SQL]),
    ("oldPassword", "wrong_type", &["1", "[]"]),
    ("newPassword", "wrong_type", &["12345678"]),
    ("newPassword", "missing", &["null"]),
];
