//! One file per command.

pub mod db;
pub mod estimate;
pub mod model;
mod plan;
pub mod prices;
pub mod recommend;
pub mod results;
pub mod run;
pub mod status;
pub mod up;

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};
use domain::CampaignId;
use serde::Serialize;

/// Reads a campaign id from the command line.
fn campaign_id(text: &str) -> Result<CampaignId> {
    text.parse().map_err(|e: domain::ids::BadId| crate::exit::Unusable(e.to_string()).into())
}

/// Prints a value as JSON on standard output.
fn print_json<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    say(serde_json::to_string_pretty(value).context("the answer cannot be written as JSON")?)
}

/// Prints text on standard output. Who stops reading, as `head` does, has read enough.
fn say(text: impl std::fmt::Display) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("the answer cannot be written to standard output")
        }
        _ => Ok(()),
    }
}

/// Prints progress on standard error, so that standard output stays the answer.
#[allow(clippy::print_stderr)]
fn progress(text: impl std::fmt::Display) {
    eprintln!("{text}");
}
