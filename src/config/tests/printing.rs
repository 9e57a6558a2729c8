//! What is shown to people: `jari config show`, the reference, and never a secret.

use proptest::prelude::*;

use super::*;

#[test]
fn show_has_one_aligned_line_a_setting() {
    let config = good(&[("PLATE_OPENAI_PROMPT", "a\nb\u{1b}[31m"), ("OPENING_HOURS", "08:00-20:00")]);
    let text = show(&config);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), SETTINGS.len() + 1);
    assert!(lines[0].starts_with("SETTING ") && lines[0].ends_with(" VALUE"));
    let column = lines[0].find("VALUE").unwrap();
    assert!(lines.iter().all(|line| line.as_bytes()[column - 1] == b' '));
    let prompt = lines.iter().find(|l| l.starts_with("PLATE_OPENAI_PROMPT")).unwrap();
    assert_eq!(&prompt[column..], "a\\nb\\u{1b}[31m");
    assert!(prompt.contains(" environment "));
    assert!(text.contains("STATIC_DIR"));
    assert!(lines.iter().any(|l| l.starts_with("STATIC_DIR") && l.ends_with("(none)")));
}

proptest! {
    #[test]
    fn nothing_that_is_printed_contains_a_secret(
        secret in "[A-Za-z0-9]{24,40}".prop_filter("varied", |s| {
            s.chars().collect::<BTreeSet<_>>().len() >= 6
        })
    ) {
        let url = |scheme: &str| format!("{scheme}://user:{secret}@host/x");
        let query = format!("http://host/x?key={secret}");
        let providers = PROVIDER.replace("a-client-secret", &secret);
        let (postgres, http) = (url("postgresql"), url("http"));
        let smtp = format!("smtps://user:{secret}@host");
        let pairs = [
            ("ADMIN_EMAIL", "boss@site.kr"),
            ("ADMIN_PASSWORD", secret.as_str()),
            ("ADMIN_TOKEN", secret.as_str()),
            ("PUBLIC_URL", "https://charge.example.kr"),
            ("OIDC_PROVIDERS", providers.as_str()),
            ("SMTP_URL", smtp.as_str()),
            ("MAIL_FROM", "jari <a@site.kr>"),
            ("OPENAI_API_KEY", secret.as_str()),
            ("DATABASE_URL", postgres.as_str()),
            ("DATABASE_READ_URL", postgres.as_str()),
            ("PLATE_SERVICE_URL", query.as_str()),
            ("OPENAI_BASE_URL", http.as_str()),
        ];
        for setting in SETTINGS.iter().filter(|s| s.is_secret()) {
            prop_assert!(pairs.iter().any(|(name, _)| *name == setting.name), "{}", setting.name);
        }
        let config = from_env(&pairs).unwrap();
        let printed = format!("{}{config:?}", show(&config));
        prop_assert!(!printed.contains(&secret), "{printed}");
        prop_assert!(show(&config).contains("postgresql://user:***@host/x"));
        prop_assert!(show(&config).contains("smtps://user:***@host"));
    }

    #[test]
    fn no_text_whatever_makes_loading_panic(value in any::<String>(), file in any::<String>()) {
        for setting in SETTINGS {
            let flags = [(setting.name.to_owned(), value.clone())];
            let _ = load(Sources { flags: &flags, ..Sources::default() });
        }
        let _ = from_file(&file);
        let _ = load(Sources { openai_key_file: Some(&file), ..Sources::default() });
    }

    #[test]
    fn a_database_url_never_gives_its_password_away(password in "[!-~]{12,30}", broken in ".{0,4}") {
        let text = format!("postgresql://user:{password}@host{broken}/x");
        let printed = match text.parse::<DatabaseUrl>() {
            Ok(url) => format!("{url} {url:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!printed.contains(&password), "{printed}");
    }
}

#[test]
fn the_reference_describes_every_setting_once() {
    let text = reference_markdown();
    for setting in SETTINGS {
        let heading = format!("### {}", setting.name);
        assert_eq!(text.lines().filter(|l| *l == heading).count(), 1, "{heading}");
        assert!(!setting.doc.contains('\n') && setting.doc.ends_with('.'), "{}", setting.name);
    }
    for group in Group::ALL {
        assert_eq!(text.matches(&format!("\n## {}\n", group.title())).count(), 1);
    }
    let headings = text.lines().filter(|l| l.starts_with("### ")).count();
    assert_eq!(headings, SETTINGS.len());
    assert!(text.ends_with('\n') && !text.ends_with("\n\n") && !text.contains("\n\n\n"));
}

#[test]
fn the_example_in_the_reference_is_a_settings_file_that_loads() {
    let text = reference_markdown();
    let example = text.split("```toml\n").nth(1).and_then(|t| t.split("```").next()).unwrap();
    let config = from_file(example).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.access.cors_origins.len(), 2);
}
