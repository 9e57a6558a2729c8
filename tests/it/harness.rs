//! A server for a test: a database of its own on either engine, a clock that the test sets, a real socket.

use std::sync::Arc;
use std::time::Duration;

use jari::app::App;
use jari::clock::Clock;
use jari::config::{self, Config, Sources};
use jari::service::Site;
use jari::store::Store;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// 2026-03-31 23:00 UTC: Wednesday 2026-04-01, 08:00 in Seoul, an hour before opening.
pub const NOW: i64 = 1_774_998_000;

/// The day of [`NOW`] in Seoul.
pub const TODAY: &str = "2026-04-01";

/// The day after [`TODAY`].
pub const TOMORROW: &str = "2026-04-02";

/// The `ADMIN_TOKEN` of every test server.
pub const ADMIN_TOKEN: &str = "f3b1c5d7e9a2468013579bdf02468ace";

/// Which engine a test runs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Makes of one test two: `NAME::on_sqlite` and `NAME::on_postgres`.
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block)+) => {
        $(
            $(#[$meta])*
            async fn $name($engine: $crate::harness::Engine) $body

            mod $name {
                #[tokio::test(flavor = "multi_thread")]
                async fn on_sqlite() {
                    super::$name($crate::harness::Engine::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn on_postgres() {
                    super::$name($crate::harness::Engine::Postgres).await;
                }
            }
        )+
    };
}
pub(crate) use both_engines;

/// Chooses one implementation of TLS for the clients of tests that build no server in their own process.
pub fn choose_tls() {
    // That another test chose it before is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Whether the long tests run at full length.
pub fn full_scale() -> bool {
    std::env::var("JARI_TEST_SCALE").is_ok_and(|scale| scale == "full")
}

/// A database of one test's own, gone when it is dropped.
pub struct Database {
    /// For the setting `DATABASE_URL`.
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite { folder: tempfile::TempDir },
    Postgres { server: String, name: String },
}

impl Database {
    pub async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite_in(&std::env::temp_dir()),
            Engine::Postgres => {
                let server = std::env::var("JARI_TEST_POSTGRES_URL")
                    .expect("no PostgreSQL for the tests: run them with `scripts/with-postgres cargo test`");
                let name = format!("jari_{}", uuid::Uuid::new_v4().simple());
                run_on(&server, format!("CREATE DATABASE {name}")).await;
                let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
                Self { url, kind: Kind::Postgres { server, name } }
            }
        }
    }

    /// A SQLite file in a new folder below `parent`.
    pub fn sqlite_in(parent: &std::path::Path) -> Self {
        let folder = tempfile::Builder::new().prefix("jari-test-").tempdir_in(parent).unwrap();
        let url = format!("sqlite:///{}", folder.path().join("jari.db").display());
        Self { url, kind: Kind::Sqlite { folder } }
    }

    /// The SQLite file.
    pub fn file(&self) -> std::path::PathBuf {
        match &self.kind {
            Kind::Sqlite { folder } => folder.path().join("jari.db"),
            Kind::Postgres { .. } => panic!("PostgreSQL has no file of ours"),
        }
    }

    /// A store of its own over this database, beside whatever else uses it.
    pub async fn store(&self) -> Store {
        match &self.kind {
            Kind::Sqlite { .. } => Store::open_sqlite(&self.file()).unwrap(),
            Kind::Postgres { .. } => Store::open_postgres(&self.url, None, 20).await.unwrap(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kind::Postgres { server, name } = &self.kind {
            let (server, drop) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            let _ = std::thread::spawn(move || {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(run_on(&server, drop));
            })
            .join();
        }
    }
}

async fn run_on(server: &str, sql: String) {
    use sqlx::{ConnectOptions as _, Executor as _};
    let options: sqlx::postgres::PgConnectOptions = server.parse().unwrap();
    let mut connection = options.connect().await.unwrap();
    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await.unwrap();
}

/// A running server.
pub struct Server {
    pub site: Arc<Site>,
    pub clock: Clock,
    pub base: String,
    pub client: reqwest::Client,
    pub database: Arc<Database>,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<()>,
}

/// The settings of a test server, as for `--set`.
pub fn settings(database: &Database, more: &[(&str, &str)]) -> Config {
    let mut flags = vec![
        ("DATABASE_URL".to_owned(), database.url.clone()),
        ("ADMIN_TOKEN".to_owned(), ADMIN_TOKEN.to_owned()),
        ("LOG_LEVEL".to_owned(), "warn".to_owned()),
        // Tests that move the clock by hours keep their tokens; tests of tokens set their own.
        ("ACCESS_TOKEN_MINUTES".to_owned(), "1440".to_owned()),
        // Tests of races book far more than is fair; tests of quotas set their own.
        ("QUOTA_OPEN_BOOKINGS".to_owned(), "0".to_owned()),
        ("QUOTA_HOURS_PER_DAY".to_owned(), "0".to_owned()),
        ("RATE_CHANGES_PER_HOUR".to_owned(), "0".to_owned()),
        ("RATE_CHECKS_PER_MINUTE".to_owned(), "0".to_owned()),
    ];
    flags.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    config::load(Sources { flags: &flags, ..Sources::default() }).unwrap()
}

impl Server {
    /// Starts a server on a new database; the clock stands at [`NOW`].
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// As [`Server::start`], with more settings.
    pub async fn start_with(engine: Engine, more: &[(&str, &str)]) -> Self {
        Self::start_on(Arc::new(Database::create(engine).await), Clock::standing_at(NOW), more).await
    }

    /// Starts a server on a database that exists.
    pub async fn start_on(database: Arc<Database>, clock: Clock, more: &[(&str, &str)]) -> Self {
        let app = App::build(&settings(&database, more), clock.clone()).await.unwrap();
        Self::run(app, database, clock).await
    }

    /// As [`Server::start_on`], where another listened before: at its address, such as `http://127.0.0.1:40123`.
    pub async fn start_at(base: &str, database: Arc<Database>, clock: Clock, more: &[(&str, &str)]) -> Self {
        let app = App::build(&settings(&database, more), clock.clone()).await.unwrap();
        Self::listen(base.strip_prefix("http://").unwrap(), app, database, clock).await
    }

    /// Runs an app that was built on this database with this clock.
    pub async fn run(app: App, database: Arc<Database>, clock: Clock) -> Self {
        Self::listen("127.0.0.1:0", app, database, clock).await
    }

    async fn listen(address: &str, app: App, database: Arc<Database>, clock: Clock) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let site = Arc::clone(&app.site);
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(app.run(listener, async move {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { site, clock, base, client, database, stop: Some(stop), running }
    }

    /// Stops the server as SIGTERM would, and waits for it. Answers its database.
    pub async fn stop(mut self) -> Arc<Database> {
        let _ = self.stop.take().unwrap().send(());
        drop(self.site);
        self.running.await.unwrap();
        self.database
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request as whoever holds `token` (`""` for nobody) and reads the answer.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, token, None).await
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::POST, path, token, Some(body)).await
    }

    pub async fn patch(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, token, Some(body)).await
    }

    pub async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(Method::DELETE, path, token, None).await
    }

    /// Registers a driver and answers the token.
    pub async fn driver(&self, email: &str) -> String {
        let body = json!({"email": email, "password": "a password of the tests"});
        let answer = self.post("/api/user/register", "", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json["token"].as_str().unwrap().to_owned()
    }

    /// Books tomorrow, and answers whatever came.
    pub async fn book(&self, token: &str, bay: Value, plate: &str, start: &str, end: &str) -> Answer {
        let body = json!({"sessionId": bay, "plate": plate, "date": TOMORROW, "startTime": start, "endTime": end});
        self.post("/api/reservations", token, body).await
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// `Null` when the body is no JSON.
    pub json: Value,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    /// The code of a problem, `""` for any other answer.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The value of a header, `""` when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the status is this; answers itself.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails unless it is a problem with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        self
    }
}
