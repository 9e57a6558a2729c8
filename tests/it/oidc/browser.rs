//! A person with a browser: goes to the provider and comes back, with the cookies that it was given.

use reqwest::Method;
use serde_json::{Value, json};

use super::provider::{CLIENT, PUBLIC_URL, Provider, SECRET};
use crate::harness::{ADMIN_TOKEN, Answer, Database, Engine, NOW, Server};

/// A server with one provider called `company`, and what else its settings say.
pub async fn server(engine: Engine, provider: &Provider, more: Value, settings: &[(&str, &str)]) -> Server {
    let mut company = json!({"name": "company", "title": "Our company", "issuer": provider.base, "client_id": CLIENT,
        "client_secret": SECRET});
    company.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let list = json!([company]).to_string();
    let mut all = vec![("PUBLIC_URL", PUBLIC_URL), ("OIDC_PROVIDERS", &*list), ("TRUSTED_PROXIES", "127.0.0.0/8")];
    all.extend_from_slice(settings);
    let database = std::sync::Arc::new(Database::create(engine).await);
    Server::start_on(database, jari::clock::Clock::standing_at(NOW), &all).await
}

/// A request of a browser that follows nothing by itself.
pub async fn go(server: &Server, path: &str, cookie: &str) -> Answer {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.request(Method::GET, format!("{}{path}", server.base)).header("Cookie", cookie);
    // As of a person who follows a bookmark.
    Answer::of(request.header("Sec-Fetch-Site", "none")).await
}

/// The value that an answer sets a cookie to, as `name=value`.
pub fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let mut cookies = cookies.filter(|cookie| cookie.starts_with(&format!("{name}=")));
    Some(cookies.next()?.split(';').next().unwrap().to_owned())
}

/// Begins a sign-in; answers the path that the provider sends the browser back to, and the browser's cookie.
pub async fn leave(server: &Server) -> (String, String) {
    let begun = go(server, "/auth/company", "").await.expect(303);
    let cookie = cookie(&begun, "jari_oidc").unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let let_in = Answer::of(client.get(begun.header("location"))).await.expect(303);
    (let_in.header("location").strip_prefix(PUBLIC_URL).unwrap().to_owned(), cookie)
}

/// Signs in and answers whatever came.
pub async fn sign_in(server: &Server) -> Answer {
    let (path, cookie) = leave(server).await;
    go(server, &path, &cookie).await
}

/// Signs in, and answers the cookie of the log-in.
pub async fn signed_in(server: &Server) -> String {
    let done = sign_in(server).await.expect(303);
    assert_eq!(done.header("location"), "/");
    assert_eq!(cookie(&done, "jari_oidc").as_deref(), Some("jari_oidc="));
    cookie(&done, "jari_session").unwrap()
}

/// An account as the administrator sees it.
pub async fn account(server: &Server, email: &str) -> Value {
    let list = server.get("/api/admin/accounts", ADMIN_TOKEN).await.expect(200);
    list.json.as_array().unwrap().iter().find(|account| account["email"] == email).cloned().unwrap_or(Value::Null)
}

/// The records of an action, oldest first.
pub async fn trail(server: &Server, action: &str) -> Vec<Value> {
    let list = server.get(&format!("/api/admin/audit?action={action}"), ADMIN_TOKEN).await.expect(200);
    list.json.as_array().unwrap().clone()
}
