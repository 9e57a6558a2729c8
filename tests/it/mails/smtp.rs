//! A mail server on loopback that speaks as much SMTP as a client needs, and can be in several moods.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mood {
    Takes,
    /// Takes mails, after so long.
    Slow(Duration),
    /// Accepts connections and says nothing.
    Silent,
    /// Refuses everybody for good.
    Refuses,
    /// Refuses everybody for now.
    Busy,
}

/// A mail that arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub head: String,
    /// Decoded.
    pub body: String,
}

impl Mail {
    /// The one link in it.
    pub fn link(&self) -> &str {
        let mut links = self.body.lines().filter(|line| line.starts_with("http"));
        let link = links.next().unwrap_or_else(|| panic!("no link in {self:?}"));
        assert_eq!(links.next(), None);
        link
    }

    /// What stands behind the `#` of the link.
    pub fn secret(&self) -> &str {
        self.link().split_once('#').unwrap().1
    }
}

pub struct Smtp {
    pub port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
    mood: Arc<Mutex<Mood>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Smtp {
    pub async fn start() -> Self {
        Self::on(0).await
    }

    pub async fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mails, mood) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Mood::Takes)));
        let (kept, felt) = (Arc::clone(&mails), Arc::clone(&mood));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, felt) = (Arc::clone(&kept), *felt.lock().unwrap());
                // What a client does that hangs up is its affair.
                tokio::spawn(async move { drop(talk(stream, &kept, felt).await) });
            }
        });
        Self { port, mails, mood, accepting }
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// All that arrived so far.
    pub fn all(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// Waits for the mail of this number, counted from 0.
    pub async fn mail(&self, number: usize) -> Mail {
        for _ in 0..2000 {
            if let Some(mail) = self.all().get(number) {
                return mail.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("mail {number} has not come; there are {:?}", self.all());
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn talk(stream: TcpStream, mails: &Mutex<Vec<Mail>>, mood: Mood) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    match mood {
        Mood::Silent => {
            while lines.next_line().await?.is_some() {}
            return Ok(());
        }
        Mood::Refuses => writer.write_all(b"554 no mail for somebody@example.com\r\n").await?,
        Mood::Busy => writer.write_all(b"421 somebody@example.com, come back later\r\n").await?,
        Mood::Takes | Mood::Slow(_) => writer.write_all(b"220 test ESMTP\r\n").await?,
    }
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                if let Mood::Slow(wait) = mood {
                    tokio::time::sleep(wait).await;
                }
                mails.lock().unwrap().push(decoded(to.clone(), &text));
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        writer.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn decoded(to: String, text: &str) -> Mail {
    let (head, body) = text.split_once("\n\n").unwrap();
    let encoding = head.lines().find_map(|line| line.strip_prefix("Content-Transfer-Encoding: ")).unwrap_or("7bit");
    let body = match encoding {
        "base64" => {
            let packed: String = body.split_whitespace().collect();
            String::from_utf8(base64::engine::general_purpose::STANDARD.decode(packed).unwrap()).unwrap()
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_owned(),
    };
    Mail { to, head: head.to_owned(), body: body.replace("\r\n", "\n") }
}

fn quoted_printable(text: &str) -> String {
    let text = text.replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}
