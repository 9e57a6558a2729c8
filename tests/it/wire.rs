//! HTTP by hand: what a well-behaved client library would never send, and connections that are kept.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
pub struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct WireAnswer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl WireAnswer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// `Null` when the body is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The value of a header, `""` when there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next().unwrap_or("")
    }
}

impl Wire {
    pub async fn open(base: &str) -> Self {
        let stream = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// Sends bytes. That the server may have hung up by now is seen when its answer is read.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the server takes no more bytes");
    }

    /// The next answer; `None` when the server hung up instead.
    pub async fn answer(&mut self, to_head: bool) -> Option<WireAnswer> {
        loop {
            let end = loop {
                if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                    break end;
                }
                self.read_more().await?;
            };
            let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
            self.unread.drain(..end + 4);
            let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
            if status < 200 {
                continue;
            }
            let mut answer = WireAnswer { status, head, body: Vec::new() };
            if !to_head && status != 204 && status != 304 {
                assert_eq!(answer.header("transfer-encoding"), "", "answers have a length: {}", answer.head);
                let length: usize = answer.header("content-length").parse().unwrap_or(0);
                while self.unread.len() < length {
                    self.read_more().await?;
                }
                answer.body = self.unread.drain(..length).collect();
            }
            return Some(answer);
        }
    }

    async fn read_more(&mut self) -> Option<()> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.unread)).await.expect("no answer in 20 seconds");
        (read.ok()? > 0).then_some(())
    }
}
