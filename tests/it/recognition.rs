//! Plates in pictures: uploads, and the servers that read them.

mod floods;
pub(crate) mod local;
pub(crate) mod pictures;
pub(crate) mod upstream;

use serde_json::{Value, json};

use self::pictures::{jpeg, lying_jpeg, png};
use self::upstream::{Trick, Upstream};
use crate::harness::{ADMIN_TOKEN, Answer, Engine, Server};
use reqwest::multipart::{Form, Part};

/// A server that asks `upstream` as the OpenAI Responses API.
async fn asking_openai(upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    let base = format!("{}/v1", upstream.base);
    let mut settings = vec![("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", base.as_str())];
    settings.extend(more);
    Server::start_with(Engine::Sqlite, &settings).await
}

/// A server that asks `upstream` as a recognition service of its own.
async fn asking_service(upstream: &Upstream, more: &[(&str, &str)]) -> Server {
    let url = format!("{}/v1/recognize", upstream.base);
    let mut settings = vec![("PLATE_SERVICE_MODE", "http"), ("PLATE_SERVICE_URL", url.as_str())];
    settings.extend(more);
    Server::start_with(Engine::Sqlite, &settings).await
}

fn picture(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("car.jpg").mime_str("image/jpeg").unwrap()
}

async fn upload_to(server: &Server, path: &str, form: Form) -> Answer {
    Answer::of(server.request(reqwest::Method::POST, path).bearer_auth(ADMIN_TOKEN).multipart(form)).await
}

