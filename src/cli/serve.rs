//! `jari serve`.

use std::io::{IsTerminal as _, Write as _};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, LogConfig, LogFormat, PlainHttp};
use crate::service::accounts::Administrator;

use super::Told;

pub(super) fn start_logging(log: &LogConfig) {
    use tracing_subscriber::EnvFilter;
    // The settings have checked the level, so the fallback is never used.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    // A panic is logged like everything else, with its place and without its message, which may quote input.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code.place = place, "panicked");
    }));
}

pub(super) async fn serve(config: &Config) -> Result<(), Told> {
    if config.server.is_open_without_tls() {
        return Err(Told(format!(
            "other machines would reach {} without TLS, passwords and plates in clear: set TLS_CERT and TLS_KEY, or \
             BIND_ADDRESS to 127.0.0.1 behind a reverse proxy on this machine, or say by name who may do without \
             (PLAIN_HTTP=proxies or PLAIN_HTTP=allow, see docs/configuration.md)",
            config.server.bind_address
        )));
    }
    // The address first: two servers on one address should fail before either touches a database.
    let address = config.server.bind_address;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Told(format!("cannot listen on {address}: {error}; stop what uses it or set BIND_ADDRESS to another address"))
    })?;
    let app = App::build(config, Clock::system()).await?;
    if let Administrator::Made { email, password } = &app.administrator {
        announce(email, password)?;
    }
    let listens_to_others = !listener.local_addr()?.ip().to_canonical().is_loopback();
    if listens_to_others && app.tls.is_none() && config.server.plain_http == PlainHttp::Allow {
        tracing::warn!("PLAIN_HTTP=allow: other machines reach this server without TLS, passwords and plates in clear");
    }
    tracing::info!(server.address = %listener.local_addr()?, "listening");
    app.run(listener, told_to_stop()?).await;
    tracing::info!("stopped");
    Ok(())
}

/// Shows the first administrator's password, once and outside the log.
fn announce(email: &str, password: &str) -> Result<(), Told> {
    let text = format!(
        "\n  The first administrator was made. This is shown once:\n\n      e-mail    {email}\n      password  {password}\n\n"
    );
    std::io::stderr().write_all(text.as_bytes())?;
    Ok(())
}

/// Ends when the process is asked to: SIGTERM or Ctrl-C.
fn told_to_stop() -> Result<impl Future<Output = ()>, Told> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what was begun");
    })
}
