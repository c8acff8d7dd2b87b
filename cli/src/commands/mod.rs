//! One file per command.

pub mod campaign;
pub mod compare;
pub mod completion;
pub mod db;
pub mod estimate;
pub mod history;
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
use catalog::{NoRecommendation, Snapshot};
use domain::{CampaignId, ConfigId};
use serde::Serialize;

use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};

/// Reads a campaign id from the command line.
fn campaign_id(text: &str) -> Result<CampaignId> {
    text.parse().map_err(|e: domain::ids::BadId| Unusable(e.to_string()).into())
}

/// The latest result of every configuration.
async fn snapshot(data: &DataFolder) -> Result<Snapshot> {
    data.must_exist()?;
    Ok(Snapshot::from_columns(data.results_to_read().await?.latest_columns().await?))
}

/// The configuration that is meant by its id or by how that begins.
fn config_id(snapshot: &Snapshot, text: &str) -> Result<ConfigId> {
    match snapshot.ids_that_begin_with(text).as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(Unusable(format!(
            "there is no result of a configuration {text}; `assay results --json` lists their ids"
        ))
        .into()),
        several => {
            let ids: Vec<&str> = several.iter().take(3).map(ConfigId::as_str).collect();
            let count = several.len();
            Err(Unusable(format!("{count} configurations begin with {text}, such as {}", ids.join(", ")))
                .into())
        }
    }
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
