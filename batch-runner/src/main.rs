//! `batch-runner`: measures inference servers.

use std::process::ExitCode;

use batch_runner::guard;
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
    /// Run a program so that it ends with its parent.
    Guard(guard::GuardArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Guard(args) => guard::run(&args).await,
    }
}
