//! Identity providers in the settings.

use super::*;
use crate::domain::account::Role;

#[test]
fn providers_are_tables_in_the_file_and_json_elsewhere() {
    let file = "public_url = 'https://charge.example.kr'\n\
        [[oidc_providers]]\nname = 'company'\nissuer = 'https://id.example.kr/realms/all'\nclient_id = 'jari'\n\
        client_secret = 'a-client-secret'\nscopes = ['openid', 'email', 'groups']\nallow_registration = true\n\
        [oidc_providers.roles]\ncharging-staff = 'operator'\n";
    let from_file = from_file(file).unwrap().access.providers;
    let from_env = good(&[("PUBLIC_URL", "https://charge.example.kr"), ("OIDC_PROVIDERS", PROVIDER)]).access.providers;
    assert_eq!(from_file, from_env);
    let [provider] = from_env.try_into().unwrap();
    assert_eq!((provider.name.as_str(), provider.title.as_str()), ("company", "company"));
    assert_eq!(provider.scopes, ["email", "groups"]);
    assert_eq!(provider.roles, [("charging-staff".to_owned(), Role::Operator)]);
    assert_eq!((provider.groups_claim.as_str(), provider.allow_registration), ("groups", Some(true)));
    assert!(!provider.trust_email);
    assert_eq!(provider.client_secret.expose(), "a-client-secret");
}

#[test]
fn a_wrong_provider_is_refused_without_a_trace_of_its_secret() {
    let with = |key: &str, value: &str| {
        let mut list: serde_json::Value = serde_json::from_str(PROVIDER).unwrap();
        let value: serde_json::Value = serde_json::from_str(value).unwrap();
        list[0].as_object_mut().unwrap().insert(key.to_owned(), value);
        list.to_string()
    };
    let twice = format!("{},{}", &PROVIDER[..PROVIDER.len() - 1], &PROVIDER[1..]);
    for (text, hint) in [
        (PROVIDER.replace("\"client_id\"", "client_id"), "not valid JSON at line 2"),
        (PROVIDER.trim_matches(['[', ']']).to_owned(), "not a list"),
        ("[\"a-client-secret\"]".to_owned(), "not a table"),
        (twice, "provider 2: another one has its name"),
        (PROVIDER.replace("client_secret", "client_secrt"), "did you mean client_secret"),
        (PROVIDER.replace("client_secret", "a-client-secret-x-y-z-1-2-3"), "a key that providers do not have"),
        (PROVIDER.replace("\"a-client-secret\"", "[\"a-client-secret\"]"), "client_secret must be a text"),
        (PROVIDER.replace("a-client-secret", ""), "client_secret must be a text"),
        (with("name", "\"My Company\""), "lower-case letters"),
        (with("title", "\"a\\nb\""), "title"),
        (with("issuer", "\"http://id.example.kr\""), "https"),
        (with("issuer", "\"https://user:a-client-secret@id.example.kr\""), "https"),
        (with("issuer", "\"https://id.example.kr?x=a-client-secret\""), "https"),
        (with("scopes", "\"email\""), "scopes must be a list"),
        (with("scopes", "[\"e mail\"]"), "scopes must be a list"),
        (with("roles", "{\"a-client-secret\": \"root\"}"), "roles must be a table"),
        (with("trust_email", "\"yes\""), "trust_email must be true or false"),
    ] {
        let error = refused(&[("PUBLIC_URL", "https://charge.example.kr"), ("OIDC_PROVIDERS", &text)]);
        assert!(error.starts_with("OIDC_PROVIDERS (environment): "), "{error}");
        assert!(error.contains(hint) && error.ends_with('.') && !error.contains("a-client-secret"), "{hint}: {error}");
    }
    good(&[("PUBLIC_URL", "https://x.kr"), ("OIDC_PROVIDERS", &with("issuer", "\"http://127.0.0.1:8080\""))]);
    assert!(refused(&[("OIDC_PROVIDERS", PROVIDER)]).contains("set PUBLIC_URL"));
    let file = from_file("public_url = 'https://x.kr'\noidc_providers = 'a-client-secret'").unwrap_err();
    assert!(!only_error(&file).contains("a-client-secret"));
}
