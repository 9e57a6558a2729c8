//! What a provider, or whoever stands between, must not get away with.

use std::time::{Duration, Instant};

use serde_json::json;

use super::browser::{cookie, go, leave, server, sign_in, signed_in, trail};
use super::provider::{Provider, Trick};
use crate::harness::{Engine, NOW};

fn lee() -> serde_json::Value {
    json!({"email": "lee@example.com", "email_verified": true})
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_or_stale_id_token_is_accepted() {
    let provider = Provider::start().await;
    provider.lets_in("lee", lee());
    let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
    let tricks = [
        Trick::WrongIssuer,
        Trick::WrongAudience,
        Trick::AnotherAudienceToo,
        Trick::WrongNonce,
        Trick::NoNonce,
        Trick::Expired,
        Trick::FromTheFuture,
        Trick::Unsigned,
        Trick::SignedWithNothing,
        Trick::PublicKeyAsSecret,
        Trick::ClientSecretAsKey,
        Trick::AnotherKey,
        Trick::AnotherKeyOfThatName,
        Trick::CutSignature,
        Trick::NoSubject,
        Trick::CodeRefused,
    ];
    let mut tried = 0;
    for rsa in [false, true] {
        if rsa {
            provider.takes_an_rsa_key();
            server.clock.set(NOW + 120);
        }
        for trick in tricks {
            provider.plays(trick);
            let answer = sign_in(&server).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "sign_in_failed"), "{trick:?}");
            assert_eq!(cookie(&answer, "jari_session"), None, "{trick:?}");
            assert!(!answer.text.contains("kim"), "{trick:?}: {}", answer.text);
            tried += 1;
        }
        provider.plays(Trick::None);
        if rsa {
            signed_in(&server).await;
        }
    }
    println!("forged ID tokens: {tried} tried, 0 accepted (goal 0)");
    let refused = trail(&server, "session.refused").await;
    assert_eq!(refused.len(), tried);
    assert!(refused.iter().all(|record| record["after"].to_string().contains("sign_in_failed")));
    assert_eq!(trail(&server, "account.register").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_may_take_another_key() {
    let provider = Provider::start().await;
    provider.lets_in("lee", lee());
    let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
    signed_in(&server).await;
    for (minutes, id) in [(1, "second"), (2, "second"), (3, "third")] {
        provider.takes_another_key(id);
        // What was read a moment ago is not asked for again.
        sign_in(&server).await.expect_problem(401, "sign_in_failed");
        server.clock.set(NOW + 60 * minutes);
        signed_in(&server).await;
    }
}

/// Every way not to answer as one should: a clear problem, soon, and never a fault of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_misbehaves_is_told_from_us() {
    let begin = [
        Trick::DiscoveryEndless,
        Trick::DiscoveryRedirects,
        Trick::DiscoveryOfAnother,
        Trick::DiscoveryNotJson,
        Trick::KeysEndless,
        Trick::KeysNotJson,
        Trick::DiscoverySlow,
    ];
    let finish = [
        Trick::NoIdToken,
        Trick::ExpiresAsText,
        Trick::ClientRefused,
        Trick::TokenStatus500,
        Trick::TokenNotJson,
        Trick::TokenRedirects,
        Trick::TokenEndless,
        Trick::TokenSlow,
        Trick::TokenDrips,
    ];
    let provider = Provider::start().await;
    provider.lets_in("lee", lee());
    for trick in begin {
        let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
        provider.plays(trick);
        let asked_at = Instant::now();
        let answer = go(&server, "/auth/company", "").await;
        assert_eq!((answer.status.as_u16(), answer.code()), (502, "provider_unavailable"), "{trick:?}");
        assert!(asked_at.elapsed() < Duration::from_secs(7), "{trick:?}: {:?}", asked_at.elapsed());
        assert!(!answer.text.contains("html") && !answer.text.contains("127.0.0.1"), "{}", answer.text);
        let sent = provider.sent();
        assert!(sent < 16 << 20, "{trick:?}: {sent} bytes were taken");
        // Once it is well again, so are we.
        provider.plays(Trick::None);
        signed_in(&server).await;
    }
    let server = server(Engine::Sqlite, &provider, json!({}), &[]).await;
    for trick in finish {
        provider.plays(Trick::None);
        let (path, browser) = leave(&server).await;
        provider.plays(trick);
        let asked_at = Instant::now();
        let answer = go(&server, &path, &browser).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (502, "provider_unavailable"), "{trick:?}");
        assert!(asked_at.elapsed() < Duration::from_secs(7), "{trick:?}: {:?}", asked_at.elapsed());
        assert!(!answer.text.contains("kim") && cookie(&answer, "jari_session").is_none(), "{}", answer.text);
        let sent = provider.sent();
        assert!(sent < 16 << 20, "{trick:?}: {sent} bytes were taken");
    }
    assert_eq!(provider.led_astray(), 0, "redirects are not followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_keeps_nobody_else_out() {
    let provider = Provider::start().await;
    let nowhere = json!({"issuer": "http://127.0.0.1:1"});
    let server = server(Engine::Sqlite, &provider, nowhere, &[]).await;
    let asked_at = Instant::now();
    go(&server, "/auth/company", "").await.expect_problem(502, "provider_unavailable");
    assert!(asked_at.elapsed() < Duration::from_secs(6));
    let korean = server.request(reqwest::Method::GET, "/auth/company").header("Accept-Language", "ko");
    let korean = korean.header("Sec-Fetch-Site", "none");
    assert!(crate::harness::Answer::of(korean).await.text.contains("로그인 제공자"));
    server.driver("me@example.com").await;
}
