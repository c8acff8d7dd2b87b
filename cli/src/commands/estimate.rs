//! `assay estimate`: what traffic that was not measured would yield.

use anyhow::Result;
use catalog::EstimateRequest;

use super::{answer, snapshot};
use crate::arguments::Estimate;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// Prints estimates.
pub async fn estimate(data: &DataFolder, arguments: &Estimate) -> Result<Exit> {
    let snapshot = snapshot(data).await?;
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
