//! `assay estimate`: what traffic that was not measured would yield.

use anyhow::Result;
use catalog::{EstimateRequest, Snapshot};

use super::answer;
use crate::arguments::Estimate;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
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
    answer(snapshot.estimates(&request), arguments.json, tables::estimates)
}
