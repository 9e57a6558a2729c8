//! Every page can be used by everybody: axe-core finds nothing (WCAG 2.2 A and AA, and good practice), and the page does
//! nothing that its own policy forbids.

use std::time::Instant;

use serde_json::{Value, json};

use super::driver::{Browser, DESKTOP, PHONE, axe, broken_policies};
use super::pages::{none_is_missed, pages};
use super::place::{Place, Who, log_in, speak};

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

/// Every page in one language, light and dark, on a phone and on a desktop, as everybody who may read it.
async fn nothing_is_in_the_way_in(language: &str) {
    let place = Place::busy(&[]).await;
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
        for page in looks.iter().filter(|look| look.whom.contains(&who)) {
            browser.device(PHONE).await;
            browser.go(&format!("{}{}", place.server.base, page.address)).await;
            let arrived = browser.path().await;
            let expected = page.address.split('#').next().unwrap();
            assert_eq!(arrived, expected, "{who:?} is not let onto the page");
            assert_eq!(browser.js("return document.documentElement.lang", json!([])).await, language);
            for (device, on) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
                browser.device(device).await;
                for theme in ["light", "dark"] {
                    // As the cookie does it, without loading the page again.
                    browser.js("document.documentElement.dataset.theme = arguments[0]", json!([theme])).await;
                    let told = format!("{} as {who:?} in {language}, {theme}, {on}", page.address);
                    look(&browser, &told, theme == "dark", &mut wrong).await;
                    if on == "phone" {
                        no_sideways_scrolling(&browser, &told, &mut wrong).await;
                    }
                    count += 1;
                }
            }
            let broken = broken_policies(&browser).await;
            wrong.extend(broken.into_iter().map(|broken| format!("{} as {who:?}: {broken}", page.address)));
            // A page that says that something is refused is loaded with that status, of which the browser complains.
            let complaints = browser.complaints().await;
            let own = |complaint: &String| !complaint.contains(expected) || !complaint.contains("the server responded");
            wrong.extend(complaints.into_iter().filter(own).map(|told| format!("{} as {who:?}: {told}", page.address)));
        }
    }
    println!("axe in {language}: {count} looks at {} pages in {:.1?}", looks.len(), started.elapsed());
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
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
