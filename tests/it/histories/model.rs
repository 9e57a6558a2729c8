//! What the server should do, said as simply as possible: a list of reservations, and intervals that overlap or do
//! not. Written from the wire contract and not from the server's code; it has no slots, no keys, no SQL.
//!
//! The clock stands before the first opening, so every live reservation is to come.

/// The UUID of a reservation.
pub type Id = u128;

/// A live reservation. Times are half hours since midnight.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Booking {
    pub bay: i64,
    pub start: u8,
    pub end: u8,
    pub plate: u8,
    pub id: Id,
}

/// Which bay a request names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bay {
    This(i64),
    Any,
    Unsaid,
}

/// A request.
#[derive(Clone, Debug)]
pub enum Op {
    /// One time, or a batch of several. A bay that is not said is any.
    Book {
        bay: Bay,
        plate: u8,
        times: Vec<(u8, u8)>,
    },
    /// A bay that is not said stays.
    Move {
        id: Id,
        bay: Bay,
        start: Option<u8>,
        end: Option<u8>,
    },
    Cancel {
        id: Id,
    },
    Verify {
        bay: Bay,
        plate: u8,
        time: Option<(u8, u8)>,
    },
    /// At so many seconds after midnight.
    Match {
        plate: u8,
        at: u32,
    },
    List,
}

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    Booked(Vec<Booking>),
    Moved(Booking),
    Cancelled,
    Refused(String),
    /// Verify: it could be booked.
    Free,
    /// Verify: it could not, because of this reservation.
    Taken(String, Option<Id>),
    Matched(Option<Id>),
    Listed(Vec<Booking>),
}

impl Answer {
    /// Whether the request changed something.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Booked(_) | Self::Moved(_) | Self::Cancelled)
    }
}

/// How exact an answer must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    /// One client: "any" is the free bay with the lowest number, and reasons come in their order.
    Alone,
    /// Many clients: "any" is a bay that is free (the lowest may have been somebody's for a moment), and a batch of
    /// any bay may name the car as the reason although no bay is free either.
    Among,
}

/// The bays there are.
pub const BAYS: [i64; 4] = [1, 2, 3, 4];

/// The state: the live reservations, sorted.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Calendar(Vec<Booking>);

impl Calendar {
    pub fn bookings(&self) -> &[Booking] {
        &self.0
    }

    /// The state after this answer to this request, or `None` when the answer would be a lie.
    pub fn after(&self, op: &Op, answer: &Answer, rule: Rule) -> Option<Self> {
        match (op, answer) {
            (Op::Book { bay, plate, times }, _) => self.after_booking(*bay, *plate, times, answer, rule),
            (Op::Move { id, bay, start, end }, _) => self.after_move(*id, *bay, *start, *end, answer, rule),
            (Op::Cancel { id }, Answer::Cancelled) => self.find(*id).map(|_| self.without(*id)),
            (Op::Cancel { id }, Answer::Refused(code)) => {
                self.unchanged_if(self.find(*id).is_none() && code == NOT_FOUND)
            }
            (Op::Verify { bay, plate, time }, _) => self.unchanged_if(self.verify(*bay, *plate, *time) == *answer),
            (Op::Match { plate, at }, Answer::Matched(id)) => {
                let holds = |booking: &&Booking| {
                    booking.plate == *plate && seconds(booking.start) <= *at && *at < seconds(booking.end)
                };
                self.unchanged_if(self.0.iter().find(holds).map(|booking| booking.id) == *id)
            }
            (Op::List, Answer::Listed(listed)) => self.unchanged_if(self.0 == *listed),
            _ => None,
        }
    }

    fn after_booking(&self, bay: Bay, plate: u8, times: &[(u8, u8)], answer: &Answer, rule: Rule) -> Option<Self> {
        let bays = match bay {
            Bay::This(bay) => {
                let mut in_order = times.to_vec();
                in_order.sort_unstable();
                let reason = in_order.into_iter().find_map(|time| self.reason(bay, plate, time));
                if let Some(reason) = reason {
                    return self.unchanged_if(is_refused(answer, reason));
                }
                vec![bay]
            }
            Bay::Any | Bay::Unsaid => {
                let free = self.free(times);
                let car_is_elsewhere = times.iter().any(|time| self.with_plate(plate, *time).is_some());
                if rule == Rule::Among && times.len() > 1 && car_is_elsewhere && is_refused(answer, PLATE_TAKEN) {
                    return Some(self.clone());
                }
                if free.is_empty() {
                    return self.unchanged_if(is_refused(answer, NO_BAY_FREE));
                }
                if car_is_elsewhere {
                    return self.unchanged_if(is_refused(answer, PLATE_TAKEN));
                }
                choices(free, rule)
            }
        };
        let Answer::Booked(booked) = answer else { return None };
        let chosen = booked.first()?.bay;
        let as_asked = booked.len() == times.len()
            && booked.iter().zip(times).all(|(booking, time)| {
                booking.bay == chosen
                    && booking.plate == plate
                    && (booking.start, booking.end) == *time
                    && self.find(booking.id).is_none()
            });
        (as_asked && bays.contains(&chosen)).then(|| self.with(booked))
    }

