//! One file per command.

pub mod campaign;
pub mod db;
pub mod estimate;
pub mod import;
pub mod key;
pub mod model;
mod plan;
pub mod prices;
pub mod recommend;
pub mod report;
pub mod results;
pub mod run;
mod schedule;
pub mod stage;
pub mod up;

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};
use catalog::NoRecommendation;
use domain::CampaignId;
use serde::Serialize;

use crate::exit::{Exit, Unusable};

/// Reads a campaign id from the command line.
fn campaign_id(text: &str) -> Result<CampaignId> {
    text.parse().map_err(|e: domain::ids::BadId| Unusable(e.to_string()).into())
}

/// Prints the catalogue's answer to a question, or that nothing fits it and why.
fn answer<T: Serialize>(
    answered: Result<T, NoRecommendation>,
    json: bool,
    table: impl FnOnce(&T) -> String,
) -> Result<Exit> {
    match answered {
        Ok(answer) if json => print_json(&answer)?,
        Ok(answer) => say(table(&answer))?,
        Err(NoRecommendation::BadRequest { field, mend }) => {
            return Err(Unusable(format!("`{field}` {mend}")).into());
        }
        Err(none) => {
            if json {
                print_json(&none)?;
            }
            progress(&none);
            return Ok(Exit::NothingFits);
        }
    }
    Ok(Exit::Done)
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
