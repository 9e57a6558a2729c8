//! Limits that are changed while the server runs.

use std::sync::Arc;
use std::time::Duration;

use super::{audit, says, staff};
use crate::harness::{Server, TOMORROW, both_engines};
use crate::pages::Browser;

/// Books, and answers the status.
async fn status(driver: &Browser, start: &str, end: &str) -> u16 {
    let form = [("bay", "any"), ("date", TOMORROW), ("start", start), ("end", end), ("plate", "12가3456")];
    driver.submit("/book", &form).await.status.as_u16()
}

both_engines! {
    async fn limits_hold_at_once_on_every_instance_and_after_a_restart(engine: Engine) {
        let server = Server::start(engine).await;
        let (database, clock) = (Arc::clone(&server.database), server.clock.clone());
        let other = Server::start_on(Arc::clone(&database), clock.clone(), &[]).await;
        let operator = staff(&server, "operator@example.com", "operator", "en").await;
        let administrator = staff(&server, "administrator@example.com", "administrator", "en").await;
        let driver = Browser::driver(&server, "me@example.com").await;
        let elsewhere = Browser::new(&other, "en");
        let log_in = [("email", "me@example.com"), ("password", "a password of the tests")];
        assert_eq!(elsewhere.submit("/login", &log_in).await.status, 303);
        assert_eq!(status(&driver, "09:00", "10:00").await, 303);
        let one = [("openBookings", "1"), ("hoursPerDay", ""), ("daysAhead", "30")];
        assert_eq!(operator.submit("/staff/settings/quotas", &one).await.status, 403);
        for wrong in [[("openBookings", "many")], [("hoursPerDay", "25")], [("daysAhead", "-1")]] {
            let refused = administrator.submit("/staff/settings/quotas", &wrong).await;
            assert_eq!(refused.status, 422);
            says(&refused, "Give a whole number within the limits.");
        }
        assert_eq!(status(&driver, "11:00", "12:00").await, 303);
        let saved = administrator.submit("/staff/settings/quotas", &one).await;
        assert_eq!(saved.header("location"), "/staff/settings?done=saved");
        assert_eq!(status(&driver, "13:00", "14:00").await, 409);
        let page = administrator.open("/staff/settings").await;
        says(&page, "What was changed here counts instead of the settings file.");
        says(&page, "value=\"30\"");
        assert_eq!(audit(&server, "settings.change").await.len(), 1);
        // The other instance hears of it within seconds.
        let mut heard = false;
        for _ in 0..150 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            heard = other.site.changeable.quotas().open_bookings == Some(1);
            if heard {
                break;
            }
        }
        assert!(heard);
        assert_eq!(status(&elsewhere, "13:00", "14:00").await, 409);
        let again = Server::start_on(Arc::clone(&database), clock, &[]).await;
        assert_eq!(again.site.changeable.quotas().open_bookings, Some(1));
        let back = administrator.submit("/staff/settings/quotas", &[("back", "yes")]).await;
        assert_eq!(back.status, 303);
        assert_eq!(status(&driver, "13:00", "14:00").await, 303);
    }
}
