//! Whether a history of concurrent requests can be told as if one had come after another.
//!
//! Wing and Gong's search: an operation may be next if no other that remains was answered before it was sent. Reads
//! and refusals change nothing, so each is placed as soon as its answer is true: that never closes a way. What is
//! left is the order of the writes. They are tried in the order that [`Event::advice`] says first; a wrong order
//! leaves a read that is true nowhere, and then the search goes back and departs from the advice, once, then twice,
//! and so on. States that were seen are not searched again, and the work is bounded: a history that cannot be told
//! within the bound is refused, never passed.
//!
//! The advice only decides what is tried first. An answer is accepted only where the model gives it and the order
//! of sending and answering allows it, whatever the advice.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fmt;

use super::model::{Answer, Calendar, Op, Rule};

/// One request and its answer. `sent` and `answered` are moments of one clock that orders all of them.
#[derive(Clone, Debug)]
pub struct Event {
    pub sent: u64,
    pub answered: u64,
    pub op: Op,
    pub answer: Answer,
    /// Writes with lower numbers are tried first.
    pub advice: i64,
}

/// A history that cannot be told.
#[derive(Debug)]
pub struct Lie {
    /// The request whose answer is true nowhere, in the telling that came furthest.
    pub stuck: Event,
    /// What was booked there.
    pub calendar: Calendar,
    /// Whether everything was tried, or the bound ended the search.
    pub exhausted: bool,
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { sent, answered, op, answer, .. } = &self.stuck;
        let searched = if self.exhausted { "every order was tried" } else { "the search came to its bound" };
        writeln!(f, "sent at {sent}, answered at {answered}: {op:?}\nanswered {answer:?}")?;
        writeln!(f, "true nowhere ({searched}); where the telling ends, there is")?;
        self.calendar.bookings().iter().try_for_each(|booking| writeln!(f, "  {booking:?}"))
    }
}

/// A history that can be told.
#[derive(Debug)]
pub struct Told {
    /// What is booked at its end.
    pub calendar: Calendar,
    /// How often the search placed a write.
    pub steps: usize,
    /// How many writes stand elsewhere than was advised.
    pub departures: usize,
}

/// Writes that are placed at most, in all tellings together.
const BOUND: usize = 30_000;

/// Tells a history that began with `start`.
pub fn tell(start: &Calendar, mut events: Vec<Event>) -> Result<Told, Box<Lie>> {
    events.sort_by_key(|event| event.sent);
    let mut search = Search { events, seen: HashSet::new(), open: BinaryHeap::new(), told: Vec::new(), steps: 0 };
    search.run(start)
}

/// How far a telling is: which events are placed, and what is booked after them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Point {
    placed: Vec<bool>,
    /// The first event that is not placed.
    first: usize,
    calendar: Calendar,
}

struct Search {
    events: Vec<Event>,
    seen: HashSet<Point>,
    /// Other ways, the most promising first: (departures, how far from the advice, how far back, index in `told`).
    open: BinaryHeap<Reverse<(usize, usize, usize, usize)>>,
    told: Vec<Point>,
    steps: usize,
}

impl Search {
    fn run(&mut self, start: &Calendar) -> Result<Told, Box<Lie>> {
        let mut best: Option<(usize, Lie)> = None;
        let start = Point { placed: vec![false; self.events.len()], first: 0, calendar: start.clone() };
        let mut next = Some((start, 0));
        while let Some((point, departures)) = next {
            let (way, stuck) = match self.forward(point) {
                Ok(calendar) => return Ok(Told { calendar, steps: self.steps, departures }),
                Err(way_and_stuck) => way_and_stuck,
            };
            if let (Some(stuck), Some(last)) = (stuck, way.last()) {
                let count = last.placed.iter().filter(|placed| **placed).count();
                if best.as_ref().is_none_or(|(most, _)| count > *most) {
                    let stuck = self.events[stuck].clone();
                    best = Some((count, Lie { stuck, calendar: last.calendar.clone(), exhausted: false }));
                }
            }
            self.note_other_ways(way, departures);
            next = if self.steps < BOUND { self.next_way() } else { None };
        }
        let (_, lie) = best.expect("a search that tells nothing is stuck somewhere");
        Err(Box::new(Lie { exhausted: self.steps < BOUND, ..lie }))
    }

