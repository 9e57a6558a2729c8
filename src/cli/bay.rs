//! `jari bay`: on the database itself, beside a running server or without one.

use std::fmt::Write as _;

use clap::Subcommand;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::plate::display_text;
use crate::domain::reservation::Bay;
use crate::http::{LONGEST_NAME, LONGEST_REASON};
use crate::service::bays::{self, Change, State};
use crate::service::{Caller, Failure, Refusal};

use super::{Told, print};

#[derive(Subcommand)]
pub(super) enum BayCommand {
    /// List every bay with its number
    List,
    /// Add a bay
    Add {
        /// What people call it
        name: String,
    },
    /// Give a bay another name
    Rename {
        /// Its number, see `jari bay list`
        number: i64,
        /// What people shall call it
        name: String,
    },
    /// Close a bay to new bookings; those that stand are left alone
    Close {
        /// Its number, see `jari bay list`
        number: i64,
        /// A sentence for drivers that says why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Open a closed bay
    Open {
        /// Its number, see `jari bay list`
        number: i64,
    },
}

pub(super) async fn run(config: &Config, command: BayCommand) -> Result<(), Told> {
    let site = app::open_site(config, Clock::system()).await?;
    let caller = Caller::command_line();
    let done = match command {
        BayCommand::List => bays::list(&site, &caller).await,
        BayCommand::Add { name } => {
            let name = line("NAME", &name, LONGEST_NAME)?;
            bays::add(&site, &caller, name, None).await.map(|bay| vec![bay])
        }
        BayCommand::Rename { number, name } => {
            let name = line("NAME", &name, LONGEST_NAME)?;
            bays::change(&site, &caller, number, Change { name: Some(name), state: None }).await.map(|bay| vec![bay])
        }
        BayCommand::Close { number, reason } => {
            let reason = reason.map(|reason| line("--reason", &reason, LONGEST_REASON)).transpose()?;
            let change = Change { name: None, state: Some(State::Closed(reason)) };
            bays::change(&site, &caller, number, change).await.map(|bay| vec![bay])
        }
        BayCommand::Open { number } => {
            let change = Change { name: None, state: Some(State::Open) };
            bays::change(&site, &caller, number, change).await.map(|bay| vec![bay])
        }
    };
    site.store.close().await;
    print(&table(&done.map_err(told)?))
}

pub(super) fn line(argument: &str, text: &str, longest: usize) -> Result<String, Told> {
    let line = display_text(text);
    if line.is_empty() || line.chars().count() > longest {
        return Err(Told(format!("{argument} must have 1 to {longest} characters")));
    }
    Ok(line)
}

fn told(failure: Failure) -> Told {
    match failure {
        Failure::Refused(Refusal::BayNotFound) => Told("there is no such bay; see `jari bay list`".to_owned()),
        Failure::Refused(Refusal::BayNameTaken) => Told("another bay has this name; choose another".to_owned()),
        other => other.into(),
    }
}

fn table(bays: &[Bay]) -> String {
    let mut text = String::from("NUMBER  STATE   NAME\n");
    for bay in bays {
        let state = if bay.closed.is_some() { "closed" } else { "open" };
        let _ = write!(text, "{:<6}  {state:<6}  {}", bay.id, bay.name);
        if let Some(reason) = bay.closed.as_ref().and_then(|closed| closed.reason.as_ref()) {
            let _ = write!(text, " ({reason})");
        }
        text.push('\n');
    }
    text
}
