//! `jari match explain`: which booked car a read would be taken for, and why.

use std::fmt::Write as _;

use clap::Subcommand;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::matching::{Explanation, Read};
use crate::domain::timestamp;
use crate::service::Caller;
use crate::service::plates::{self, Arrival};

use super::{Told, print};

#[derive(Subcommand)]
pub(super) enum MatchCommand {
    /// Show which booked car a read would be taken for, and how near every other one is
    Explain {
        /// The plate as a camera read it; `?` for a character that it could not read
        plate: String,
        /// When it was read, such as 2026-04-01T09:10:00+09:00 or Unix seconds; now when left out
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// How sure the reader is of each character, 0 to 1, such as 0.9,0.99,0.4
        #[arg(long, value_delimiter = ',', value_name = "LIST")]
        confidences: Vec<f64>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: &Config, command: MatchCommand) -> Result<(), Told> {
    let MatchCommand::Explain { plate, at, confidences, json } = command;
    let site = app::open_site(config, Clock::system()).await?;
    let instant = match at {
        Some(text) => timestamp::parse_text(&text).map_err(|_| {
            Told("--at must be an ISO 8601 date and time, or Unix seconds, in the years 2000 to 2100".to_owned())
        })?,
        None => site.clock.now(),
    };
    let read = Read { text: plate, confidences, ..Read::default() };
    let caller = Caller::command_line();
    let matched = plates::find_match(&site, &caller, &read, instant).await.map_err(|error| Told(error.to_string()))?;
    let text = if json {
        serde_json::to_string_pretty(&matched.explanation)? + "\n"
    } else {
        let when = matched.found.as_ref().map(|(found, arrival)| (found.bay, *arrival));
        told(&matched.explanation, when)
    };
    site.store.close().await;
    print(&text)
}

fn told(explanation: &Explanation, found: Option<(i64, Arrival)>) -> String {
    let mut text = String::new();
    let _ = match (&explanation.plate, found) {
        (Some(plate), Some((bay, arrival))) => {
            let when = match arrival {
                Arrival::Early => "early",
                Arrival::OnTime => "on time",
                Arrival::Late => "late",
            };
            let how = word(explanation.how);
            writeln!(text, "{} is {plate} ({how}), {when} for bay {bay}.", explanation.read)
        }
        _ => writeln!(text, "{} is no expected car: {}.", explanation.read, word(explanation.reason)),
    };
    if explanation.needs_review {
        let _ = writeln!(text, "A person should look.");
    }
    let _ = writeln!(
        text,
        "{} plates were expected; one is taken up to a distance of {:.1}.",
        explanation.expected, explanation.limit
    );
    for ranked in &explanation.ranked {
        let _ = writeln!(text, "\n{}: distance {:.1}", ranked.plate, ranked.distance);
        for step in &ranked.steps {
            let _ = writeln!(text, "  {}", serde_json::to_string(step).unwrap_or_default());
        }
    }
    text
}

/// The name of a value of an enumeration as it is on the wire.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
