//! What clients were answered, to be held against what a server has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::ADMIN_TOKEN;

/// A client that books, moves and cancels at a bay of its own, each time at a half hour that nobody had
/// before: so no refusal is to be expected, and every row explains itself.
pub struct Writer {
    bay: i64,
    plate: String,
    first_day: Date,
    slot: i64,
    random: u64,
    /// What was answered and holds, by id, as it was answered.
    held: BTreeMap<String, Value>,
    cancelled: BTreeSet<String>,
    doubts: Vec<Doubt>,
    /// How many requests were answered as done.
    pub answered: usize,
    /// How many were refused because the storage was away.
    pub unavailable: usize,
}

/// A request that was not answered: either of two things is true now.
struct Doubt {
    id: Option<String>,
    key: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Found {
    pub lost: usize,
    pub changed: usize,
    pub unexplained: usize,
    /// Unanswered requests that were done, and that were not: both are right.
    pub done: usize,
    pub not_done: usize,
}

/// What became of one request.
enum Sent {
    Done(Value),
    Unavailable,
    Unanswered,
}

impl Writer {
    pub fn new(bay: i64) -> Self {
        let today = Timestamp::now().in_tz("Asia/Seoul").unwrap().date();
        Self {
            bay,
            plate: format!("12가{:04}", 1000 + bay),
            first_day: today.saturating_add(2.days()),
            slot: 0,
            random: 0x9e37_79b9_7f4a_7c15 ^ u64::from_ne_bytes(bay.to_ne_bytes()),
            held: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            doubts: Vec::new(),
            answered: 0,
            unavailable: 0,
        }
    }

    /// Sends one request after another until `stop`, or until one is not answered.
    pub async fn write(&mut self, base: &str, stop: &AtomicBool) {
        let client = Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        while !stop.load(Ordering::SeqCst) {
            let id = self.any_held();
            let goes_on = match (self.next_random() % 8, id) {
                (0, Some(id)) => self.cancel(&client, base, id).await,
                (1, Some(id)) => self.move_it(&client, base, id).await,
                (number, _) => self.create(&client, base, number % 2 == 0).await,
            };
            if !goes_on {
                break;
            }
        }
    }

    async fn create(&mut self, client: &Client, base: &str, with_key: bool) -> bool {
        let (date, start, end) = self.next_time();
        let wanted = json!({"sessionId": self.bay, "plate": self.plate, "date": date, "startTime": start,
            "endTime": end, "contactEmail": format!("driver{}@example.com", self.slot)});
        let key = with_key.then(|| format!("key-{}-{}", self.bay, self.slot));
        let sent = send(client, Method::POST, &format!("{base}/api/reservations"), key.as_deref(), Some(&wanted)).await;
        let mut after = wanted;
        after["status"] = json!("CONFIRMED");
        self.note(sent, Doubt { id: None, key, before: None, after: Some(after) })
    }

    async fn cancel(&mut self, client: &Client, base: &str, id: String) -> bool {
        let before = self.held.remove(&id);
        let sent = send(client, Method::DELETE, &format!("{base}/api/reservations/{id}"), None, None).await;
        self.note(sent, Doubt { id: Some(id), key: None, before, after: None })
    }

    async fn move_it(&mut self, client: &Client, base: &str, id: String) -> bool {
        let (date, start, end) = self.next_time();
        let place = json!({"date": date, "startTime": start, "endTime": end});
        let before = self.held.remove(&id);
        let sent = send(client, Method::PATCH, &format!("{base}/api/reservations/{id}"), None, Some(&place)).await;
        let mut after = before.clone().unwrap();
        for field in ["date", "startTime", "endTime"] {
            after[field] = place[field].clone();
        }
        self.note(sent, Doubt { id: Some(id), key: None, before, after: Some(after) })
    }

    /// Notes what became of a request; `doubt` is what it was to change. Answers whether to go on.
    fn note(&mut self, sent: Sent, doubt: Doubt) -> bool {
        match sent {
            Sent::Done(answer) => {
                self.answered += 1;
                match (doubt.after, doubt.id) {
                    (Some(after), _) => {
                        let id = answer["id"].as_str().unwrap().to_owned();
                        assert!(same(&answer, &after), "{answer} is not what was asked for: {after}");
                        self.held.insert(id, answer);
                    }
                    (None, id) => drop(self.cancelled.insert(id.unwrap())),
                }
                true
            }
            Sent::Unavailable => {
                self.unavailable += 1;
                self.doubts.push(doubt);
                true
            }
            Sent::Unanswered => {
                self.doubts.push(doubt);
                false
            }
        }
    }

