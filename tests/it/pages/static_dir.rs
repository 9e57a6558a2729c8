//! Somebody's own front end from our origin.

use crate::harness::{Engine, Server};

use super::Browser;

#[tokio::test]
async fn a_front_end_of_somebodys_own_is_served_beside_ours() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    write("index.html", "<!doctype html><title>Their app</title><script src=\"/assets/index-1a2b.js\"></script>");
    write("assets/index-1a2b.js", "fetch('/api/sessions')");
    write(".env", "SECRET=1");
    write(".git/config", "secret");
    std::fs::write(folder.path().parent().unwrap().join("outside-of-it.txt"), "outside").unwrap();
    let path = folder.path().to_str().unwrap();
    let server = Server::start_with(Engine::Sqlite, &[("STATIC_DIR", path)]).await;
    let browser = Browser::new(&server, "en");
    for page in ["/", "/index.html", "/reserve/now", "/login-of-theirs"] {
        let answer = browser.open(page).await.expect(200);
        assert!(answer.text.contains("Their app"), "{page}");
        assert_eq!(answer.header("content-type"), "text/html");
        assert!(answer.header("content-security-policy").contains("default-src 'self'"));
    }
    let script = browser.open("/assets/index-1a2b.js").await.expect(200);
    assert_eq!(script.header("content-type"), "text/javascript");
    // Ours stay where they are.
    assert!(browser.open("/board").await.expect(200).text.contains("/web/"));
    browser.open("/api/sessions").await.expect(200);
    assert_eq!(browser.open("/api/nothing").await.status, 404);
    for missing in [
        "/assets/missing.js",
        "/.env",
        "/.git/config",
        "/%2eenv",
        "/%2Egit/config",
        "/..%2foutside-of-it.txt",
        "/assets/..%2f..%2foutside-of-it.txt",
        "/%2e%2e/outside-of-it.txt",
        "/assets/%2e%2e/%2e%2e/outside-of-it.txt",
        "/..%5coutside-of-it.txt",
    ] {
        let answer = browser.open(missing).await;
        assert!(!answer.text.contains("outside") && !answer.text.to_lowercase().contains("secret"), "{missing}");
        assert!(answer.status == 404 || answer.text.contains("Their app"), "{missing}: {}", answer.status);
    }
    assert_eq!(browser.submit("/index.html", &[]).await.status, 404);
}
