//! Sightings in words.

use crate::domain::sighting::{Camera, Sighting, State};

use super::super::texts::fill;
use super::super::when::When;
use super::texts::StaffTexts;

/// A sighting as a list tells it.
pub(super) struct SeenRow {
    pub when: String,
    pub camera: String,
    pub plate: String,
    /// How it was matched, in words.
    pub why: String,
    pub tag: &'static str,
    pub tone: &'static str,
    /// The operators' page of what it belongs to; empty for none.
    pub link: String,
}

/// A sighting as a list tells it. `expected` is the plate of the reservation that it was matched to.
pub(super) fn row(
    t: &'static StaffTexts,
    when: &When,
    cameras: &[Camera],
    sighting: &Sighting,
    expected: Option<&str>,
) -> SeenRow {
    let (tag, tone) = state(t, sighting.state);
    let link = match (&sighting.reservation, sighting.state) {
        (_, State::Review) => format!("/staff/review/{}", sighting.id),
        (Some(id), _) => format!("/staff/reservations/{id}"),
        (None, _) => String::new(),
    };
    SeenRow {
        when: moment(when, sighting.taken_at),
        camera: camera_name(t, cameras, &sighting.camera),
        plate: plate(t, sighting),
        why: why(t, sighting, expected),
        tag,
        tone,
        link,
    }
}

/// Only the time, of today.
pub(super) fn moment(when: &When, at: i64) -> String {
    if when.date_of(at) == when.today() { when.time(at) } else { when.moment(at) }
}

pub(super) fn camera_name(t: &'static StaffTexts, cameras: &[Camera], id: &str) -> String {
    let found = cameras.iter().find(|camera| camera.id == id);
    found.map_or_else(|| t.camera_removed.to_owned(), |camera| camera.name.clone())
}

/// The plate as it was read, masked where it is not kept.
pub(super) fn plate(t: &'static StaffTexts, sighting: &Sighting) -> String {
    match sighting.plate_text.as_deref().unwrap_or(&sighting.plate_masked) {
        "" => t.no_plate.to_owned(),
        text => text.to_owned(),
    }
}

/// What became of a sighting, with the class of its tag.
pub(super) fn state(t: &'static StaffTexts, state: State) -> (&'static str, &'static str) {
    match state {
        State::Matched => (t.state_matched, "good"),
        State::Passing => (t.state_passing, ""),
        State::Review => (t.state_review, "warn"),
        State::Accepted => (t.state_accepted, "good"),
        State::Corrected => (t.state_corrected, "good"),
        State::Rejected => (t.state_rejected, "wrong"),
    }
}

/// How a sighting was matched: exactly, or with what was read and what was expected.
pub(super) fn why(t: &'static StaffTexts, sighting: &Sighting, expected: Option<&str>) -> String {
    let read = plate(t, sighting);
    let matched = match (sighting.how.as_str(), expected) {
        ("exact", _) => t.how_exact.to_owned(),
        ("tolerant", Some(expected)) => fill(t.how_tolerant, &[&read, expected]),
        ("tolerant", None) => t.how_tolerant_unknown.to_owned(),
        _ => reason(t, &sighting.reason).to_owned(),
    };
    match arrival(t, sighting.arrival.as_deref()) {
        "" => matched,
        arrival => format!("{matched} · {arrival}"),
    }
}

fn reason(t: &'static StaffTexts, reason: &str) -> &'static str {
    match reason {
        "nothing_expected" => t.why_nothing_expected,
        "unreadable" => t.why_unreadable,
        "too_far" => t.why_too_far,
        "two_alike" => t.why_two_alike,
        "serial_differs" => t.why_serial_differs,
        "tolerance_off" => t.why_tolerance_off,
        _ => t.why_other,
    }
}

fn arrival(t: &'static StaffTexts, arrival: Option<&str>) -> &'static str {
    match arrival {
        Some("early") => t.arrival_early,
        Some("late") => t.arrival_late,
        Some("on_time") => t.arrival_on_time,
        _ => "",
    }
}
