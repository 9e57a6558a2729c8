//! The order in which the database took the writes, as advice for the search: triggers that only the tests have
//! note it. On SQLite it is the order. On PostgreSQL the trigger runs in the commit, a moment before others see it,
//! so neighbours may be the wrong way round; the search mends that. Nothing is believed because it stands here.

use std::collections::{HashMap, VecDeque};

use jari::store::NoRefusal;
use uuid::Uuid;

use super::check::Event;
use super::model::{Answer, Booking, Id, Op};
use crate::harness::{Engine, NOW, Server};

/// 00:00 of the day that the histories book, in UTC seconds: 16 hours after [`NOW`].
const MIDNIGHT: i64 = NOW + 16 * 3600;

const SQLITE: &str = "
    CREATE TABLE journal (seq INTEGER PRIMARY KEY, public_id TEXT NOT NULL, what TEXT NOT NULL) STRICT;
    CREATE TRIGGER journal_booked AFTER INSERT ON reservations BEGIN
        INSERT INTO journal (public_id, what) VALUES (NEW.public_id, 'booked');
    END;
    CREATE TRIGGER journal_moved AFTER UPDATE OF bay_id, start_at, end_at ON reservations BEGIN
        INSERT INTO journal (public_id, what)
        VALUES (NEW.public_id, 'moved ' || NEW.bay_id || ' ' || NEW.start_at || ' ' || NEW.end_at);
    END;
    CREATE TRIGGER journal_cancelled AFTER UPDATE OF cancelled_at ON reservations BEGIN
        INSERT INTO journal (public_id, what) VALUES (NEW.public_id, 'cancelled');
    END;";

const POSTGRES: &str = "
    CREATE TABLE journal (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, public_id TEXT NOT NULL, what TEXT NOT NULL);
    CREATE FUNCTION journal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO journal (public_id, what) VALUES (NEW.public_id, CASE TG_ARGV[0]
            WHEN 'moved' THEN 'moved ' || NEW.bay_id || ' ' || NEW.start_at || ' ' || NEW.end_at
            ELSE TG_ARGV[0] END);
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER journal_booked AFTER INSERT ON reservations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal('booked');
    CREATE CONSTRAINT TRIGGER journal_moved AFTER UPDATE OF bay_id, start_at, end_at ON reservations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal('moved');
    CREATE CONSTRAINT TRIGGER journal_cancelled AFTER UPDATE OF cancelled_at ON reservations
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal('cancelled');";

/// Begins the journal.
pub async fn install(server: &Server, engine: Engine) {
    let script = match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let installed = server.site.store.write(async move |conn| Ok::<_, NoRefusal>(conn.script(script).await?));
    installed.await.unwrap();
}

/// What the journal says: when each thing was done to each reservation.
pub struct Journal(HashMap<(Id, String), VecDeque<i64>>);

impl Journal {
    pub async fn read(server: &Server) -> Self {
        let rows = server.site.store.snapshot(async |conn| {
            let read = |row: &jari::store::Row<'_>| Ok((row.int(0)?, row.text(1)?, row.text(2)?));
            conn.all("SELECT seq, public_id, what FROM journal ORDER BY seq", &[], read).await
        });
        let mut journal: HashMap<_, VecDeque<i64>> = HashMap::new();
        for (seq, id, what) in rows.await.unwrap() {
            journal.entry((Uuid::parse_str(&id).unwrap().as_u128(), what)).or_default().push_back(seq);
        }
        Self(journal)
    }

    /// Writes the advice into events, in the order of their answers (a reservation may be moved to one place twice).
    pub fn advise(&mut self, events: &mut [Event]) {
        events.sort_by_key(|event| event.answered);
        for event in events {
            event.advice = match (&event.op, &event.answer) {
                // The last row of a batch: before it, the batch was not done.
                (_, Answer::Booked(booked)) => {
                    booked.iter().map(|booking| self.take(booking.id, "booked")).max().unwrap_or(i64::MAX)
                }
                (_, Answer::Moved(booking)) => self.take(booking.id, &moved(booking)),
                (Op::Cancel { id }, Answer::Cancelled) => self.take(*id, "cancelled"),
                _ => 0,
            };
        }
    }

    /// A write that the journal does not know is tried last.
    fn take(&mut self, id: Id, what: &str) -> i64 {
        self.0.get_mut(&(id, what.to_owned())).and_then(VecDeque::pop_front).unwrap_or(i64::MAX)
    }
}

fn moved(to: &Booking) -> String {
    let instant = |half_hour: u8| MIDNIGHT + 1800 * i64::from(half_hour);
    format!("moved {} {} {}", to.bay, instant(to.start), instant(to.end))
}
