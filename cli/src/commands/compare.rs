//! `assay compare`: a few configurations side by side.

use anyhow::Result;
use catalog::CompareRequest;

use super::{config_id, print_json, say, snapshot};
use crate::arguments::Compare;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::tables;

/// Prints a comparison.
pub async fn compare(data: &DataFolder, arguments: &Compare) -> Result<Exit> {
    let snapshot = snapshot(data).await?;
    let ids = arguments.ids.iter().map(|text| config_id(&snapshot, text)).collect::<Result<_>>()?;
    let request = CompareRequest { ids, price: arguments.price, provenance: arguments.provenance };
    let comparison = snapshot.compare(&request).map_err(|refused| Unusable(refused.to_string()))?;
    if arguments.json {
        print_json(&comparison)?;
    } else {
        say(tables::comparison(&comparison))?;
    }
    Ok(Exit::Done)
}
