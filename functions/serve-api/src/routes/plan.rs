//! The **plan** of a campaign before it begins: what would run, what cannot and why, and what it would take by the forecast.
//! Nothing is stored.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::{BatchId, CampaignId, CampaignSpec, ConfigId, Hardware, PriceKind, Provenance, Shortage};
use matrix::{Plan, PlannedBatch, expand, keep_due, learn, leave_out_shortages, split};
use schemars::JsonSchema;
use serde::Serialize;
use store::{ObjectPrefix, Objects, StoreError};

use super::specs::spec_of;
use crate::answers::{Body, warn, worked_out};
use crate::{Context, Problem};

/// Most configurations of a matrix that is planned over HTTP.
pub const MOST_CONFIGURATIONS: u64 = 200_000;

/// Most batches that are listed.
const MOST_BATCHES: usize = 1000;

/// What a campaign would be.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedCampaign {
    /// The id that it would have if it was the first of its spec.
    pub campaign: CampaignId,
    /// The spec's name.
    pub name: String,
    /// Seconds and USD are computed, not measured.
    pub provenance: Provenance,
    /// Whether forecasts are corrected by results that are stored.
    pub calibrated: bool,
    /// Configurations in the matrix.
    pub total: u64,
    /// Points that the spec leaves out, which are not in the matrix.
    pub excluded: u64,
    /// Configurations that would not run since they were measured and are fresh, where the spec asks for that.
    pub fresh: u64,
    /// Configurations that can run.
    pub feasible: u64,
    /// Those that cannot, by the kind of the reason.
    pub infeasible: BTreeMap<String, WhyNot>,
    /// How often an engine would be started.
    pub engine_starts: usize,
    /// Runs: each configuration as often as the spec wants.
    pub trials: u64,
    /// What all batches would take that would be started.
    pub forecast: PlanForecast,
    /// Batches that would not be started, for the budget or the deadline.
    pub refused_batches: usize,
    /// Batches in the order of their start, the first thousand.
    pub batches: Vec<PlannedBatchAnswer>,
    /// How many batches there are in all.
    pub batches_total: usize,
}

/// Configurations that cannot run for reasons of one kind.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhyNot {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub config_id: ConfigId,
    /// The first of them in words.
    pub example: String,
    /// Why it cannot run, in words.
    pub reason: String,
}

/// What batches would take.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct PlanForecast {
    /// Seconds of machines, one after another.
    pub machine_s: f64,
    /// Seconds of the longest batch: with as many machines as batches that is how long it takes.
    pub longest_batch_s: f64,
    /// USD at the spot price of whole machines, and of tokens; of batches whose hardware has a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_spot: Option<f64>,
    /// The same on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_on_demand: Option<f64>,
    /// The same as machines are rented at first, which is what counts against the budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
}

/// A batch of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlannedBatchAnswer {
    /// The id that it would have.
    pub batch: BatchId,
    /// What it would run on; absent for hosted models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
    /// How often an engine would be started.
    pub engine_starts: usize,
    /// Runs in it.
    pub trials: usize,
    /// Seconds from the start of the job to its end: a forecast.
    pub run_s: f64,
    /// USD at the spot price of whole machines: a forecast. Absent where no price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_spot: Option<f64>,
    /// The same on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_on_demand: Option<f64>,
    /// Which of both counts: what its machine is rented as, unless it is lost or there is none.
    pub price: PriceKind,
    /// Why it would not be started, if it would not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// `200` with the plan. Results that are stored correct the forecast; without them there is a `Warning`.
