//! Every page can be used by everybody: axe-core finds nothing (WCAG 2.2 A and AA, and good practice), and the page does
//! nothing that its own policy forbids.

use std::time::Instant;

use serde_json::{Value, json};

use super::driver::{Browser, DESKTOP, Device, NARROW, PHONE, axe, broken_policies};
use super::pages::{Look, none_is_missed, pages};
use super::place::{PASSWORD, Place, Who, log_in, speak, with_people};
use crate::harness::{TODAY, full_scale};

/// Looks at the page that is on show; what is wrong, a line each.
const AXE: &str = "
    const found = await axe.run(document, {
        runOnly: arguments[0] ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } : {
            type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        },
        resultTypes: ['violations'],
    });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll('\\n', ' ')} in ${node.html.slice(0, 160)}`));";

async fn look(browser: &Browser, told: &str, colours_alone: bool, wrong: &mut Vec<String>) {
    let found = browser.js_later(AXE, json!([colours_alone])).await;
    wrong.extend(found.as_array().unwrap().iter().map(|line| format!("{told}: {}", line.as_str().unwrap_or_default())));
}

/// How a page is looked at: on which device, in which colours, and whether only at its colours.
type Way = (Device, &'static str, bool);

/// Every way at full scale for the first of its readers; otherwise each page on a phone in Korean, and its colours in the
/// dark on a desktop in English.
fn ways(language: &str, first: bool) -> &'static [Way] {
    match language {
        _ if full_scale() && first => {
            &[(PHONE, "light", false), (PHONE, "dark", true), (DESKTOP, "light", false), (DESKTOP, "dark", true)]
        }
        "ko" => &[(PHONE, "light", false)],
        _ if full_scale() => &[(DESKTOP, "dark", false)],
        _ => &[(DESKTOP, "dark", true)],
    }
}

/// As whom a page is looked at: at full scale everybody who may read it, otherwise by whom it shows least in Korean and
/// most in English.
fn readers<'a>(look: &'a Look, language: &str) -> &'a [Who] {
    match (look.whom, language) {
        (whom, _) if full_scale() => whom,
        ([least, ..], "ko") => std::slice::from_ref(least),
        ([.., most], _) => std::slice::from_ref(most),
        ([], _) => &[],
    }
}

/// Every page in one language.
async fn nothing_is_in_the_way_in(language: &str) {
    let place = Place::busy().await;
    let looks = pages(&place);
    none_is_missed(&looks);
    let browser = Browser::open().await;
    browser.before_every_page(&axe()).await;
    let (mut wrong, mut count, started) = (Vec::new(), 0, Instant::now());
    for who in Who::ALL {
        browser.forget_cookies().await;
        if who != Who::Anybody {
            log_in(&browser, &place.server, who.email()).await;
        }
        speak(&browser, &place.server, language).await;
        for page in looks.iter().filter(|look| readers(look, language).contains(&who)) {
            let (mut device, mut told) = (PHONE, format!("{} as {who:?} in {language}", page.address));
            browser.device(device).await;
            browser.go(&format!("{}{}", place.server.base, page.address)).await;
            let expected = page.address.split('#').next().unwrap();
            assert_eq!(browser.path().await, expected, "{who:?} is not let onto the page");
            assert_eq!(browser.js("return document.documentElement.lang", json!([])).await, language);
            no_sideways_scrolling(&browser, &told, &mut wrong).await;
            browser.device(NARROW).await;
            no_sideways_scrolling(&browser, &told, &mut wrong).await;
            browser.device(device).await;
            for (on, theme, colours_alone) in ways(language, page.whom[0] == who) {
                if device.width != on.width {
                    device = *on;
                    browser.device(device).await;
                }
                // As the cookie does it, without loading the page again.
                browser.js("document.documentElement.dataset.theme = arguments[0]", json!([theme])).await;
                let told = format!("{told}, {theme}, {} px", device.width);
                look(&browser, &told, *colours_alone, &mut wrong).await;
                count += 1;
            }
            // A page that says that something is refused is loaded with that status, of which the browser complains.
            let own = |complaint: &String| !complaint.contains(expected) || !complaint.contains("the server responded");
            let complaints = browser.complaints().await.into_iter().filter(own);
            let all = broken_policies(&browser).await.into_iter().chain(complaints);
            told.push_str(": ");
            wrong.extend(all.map(|complaint| told.clone() + &complaint));
        }
    }
    println!("axe in {language}: {count} looks at {} pages in {:.1?}", looks.len(), started.elapsed());
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a form answers when it is sent: by whom, from which page, which form, with what, and where the answer is seen.
type Sent<'a> = (Who, String, &'a str, &'a [(&'a str, &'a str)], &'a str);

fn forms(place: &Place) -> Vec<Sent<'static>> {
    let taken = format!("/book?date={TODAY}&bay=1&start=11:30&length=4");
    let (own, others) = (format!("/reservations/{}", place.coming), format!("/staff/reservations/{}", place.others));
    let person = format!("/staff/people/{}", place.driver);
    vec![
        (
            Who::Anybody,
            "/login".into(),
            "main form",
            &[("email", "x@example.com"), ("password", "wrong")],
            ".notice.wrong",
        ),
        (
            Who::Anybody,
            "/register".into(),
            "main form",
            &[("email", "nobody"), ("password", "12345678")],
            ".notice.wrong",
        ),
        (Who::Driver, taken, "#book", &[("plate", "98하7654")], "section[aria-labelledby=instead]"),
        (Who::Driver, "/book".into(), "#book", &[("plate", "nothing"), ("date", "")], ".mistake"),
        (
            Who::Driver,
            own,
            "form[action$='/move']",
            &[("bay", "1"), ("start", "13:00"), ("end", "14:00")],
            ".notice.wrong",
        ),
        (
            Who::Driver,
            "/account".into(),
            "form[action$='/password']",
            &[("old", "wrong"), ("new", "long enough to be one")],
            ".notice.wrong",
        ),
        (Who::Driver, "/account/second-factor".into(), "main form", &[("password", PASSWORD)], ".qr"),
        (
            Who::Operator,
            format!("/staff/review/{}", place.review),
            "form.row",
            &[("plate", "nothing")],
            ".notice.wrong",
        ),
        (Who::Operator, "/staff/book".into(), "main form", &[("plate", "nothing")], ".mistake"),
        (Who::Operator, others, "form[action$='/cancel']", &[("reason", "")], ".mistake"),
        (Who::Administrator, "/staff/bays".into(), "main form", &[("name", "지하 1층 A-1")], ".notice.wrong"),
        (
            Who::Administrator,
            "/staff/bays/7".into(),
            "form[action$='/rename']",
            &[("name", "지상 급속")],
            ".notice.good",
        ),
        (Who::Administrator, "/staff/cameras".into(), "form[action='/staff/cameras']", &[("name", "옥상")], "code"),
        (Who::Administrator, "/staff/keys".into(), "form[action='/staff/keys']", &[("name", "관제")], "code"),
        (
            Who::Administrator,
            "/staff/people/invitations".into(),
            "form[action='/staff/people/invitations']",
            &[("email", "x@example.com")],
            "code",
        ),
        (Who::Administrator, person, "form[action$='/password-link']", &[], "code"),
        (Who::Administrator, "/staff/audit".into(), "form[action$='/verify']", &[], ".notice.good"),
    ]
}

/// Fills in a form and sends it, whatever the browser would say to that.
const SEND: &str = "
    const form = document.querySelector(arguments[0]);
    for (const [name, value] of arguments[1]) form.elements[name].value = value;
    form.submit();";

/// The pages that forms answer with, which have no address of their own.
async fn no_answer_is_in_the_way_in(language: &str) {
    let place = Place::busy().await;
    let browser = Browser::open().await;
    browser.before_every_page(&axe()).await;
    let mut wrong = Vec::new();
    let sent = forms(&place);
    for who in Who::ALL {
        browser.forget_cookies().await;
        if who != Who::Anybody {
            log_in(&browser, &place.server, who.email()).await;
        }
        speak(&browser, &place.server, language).await;
        browser.device(if language == "ko" { PHONE } else { DESKTOP }).await;
        for (_, page, form, fields, seen) in sent.iter().filter(|sent| sent.0 == who) {
            browser.go(&format!("{}{page}", place.server.base)).await;
            browser.find(form).await;
            browser.js(SEND, json!([form, fields])).await;
            browser.find(seen).await;
            let told = format!("the answer to {form} of {page} in {language}");
            no_sideways_scrolling(&browser, &told, &mut wrong).await;
            look(&browser, &told, false, &mut wrong).await;
            let broken = broken_policies(&browser).await;
            wrong.extend(broken.iter().map(|broken| format!("{told}: {broken}")));
        }
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forms_answer_is_in_nobodys_way() {
    no_answer_is_in_the_way_in("ko").await;
    if full_scale() {
        no_answer_is_in_the_way_in("en").await;
    }
}

/// Nobody should have to scroll a page in two directions (WCAG 1.4.10).
async fn no_sideways_scrolling(browser: &Browser, told: &str, wrong: &mut Vec<String>) {
    let widths = browser.js("return [document.documentElement.scrollWidth, innerWidth]", json!([])).await;
    let [Some(content), Some(window)] = [&widths[0], &widths[1]].map(Value::as_u64) else { panic!("{widths}") };
    if content > window {
        wrong.push(format!("{told}: it is {content} px wide in a window of {window} px"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_in_the_way_in_korean() {
    nothing_is_in_the_way_in("ko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_in_the_way_in_english() {
    nothing_is_in_the_way_in("en").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_found() {
    let server = with_people(&[]).await;
    let browser = Browser::open().await;
    browser.before_every_page(&axe()).await;
    browser.go(&format!("{}/login", server.base)).await;
    let mut wrong = Vec::new();
    look(&browser, "", false, &mut wrong).await;
    assert_eq!(wrong, [""; 0]);
    browser
        .js("for (const label of document.querySelectorAll('main label')) label.outerHTML = label.innerHTML", json!([]))
        .await;
    look(&browser, "", false, &mut wrong).await;
    assert!(wrong.iter().any(|line| line.contains("label: input[type=\"email\"]")), "{wrong:?}");
    wrong.clear();
    browser.js("document.querySelector('h1').setAttribute('style', 'color: #999')", json!([])).await;
    look(&browser, "", true, &mut wrong).await;
    // A style that stands in a page is refused, so the title is not grey, and the refusal is noted.
    assert_eq!(wrong, [""; 0]);
    browser.js("document.querySelector('h1').style.color = '#999'", json!([])).await;
    look(&browser, "", true, &mut wrong).await;
    assert!(wrong.iter().any(|line| line.contains("color-contrast: h1")), "{wrong:?}");
    wrong.clear();
    browser.js("document.querySelector('h1').style.width = '2000px'", json!([])).await;
    no_sideways_scrolling(&browser, "", &mut wrong).await;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    browser.js("document.querySelector('h1').innerHTML = '<img src=x onerror=alert(1)>'", json!([])).await;
    browser
        .until(
            "noted that a script was refused",
            "window.broken.some((one) => one.startsWith('script-src'))",
            json!([]),
        )
        .await;
}
