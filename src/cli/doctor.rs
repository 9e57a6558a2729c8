//! `jari doctor`: what is wrong with an installation, and how to mend it. It changes nothing.

use std::fmt::Write as _;
use std::path::Path;

use tokio::net::TcpListener;

use crate::app;
use crate::clock::Clock;
use crate::config::{self, AccessMode, Config, DatabaseUrl, Encryption, PlainHttp, PlateServiceMode};
use crate::http::Tls;
use crate::service::mail::Post;
use crate::store::inspect::{self, Inspection};
use crate::store::{Store, latest_version};

use super::{Told, print};

/// A database's clock may differ from ours by so many seconds before tokens and bookings are affected.
const CLOCK_TOLERANCE: i64 = 5;

#[derive(Clone, Copy, Eq, PartialEq)]
enum Grade {
    Good,
    Notice,
    Bad,
}

struct Finding {
    grade: Grade,
    what: String,
    mend: Option<String>,
}

fn good(what: impl Into<String>) -> Finding {
    Finding { grade: Grade::Good, what: what.into(), mend: None }
}

fn notice(what: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { grade: Grade::Notice, what: what.into(), mend: Some(mend.into()) }
}

fn bad(what: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { grade: Grade::Bad, what: what.into(), mend: Some(mend.into()) }
}

pub(super) async fn run(config: Result<Config, Told>) -> Result<(), Told> {
    let findings = match config {
        Err(Told(sentence)) => vec![bad(
            format!("The settings are wrong: {sentence}"),
            "Correct them; `docs/configuration.md` has every setting.",
        )],
        Ok(config) => examine(&config).await,
    };
    let mut text = String::new();
    for Finding { grade, what, mend } in &findings {
        let mark = match grade {
            Grade::Good => "ok    ",
            Grade::Notice => "notice",
            Grade::Bad => "WRONG ",
        };
        let _ = writeln!(text, "{mark}  {what}");
        if let Some(mend) = mend {
            let _ = writeln!(text, "        -> {mend}");
        }
    }
    print(&text)?;
    match findings.iter().filter(|finding| finding.grade == Grade::Bad).count() {
        0 => Ok(()),
        1 => Err(Told("one thing is wrong, see above".to_owned())),
        count => Err(Told(format!("{count} things are wrong, see above"))),
    }
}

async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![good("The settings can be read.")];
    findings.push(address(config).await);
    if let DatabaseUrl::Sqlite(path) = &config.database.url {
        findings.push(folder(path));
    }
    findings.extend(database(config).await);
    findings.extend(access(config));
    findings.push(mail(config).await);
    findings.extend(recognition(config));
    findings
}

async fn address(config: &Config) -> Finding {
    let address = config.server.bind_address;
    match TcpListener::bind(address).await {
        Ok(_) => good(format!("{address} is free to listen on.")),
        Err(error) => notice(
            format!("{address} cannot be listened on ({error})."),
            "Right if jari is running already; otherwise stop what uses it, or set BIND_ADDRESS.",
        ),
    }
}

fn folder(database: &Path) -> Finding {
    let folder = match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.exists() {
        return notice(format!("The folder {} does not exist yet.", folder.display()), "`jari serve` makes it.");
    }
    match tempfile_in(folder) {
        Ok(()) => good(format!("The folder {} can be written.", folder.display())),
        Err(error) => bad(
            format!("The folder {} cannot be written ({error}).", folder.display()),
            "SQLite writes beside its file: give the folder to the user that runs jari, and free some space.",
        ),
    }
}

fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".jari-doctor-{}", std::process::id()));
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(&probe)
}

async fn database(config: &Config) -> Vec<Finding> {
    if let DatabaseUrl::Sqlite(path) = &config.database.url
        && !path.exists()
    {
        return vec![notice(format!("There is no database at {} yet.", path.display()), "`jari serve` makes it.")];
    }
    let store = match app::open_store(config).await {
        Ok(store) => store,
        Err(error) => {
            return vec![bad(
                format!("The database {} cannot be opened: {error}.", config.database.url),
                "Check DATABASE_URL, and that the database is running and lets this user in.",
            )];
        }
    };
    let inspected = store.snapshot(async |conn| inspect::inspect(conn).await).await;
    let findings = match inspected {
        Ok(inspection) => inspected_findings(&inspection, &store, Clock::system().now()),
        Err(error) => vec![bad(
            format!("The database cannot be examined: {error}."),
            "If the file is damaged, stop jari and restore the latest backup.",
        )],
    };
    store.close().await;
    findings
}