    fn after_move(
        &self,
        id: Id,
        bay: Bay,
        start: Option<u8>,
        end: Option<u8>,
        answer: &Answer,
        rule: Rule,
    ) -> Option<Self> {
        let Some(old) = self.find(id) else { return self.unchanged_if(is_refused(answer, NOT_FOUND)) };
        let new_start = start.unwrap_or(old.start);
        let new_end = match (start, end) {
            (_, Some(end)) => end,
            (Some(start), None) => start + (old.end - old.start),
            (None, None) => old.end,
        };
        if new_end <= new_start {
            return self.unchanged_if(is_refused(answer, "end_not_after_start"));
        }
        let others = self.without(id);
        let time = (new_start, new_end);
        let bays = match bay {
            Bay::Any => {
                let free = others.free(&[time]);
                if free.is_empty() {
                    return self.unchanged_if(is_refused(answer, NO_BAY_FREE));
                }
                if others.with_plate(old.plate, time).is_some() {
                    return self.unchanged_if(is_refused(answer, PLATE_TAKEN));
                }
                choices(free, rule)
            }
            Bay::This(_) | Bay::Unsaid => {
                let bay = if let Bay::This(bay) = bay { bay } else { old.bay };
                if let Some(reason) = others.reason(bay, old.plate, time) {
                    return self.unchanged_if(is_refused(answer, reason));
                }
                vec![bay]
            }
        };
        let Answer::Moved(moved) = answer else { return None };
        let expected = Booking { bay: moved.bay, start: new_start, end: new_end, ..old };
        (bays.contains(&moved.bay) && *moved == expected).then(|| others.with(&[expected]))
    }

    /// What verify should say.
    fn verify(&self, bay: Bay, plate: u8, time: Option<(u8, u8)>) -> Answer {
        let taken = |code: &str, booking: Option<Booking>| match booking {
            Some(booking) => Answer::Taken(code.to_owned(), Some(booking.id)),
            None => Answer::Free,
        };
        let Some(time) = time else { return taken(PLATE_TAKEN, self.with_plate(plate, (0, 48))) };
        match bay {
            Bay::This(bay) if self.in_bay(bay, time).is_some() => return taken(BAY_TAKEN, self.in_bay(bay, time)),
            Bay::Any if self.free(&[time]).is_empty() => return Answer::Taken(NO_BAY_FREE.to_owned(), None),
            _ => {}
        }
        taken(PLATE_TAKEN, self.with_plate(plate, time))
    }

    fn find(&self, id: Id) -> Option<Booking> {
        self.0.iter().copied().find(|booking| booking.id == id)
    }

    /// The first reservation of a bay that overlaps a time.
    fn in_bay(&self, bay: i64, time: (u8, u8)) -> Option<Booking> {
        self.first(|booking| booking.bay == bay && overlap(booking, time))
    }

    /// The first reservation of a car that overlaps a time.
    fn with_plate(&self, plate: u8, time: (u8, u8)) -> Option<Booking> {
        self.first(|booking| booking.plate == plate && overlap(booking, time))
    }

    fn first(&self, wanted: impl Fn(&Booking) -> bool) -> Option<Booking> {
        self.0.iter().copied().filter(|booking| wanted(booking)).min_by_key(|booking| booking.start)
    }

    /// Why a car cannot have a bay at a time; the bay is named first.
    fn reason(&self, bay: i64, plate: u8, time: (u8, u8)) -> Option<&'static str> {
        let bay = self.in_bay(bay, time).map(|_| BAY_TAKEN);
        bay.or_else(|| self.with_plate(plate, time).map(|_| PLATE_TAKEN))
    }

    fn free(&self, times: &[(u8, u8)]) -> Vec<i64> {
        BAYS.into_iter().filter(|bay| times.iter().all(|time| self.in_bay(*bay, *time).is_none())).collect()
    }

    fn with(&self, more: &[Booking]) -> Self {
        let mut all = [&self.0, more].concat();
        all.sort_unstable();
        Self(all)
    }

    fn without(&self, id: Id) -> Self {
        Self(self.0.iter().copied().filter(|booking| booking.id != id).collect())
    }

    fn unchanged_if(&self, fits: bool) -> Option<Self> {
        fits.then(|| self.clone())
    }
}

pub const BAY_TAKEN: &str = "bay_taken";
pub const PLATE_TAKEN: &str = "plate_taken";
pub const NO_BAY_FREE: &str = "no_bay_free";
pub const NOT_FOUND: &str = "reservation_not_found";

fn choices(free: Vec<i64>, rule: Rule) -> Vec<i64> {
    let how_many = if rule == Rule::Alone { 1 } else { free.len() };
    free.into_iter().take(how_many).collect()
}

fn is_refused(answer: &Answer, code: &str) -> bool {
    matches!(answer, Answer::Refused(refused) if refused == code)
}

fn overlap(booking: &Booking, (start, end): (u8, u8)) -> bool {
    booking.start < end && start < booking.end
}

fn seconds(half_hour: u8) -> u32 {
    u32::from(half_hour) * 1800
}
