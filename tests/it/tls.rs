//! TLS of our own: a real server, real handshakes, certificates that change, and clients that do not play along.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jari::app::App;
use jari::clock::Clock;
use reqwest::Method;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::binary::{jari, run};
use crate::harness::{Answer, Database, Engine, NOW, Server, settings};

const SECOND: Duration = Duration::from_secs(1);

/// Makes a certificate for 127.0.0.1 that ends at this day, and writes it and its key.
fn write_certificate(folder: &Path, (year, month, day): (i32, u8, u8)) -> CertificateDer<'static> {
    let mut params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, month, day);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("cert.pem"), made.pem()).unwrap();
    write_key(folder, &key.serialize_pem(), 0o600);
    made.der().clone()
}

fn write_key(folder: &Path, pem: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(folder.join("key.pem"), pem).unwrap();
    std::fs::set_permissions(folder.join("key.pem"), std::fs::Permissions::from_mode(mode)).unwrap();
}

fn files(folder: &Path) -> [(&'static str, String); 2] {
    [("TLS_CERT", "cert.pem"), ("TLS_KEY", "key.pem")]
        .map(|(name, file)| (name, folder.join(file).to_str().unwrap().to_owned()))
}

async fn build(folder: &Path, more: &[(&str, &str)]) -> (App, Arc<Database>, Clock) {
    let (database, clock) = (Arc::new(Database::create(Engine::Sqlite).await), Clock::standing_at(NOW));
    let files = files(folder);
    let mut all: Vec<(&str, &str)> = files.iter().map(|(name, path)| (*name, path.as_str())).collect();
    all.extend(more);
    let app = App::build(&settings(&database, &all), clock.clone()).await.unwrap();
    (app, database, clock)
}

/// A server whose files are looked at often, and whose handshakes may take a second.
async fn start(folder: &Path, more: &[(&str, &str)]) -> Server {
    let (mut app, database, clock) = build(folder, more).await;
    let tls = app.tls.as_mut().unwrap();
    (tls.look_every, tls.handshake_timeout) = (Duration::from_millis(50), SECOND);
    let mut server = Server::run(app, database, clock).await;
    server.base = server.base.replace("http://", "https://");
    server
}

/// A client that trusts this certificate alone.
fn client(certificate: &CertificateDer<'_>) -> reqwest::Client {
    let root = reqwest::Certificate::from_der(certificate).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
}

async fn connect(server: &Server, from: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    socket.connect(server.base.trim_start_matches("https://").parse().unwrap()).await.unwrap()
}

/// Shakes hands as a client that trusts this certificate alone and speaks these versions.
async fn shake(
    server: &Server,
    trusted: &CertificateDer<'static>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config =
        ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, connect(server, "127.0.0.1").await).await
}