fn inspected_findings(inspection: &Inspection, store: &Store, now: i64) -> Vec<Finding> {
    let mut findings = vec![good(format!("{} answers.", inspection.engine))];
    findings.push(match inspection.schema {
        _ if inspection.belongs_to_earlier_server => bad(
            "This database belongs to the earlier server.",
            "jari leaves it untouched; set DATABASE_URL to a new file or database.",
        ),
        None | Some(0) => notice("The database is empty.", "`jari migrate` or `jari serve` sets it up."),
        Some(version) if version < latest_version() => notice(
            format!("The database has schema version {version} of {}.", latest_version()),
            "`jari migrate` or `jari serve` brings it up to date.",
        ),
        Some(version) if version > latest_version() => bad(
            format!("The database has schema version {version}; this jari knows {} at most.", latest_version()),
            "Start the later jari that wrote it.",
        ),
        Some(version) => good(format!("The database has schema version {version}, the latest.")),
    });
    if inspection.damage.is_empty() {
        findings.push(good("The database is not damaged."));
    } else {
        findings.push(bad(
            format!("The database is damaged: {}.", inspection.damage.join("; ")),
            "Stop jari, keep a copy of the file, and restore the latest backup.",
        ));
    }
    if inspection.inconsistent_slots == 0 {
        findings.push(good("Every live reservation holds its half hours, and nothing else holds any."));
    } else {
        findings.push(bad(
            format!("{} half hours or reservations do not fit together.", inspection.inconsistent_slots),
            "Somebody changed the tables by hand; restore the latest backup or ask for help with a copy.",
        ));
    }
    if (inspection.clock - now).abs() > CLOCK_TOLERANCE {
        findings.push(bad(
            format!("The clocks of this machine and of {:?} differ by {} s.", store.engine(), inspection.clock - now),
            "Run a time service (chrony, systemd-timesyncd) on both.",
        ));
    }
    findings
}

fn access(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if config.access.mode == AccessMode::Open {
        findings.push(notice(
            "ACCESS_MODE=open: anybody who reaches this server sees every plate and e-mail.",
            "Use it in a closed network only; leave it out to ask for accounts.",
        ));
    }
    findings.extend(way_in(config));
    for (name, url) in
        [("DATABASE_URL", Some(&config.database.url)), ("DATABASE_READ_URL", config.database.read_url.as_ref())]
    {
        let mend = "Give sslmode=verify-full, with sslrootcert if its authority is your own.";
        match url.map_or(Encryption::Good, DatabaseUrl::encryption) {
            Encryption::Good => {}
            Encryption::Unproved => {
                findings
                    .push(notice(format!("{name}: encrypted, but for whoever answers in the server's place."), mend));
            }
            Encryption::None => {
                findings.push(notice(
                    format!("{name}: another machine is asked in clear, passwords and plates too."),
                    mend,
                ));
            }
        }
    }
    if let Some(folder) = &config.server.static_dir
        && !folder.is_dir()
    {
        findings
            .push(bad(format!("STATIC_DIR {} is no folder.", folder.display()), "Make it, or leave the setting out."));
    }
    findings
}

/// A certificate is worth a notice so many seconds before its end: 21 days.
const SOON: i64 = 21 * 24 * 60 * 60;