    /// Holds this client's answers against what the server lists (see [`list`]); what was explained is taken
    /// off the list. A doubtful creation with a key is sent again: it must be done once.
    pub async fn compare(&mut self, base: &str, listed: &mut BTreeMap<String, Value>, found: &mut Found) {
        for (id, answered) in &self.held {
            match listed.remove(id) {
                None => found.lost += 1,
                Some(stored) => found.changed += usize::from(stored != *answered),
            }
        }
        found.unexplained += self.cancelled.iter().filter(|id| listed.contains_key(*id)).count();
        let client = Client::new();
        for doubt in std::mem::take(&mut self.doubts) {
            let id = doubt.id.clone().or_else(|| {
                let wanted = doubt.after.as_ref().unwrap();
                listed.iter().find(|(_, stored)| same(stored, wanted)).map(|(id, _)| id.clone())
            });
            let stored = id.as_ref().and_then(|id| listed.remove(id));
            let is = |expected: &Option<Value>| match (&stored, expected) {
                (Some(stored), Some(expected)) => same(stored, expected),
                (None, None) => true,
                _ => false,
            };
            let (after, before) = (is(&doubt.after), is(&doubt.before));
            match (after, before) {
                (true, _) => found.done += 1,
                (false, true) => found.not_done += 1,
                (false, false) if stored.is_some() => found.changed += 1,
                (false, false) => found.lost += 1,
            }
            let mut now = id.zip(stored);
            if let Some(key) = &doubt.key {
                let mut body = doubt.after.clone().unwrap();
                body.as_object_mut().unwrap().remove("status");
                let again =
                    send(&client, Method::POST, &format!("{base}/api/reservations"), Some(key), Some(&body)).await;
                let Sent::Done(answer) = again else { panic!("a repeated creation was not answered") };
                let first = now.as_ref().map_or(&answer, |(_, stored)| stored);
                assert_eq!(*first, answer, "a repetition is answered as the first time");
                now = Some((answer["id"].as_str().unwrap().to_owned(), answer));
            }
            match (now, doubt.id) {
                (Some((id, value)), _) => drop(self.held.insert(id, value)),
                (None, Some(id)) => drop(self.cancelled.insert(id)),
                (None, None) => {}
            }
        }
    }

    /// Some of the reservations whose cancellation was answered.
    pub fn some_cancelled(&self) -> impl Iterator<Item = &String> {
        self.cancelled.iter().take(50)
    }

    fn any_held(&mut self) -> Option<String> {
        let number = usize::try_from(self.next_random() % 1000).unwrap();
        self.held.keys().nth(number % self.held.len().clamp(1, 1000)).cloned()
    }

    fn next_time(&mut self) -> (String, String, String) {
        let (day, half_hour) = (self.slot / 48, self.slot % 48);
        self.slot += 1;
        assert!(day < 360, "this client ran out of days");
        let clock = |half_hours: i64| format!("{:02}:{:02}", half_hours / 2, half_hours % 2 * 30);
        (self.first_day.saturating_add(day.days()).to_string(), clock(half_hour), clock(half_hour + 1))
    }

    /// xorshift64: the same requests in each run, cut at other moments.
    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 16
    }
}

/// Whether two reservations are the same but for an id that one of them has not yet.
fn same(stored: &Value, wanted: &Value) -> bool {
    wanted.as_object().unwrap().iter().all(|(field, value)| stored[field] == *value)
}

async fn send(client: &Client, method: Method, url: &str, key: Option<&str>, body: Option<&Value>) -> Sent {
    let mut request = client.request(method, url).bearer_auth(ADMIN_TOKEN);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    let Ok(response) = request.send().await else { return Sent::Unanswered };
    let (status, wait) = (response.status(), response.headers().contains_key("retry-after"));
    let Ok(text) = response.text().await else { return Sent::Unanswered };
    match status {
        StatusCode::OK | StatusCode::CREATED => Sent::Done(serde_json::from_str(&text).unwrap()),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE if wait => Sent::Unavailable,
        _ => panic!("{status}: {text}"),
    }
}

/// Every live reservation that a server has, by id.
pub async fn list(base: &str) -> BTreeMap<String, Value> {
    let request = Client::new().get(format!("{base}/api/sessions")).bearer_auth(ADMIN_TOKEN);
    let bays: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
    let reservations = bays.as_array().unwrap().iter().flat_map(|bay| bay["reservations"].as_array().unwrap());
    reservations.map(|one| (one["id"].as_str().unwrap().to_owned(), one.clone())).collect()
}

/// Holds the answers of all clients against what a server has.
pub async fn compare(base: &str, writers: &mut [Writer]) -> Found {
    let mut listed = list(base).await;
    let mut found = Found::default();
    for writer in writers {
        writer.compare(base, &mut listed, &mut found).await;
    }
    found.unexplained += listed.len();
    found
}
