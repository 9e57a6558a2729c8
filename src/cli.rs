//! The command line.

mod bay;
mod camera;
mod doctor;
mod matching;
mod people;
mod reader;
mod serve;
mod settings;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::http;

/// Reserves charging bays in half-hour slots, and says which car holds one.
#[derive(Parser)]
#[command(name = "jari", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(subcommand)]
    command: Command,
}

/// Where settings come from beside the environment.
#[derive(Args)]
struct SettingsArguments {
    /// A settings file; without it the one of `JARI_CONFIG`, or jari.toml in the working directory if there is one
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// One setting, such as `BIND_ADDRESS=0.0.0.0:8000`; may be repeated
    #[arg(long = "set", global = true, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve,
    /// Bring the database up to date
    Migrate,
    /// Show the settings in force and where each came from
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print a page of docs/ that is generated from the code
    Reference {
        /// Which page
        #[arg(value_enum)]
        page: Page,
    },
    /// List, add, rename, close and reopen bays
    Bay {
        #[command(subcommand)]
        command: bay::BayCommand,
    },
    /// List, add, switch and remove cameras, and try again what they sent that was not understood
    Camera {
        #[command(subcommand)]
        command: camera::CameraCommand,
    },
    /// Say which booked car a camera's read is taken for
    Match {
        #[command(subcommand)]
        command: matching::MatchCommand,
    },
    /// Read the plates in pictures, with the reader built in
    Recognize(reader::RecognizeArguments),
    /// Measure the reader built in on pictures of your own
    Evaluate(reader::EvaluateArguments),
    /// List, add and invite accounts, change roles, disable, issue links for a new password, remove second factors
    User {
        #[command(subcommand)]
        command: people::UserCommand,
    },
    /// List, make and revoke machines' keys
    Key {
        #[command(subcommand)]
        command: people::KeyCommand,
    },
    /// Verify or export the audit trail
    Audit {
        #[command(subcommand)]
        command: people::AuditCommand,
    },
    /// Make a new key that signs tokens, from the next start on
    RotateTokenKey {
        /// Forget the keys before it: everybody must log in again
        #[arg(long)]
        forget: bool,
    },
    /// Say what is wrong with this installation, and how to mend it
    Doctor,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print each setting with its value and origin; secrets are masked
    Show,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Page {
    /// docs/configuration.md
    Settings,
    /// docs/errors.md
    Errors,
}

/// Runs the program with its arguments and its environment.
#[must_use]
pub fn main(arguments: impl Iterator<Item = OsString>, environment: &[(OsString, OsString)]) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(told) => {
            // Help and version are told on standard output and are no failure.
            let _ = told.print();
            return if told.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match run(arguments, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Told(sentence)) => {
            let _ = writeln!(std::io::stderr(), "jari: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// A sentence for the person at the command line.
struct Told(String);

impl<E: std::error::Error> From<E> for Told {
    fn from(error: E) -> Self {
        let mut sentence = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let _ = write!(sentence, ": {deeper}");
            cause = deeper.source();
        }
        Self(sentence)
    }
}

fn run(arguments: Arguments, environment: &[(OsString, OsString)]) -> Result<(), Told> {
    let load = || settings::load(&arguments.settings, environment);
    match arguments.command {
        Command::Openapi => print(&http::openapi_json()),
        Command::Reference { page: Page::Settings } => print(&config::reference_markdown()),
        Command::Reference { page: Page::Errors } => print(&http::error_reference_markdown()),
        Command::Config { command: ConfigCommand::Show } => print(&config::show(&load()?)),
        Command::Serve => {
            let config = load()?;
            serve::start_logging(&config.log);
            runtime()?.block_on(serve::serve(&config))
        }
        Command::Migrate => runtime()?.block_on(migrate(&load()?)),
        Command::Bay { command } => runtime()?.block_on(bay::run(&load()?, command)),
        Command::Camera { command } => runtime()?.block_on(camera::run(&load()?, command)),
        Command::Match { command } => runtime()?.block_on(matching::run(&load()?, command)),
        Command::Recognize(arguments) => reader::recognize(&load()?, &arguments),
        Command::Evaluate(arguments) => reader::evaluate(&load()?, &arguments),
        Command::User { command } => runtime()?.block_on(people::user(&load()?, command)),
        Command::Key { command } => runtime()?.block_on(people::key(&load()?, command)),
        Command::Audit { command } => runtime()?.block_on(people::audit(&load()?, command)),
        Command::RotateTokenKey { forget } => runtime()?.block_on(people::rotate_token_key(&load()?, forget)),
        Command::Doctor => runtime()?.block_on(doctor::run(load())),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Told> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Prints to standard output. Somebody who stops reading is no failure.
fn print(text: &str) -> Result<(), Told> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

async fn migrate(config: &Config) -> Result<(), Told> {
    let store = app::open_store(config).await?;
    let migrated = store.migrate(Clock::system().now()).await?;
    store.close().await;
    if migrated.from == migrated.to {
        print(&format!("The database is at schema version {}; there was nothing to do.\n", migrated.to))
    } else {
        print(&format!("Brought the database from schema version {} to {}.\n", migrated.from, migrated.to))
    }
}
