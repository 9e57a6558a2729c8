//! A browser that a test steers, by the `WebDriver` protocol (W3C) and, where that has no word for it, Chromium's own.
//!
//! A client of our own, because it is small, and because the crate for it switches on features of `serde_json`: the
//! server under test would no longer be the one that people run.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many browsers there are at a time; each takes some hundred MiB and much of a core while it starts.
static BROWSERS: Semaphore = Semaphore::const_new(2);

/// For how long a test waits for something to appear.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// The name of an element's id in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys as the protocol writes them.
pub mod keys {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const SHIFT: &str = "\u{e008}";
    pub const LEFT: &str = "\u{e012}";
    pub const UP: &str = "\u{e013}";
    pub const RIGHT: &str = "\u{e014}";
    pub const DOWN: &str = "\u{e015}";
}

/// What a person's device is like.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    pub width: u32,
    pub height: u32,
    pub is_phone: bool,
}

pub const PHONE: Device = Device { width: 390, height: 844, is_phone: true };
/// A page on a desktop at four times its size (WCAG 1.4.10).
pub const NARROW: Device = Device { width: 320, height: 256, is_phone: true };
pub const DESKTOP: Device = Device { width: 1280, height: 800, is_phone: false };

/// What a browser is set to.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// `ko` or `en`: what the browser asks for.
    pub language: &'static str,
    pub javascript: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self { language: "en", javascript: true }
    }
}

/// What the driver refused.
#[derive(Debug)]
pub struct Refused {
    /// The protocol's name for it, such as `no such element`.
    pub error: String,
    pub message: String,
}

/// A browser with one person at it; ended when dropped.
pub struct Browser {
    /// The address of the session.
    session: String,
    client: reqwest::Client,
    // In this order: the browser ends before its folder goes and before the next may start.
    _end: End,
    _profile: tempfile::TempDir,
    _permit: SemaphorePermit<'static>,
}

struct End(String);

impl Drop for End {
    fn drop(&mut self) {
        let session = self.0.clone();
        let ending = async move { client().delete(session).send().await.map(drop) };
        let _ = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _ = runtime.block_on(ending);
        })
        .join();
    }
}

fn client() -> reqwest::Client {
    crate::harness::choose_tls();
    reqwest::Client::builder().timeout(Duration::from_mins(2)).no_proxy().build().unwrap()
}

fn from_environment(name: &str) -> String {
    std::env::var(name)
        .expect("no browser for the tests: run them with `scripts/with-postgres scripts/with-browser cargo test`")
}

/// The text of axe-core.
pub fn axe() -> String {
    std::fs::read_to_string(from_environment("JARI_TEST_AXE")).unwrap()
}

impl Browser {
    /// One browser, in English.
    pub async fn open() -> Self {
        Self::open_as(Setting::default()).await
    }

    /// One browser.
    pub async fn open_as(setting: Setting) -> Self {
        Self::start(setting, BROWSERS.acquire().await.unwrap()).await
    }

    /// Two browsers of two people. Both at once, so that two tests never wait for each other's second.
    pub async fn open_two() -> (Self, Self) {
        let mut both = BROWSERS.acquire_many(2).await.unwrap();
        let one = both.split(1).unwrap();
        (Self::start(Setting::default(), one).await, Self::start(Setting::default(), both).await)
    }

