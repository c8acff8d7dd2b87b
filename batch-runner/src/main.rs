//! `batch-runner`: measures inference servers.

use std::process::ExitCode;

use batch_runner::{bench, guard, job};
use clap::{Parser, Subcommand};

/// Measures inference servers.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure a running server.
    Bench(Box<bench::BenchArgs>),
    /// Execute one batch of a campaign.
    Run(Box<job::RunArgs>),
    /// Run a program so that it ends with its parent.
    Guard(guard::GuardArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::init();
    match Cli::parse().command {
        Command::Bench(args) => bench::run(&args).await,
        Command::Run(args) => job::run(&args).await,
        Command::Guard(args) => guard::run(&args).await,
    }
}