    /// Follows the advice to the end, or to where nothing fits. Answers the points on the way, and who is stuck.
    fn forward(&mut self, mut point: Point) -> Result<Calendar, (Vec<Point>, Option<usize>)> {
        let mut way = Vec::new();
        loop {
            self.place_what_changes_nothing(&mut point);
            if point.first == self.events.len() {
                return Ok(point.calendar);
            }
            if !self.seen.insert(point.clone()) {
                return Err((way, None));
            }
            let candidates = self.writes_that_may_be_next(&point);
            way.push(point);
            let point_here = way.last().expect("it was just pushed");
            let Some((index, calendar)) =
                candidates.iter().find_map(|index| Some((*index, self.fits(point_here, *index)?)))
            else {
                let remaining = self.may_be_next(point_here);
                let stuck = remaining.into_iter().min_by_key(|index| self.events[*index].answered);
                return Err((way, stuck));
            };
            point = self.placed(point_here, index, calendar);
            self.steps += 1;
        }
    }

    /// The events that may be next: sent before the first answer of those that remain.
    fn may_be_next(&self, point: &Point) -> Vec<usize> {
        let mut first_answer = u64::MAX;
        let mut next = Vec::new();
        for (index, event) in self.events.iter().enumerate().skip(point.first) {
            if event.sent > first_answer {
                break;
            }
            if !point.placed[index] {
                first_answer = first_answer.min(event.answered);
                next.push(index);
            }
        }
        next.retain(|index| self.events[*index].sent < first_answer);
        next
    }

    fn place_what_changes_nothing(&self, point: &mut Point) {
        loop {
            let next = self.may_be_next(point);
            let fitting: Vec<_> = next
                .into_iter()
                .filter(|index| !self.events[*index].answer.is_write() && self.fits(point, *index).is_some())
                .collect();
            if fitting.is_empty() {
                return;
            }
            for index in fitting {
                point.placed[index] = true;
            }
            self.skip_placed(point);
        }
    }

    fn writes_that_may_be_next(&self, point: &Point) -> Vec<usize> {
        let mut writes = self.may_be_next(point);
        writes.retain(|index| self.events[*index].answer.is_write());
        writes.sort_by_key(|index| self.events[*index].advice);
        writes
    }

    fn fits(&self, point: &Point, index: usize) -> Option<Calendar> {
        let event = &self.events[index];
        point.calendar.after(&event.op, &event.answer, Rule::Among)
    }

    fn placed(&self, point: &Point, index: usize, calendar: Calendar) -> Point {
        let mut point = Point { calendar, ..point.clone() };
        point.placed[index] = true;
        self.skip_placed(&mut point);
        point
    }

    fn skip_placed(&self, point: &mut Point) {
        while point.first < self.events.len() && point.placed[point.first] {
            point.first += 1;
        }
    }

    /// Notes that each point of a way could have gone on with another write. The nearest to the advice and to where
    /// the way ended come first.
    fn note_other_ways(&mut self, way: Vec<Point>, departures: usize) {
        for (back, point) in way.into_iter().rev().enumerate() {
            self.open.push(Reverse((departures + 1, 1, back, self.told.len())));
            self.told.push(point);
        }
    }

    /// The next other way, one write further from the advice than it was tried before.
    fn next_way(&mut self) -> Option<(Point, usize)> {
        while let Some(Reverse((departures, rank, back, told))) = self.open.pop() {
            let point = self.told[told].clone();
            let mut fitting = self
                .writes_that_may_be_next(&point)
                .into_iter()
                .filter_map(|index| Some((index, self.fits(&point, index)?)));
            if let Some((index, calendar)) = fitting.nth(rank) {
                self.open.push(Reverse((departures, rank + 1, back, told)));
                self.steps += 1;
                return Some((self.placed(&point, index, calendar), departures));
            }
        }
        None
    }
}