    async fn start(setting: Setting, permit: SemaphorePermit<'static>) -> Self {
        let driver = from_environment("JARI_TEST_WEBDRIVER");
        let profile = tempfile::tempdir_in(from_environment("JARI_TEST_PROFILES")).unwrap();
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--no-proxy-server",
            "--force-color-profile=srgb",
            "--window-size=1280,800",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--accept-lang={}", setting.language));
        let mut prefs = json!({"intl.accept_languages": setting.language});
        if !setting.javascript {
            prefs["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let capabilities = json!({
            "browserName": "chrome",
            "unhandledPromptBehavior": "ignore",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": from_environment("JARI_TEST_CHROMIUM"), "args": arguments, "prefs": prefs,
            },
        });
        let client = client();
        let request = client.post(format!("{driver}/session"));
        let begun = answered(request.json(&json!({"capabilities": {"alwaysMatch": capabilities}}))).await;
        let begun = begun.unwrap_or_else(|refused| panic!("no browser: {} ({})", refused.message, refused.error));
        let session = format!("{driver}/session/{}", begun["sessionId"].as_str().unwrap());
        let browser = Self { _end: End(session.clone()), session, client, _profile: profile, _permit: permit };
        browser.device(DESKTOP).await;
        if setting.javascript {
            browser.before_every_page(WATCH).await;
        }
        browser
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        let request = self.client.request(method, format!("{}{path}", self.session));
        answered(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, Refused> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A command of Chromium's own protocol.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await.unwrap()
    }

    /// Goes to an address and waits until the page is loaded.
    pub async fn go(&self, address: &str) {
        self.post("/url", json!({"url": address})).await.unwrap();
    }

