//! `assay results`: what was measured.

use anyhow::Result;

use super::{campaign_id, print_json, say};
use crate::arguments::Results;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// Prints results.
pub async fn results(data: &DataFolder, arguments: &Results) -> Result<Exit> {
    data.must_exist()?;
    let store = data.results_to_read().await?;
    let mut results = match &arguments.campaign {
        Some(id) => store.of_campaign(&campaign_id(id)?).await?,
        None => store.latest().await?,
    };
    results.retain(|r| arguments.provenance.is_none_or(|p| p == r.provenance));
    if arguments.json {
        print_json(&results)?;
    } else {
        say(tables::results(&results))?;
    }
    Ok(if results.is_empty() { Exit::NothingFits } else { Exit::Done })
}