const BOTH: [&rustls::SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// Sends a request over an encrypted connection that stays open, and answers the first line of what came.
async fn ask(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(15).any(|end| end == br#"{"status":"ok"}"#) {
        let mut part = [0; 1024];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "the connection ended: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
    }
    String::from_utf8_lossy(&answer).lines().next().unwrap().to_owned()
}

/// Waits until new handshakes succeed, or fail, for a client that trusts this certificate.
async fn until_trusted(server: &Server, certificate: &CertificateDer<'static>) {
    let began = Instant::now();
    while shake(server, certificate, &BOTH).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "the certificate is not in force");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_tls_of_our_own_cookies_and_browsers_are_kept_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = write_certificate(folder.path(), (2049, 1, 1));
    let mut server = start(folder.path(), &[]).await;
    server.client = client(&certificate);
    server.driver("me@example.com").await;
    let body = json!({"email": "me@example.com", "password": "a password of the tests"});
    let done = server.post("/api/user/login", "", body).await.expect(200);
    let cookie = done.header("set-cookie");
    assert!(cookie.starts_with("__Host-jari_session=") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(done.header("strict-transport-security").starts_with("max-age=31536000"), "{done:?}");
    let cookie = cookie.split(';').next().unwrap();
    Answer::of(server.request(Method::GET, "/api/user/sessions").header("Cookie", cookie)).await.expect(200);

    for (version, number) in [(BOTH[0], ProtocolVersion::TLSv1_3), (BOTH[1], ProtocolVersion::TLSv1_2)] {
        let mut stream = shake(&server, &certificate, &[version]).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(number));
        assert_eq!(ask(&mut stream).await, "HTTP/1.1 200 OK");
    }
    server.client = reqwest::Client::new();
    drop(server.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_without_ending_connections_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path(), (2049, 1, 1));
    let server = start(folder.path(), &[]).await;
    let mut open = shake(&server, &first, &BOTH).await.unwrap();
    ask(&mut open).await;

    let second = write_certificate(folder.path(), (2049, 1, 2));
    until_trusted(&server, &second).await;
    assert!(shake(&server, &first, &BOTH).await.is_err(), "the first is no longer used");
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK", "a connection from before goes on");

    // Nonsense, no file, and the key of another certificate: the second one stays.
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let good = (std::fs::read(&cert).unwrap(), std::fs::read(&key).unwrap());
    let breakages: [&dyn Fn(); 4] = [
        &|| std::fs::write(&cert, "nonsense").unwrap(),
        &|| std::fs::write(&key, "nonsense").unwrap(),
        &|| std::fs::remove_file(&cert).unwrap(),
        &|| std::fs::write(&key, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap(),
    ];
    for break_it in breakages {
        break_it();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut stream = shake(&server, &second, &BOTH).await.unwrap();
        ask(&mut stream).await;
        std::fs::write(&cert, &good.0).unwrap();
        std::fs::write(&key, &good.1).unwrap();
    }
    let third = write_certificate(folder.path(), (2049, 1, 3));
    until_trusted(&server, &third).await;
    assert_eq!(ask(&mut open).await, "HTTP/1.1 200 OK");
}

/// What comes until the other end closes; `None` when it breaks the connection off, or does not close in time.
async fn until_closed(stream: &mut TcpStream, limit: Duration) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    tokio::time::timeout(limit, stream.read_to_end(&mut all)).await.ok()?.ok()?;
    Some(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_hang_stop_nobody_and_end() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = write_certificate(folder.path(), (2049, 1, 1));
    let server = start(folder.path(), &[("MAX_CONNECTIONS_PER_ADDRESS", "20")]).await;
    let mut hanging = Vec::new();
    for at in 0..20 {
        let mut stream = connect(&server, "127.0.0.2").await;
        // Half of them begin, a byte of a record that never comes.
        if at % 2 == 0 {
            stream.write_all(&[22, 3, 1]).await.unwrap();
        }
        hanging.push(stream);
    }
    // They are the whole share of their address, and nobody else's.
    let one_more = until_closed(&mut connect(&server, "127.0.0.2").await, Duration::from_millis(500)).await;
    assert!(one_more.is_none_or(|sent| sent.is_empty()));
    let began = Instant::now();
    ask(&mut shake(&server, &certificate, &BOTH).await.unwrap()).await;
    let wait = began.elapsed();
    println!("beside 20 hanging handshakes another client was served after {wait:?} (goal 1 s)");
    assert!(wait < SECOND, "{wait:?}");
    for stream in &mut hanging {
        let began = Instant::now();
        let _ = until_closed(stream, 5 * SECOND).await;
        assert!(began.elapsed() < 4 * SECOND, "a handshake that hangs is ended");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    // What is ended is given back.
    let mut again = connect(&server, "127.0.0.2").await;
    again.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(until_closed(&mut again, 5 * SECOND).await, Some(Vec::new()));
}

/// A hello of TLS 1.1, as a client of 2010 sends it.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 6, 0xc0, 0x13, 0xc0, 0x14, 0, 0x2f, 1, 0]);
    // Extensions: the groups, points and signatures that it can do. Without them it would be refused for that.
    let extensions = [0, 10, 0, 4, 0, 2, 0, 29, 0, 11, 0, 2, 1, 0, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4];
    hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tls_or_an_old_one_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path(), (2049, 1, 1));
    let server = start(folder.path(), &[]).await;
    let answer = async |sent: &[u8]| {
        let mut stream = connect(&server, "127.0.0.1").await;
        stream.write_all(sent).await.unwrap();
        until_closed(&mut stream, 5 * SECOND).await
    };
    assert_eq!(answer(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await, Some(Vec::new()), "closed without a word");
    let alert = answer(&hello_of_tls_1_1()).await.unwrap();
    // A fatal alert, protocol_version (RFC 8446 §6).
    assert_eq!((alert[0], &alert[5..]), (21, &[2, 70][..]), "{alert:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_waits_for_no_handshake() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path(), (2049, 1, 1));
    let (app, database, clock) = build(folder.path(), &[]).await;
    let mut server = Server::run(app, database, clock).await;
    server.base = server.base.replace("http://", "https://");
    let _hanging = connect(&server, "127.0.0.1").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    drop(server.stop().await);
    assert!(began.elapsed() < 3 * SECOND, "{:?}", began.elapsed());
}

#[test]
fn files_that_do_not_fit_stop_the_start_and_the_doctor_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let told = |command: &str, more: &[(&str, &str)]| {
        let mut command_line = jari(folder.path());
        command_line.arg(command).env("BIND_ADDRESS", "127.0.0.1:0").envs(files.clone()).envs(more.iter().copied());
        let output = command_line.output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(told).unwrap())
    };
    let (well, missing) = told("doctor", &[]);
    assert!(!well && missing.contains("cert.pem cannot be read"), "{missing}");
    let day = |days: i64| {
        let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(days);
        (i32::from(day.year()), u8::try_from(day.month()).unwrap(), u8::try_from(day.day()).unwrap())
    };
    for (days, well, sentence) in [
        (-1, false, "The certificate of TLS_CERT is over."),
        (20, true, "ends in 19 days"),
        (23, true, "fits its key and holds for 22 days"),
    ] {
        write_certificate(folder.path(), day(days));
        let (was_well, told) = told("doctor", &[]);
        assert!(was_well == well && told.contains(sentence), "{days}: {told}");
        assert!(!told.contains("can read the file of TLS_KEY"), "{told}");
    }
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    write_key(folder.path(), &key, 0o644);
    for command in ["doctor", "serve"] {
        let (well, told) = told(command, &[]);
        assert!(!well && told.contains("is not that of the certificate in"), "{told}");
        assert!(!told.contains("PRIVATE KEY-----"), "{told}");
    }
    write_certificate(folder.path(), day(100));
    let good = std::fs::read_to_string(folder.path().join("key.pem")).unwrap();
    write_key(folder.path(), &good, 0o644);
    let (well, open) = told("doctor", &[]);
    assert!(well && open.contains("Everybody on this machine can read the file of TLS_KEY"), "{open}");
    let (well, one) = told("doctor", &[("TLS_KEY", "")]);
    assert!(!well && one.contains("set TLS_KEY too"), "{one}");
    let (well, http) = told("doctor", &[("PUBLIC_URL", "http://charge.example.kr")]);
    assert!(!well && http.contains("https:// only"), "{http}");
}

