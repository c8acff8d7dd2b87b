//! `assay estimate`: what traffic that was not measured would yield.

use anyhow::Result;
use catalog::{EstimateRequest, NoRecommendation, Snapshot};

use super::{print_json, progress, say};
use crate::arguments::Estimate;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::tables;

/// Prints estimates.
pub async fn estimate(data: &DataFolder, arguments: &Estimate) -> Result<Exit> {
    data.must_exist()?;
    let snapshot = Snapshot::from_results(data.results_to_read().await?.latest().await?);
    let tokens = [arguments.input_tokens, arguments.output_tokens];
    let request = EstimateRequest {
        filter: arguments.only.filter(),
        provenance: arguments.provenance,
        price: arguments.price,
        limit: arguments.limit,
        ..EstimateRequest::new(arguments.use_case, tokens, arguments.concurrency)
    };
    match snapshot.estimates(&request) {
        Ok(estimates) if arguments.json => print_json(&estimates)?,
        Ok(estimates) => say(tables::estimates(&estimates))?,
        Err(NoRecommendation::BadRequest { field, mend }) => {
            return Err(Unusable(format!("`{field}` {mend}")).into());
        }
        Err(none) => {
            if arguments.json {
                print_json(&none)?;
            }
            progress(&none);
            return Ok(Exit::NothingFits);
        }
    }
    Ok(Exit::Done)
}
