//! Runs the simulated engine until SIGTERM, SIGINT or its scripted death.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use simulated_engine::{SimulationConfig, StopCause, start};
use tokio::signal::unix::{SignalKind, signal};

/// An OpenAI-compatible server with the timing of an inference engine and no model
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    config: SimulationConfig,
}

// One thread is enough, and leaves the machine's other cores to the client under test.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let config = Arguments::parse().config;
    let port = config.port;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let starting = async {
        let engine = start(config, None).await.with_context(|| {
            format!("cannot listen on 127.0.0.1:{port}: choose another --port, or 0 for a free one")
        })?;
        writeln!(std::io::stdout(), "listening on {}", engine.base_url())?;
        anyhow::Ok(engine)
    };
    let running = async {
        let mut engine = starting.await?;
        anyhow::Ok(engine.stopped().await)
    };
    tokio::select! {
        cause = running => Ok(match cause? {
            StopCause::Asked => ExitCode::SUCCESS,
            StopCause::Fault => ExitCode::FAILURE,
        }),
        _ = terminate.recv() => Ok(ExitCode::SUCCESS),
        _ = interrupt.recv() => Ok(ExitCode::SUCCESS),
    }
}
