//! `jari camera`: on the database itself, beside a running server or without one.

use std::fmt::Write as _;

use clap::Subcommand;
use ipnet::IpNet;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::sighting::Camera;
use crate::http::LONGEST_NAME;
use crate::service::cameras::{self, CameraKey, Change, MadeCamera, NewCamera};
use crate::service::inbox::{self, Replayed};
use crate::service::{Caller, Failure, Refusal, Site};

use super::{Told, bay, print};

#[derive(Subcommand)]
pub(super) enum CameraCommand {
    /// List every camera: when it was heard last, in which format, and how far its clock is off
    List,
    /// Add a camera, and print the address that it sends to
    Add {
        /// What people call it
        name: String,
        /// The number of the bay that it looks at; left out for one at an entrance
        #[arg(long, value_name = "NUMBER")]
        bay: Option<i64>,
        /// The time zone of its clock, such as Asia/Seoul; the site's when left out
        #[arg(long, value_parser = zone)]
        zone: Option<String>,
        /// An address or network that it may come from; may be given several times
        #[arg(long, value_name = "NETWORK", value_parser = network)]
        address: Vec<IpNet>,
    },
    /// Give a camera another key, and print the address that it sends to from now on
    Key {
        /// Its name
        name: String,
        /// An address or network that it may come from; may be given several times
        #[arg(long, value_name = "NETWORK", value_parser = network)]
        address: Vec<IpNet>,
    },
    /// Stop listening to a camera
    Off {
        /// Its name
        name: String,
    },
    /// Listen to a camera again
    On {
        /// Its name
        name: String,
    },
    /// Remove a camera; what it saw stays
    Remove {
        /// Its name
        name: String,
    },
    /// Try again what cameras sent that was not understood
    Replay,
}

/// A camera sits where it is for years.
const DAYS: i64 = 3650;

fn zone(text: &str) -> Result<String, String> {
    let zone = jiff::tz::TimeZone::get(text).ok();
    let name = zone.as_ref().and_then(|zone| zone.iana_name());
    name.map(str::to_owned).ok_or_else(|| "this must be a time zone such as Asia/Seoul".to_owned())
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    let network = text.parse::<IpNet>().ok().or_else(address);
    network.ok_or_else(|| "this must be an address or a network such as 192.168.0.0/16".to_owned())
}

pub(super) async fn run(config: &Config, command: CameraCommand) -> Result<(), Told> {
    let site = app::open_site(config, Clock::system()).await?;
    let told_of = done(&site, config, command).await;
    site.store.close().await;
    print(&told_of?)
}

async fn done(site: &Site, config: &Config, command: CameraCommand) -> Result<String, Told> {
    let caller = Caller::command_line();
    match command {
        CameraCommand::List => Ok(table(&cameras::list(site, &caller).await.map_err(told)?)),
        CameraCommand::Add { name, bay, zone, address } => {
            let name = bay::line("NAME", &name, LONGEST_NAME)?;
            let key = CameraKey { addresses: address, days: DAYS };
            let added = cameras::add(site, &caller, NewCamera { name, bay, zone, key }).await;
            Ok(address_of(&added.map_err(told)?, config))
        }
        CameraCommand::Key { name, address } => {
            let camera = named(site, &caller, &name).await?;
            let key = CameraKey { addresses: address, days: DAYS };
            let replaced = cameras::replace_key(site, &caller, camera.id, key).await;
            Ok(address_of(&replaced.map_err(told)?, config))
        }
        CameraCommand::Off { name } => switch(site, &caller, &name, true).await,
        CameraCommand::On { name } => switch(site, &caller, &name, false).await,
        CameraCommand::Remove { name } => {
            let camera = named(site, &caller, &name).await?;
            cameras::remove(site, &caller, camera.id).await.map_err(told)?;
            Ok(table(&cameras::list(site, &caller).await.map_err(told)?))
        }
        CameraCommand::Replay => replay(site, &caller).await,
    }
}

async fn named(site: &Site, caller: &Caller, name: &str) -> Result<Camera, Told> {
    let all = cameras::list(site, caller).await.map_err(told)?;
    let found = all.into_iter().find(|camera| camera.name == name);
    found.ok_or_else(|| told(Refusal::CameraNotFound.into()))
}

async fn switch(site: &Site, caller: &Caller, name: &str, off: bool) -> Result<String, Told> {
    let camera = named(site, caller, name).await?;
    let change = Change { off: Some(off), ..Change::default() };
    let changed = cameras::change(site, caller, camera.id, change).await.map_err(told)?;
    Ok(table(&[changed]))
}

async fn replay(site: &Site, caller: &Caller) -> Result<String, Told> {
    let (mut all, mut after) = (Replayed::default(), None);
    loop {
        let (done, last) = inbox::replay(site, caller, after).await.map_err(told)?;
        all.understood += done.understood;
        all.stored += done.stored;
        all.left += done.left;
        if !done.more {
            break;
        }
        after = last;
    }
    let Replayed { understood, stored, left, .. } = all;
    Ok(format!("{understood} understood, {stored} sightings stored, {left} still not understood\n"))
}

fn told(failure: Failure) -> Told {
    match failure {
        Failure::Refused(Refusal::CameraNotFound) => Told("there is no such camera; see `jari camera list`".to_owned()),
        Failure::Refused(Refusal::CameraNameTaken) => Told("another camera has this name; choose another".to_owned()),
        Failure::Refused(Refusal::BayNotFound) => Told("there is no such bay; see `jari bay list`".to_owned()),
        other => other.into(),
    }
}

/// Where a camera sends to, shown once.
fn address_of(made: &MadeCamera, config: &Config) -> String {
    let base = config.server.public_url.clone().unwrap_or_else(|| {
        let scheme = if config.server.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", config.server.bind_address)
    });
    format!(
        "{}/api/cameras/{}/events\n\nThis is where the camera sends to. It is shown once: its key stands in it.\n",
        base.trim_end_matches('/'),
        made.bearer
    )
}

fn table(cameras: &[Camera]) -> String {
    let mut text = String::from("STATE  BAY  HEARD                 FORMAT            CLOCK      NAME\n");
    for camera in cameras {
        let state = if camera.off_at.is_some() { "off" } else { "on" };
        let bay = camera.bay.map_or_else(|| "-".to_owned(), |bay| bay.to_string());
        let heard = camera.seen_at.and_then(|at| jiff::Timestamp::from_second(at).ok());
        let heard = heard.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let format = camera.format.as_deref().unwrap_or("-");
        let clock = camera.drift.map_or_else(|| "-".to_owned(), |drift| format!("{:+} s", drift / 1000));
        let _ = writeln!(text, "{state:<5}  {bay:<3}  {heard:<20}  {format:<16}  {clock:<9}  {}", camera.name);
    }
    text
}
