//! The real program as a process of its own, with an environment that has nothing but settings.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use crate::harness::{ADMIN_TOKEN, Database, Engine};

/// A folder on the real disk: what is measured here is what a disk keeps.
pub fn disk() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// A database whose SQLite file lies on the real disk.
pub async fn database(engine: Engine) -> Database {
    match engine {
        Engine::Sqlite => Database::sqlite_in(&disk()),
        Engine::Postgres => Database::create(engine).await,
    }
}

/// A running server.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub base: String,
    told: Arc<Mutex<String>>,
    reading: Option<std::thread::JoinHandle<()>>,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// What it wrote to standard error.
    pub told: String,
    /// How long it took after it was asked.
    pub after: Duration,
}

impl Process {
    /// Starts a server on a database, with more settings; answers how it ended if it does not start.
    pub fn start(database_url: &str, more: &[(&str, &str)]) -> Result<Self, Ended> {
        let mut child = jari(database_url, more).arg("serve").spawn().unwrap();
        let told = Arc::new(Mutex::new(String::new()));
        let (listening, address) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let kept = Arc::clone(&told);
        let reading = std::thread::spawn(move || {
            for line in stderr.lines() {
                let Ok(line) = line else { break };
                if let Some((_, address)) = line.split_once("listening server.address=") {
                    let _ = listening.send(address.trim().to_owned());
                }
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        // The sender is dropped when the program closes its standard error: it ended without listening.
        let address = address.recv_timeout(Duration::from_mins(1));
        let mut process = Self { child, base: String::new(), told, reading: Some(reading) };
        match address {
            Ok(address) => process.base = format!("http://{address}"),
            Err(_) => return Err(process.end(Instant::now())),
        }
        Ok(process)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end(Instant::now())
    }

    /// SIGTERM, and waits.
    pub fn stop(self) -> Ended {
        self.ask_to_stop();
        self.wait()
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        // The library calls that send a signal are `unsafe` or another dependency; a shell has one built in.
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status();
        assert!(asked.unwrap().success());
    }

    /// Waits for the end of a server that was asked to stop.
    pub fn wait(mut self) -> Ended {
        self.end(Instant::now())
    }

    /// What it wrote to standard error so far.
    pub fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    fn end(&mut self, since: Instant) -> Ended {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < Duration::from_mins(1), "the server does not end: {}", self.told());
            std::thread::sleep(Duration::from_millis(2));
        };
        let after = since.elapsed();
        let _ = self.reading.take().map(std::thread::JoinHandle::join);
        Ended { status, told: self.told(), after }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command of the program to its end.
pub fn run(database_url: &str, arguments: &[&str], more: &[(&str, &str)]) -> (Ended, String) {
    let since = Instant::now();
    let output = jari(database_url, more).args(arguments).stdout(Stdio::piped()).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (Ended { status: output.status, told, after: since.elapsed() }, String::from_utf8(output.stdout).unwrap())
}

fn jari(database_url: &str, more: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jari"));
    command
        .current_dir(disk()) // no settings file lies there
        .env_clear()
        .env("DATABASE_URL", database_url)
        .env("BIND_ADDRESS", "127.0.0.1:0")
        .env("ADMIN_TOKEN", ADMIN_TOKEN)
        .env("LOG_LEVEL", "warn,jari::cli::serve=info")
        .env("BOOKING_HORIZON_DAYS", "366")
        .env("OPENING_HOURS", "00:00-24:00")
        .envs([("QUOTA_OPEN_BOOKINGS", "0"), ("QUOTA_HOURS_PER_DAY", "0"), ("RATE_CHANGES_PER_HOUR", "0")])
        .envs(more.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}