#[test]
fn other_machines_are_served_without_tls_only_where_a_setting_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(
        folder.path(),
        &["serve", "--set", "BIND_ADDRESS=0.0.0.0:0", "--set", "DATABASE_URL=postgres://x@127.0.0.1:1/x"],
    );
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("PLAIN_HTTP=allow") && told.contains("TLS_CERT"), "{told}");
    assert!(!folder.path().join("data").exists(), "nothing was made");
    let (nobody, word) = ("BIND_ADDRESS=0.0.0.0:0", "PLAIN_HTTP=proxies");
    let refused = run(folder.path(), &["serve", "--set", nobody, "--set", word]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("name them in TRUSTED_PROXIES"));
}

/// The address by which this machine reaches others, if it reaches any.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: this asks the routing table alone.
    socket.connect("203.0.113.9:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_named_is_not_heard_without_tls() {
    let Some(own) = own_address() else {
        println!("this machine reaches no other, so nobody can come from elsewhere");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (word, proxies, heard) in [
        ("proxies", "203.0.113.9".to_owned(), false),
        ("proxies", own.to_string(), true),
        ("allow", "203.0.113.9".to_owned(), true),
    ] {
        let settings = [("BIND_ADDRESS", "0.0.0.0:0"), ("PLAIN_HTTP", word), ("TRUSTED_PROXIES", &proxies)];
        let server = crate::binary::Process::start(folder.path(), &settings);
        let port = server.base.rsplit(':').next().unwrap().to_owned();
        let from_elsewhere = reqwest::get(format!("http://{own}:{port}/health")).await;
        assert_eq!(from_elsewhere.is_ok_and(|answer| answer.status() == 200), heard, "{word} {proxies}");
        let from_here = reqwest::get(format!("http://127.0.0.1:{port}/health")).await;
        assert_eq!(from_here.unwrap().status(), 200);
    }
}
