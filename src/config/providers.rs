//! The identity providers: a list of tables in the settings file, the same list as JSON anywhere else.
//!
//! Every message here is a fixed text with a position and a name of ours, so no client secret is ever in one.

use serde_json::{Map, Value};

use super::{Secret, url};
use crate::domain::account::Role;

/// A server that says who somebody is (OpenID Connect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// Its name in our addresses: `/auth/NAME`.
    pub name: String,
    /// What people read on the button.
    pub title: String,
    /// The address under which it publishes `/.well-known/openid-configuration`, as it spells it itself.
    pub issuer: String,
    /// Which of its clients we are.
    pub client_id: String,
    /// Proves it.
    pub client_secret: Secret,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with somebody's groups; a dot goes into an object.
    pub groups_claim: String,
    /// Which group gives which role. Empty: roles are given here, not there.
    pub roles: Vec<(String, Role)>,
    /// Whether somebody new gets an account; `None` leaves it to `REGISTRATION`.
    pub allow_registration: Option<bool>,
    /// Whether a verified e-mail of theirs is enough to get into an account that exists.
    pub trust_email: bool,
}

const KEYS: [&str; 10] = [
    "name",
    "title",
    "issuer",
    "client_id",
    "client_secret",
    "scopes",
    "groups_claim",
    "roles",
    "allow_registration",
    "trust_email",
];

/// Reads the list.
pub(super) fn providers(text: &str) -> Result<Vec<ProviderConfig>, String> {
    let list: Value = serde_json::from_str(text).map_err(|error| {
        format!("this is not valid JSON at line {}, column {}; {FORM}.", error.line(), error.column())
    })?;
    let Value::Array(items) = list else { return Err(format!("this is not a list; {FORM}.")) };
    let mut providers: Vec<ProviderConfig> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let provider = provider(item).map_err(|sentence| format!("provider {}: {sentence}", index + 1))?;
        if providers.iter().any(|known| known.name == provider.name) {
            return Err(format!("provider {}: another one has its name; give each a name of its own.", index + 1));
        }
        providers.push(provider);
    }
    Ok(providers)
}

const FORM: &str = "give [[oidc_providers]] tables in the settings file, or the same as a JSON array of objects \
     with name, issuer, client_id and client_secret, see docs/sign-in.md";

fn provider(item: &Value) -> Result<ProviderConfig, String> {
    let Value::Object(table) = item else { return Err(format!("it is not a table; {FORM}.")) };
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let known = super::layers::closest(unknown, KEYS.into_iter());
        let hint = known.map_or_else(|| format!("they are {}", KEYS.join(", ")), |key| format!("did you mean {key}?"));
        return Err(format!("it has a key that providers do not have; {}.", hint.trim_end_matches('?')));
    }
    let name = required(table, "name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > 32 || !name.chars().all(plain) {
        return Err("name must be 1 to 32 lower-case letters, digits or hyphens, such as google.".to_owned());
    }
    let title = text(table, "title")?.unwrap_or_else(|| name.clone());
    if title.chars().count() > 60 || title.chars().any(char::is_control) {
        return Err("title must be one line of up to 60 characters.".to_owned());
    }
    Ok(ProviderConfig {
        issuer: issuer(required(table, "issuer")?)?,
        client_id: required(table, "client_id")?,
        client_secret: Secret::new(required(table, "client_secret")?),
        scopes: scopes(table)?,
        groups_claim: text(table, "groups_claim")?.unwrap_or_else(|| "groups".to_owned()),
        roles: roles(table)?,
        allow_registration: switch(table, "allow_registration")?,
        trust_email: switch(table, "trust_email")?.unwrap_or(false),
        name,
        title,
    })
}

fn text(table: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() > 1024 => Err(format!("{key} is too long; 1024 bytes is the most.")),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        Some(_) => Err(format!("{key} must be a text in quotes that is not empty.")),
    }
}

fn required(table: &Map<String, Value>, key: &str) -> Result<String, String> {
    text(table, key)?.ok_or_else(|| format!("{key} is missing."))
}

fn switch(table: &Map<String, Value>, key: &str) -> Result<Option<bool>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(_) => Err(format!("{key} must be true or false, without quotes.")),
    }
}

/// An `https` address without query; `http` only on this machine, where nobody listens in.
fn issuer(text: String) -> Result<String, String> {
    const SENTENCE: &str = "issuer must be an https address without query, such as https://accounts.example.com, as the provider spells it.";
    let parts = url::split(&text).map_err(|_| SENTENCE)?;
    let local = parts.host == "localhost" || parts.host == "[::1]" || parts.host.starts_with("127.");
    let host =
        !parts.host.is_empty() && parts.host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b));
    let scheme = parts.scheme == "https" || (parts.scheme == "http" && local);
    if !scheme || !host || parts.userinfo.is_some() || parts.tail.contains(['?', '#']) {
        return Err(SENTENCE.to_owned());
    }
    Ok(text)
}

fn scopes(table: &Map<String, Value>) -> Result<Vec<String>, String> {
    let Some(value) = table.get("scopes") else { return Ok(vec!["email".to_owned(), "profile".to_owned()]) };
    let plain = |scope: &str| !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b));
    let scope = |value: &Value| value.as_str().filter(|scope| plain(scope)).map(str::to_owned);
    let scopes: Option<Vec<String>> = value.as_array().and_then(|list| list.iter().map(scope).collect());
    let scopes = scopes.ok_or("scopes must be a list of texts without spaces, such as [\"email\", \"groups\"].")?;
    // It is asked for in any case.
    Ok(scopes.into_iter().filter(|scope| scope != "openid").collect())
}

fn roles(table: &Map<String, Value>) -> Result<Vec<(String, Role)>, String> {
    let Some(value) = table.get("roles") else { return Ok(Vec::new()) };
    let role = |(group, role): (&String, &Value)| Some((group.clone(), Role::from_name(role.as_str()?)?));
    let roles: Option<Vec<_>> = value.as_object().and_then(|table| table.iter().map(role).collect());
    roles.ok_or_else(|| {
        "roles must be a table from groups to driver, operator or administrator, such as \
         { \"charging-staff\" = \"operator\" }."
            .to_owned()
    })
}
