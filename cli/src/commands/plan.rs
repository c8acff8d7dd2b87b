//! `assay run --plan`: what would run, and what it would take.

use anyhow::Result;
use chrono::Utc;
use domain::{BenchmarkResult, CampaignId, CampaignSpec, CheaperOfBoth, Shortage};
use matrix::{expand, keep_due, learn, leave_out_shortages, stream};

use super::{print_json, say};
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::planned::Planned;
use crate::tables;

/// Configurations of a matrix that is held as a whole; a larger one is gone through.
const MOST_HELD: u64 = 1_000_000;

/// Says what would run. Results that are stored already correct the forecast; planning stores nothing.
pub async fn plan(data: &DataFolder, spec: &CampaignSpec, json: bool) -> Result<Exit> {
    let id = CampaignId::of_spec(&spec.name, &spec.hash(), 1);
    let results = stored(data).await?;
    if expand(spec).product() > MOST_HELD {
        return gone_through(spec, &id, &results, json);
    }
    let mut plan = matrix::plan(spec, &id);
    leave_out_shortages(&mut plan, &seen_shortages(data).await?, Utc::now());
    keep_due(&mut plan, &results, Utc::now());
    plan.calibration = learn(spec, &results);
    let batches = matrix::split(&plan, &CheaperOfBoth).map_err(|e| Unusable(e.to_string()))?;
    if json {
        print_json(&Planned::new(&plan, &batches))?;
    } else {
        say(tables::plan(&plan, &batches))?;
    }
    Ok(if plan.feasible.is_empty() { Exit::NothingFits } else { Exit::Done })
}

/// The results that there are, if any.
async fn stored(data: &DataFolder) -> Result<Vec<BenchmarkResult>> {
    if data.must_exist().is_err() {
        return Ok(Vec::new());
    }
    Ok(data.results_to_read().await?.latest().await?)
}

/// The launches that ran out of memory before, if any.
async fn seen_shortages(data: &DataFolder) -> Result<Vec<Shortage>> {
    if data.must_exist().is_err() {
        return Ok(Vec::new());
    }
    Ok(generate_matrix::shortages(data.objects().await?.as_ref()).await?)
}

fn gone_through(
    spec: &CampaignSpec,
    id: &CampaignId,
    results: &[BenchmarkResult],
    json: bool,
) -> Result<Exit> {
    if spec.due.is_some() {
        let size = format!("at most {MOST_HELD} configurations are compared with results; split the spec");
        return Err(Unusable(size).into());
    }
    let calibration = learn(spec, results);
    let mut batches = stream(spec, id, &calibration, &CheaperOfBoth);
    let sum = tables::Sum::over(batches.by_ref());
    let tally = batches.tally();
    if json {
        print_json(tally)?;
    } else {
        say(tables::streamed(tally, &sum, &calibration))?;
    }
    Ok(if tally.feasible == 0 { Exit::NothingFits } else { Exit::Done })
}
