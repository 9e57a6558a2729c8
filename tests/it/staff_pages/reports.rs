//! Figures of a known history, and taking reservations away.

use jari::service::reports::{self, Period, Recognised, Report, Shows};
use jari::service::{Caller, Site};
use serde_json::{Value, json};

use super::{audit, between, log_in, says, says_not, staff};
use crate::harness::{ADMIN_TOKEN, Engine, NOW, Server, TODAY, TOMORROW, both_engines};
use crate::inbox::Camera;

async fn report(site: &Site, period: Period) -> Report {
    reports::report(site, &Caller::command_line(), period).await.unwrap()
}

/// The percentage of an hour on a Wednesday.
fn wednesday(report: &Report, hour: u8) -> Option<i64> {
    report.hours.iter().find(|(at, _)| *at == hour).and_then(|(_, days)| days[2].percent())
}

/// A Wednesday: two cars from nine, one of them until eleven, a third from twelve to half past, and one that was
/// cancelled. Of the first two one is seen, a stranger passes by, and a picture is put to a person.
async fn known_history(engine: Engine) -> Server {
    let server = Server::start(engine).await;
    let book = async |bay: i64, plate: &str, start: &str, end: &str, email: &str| {
        let body = json!({"sessionId": bay, "plate": plate, "date": TODAY, "startTime": start, "endTime": end, "contactEmail": email});
        server.post("/api/reservations", ADMIN_TOKEN, body).await.expect(201).json["id"].as_str().unwrap().to_owned()
    };
    book(1, "12가3456", "09:00", "11:00", "=1+1@example.com").await;
    book(2, "34나5678", "09:00", "10:00", "plain@example.com").await;
    book(3, "56다7890", "12:00", "12:30", "-2@example.com").await;
    let gone = book(4, "78라9012", "09:00", "22:00", "gone@example.com").await;
    server.delete(&format!("/api/admin/reservations/{gone}"), ADMIN_TOKEN).await.expect(200);
    server.book(ADMIN_TOKEN, json!(4), "90마1234", "09:00", "22:00").await.expect(201);
    let camera = Camera::add(&server, json!({"name": "Gate"})).await;
    server.clock.set(NOW + 70 * 60);
    camera.send(&server, json!({"plate": "12가3456", "confidence": 0.9})).await.expect(200);
    camera.send(&server, json!({"plate": "98하7654", "confidence": 0.5})).await.expect(200);
    camera.send_bytes(&server, "image/png", crate::recognition::pictures::png(1, 1)).await.expect(200);
    // Noon: the first two are over, the third begins.
    server.clock.set(NOW + 4 * 60 * 60);
    server
}