pub async fn plan(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let spec = spec_of(body?).await?;
    let product = expand(&spec).product();
    if product > MOST_CONFIGURATIONS {
        let detail = format!(
            "the spec asks for {product} configurations, and at most {MOST_CONFIGURATIONS} are planned over HTTP; ask for \
             less, or use `assay run --plan`"
        );
        return Err(Problem::bad_request(None, detail));
    }
    let mut headers = HeaderMap::new();
    let results = context.results.latest().await;
    let results = results.unwrap_or_else(|error| {
        tracing::warn!(%error, "the results are away, planning without them");
        warn(&mut headers);
        Vec::new()
    });
    let shortages = shortages(context.objects.as_ref()).await?;
    let now = Utc::now();
    let market = context.market.clone();
    let planned = worked_out(move || {
        let mut plan = matrix::plan(&spec, &CampaignId::of_spec(&spec.name, &spec.hash(), 1));
        leave_out_shortages(&mut plan, &shortages, now);
        keep_due(&mut plan, &results, now);
        plan.calibration = learn(&spec, &results);
        let batches = split(&plan, market.as_ref()).map_err(Problem::internal)?;
        Ok::<_, Problem>(PlannedCampaign::of(&spec, &plan, &batches))
    });
    Ok((headers, Json(planned.await??)).into_response())
}

/// The launches that are known to have run out of memory.
async fn shortages(objects: &dyn Objects) -> Result<Vec<Shortage>, StoreError> {
    let mut shortages = Vec::new();
    for key in objects.list(&ObjectPrefix::shortages()).await? {
        let note = objects.get(&key).await?;
        shortages.extend(note.and_then(|bytes| serde_json::from_slice::<Shortage>(&bytes).ok()));
    }
    Ok(shortages)
}

impl PlannedCampaign {
    fn of(spec: &CampaignSpec, plan: &Plan, batches: &[PlannedBatch]) -> Self {
        let mut infeasible: BTreeMap<String, WhyNot> = BTreeMap::new();
        for left_out in &plan.infeasible {
            let first = || WhyNot {
                count: 0,
                config_id: left_out.id.clone(),
                example: left_out.configuration.to_string(),
                reason: left_out.reason.to_string(),
            };
            infeasible.entry(left_out.reason.kind().to_owned()).or_insert_with(first).count += 1;
        }
        let mut forecast = PlanForecast::default();
        for batch in batches.iter().filter(|batch| batch.refused.is_none()) {
            let estimate = batch.estimate;
            forecast.machine_s += estimate.run_s;
            forecast.longest_batch_s = forecast.longest_batch_s.max(estimate.run_s);
            for (sum, usd) in [
                (&mut forecast.usd_spot, estimate.usd_spot),
                (&mut forecast.usd_on_demand, estimate.usd_on_demand),
                (&mut forecast.usd, estimate.usd()),
            ] {
                if let Some(usd) = usd {
                    *sum.get_or_insert(0.0) += usd;
                }
            }
        }
        Self {
            campaign: plan.campaign.clone(),
            name: spec.name.clone(),
            provenance: Provenance::Forecast,
            calibrated: !plan.calibration.is_empty(),
            total: plan.total,
            excluded: plan.excluded,
            fresh: plan.due.map_or(0, |due| due.fresh),
            feasible: plan.feasible.len() as u64,
            infeasible,
            engine_starts: batches.iter().map(|batch| batch.manifest.launches.len()).sum(),
            trials: batches.iter().map(|batch| batch.manifest.trials().count() as u64).sum(),
            forecast,
            refused_batches: batches.iter().filter(|batch| batch.refused.is_some()).count(),
            batches: batches.iter().take(MOST_BATCHES).map(PlannedBatchAnswer::of).collect(),
            batches_total: batches.len(),
        }
    }
}

impl PlannedBatchAnswer {
    fn of(planned: &PlannedBatch) -> Self {
        let PlannedBatch { manifest, estimate, refused } = planned;
        Self {
            batch: manifest.batch.clone(),
            hardware: manifest.launches.first().map(|planned| planned.launch.hardware),
            engine_starts: manifest.launches.len(),
            trials: manifest.trials().count(),
            run_s: estimate.run_s,
            usd_spot: estimate.usd_spot,
            usd_on_demand: estimate.usd_on_demand,
            price: estimate.price,
            refused: refused.map(|refusal| refusal.to_string()),
        }
    }
}