async fn upload(server: &Server, bytes: Vec<u8>) -> Answer {
    upload_to(server, "/api/license-plates", Form::new().part("image", picture(bytes))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_responses_api_is_asked_for_exactly_this() {
    let upstream = Upstream::start().await;
    upstream.say("12가 3456");
    let server =
        asking_openai(&upstream, &[("PLATE_OPENAI_PROMPT", "번호만 \"답\"하세요.\n"), ("PLATE_OPENAI_MODEL", "m-1")])
            .await;
    let picture = jpeg(320, 240);
    let answer = upload(&server, picture.clone()).await.expect(200);
    assert_eq!(answer.json["plate"], "12가3456");
    assert_eq!(answer.json["raw"], "12가 3456");
    assert_eq!(answer.json["engine"], "openai:m-1");
    assert_eq!(answer.json["confidence"], Value::Null);
    assert_eq!(answer.json["candidates"], json!([{"plate": "12가3456", "confidence": null}]));
    let asked = upstream.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/v1/responses");
    assert_eq!(asked[0].headers["authorization"], "Bearer sk-test");
    assert_eq!(asked[0].headers["content-type"], "application/json");
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &picture);
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    let content = json!([
        {"type": "input_text", "text": "번호만 \"답\"하세요."},
        {"type": "input_image", "image_url": format!("data:image/jpeg;base64,{data}")},
    ]);
    assert_eq!(body, json!({"model": "m-1", "store": false, "input": [{"role": "user", "content": content}]}));
    // What it cost is counted.
    let usage = server.get("/api/admin/recognition", ADMIN_TOKEN).await.expect(200);
    let counted = json!({"engine": "openai:m-1", "calls": 1, "failed": 0, "withoutPlate": 0, "inputTokens": 1200, "outputTokens": 9});
    assert_eq!(usage.json, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_says_around_the_plate_is_left_out_and_what_is_no_plate_is_none() {
    let upstream = Upstream::start().await;
    let server = asking_openai(&upstream, &[]).await;
    for (said, plate) in [
        ("The plate reads **123나 4567**.", "123나4567"),
        ("{\"plate\": \"서울 32바 1234\"}", "서울32바1234"),
        ("NONE", ""),
        ("Sorry, I cannot help with that.", ""),
    ] {
        upstream.say(said);
        let answer = upload(&server, jpeg(64, 48)).await.expect(200);
        assert_eq!((&answer.json["plate"], &answer.json["raw"]), (&json!(plate), &json!(said)));
    }
    let usage = server.get("/api/admin/recognition", ADMIN_TOKEN).await.expect(200);
    assert_eq!((&usage.json["calls"], &usage.json["withoutPlate"]), (&json!(4), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_lies_on_its_side_is_turned_for_the_model() {
    let upstream = Upstream::start().await;
    upstream.say("NONE");
    let server = asking_openai(&upstream, &[]).await;
    upload(&server, lying_jpeg(320, 200)).await.expect(200);
    let body: Value = serde_json::from_slice(&upstream.asked()[0].body).unwrap();
    let url = body["input"][0]["content"][1]["image_url"].as_str().unwrap();
    let data = url.strip_prefix("data:image/jpeg;base64,").unwrap();
    let sent = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    let sent = image::load_from_memory(&sent).unwrap().to_rgb8();
    assert_eq!(sent.dimensions(), (200, 320));
    // The dark corner of the file's upper left stands at the upper right when the picture is upright.
    let dark = |x: u32, y: u32| sent.get_pixel(x, y).0.iter().all(|value| *value < 90);
    assert!(dark(190, 10) && !dark(10, 10) && !dark(10, 310) && !dark(190, 310));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_of_the_site_gets_the_picture_and_its_json_comes_back() {
    let upstream = Upstream::start().await;
    upstream.answer_json(json!({"plate": " 12가3456 ", "confidence": 97.5, "candidates": [{"plate": "12가3458", "score": 0.02}], "other": [1]}));
    let server = asking_service(&upstream, &[]).await;
    let answer = upload(&server, png(64, 48)).await.expect(200);
    assert_eq!(answer.json["plate"], "12가3456");
    assert_eq!(answer.json["confidence"], 0.975);
    assert_eq!(answer.json["candidates"][1], json!({"plate": "12가3458", "confidence": 0.02}));
    assert_eq!(answer.json["raw"]["other"], json!([1]));
    let asked = &upstream.asked()[0];
    let sent = String::from_utf8_lossy(&asked.body).into_owned();
    assert!(asked.headers["content-type"].to_str().unwrap().starts_with("multipart/form-data; boundary="));
    assert!(sent.contains("name=\"image\"; filename=\"image.png\"") && sent.contains("image/png"), "{}", &sent[..200]);
    // The old name does the same.
    let form = Form::new().part("image", picture(jpeg(64, 48)));
    assert_eq!(upload_to(&server, "/api/plates/recognize", form).await.expect(200).json["plate"], "12가3456");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_plate_recognizer_are_answered_in_its_shape() {
    let upstream = Upstream::start().await;
    upstream.answer_json(json!({"plate": "12가3456", "score": 0.9}));
    let server = asking_service(&upstream, &[]).await;
    let key =
        server.post("/api/admin/keys", ADMIN_TOKEN, json!({"name": "frigate", "scope": "camera"})).await.expect(201);
    let key = key.json["bearer"].as_str().unwrap();
    let send = |form: Form| {
        let request = server.request(reqwest::Method::POST, "/v1/plate-reader/");
        Answer::of(request.header("Authorization", format!("Token {key}")).multipart(form))
    };
    let form = Form::new().text("regions", "kr").text("camera_id", "gate").part("upload", picture(jpeg(64, 48)));
    let answer = send(form).await.expect(201);
    let result = &answer.json["results"][0];
    assert_eq!(
        (&result["plate"], &result["score"], &result["region"]["code"]),
        (&json!("12가3456"), &json!(0.9), &json!("kr"))
    );
    assert_eq!((&answer.json["camera_id"], &answer.json["filename"]), (&json!("gate"), &json!("car.jpg")));
    // As a base64 text, too.
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, jpeg(64, 48));
    send(Form::new().text("upload", text)).await.expect(201);
    send(Form::new().text("upload", "no base64!")).await.expect_problem(422, "picture_broken");
    upstream.answer_json(json!({"plate": ""}));
    let answer = send(Form::new().part("upload", picture(jpeg(64, 48)))).await.expect(201);
    assert_eq!(answer.json["results"], json!([]));
    let request = server.request(reqwest::Method::POST, "/v1/plate-reader/").header("Authorization", "Token wrong");
    Answer::of(request.multipart(Form::new().part("upload", picture(jpeg(64, 48)))))
        .await
        .expect_problem(401, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_misbehaves_is_told_as_such_and_no_redirect_is_followed() {
    let upstream = Upstream::start().await;
    let elsewhere = Upstream::start().await;
    upstream.redirect_to(&elsewhere.base);
    let patience = [("PLATE_SERVICE_TIMEOUT_SECONDS", "1")];
    let openai = asking_openai(&upstream, &patience).await;
    let service = asking_service(&upstream, &patience).await;
    for (trick, status, code) in [
        (Trick::Status(500), 502, "recognizer_failed"),
        (Trick::Status(401), 502, "recognizer_failed"),
        (Trick::Status(429), 502, "recognizer_failed"),
        (Trick::Redirect, 502, "recognizer_failed"),
        (Trick::NotJson, 502, "recognizer_failed"),
        (Trick::OtherJson, 502, "recognizer_failed"),
        (Trick::Endless, 502, "recognizer_failed"),
        (Trick::Hangup, 502, "recognizer_failed"),
        (Trick::Silent, 504, "recognizer_timed_out"),
        (Trick::Drip, 504, "recognizer_timed_out"),
    ] {
        upstream.trick(trick);
        for server in [&openai, &service] {
            let answer = upload(server, jpeg(64, 48)).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{trick:?}: {}", answer.text);
        }
    }
    assert!(elsewhere.asked().is_empty(), "a redirect was followed");
    // Only what was not taken on is sent again, once.
    let tried = |trick: Trick| upstream.asked().iter().filter(|asked| asked.trick == trick).count();
    assert_eq!((tried(Trick::Status(500)), tried(Trick::Status(429)), tried(Trick::Silent)), (2, 4, 2));
    // A server that is busy for a moment is no failure.
    upstream.trick(Trick::BusyOnce);
    upstream.answer_json(json!({"plate": "12가3456"}));
    assert_eq!(upload(&service, jpeg(64, 48)).await.expect(200).json["plate"], "12가3456");
    drop(upstream);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listening_is_told_and_nothing_set_up_too() {
    let gone = Upstream::start().await.stop().await;
    let url = format!("{gone}/v1/recognize");
    let settings = [("PLATE_SERVICE_MODE", "http"), ("PLATE_SERVICE_URL", url.as_str())];
    let server = Server::start_with(Engine::Sqlite, &settings).await;
    upload(&server, jpeg(64, 48)).await.expect_problem(502, "recognizer_failed");
    let server = Server::start_with(Engine::Sqlite, &[("PLATE_SERVICE_MODE", "gptapi")]).await;
    upload(&server, jpeg(64, 48)).await.expect_problem(503, "recognizer_not_configured");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_clouds_and_link_local_ones_are_never_asked() {
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://2852039166/",
    ] {
        let database = crate::harness::Database::create(Engine::Sqlite).await;
        let settings =
            crate::harness::settings(&database, &[("PLATE_SERVICE_MODE", "http"), ("PLATE_SERVICE_URL", url)]);
        let refused =
            jari::app::App::build(&settings, jari::clock::Clock::standing_at(crate::harness::NOW)).await.err();
        assert!(refused.unwrap().to_string().contains("link-local"), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_refused_before_anybody_reads_it() {
    let upstream = Upstream::start().await;
    let server = asking_service(&upstream, &[]).await;
    let (whole, mut late) = (jpeg(640, 480), jpeg(64, 48));
    late.truncate(late.len() - 2);
    for (name, bytes, status, code) in [
        ("empty", Vec::new(), 400, "picture_empty"),
        ("a text", b"no picture".to_vec(), 415, "picture_type_unknown"),
        ("HTML named .jpg", b"<!doctype html><script>alert(1)</script>".to_vec(), 415, "picture_type_unknown"),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), 415, "picture_type_unknown"),
        ("GIF", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(), 415, "picture_type_unknown"),
        ("half a JPEG", whole[..whole.len() / 2].to_vec(), 422, "picture_broken"),
        ("a JPEG without its end", late, 422, "picture_broken"),
        (
            "half a JPEG with a whole small one in front",
            [pictures::with_thumbnail(&whole[..whole.len() / 2])].concat(),
            422,
            "picture_broken",
        ),
        ("the beginning of a JPEG", vec![0xff, 0xd8, 0xff, 0xe0], 422, "picture_broken"),
        ("half a PNG", png(64, 48)[..40].to_vec(), 422, "picture_broken"),
        ("a PNG bomb", png(30_000, 30_000), 422, "picture_too_many_pixels"),
        ("a PNG of 2^31 pixels a side", png(0x8000_0000, 0x8000_0000), 422, "picture_too_many_pixels"),
        ("a PNG without pixels", png(0, 10), 422, "picture_broken"),
        ("a WebP that is too wide", pictures::webp(16_000, 16_000, 0), 422, "picture_too_many_pixels"),
        ("a WebP that breaks off", pictures::webp(64, 48, 5_000), 422, "picture_broken"),
        ("too large", vec![0xff; 8 * 1024 * 1024 + 1], 413, "upload_too_large"),
    ] {
        let answer = upload(&server, bytes).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{name}: {}", answer.text);
    }
    assert!(upstream.asked().is_empty(), "something was passed on");
    // The largest that is taken.
    let mut largest = whole;
    largest.resize(8 * 1024 * 1024, 0);
    upstream.answer_json(json!({"plate": ""}));
    upload(&server, largest).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_forms_are_answered_clearly() {
    let upstream = Upstream::start().await;
    let server = asking_service(&upstream, &[]).await;
    let form = Form::new().part("photo", picture(jpeg(64, 48)));
    let answer = upload_to(&server, "/api/license-plates", form).await.expect_problem(422, "invalid_input");
    assert_eq!(
        (&answer.json["errors"][0]["field"], &answer.json["errors"][0]["code"]),
        (&json!("image"), &json!("missing"))
    );
    let send = |content_type: &str, body: &'static [u8]| {
        let request = server.request(reqwest::Method::POST, "/api/license-plates").bearer_auth(ADMIN_TOKEN);
        Answer::of(request.header("Content-Type", content_type).body(body))
    };
    send("application/json", b"{}").await.expect_problem(415, "upload_expected");
    send("multipart/form-data", b"x").await.expect_problem(415, "upload_expected");
    send("multipart/form-data; boundary=b", b"").await.expect_problem(422, "malformed_form");
    send("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nhalf")
        .await
        .expect_problem(422, "malformed_form");
    send("multipart/form-data; boundary=b", b"--b--\r\n").await.expect_problem(422, "invalid_input");
    let mut many = Form::new();
    for number in 0..200 {
        many = many.text(format!("field{number}"), "x".repeat(100));
    }
    upload_to(&server, "/api/license-plates", many).await.expect_problem(422, "invalid_input");
    assert!(upstream.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_picture_more_than_may_be_read_at_once_is_asked_to_come_back() {
    let upstream = Upstream::start().await;
    upstream.trick(Trick::Silent);
    let settings = [("PLATE_SERVICE_AT_ONCE", "2"), ("PLATE_SERVICE_TIMEOUT_SECONDS", "2")];
    let server = asking_service(&upstream, &settings).await;
    let all: Vec<_> = (0..6).map(|_| upload(&server, jpeg(64, 48))).collect();
    let answers = futures_util::future::join_all(all).await;
    let codes: Vec<_> = answers.iter().map(Answer::code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "recognizer_timed_out").count(), 2, "{codes:?}");
    let busy: Vec<_> = answers.iter().filter(|answer| answer.code() == "recognizer_busy").collect();
    assert_eq!(busy.len(), 4, "{codes:?}");
    assert!(busy.iter().all(|answer| answer.status == 503 && answer.header("retry-after") == "2"));
    // The turns come back.
    upstream.answer_json(json!({"plate": "12가3456"}));
    upstream.trick(Trick::None);
    upload(&server, jpeg(64, 48)).await.expect(200);
}