    /// The address of the page, in full.
    pub async fn address(&self) -> String {
        self.send(Method::GET, "/url", None).await.unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until the page is at a path, whatever its query.
    pub async fn is_at(&self, path: &str) {
        let end = Instant::now() + PATIENCE;
        while self.path().await.split('?').next() != Some(path) {
            assert!(Instant::now() < end, "never came to {path}; {}", self.told().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Path and query of the page's address.
    pub async fn path(&self) -> String {
        let address = self.address().await;
        let path = address.splitn(4, '/').nth(3).unwrap_or_default();
        format!("/{path}")
    }

    /// What the body of a function with these arguments answers in the page.
    pub async fn js(&self, body: &str, arguments: Value) -> Value {
        match self.post("/execute/sync", json!({"script": body, "args": arguments})).await {
            Ok(value) => value,
            Err(refused) => panic!("{body}: {}", refused.message),
        }
    }

    /// As [`Browser::js`], for what answers later: the body returns a promise.
    pub async fn js_later(&self, body: &str, arguments: Value) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             Promise.resolve((async function() {{ {body} }}).apply(null, arguments)).then(
                 (value) => done({{ value }}), (error) => done({{ error: String(error && error.stack || error) }}));"
        );
        let answer = self.post("/execute/async", json!({"script": script, "args": arguments})).await;
        let answer = answer.unwrap_or_else(|refused| panic!("{body}: {}", refused.message));
        assert!(answer["error"].is_null(), "{body}: {}", answer["error"]);
        answer["value"].clone()
    }

    /// Runs a script in every page from now on, before its own.
    pub async fn before_every_page(&self, script: &str) {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
    }

    /// Whether scripts find something true within [`PATIENCE`]; for pages with JavaScript.
    pub async fn until(&self, told: &str, condition: &str, arguments: Value) {
        let body = format!("return !!({condition})");
        let end = Instant::now() + PATIENCE;
        // A page that is being left has no script to ask.
        while self.post("/execute/sync", json!({"script": body, "args": arguments})).await.ok() != Some(json!(true)) {
            assert!(Instant::now() < end, "never {told}; {}", self.told().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Address and text of the page, for messages.
    async fn told(&self) -> String {
        let text = self.js("return document.body ? document.body.innerText : ''", json!([])).await;
        format!("the page is {}:\n{}", self.address().await, text.as_str().unwrap_or_default())
    }

    /// Does something with an element as soon as that is possible.
    async fn act(&self, css: &str, method: Method, path: &str, body: Option<Value>) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let refused = match self.post("/element", json!({"using": "css selector", "value": css})).await {
                Ok(found) => {
                    let id = found[ELEMENT].as_str().unwrap();
                    match self.send(method.clone(), &format!("/element/{id}{path}"), body.clone()).await {
                        Ok(value) => return value,
                        Err(refused) => refused,
                    }
                }
                Err(refused) => refused,
            };
            let later =
                ["no such element", "stale element reference", "element not interactable", "element click intercepted"];
            // What the driver says of an element whose page is just being left.
            let left = refused.message.contains("does not belong to the document");
            let again = (left || later.contains(&&*refused.error)) && Instant::now() < end;
            assert!(again, "{css}{path}: {}; {}", refused.message, self.told().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until there is an element.
    pub async fn find(&self, css: &str) {
        self.act(css, Method::GET, "/name", None).await;
    }

    /// How many elements there are now.
    pub async fn count(&self, css: &str) -> usize {
        let found = self.post("/elements", json!({"using": "css selector", "value": css})).await.unwrap();
        found.as_array().unwrap().len()
    }

    /// Clicks as a person does: scrolled to, visible, not covered. Waits for the page that it leads to.
    pub async fn click(&self, css: &str) {
        self.act(css, Method::POST, "/click", Some(json!({}))).await;
    }

    /// Types into a field, in place of what was there.
    pub async fn fill(&self, css: &str, text: &str) {
        self.act(css, Method::POST, "/clear", Some(json!({}))).await;
        self.act(css, Method::POST, "/value", Some(json!({"text": text}))).await;
    }

    /// Chooses an option of a list by what it says.
    pub async fn choose(&self, css: &str, text: &str) {
        self.find(css).await;
        let at =
            "return [...document.querySelector(arguments[0]).options].findIndex((one) => one.text === arguments[1])";
        let at = self.js(at, json!([css, text])).await.as_i64().unwrap();
        assert!(at >= 0, "{css} has no {text:?}; {}", self.told().await);
        self.click(&format!("{css} option:nth-of-type({})", at + 1)).await;
    }

    /// What is chosen in a list.
    pub async fn chosen(&self, css: &str) -> String {
        self.find(css).await;
        let chosen = self.js("return document.querySelector(arguments[0]).selectedOptions[0].text", json!([css])).await;
        chosen.as_str().unwrap().to_owned()
    }

    /// Gives a file to a field for files.
    pub async fn give_file(&self, css: &str, file: &Path) {
        self.act(css, Method::POST, "/value", Some(json!({"text": file.to_str().unwrap()}))).await;
    }

    /// The text of an element, as it is rendered; without the marks that only say where a line must not end.
    pub async fn text(&self, css: &str) -> String {
        self.act(css, Method::GET, "/text", None).await.as_str().unwrap().replace('\u{2060}', "")
    }

    /// An attribute of an element, `""` when it has none.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let value = self.act(css, Method::GET, &format!("/attribute/{name}"), None).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// What is in a field.
    pub async fn value(&self, css: &str) -> String {
        let value = self.act(css, Method::GET, "/property/value", None).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an element says this, among other things.
    pub async fn says(&self, css: &str, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.text(css).await;
            if said.contains(text) {
                return;
            }
            assert!(Instant::now() < end, "{css} does not say {text:?}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &[&str]) {
        self.press_holding("", keys).await;
    }

    /// Presses keys while another is held.
    pub async fn press_holding(&self, held: &str, keys: &[&str]) {
        let key = |kind: &str, value: &str| json!({"type": kind, "value": value});
        let mut actions: Vec<Value> = Vec::new();
        actions.extend((!held.is_empty()).then(|| key("keyDown", held)));
        actions.extend(keys.iter().flat_map(|value| [key("keyDown", value), key("keyUp", value)]));
        actions.extend((!held.is_empty()).then(|| key("keyUp", held)));
        self.post("/actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}))
            .await
            .unwrap();
    }

    /// Types a text, wherever the focus is.
    pub async fn type_text(&self, text: &str) {
        let keys: Vec<String> = text.chars().map(String::from).collect();
        self.press(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }

    /// Drags with the mouse from the middle of an element over the middles of others.
    pub async fn drag(&self, over: &[&str]) {
        self.draw("mouse", over, Duration::ZERO).await;
    }

    /// The same with a finger, which rests for a while before it moves.
    pub async fn drag_with_finger(&self, over: &[&str], rest: Duration) {
        self.draw("touch", over, rest).await;
    }

    async fn draw(&self, pointer: &str, over: &[&str], rest: Duration) {
        let mut actions = Vec::new();
        for (at, css) in over.iter().enumerate() {
            self.find(css).await;
            let found = self.post("/element", json!({"using": "css selector", "value": css})).await.unwrap();
            if at == 0 {
                let show = "arguments[0].scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })";
                self.js(show, json!([found])).await;
            }
            actions.push(json!({"type": "pointerMove", "duration": 60, "origin": found, "x": 0, "y": 0}));
            if at == 0 {
                actions.push(json!({"type": "pointerDown", "button": 0}));
                actions.push(json!({"type": "pause", "duration": rest.as_millis()}));
            }
        }
        actions.push(json!({"type": "pointerUp", "button": 0}));
        let pointer =
            json!({"type": "pointer", "id": pointer, "parameters": {"pointerType": pointer}, "actions": actions});
        self.post("/actions", json!({"actions": [pointer]})).await.unwrap();
    }

    /// Makes the window as large as a device's.
    pub async fn device(&self, device: Device) {
        let Device { width, height, is_phone } = device;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
        self.cdp("Emulation.setTouchEmulationEnabled", json!({"enabled": is_phone})).await;
    }

    /// Sets a cookie for a site, as if the site had.
    pub async fn set_cookie(&self, base: &str, name: &str, value: &str) {
        let cookie = json!({"url": base, "name": name, "value": value, "httpOnly": true, "sameSite": "Lax"});
        self.cdp("Network.setCookie", cookie).await;
    }

    /// Forgets all cookies, of every site.
    pub async fn forget_cookies(&self) {
        self.cdp("Network.clearBrowserCookies", json!({})).await;
    }

    /// What the browser complained of since it was last asked: errors of scripts, what a page may not load or run, what
    /// could not be loaded.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", json!({"type": "browser"})).await.unwrap();
        let told = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let wrong = |entry: &&Value| entry["level"] == "SEVERE" || told(entry).contains("Content Security Policy");
        entries.as_array().unwrap().iter().filter(wrong).map(told).collect()
    }

    /// A picture of what is on show, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let picture = self.send(Method::GET, "/screenshot", None).await.unwrap();
        base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    /// Opens another window of the same person, and goes on in it; answers the one before and the new one.
    pub async fn open_window(&self) -> (String, String) {
        let before = self.send(Method::GET, "/window", None).await.unwrap();
        let opened = self.post("/window/new", json!({"type": "window"})).await.unwrap();
        let new = opened["handle"].as_str().unwrap().to_owned();
        self.switch_to(&new).await;
        (before.as_str().unwrap().to_owned(), new)
    }

    /// Goes on in another window.
    pub async fn switch_to(&self, window: &str) {
        self.post("/window", json!({"handle": window})).await.unwrap();
    }
}

async fn answered(request: reqwest::RequestBuilder) -> Result<Value, Refused> {
    let response = request.send().await.unwrap();
    let fine = response.status().is_success();
    let mut answer: Value = response.json().await.unwrap();
    let value = answer["value"].take();
    if fine {
        return Ok(value);
    }
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Err(Refused { error: text("error"), message: text("message") })
}

/// Notes what nobody's page should do: break the policy of its content, or ask by `alert`, as strangers' scripts in
/// tests do.
const WATCH: &str = "
    window.broken = [];
    window.strangers = [];
    addEventListener('securitypolicyviolation', (event) => {
        broken.push(event.violatedDirective + ' ' + event.blockedURI + ' at ' + event.sourceFile);
    }, true);
    window.alert = (text) => strangers.push(String(text));";

/// What [`WATCH`] noted on the page that is on show.
pub async fn broken_policies(browser: &Browser) -> Vec<String> {
    let noted = browser.js("return window.broken.concat(window.strangers)", json!([])).await;
    noted.as_array().unwrap().iter().map(|note| note.as_str().unwrap_or_default().to_owned()).collect()
}

/// Waits a little for something that happens outside the browser.
pub async fn soon<T>(told: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < end, "never {told}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