both_engines! {
    async fn the_figures_of_a_known_history_are_right(engine: Engine) {
        let server = known_history(engine).await;
        let week = report(&server.site, Period::Week).await;
        assert_eq!((week.from.to_string(), week.until.to_string()), ("2026-03-26".into(), TODAY.into()));
        assert_eq!((week.reservations, week.cut), (3, false));
        // Of four bays in one Wednesday's hour of two half hours.
        assert_eq!([9, 10, 11, 12].map(|hour| wednesday(&week, hour)), [Some(50), Some(25), Some(0), Some(13)]);
        assert_eq!(week.hours.iter().map(|(hour, _)| *hour).collect::<Vec<_>>(), (9..22).collect::<Vec<u8>>());
        let other_days: i64 = week.hours.iter().flat_map(|(_, days)| [0, 1, 3, 4, 5, 6].map(|day| days[day].booked)).sum();
        assert_eq!(other_days, 0);
        let bays: Vec<_> = week.bays.iter().map(|(_, share)| (share.booked, share.all)).collect();
        assert_eq!(bays, [(4, 182), (2, 182), (1, 182), (0, 182)]);
        assert_eq!(week.shows, Shows { over: 2, seen: 1, missed: 1, unknown: 0 });
        let last = week.recognised.last().unwrap();
        assert_eq!((last.exact, last.tolerant, last.person, last.nobody), (1, 0, 1, 1));
        assert_eq!(last.confidence(), Some(70));
        assert_eq!(week.recognised.iter().map(Recognised::all).sum::<i64>(), 3);
        // Thirteen Wednesdays.
        let quarter = report(&server.site, Period::Quarter).await;
        assert_eq!(wednesday(&quarter, 9), Some(4));
        assert_eq!(quarter.recognised.len(), 13);
        // A week later only the day after is left in a week, and all of it in four.
        server.clock.set(NOW + 7 * 24 * 60 * 60);
        let week = report(&server.site, Period::Week).await;
        assert_eq!((week.reservations, week.shows, week.recognised.iter().map(Recognised::all).sum::<i64>()), (1, Shows { over: 1, seen: 0, missed: 1, unknown: 0 }, 0));
        let four = report(&server.site, Period::FourWeeks).await;
        assert_eq!((four.reservations, four.recognised.len(), four.recognised.iter().map(Recognised::all).sum::<i64>()), (4, 28, 3));
        assert_eq!(four.shows, Shows { over: 4, seen: 1, missed: 3, unknown: 0 });
    }

    async fn who_was_forgotten_did_not_stay_away(engine: Engine) {
        let server = known_history(engine).await;
        let site = &server.site;
        let forgotten = site.store.write(async |conn| {
            Ok::<_, jari::store::Failure<jari::service::Refusal>>(jari::store::reservations::forget_finished(conn, NOW + 4 * 60 * 60, 100).await?)
        });
        assert_eq!(forgotten.await.unwrap(), 3 - 1);
        assert_eq!(report(site, Period::Week).await.shows, Shows { over: 1, seen: 1, missed: 0, unknown: 1 });
    }

    async fn the_page_has_pictures_with_their_tables(engine: Engine) {
        let server = known_history(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let page = operator.open("/staff/reports?days=7").await.expect(200);
        let heat = between(&page.text, "id=\"heat-title\"", "</svg>");
        assert!(heat.contains("text-anchor=\"middle\">50</text>") && heat.contains("class=\"heat-2\""), "{heat}");
        assert_eq!(heat.matches("<rect").count(), 13 * 7);
        let table = between(&page.text, "Share that was booked", "</table>");
        let row = between(table, "<th scope=\"row\">09</th>", "</tr>");
        assert_eq!(row, "<td>0%</td><td>0%</td><td>50%</td><td>0%</td><td>0%</td><td>0%</td><td>0%</td>");
        let bay = between(&page.text, "<tr><th scope=\"row\">세션 1</th>", "</tr>");
        assert_eq!(bay, "<td>2.0 h</td><td>2%</td>");
        says(&page, "<dd>1 (50%)</dd>");
        let seen = between(&page.text, &format!("<th scope=\"row\">{TODAY}</th>"), "</tr>");
        assert_eq!(seen, "<td>1</td><td>0</td><td>1</td><td>1</td><td>3</td><td>70%</td>");
        // Nobody's data stands in a report.
        says_not(&page, "3456");
        assert!(!audit(&server, "personal_data.see").await.iter().any(|record| record["object"].as_str().unwrap().contains("report")));
    }

    async fn reservations_are_taken_away_without_formulas_and_it_is_recorded(engine: Engine) {
        let server = known_history(engine).await;
        server.driver("driver@example.com").await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let csv = operator.open(&format!("/staff/download/reservations.csv?from={TODAY}&until={TODAY}")).await.expect(200);
        assert!(csv.header("content-type").starts_with("text/csv; charset=utf-8"));
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"reservations-2026-04-01-2026-04-01.csv\"");
        let lines: Vec<&str> = csv.text.lines().collect();
        assert_eq!(lines[0], "\u{feff}id,sessionId,date,startTime,endTime,plate,status,contactEmail");
        assert_eq!(lines.len(), 1 + 4, "{}", csv.text);
        let told = |line: &str| line.split_once(',').unwrap().1.to_owned();
        assert_eq!(told(lines[1]), "1,2026-04-01,09:00,11:00,12가3456,COMPLETED,'=1+1@example.com");
        assert_eq!(told(lines[3]), "3,2026-04-01,12:00,12:30,56다7890,IN_PROGRESS,'-2@example.com");
        assert_eq!(told(lines[4]), "4,2026-04-01,09:00,22:00,78라9012,CANCELLED,gone@example.com");
        let seen = audit(&server, "personal_data.see").await;
        assert!(seen.iter().any(|record| record["object"] == format!("reservations:{TODAY}..{TODAY}")), "{seen:#?}");
        let ndjson = operator.open(&format!("/staff/download/reservations.ndjson?from={TODAY}&until={TOMORROW}")).await.expect(200);
        let all: Vec<Value> = ndjson.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(all.len(), 5);
        assert_eq!(all.iter().filter(|one| one["status"] == "CANCELLED").count(), 1);
        assert_eq!((&all[0]["contactEmail"], &all[3]["date"]), (&json!("=1+1@example.com"), &json!(TOMORROW)));
        for wrong in ["", "?from=2026-04-01", "?from=2026-04-02&until=2026-04-01", "?from=2025-01-01&until=2026-04-01", "?from=x&until=y"] {
            assert_eq!(operator.open(&format!("/staff/download/reservations.csv{wrong}")).await.status, 422, "{wrong}");
        }
        let driver = log_in(&server, "driver@example.com", "en").await;
        assert_eq!(driver.open(&format!("/staff/download/reservations.csv?from={TODAY}&until={TODAY}")).await.status, 403);
    }
}
