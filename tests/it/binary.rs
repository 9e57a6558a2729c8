//! The real program: started, asked, and told to stop.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The program with an environment of its own: nothing of the caller's settings reaches it.
pub fn jari(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jari"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    jari(folder).args(arguments).output().unwrap()
}

/// A server in a process of its own; killed when dropped.
pub struct Process {
    child: Child,
    pub base: String,
    /// What it has written to standard error so far.
    pub log: Arc<Mutex<String>>,
}

impl Process {
    /// Starts `jari serve` on a free port and waits until it listens.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = jari(folder);
        command.arg("serve").env("BIND_ADDRESS", "127.0.0.1:0").envs(settings.iter().copied());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let address = listening(&log.lock().unwrap());
            if let Some(address) = address {
                return Self { child, base: format!("http://{address}"), log };
            }
            let ended = child.try_wait().unwrap();
            let running = ended.is_none() && Instant::now() < deadline;
            assert!(running, "the server did not start: {ended:?}\n{}", log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The password that the first start shows once.
    pub fn first_password(&self) -> Option<String> {
        let log = self.log.lock().unwrap();
        let line = log.lines().find(|line| line.trim_start().starts_with("password "))?;
        Some(line.split_whitespace().nth(1)?.to_owned())
    }
}

fn listening(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("listening"))?;
    Some(line.split("server.address=").nth(1)?.split_whitespace().next()?.to_owned())
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
