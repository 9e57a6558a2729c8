//! Bays that are closed for a time.

use serde_json::json;

use super::{audit, says, says_not, staff};
use crate::harness::{ADMIN_TOKEN, NOW, Server, TODAY, TOMORROW, both_engines};
use crate::pages::Browser;

both_engines! {
    async fn a_bay_that_is_closed_for_a_time_takes_no_booking_in_it(engine: Engine) {
        let server = Server::start(engine).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let driver = Browser::driver(&server, "me@example.com").await;
        driver.book("1", "2026-04-03", "12:00", "13:00", "12가3456").await;
        let until = |day| vec![("from", TODAY), ("start", "12:00"), ("until", day), ("end", "14:00"), ("reason", "청소")];
        // Where a booking stands nothing is closed, on none of the days.
        let refused = operator.submit("/staff/bays/1/close-for", &until("2026-04-03")).await;
        assert_eq!(refused.status, 409);
        says(&refused, "value=\"청소\"");
        driver.book("1", TODAY, "12:00", "12:30", "34나5678").await;
        let mine = driver.open("/my").await;
        let id = mine.text.split("/reservations/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        driver.submit(&format!("/reservations/{id}/cancel"), &[]).await;
        let closed = operator.submit("/staff/bays/1/close-for", &until(TOMORROW)).await;
        assert_eq!(closed.header("location"), "/staff/bays/1?done=bay-changed", "{}", closed.text);
        assert_eq!(audit(&server, "bay.close_for").await.len(), 1);
        // From noon today until closing time, and from opening time until two tomorrow; not before and not after.
        for (day, start, end, status) in [
            (TODAY, "21:30", "22:00", 409),
            (TODAY, "11:30", "12:30", 409),
            (TODAY, "11:00", "12:00", 303),
            (TOMORROW, "09:00", "09:30", 409),
            (TOMORROW, "13:30", "14:30", 409),
            (TOMORROW, "14:00", "15:00", 303),
        ] {
            let form = [("bay", "1"), ("date", day), ("start", start), ("end", end), ("plate", "56다7890")];
            assert_eq!(driver.submit("/book", &form).await.status.as_u16(), status, "{day} {start}");
        }
        // Two bays can be closed at once.
        let other = operator.submit("/staff/bays/2/close-for", &until(TODAY)).await;
        assert_eq!(other.status, 303);
        let board = Browser::new(&server, "en").open(&format!("/board?date={TODAY}")).await;
        says(&board, "<td class=\"c\" colspan=\"20\"><span class=\"hidden\">closed: </span>청소</td>");
        // It is nobody's car: no camera meets it, and the reports do not count it.
        let read = json!({"plate": "closed:1", "timestamp": NOW + 5 * 3600});
        let matched = server.post("/api/plates/match", ADMIN_TOKEN, read).await.expect(200);
        assert_eq!(matched.json["match"], false);
        server.clock.set(NOW + 5 * 3600);
        says(&Browser::new(&server, "en").open("/kiosk").await, "<b>closed</b> <small>until 22:00</small>");
        says_not(&operator.open("/staff").await, "청소");
        // Reopened, it can be booked.
        let page = operator.open("/staff/bays/1").await;
        let id = page.text.split("/staff/reservations/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let reopened = operator.submit(&format!("/staff/reservations/{id}/cancel"), &[("reason", "clean")]).await;
        assert_eq!(reopened.status, 303);
        driver.book("1", TODAY, "15:00", "16:00", "78라1234").await;
        // Drivers close nothing.
        assert_eq!(driver.submit("/staff/bays/3/close-for", &until(TOMORROW)).await.status, 403);
    }
}
