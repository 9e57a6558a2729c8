//! The reference for administrators, `docs/configuration.md`, made from the table.

use super::setting::{Fallback, Group, Kind, Setting};
use super::table::SETTINGS;

const INTRODUCTION: &str = r#"# Configuration

jari runs without any settings: it listens on `127.0.0.1:8000` and keeps its database in `./data`.
Everything on this page changes that. `jari config show` prints the value of each setting that is in
force and where it came from, with passwords and keys masked, so its output can be shown to others.

## Where settings come from

From weakest to strongest:

1. the defaults on this page;
2. the settings file: the one that `--config PATH` or else the environment variable `JARI_CONFIG`
   names, or else `jari.toml` in the working directory if there is one;
3. environment variables, with the names on this page;
4. `--set NAME=VALUE` on the command line, as often as needed.

An empty value counts as not given, everywhere. A wrong value, or a name in the file or after `--set`
that jari does not know, stops the start; all that is wrong is listed at once, each with the reason.
Other environment variables are ignored, but one that puts `JARI_` before a name on this page is refused
as a mistake.

In the settings file the names are in lower case, and there are no sections but `[[oidc_providers]]`, at the end:

```toml
public_url = "https://charge.example.kr"
database_url = "sqlite:////var/lib/jari/ev_charging.db"
opening_hours = "08:00-24:00"
booking_horizon_days = 30
auto_seed_sessions = false
cors_origins = ["https://charge.example.kr", "http://localhost:5173"]
admin_email = "admin@example.kr"
```

Settings marked **secret**, and a `DATABASE_URL` with a password in it, belong in the environment or in a
settings file that only the server's user can read. Keep them off the command line, where every user of
the machine can see them.

Each of them can also stand in a file of its own, as a vault's agent, a container's secrets or systemd
(`LoadCredential`) put it there: the environment variable with `_FILE` after the name says where, such as
`ADMIN_TOKEN_FILE=/run/secrets/admin-token`. So for `ADMIN_PASSWORD`, `ADMIN_TOKEN`, `OIDC_PROVIDERS` (as
JSON), `OPENAI_API_KEY`, `DATABASE_URL`, `DATABASE_READ_URL`, `SMTP_URL` and `PLATE_SERVICE_URL`. The end
of the last line does not belong to the value; files are read at the start.
"#;

/// The whole of `docs/configuration.md`.
#[must_use]
pub fn reference_markdown() -> String {
    let mut out = INTRODUCTION.to_owned();
    for group in Group::ALL {
        out.extend(["\n## ", group.title(), "\n"]);
        out.extend(SETTINGS.iter().filter(|s| s.group == group).map(section));
    }
    out
}

fn section(setting: &Setting) -> String {
    let default = match setting.fallback {
        Fallback::None => " · not set by default".to_owned(),
        Fallback::Text(text) if text.len() <= 60 => format!(" · default `{text}`"),
        // A long text reads better on lines of its own.
        Fallback::Text(text) => format!(" · default:\n\n> {text}"),
        Fallback::Computed(text) => format!(" · default: {text}"),
    };
    format!("\n### {}\n\n{}{default}\n\n{}\n", setting.name, kind(setting.kind), setting.doc)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "Text",
        Kind::Secret => "Text, **secret**",
        Kind::Number => "Whole number",
        Kind::Switch => "`true` or `false` (also `1`/`0`, `yes`/`no`, `on`/`off`)",
        Kind::List => "List with commas; in the file also an array",
        Kind::Tables => "JSON array of objects, in the file an array of tables; **secret**",
    }
}
