//! `assay history`: every result of a configuration.

use anyhow::Result;

use super::{config_id, print_json, say, snapshot};
use crate::arguments::History;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// Prints the latest results of a configuration, oldest first.
pub async fn history(data: &DataFolder, arguments: &History) -> Result<Exit> {
    let id = config_id(&snapshot(data).await?, &arguments.id)?;
    let mut results = data.results_to_read().await?.history(&id).await?;
    results.retain(|r| arguments.provenance.is_none_or(|provenance| provenance == r.provenance));
    let earlier = results.len().saturating_sub(arguments.limit.get());
    results.drain(..earlier);
    if arguments.json {
        print_json(&results)?;
    } else {
        say(tables::history(&results, earlier))?;
    }
    Ok(if results.is_empty() { Exit::NothingFits } else { Exit::Done })
}