/// How people reach the server: by TLS, or in clear.
fn way_in(config: &Config) -> Vec<Finding> {
    let (server, address) = (&config.server, config.server.bind_address);
    if let Some(files) = &server.tls {
        return match Tls::open(&files.certificate, &files.key) {
            Ok(tls) => certificate(&tls, Clock::system().now()),
            Err(problem) => {
                vec![bad(format!("TLS_CERT and TLS_KEY: {problem}."), "`jari serve` does not start with these files.")]
            }
        };
    }
    if server.is_open_without_tls() {
        return vec![bad(
            format!("{address} is reachable from other machines, without TLS: `jari serve` refuses it."),
            "Set TLS_CERT and TLS_KEY, bind to 127.0.0.1 behind a proxy with TLS, or say by PLAIN_HTTP who may do without.",
        )];
    }
    match (address.ip().to_canonical().is_loopback(), server.plain_http) {
        (false, PlainHttp::Proxies) => vec![notice(
            format!("PLAIN_HTTP=proxies: between {address} and the proxies passwords and plates travel in clear."),
            "Right in a network that nobody else can listen to; else set TLS_CERT and TLS_KEY.",
        )],
        (false, PlainHttp::Allow) => vec![notice(
            format!("PLAIN_HTTP=allow: {address} is reachable from other machines, without TLS."),
            "Right in a closed network only; else set TLS_CERT and TLS_KEY, or put a proxy with TLS in front.",
        )],
        _ => Vec::new(),
    }
}

fn certificate(tls: &Tls, now: i64) -> Vec<Finding> {
    let renew = "Renew it; jari takes the new files within a minute.";
    let mut findings = vec![match tls.ends_at().map(|end| end - now) {
        None => notice("When the certificate of TLS_CERT ends cannot be told.", "Look at it with openssl."),
        Some(..=0) => bad("The certificate of TLS_CERT is over.", renew),
        Some(left @ ..SOON) => notice(format!("The certificate of TLS_CERT ends in {} days.", left / 86_400), renew),
        Some(left) => good(format!("The certificate of TLS_CERT fits its key and holds for {} days.", left / 86_400)),
    }];
    if tls.key_is_open() {
        findings.push(notice(
            "Everybody on this machine can read the file of TLS_KEY.",
            "Take that right away: chmod 600.",
        ));
    }
    findings
}

async fn mail(config: &Config) -> Finding {
    let Some(mail) = &config.mail else {
        return good("Mails are not set up: operators hand links over themselves (SMTP_URL).");
    };
    let server = mail.server.shown();
    let answer = match Post::new(mail) {
        Ok(post) => post.check().await.map_err(|cause| cause.to_string()),
        Err(cause) => Err(cause),
    };
    match answer {
        Ok(()) => good(format!("Mails are set up, and {server} answers.")),
        Err(cause) => bad(
            format!("Mails are set up, but not with {server}: {cause}."),
            "Check SMTP_URL: host, port, tls, user and password.",
        ),
    }
}

fn asks_another_machine_in_clear(url: &str) -> bool {
    let host = config::host_of(url).trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    url.to_ascii_lowercase().starts_with("http://") && !here
}

fn recognition(config: &Config) -> Vec<Finding> {
    let recognition = &config.recognition;
    if recognition.mode == PlateServiceMode::GptApi && recognition.openai_api_key.is_none() {
        return vec![bad(
            "PLATE_SERVICE_MODE=gptapi has no key.",
            "Set OPENAI_API_KEY, or put the key into openai-key.txt in the working directory.",
        )];
    }
    let (name, url) = match recognition.mode {
        PlateServiceMode::GptApi => ("OPENAI_BASE_URL", &recognition.openai_base_url),
        PlateServiceMode::Http => ("PLATE_SERVICE_URL", &recognition.service_url),
        PlateServiceMode::Local => return Vec::new(),
    };
    if asks_another_machine_in_clear(url.as_str()) {
        return vec![notice(
            format!("{name}: another machine is asked in clear, with pictures of cars."),
            "Give an https:// address, unless nobody else can listen to that network.",
        )];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_plates_elsewhere_is_asked_in_clear_by_http_alone() {
        for url in ["http://lpr:8001/v1", "http://u:p@192.168.7.5/v1?x=@localhost", "HTTP://[2001:db8::1]:80/"] {
            assert!(asks_another_machine_in_clear(url), "{url}");
        }
        for url in ["https://lpr/v1", "http://localhost:8001/v1", "http://127.0.0.1/", "http://u@[::1]:11434/v1"] {
            assert!(!asks_another_machine_in_clear(url), "{url}");
        }
    }
}
