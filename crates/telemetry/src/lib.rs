//! **Telemetry** of our own programs: structured logs on standard error. `ASSAY_LOG` chooses what is
//! logged (`info`, `debug`, `serve_api=debug`); without it, warnings and errors are.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Sends logs to standard error. Called once, by a main; a second call changes nothing.
pub fn init() {
    let filter = EnvFilter::try_from_env("ASSAY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}
