//! The ledger's rows, and their explicit conversion into its records. A value that our own code cannot
//! have written means that the file is damaged.

use domain::{BatchId, Engine, JobPlace};
use sqlx::FromRow;

use super::failure::Place;
use super::instant;
use crate::{BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, StoreError, TrialOutcome};

#[derive(FromRow)]
pub struct CampaignRow {
    id: String,
    name: String,
    state: String,
    request: u32,
    feasible: i64,
    infeasible: i64,
    message: Option<String>,
    created_at: String,
    updated_at: String,
    end_is_untold: bool,
}

impl CampaignRow {
    pub fn into_record(self, place: &Place) -> Result<CampaignRecord, StoreError> {
        let damaged = |e: &dyn std::fmt::Display| place.damaged(format!("campaign {}: {e}", self.id));
        Ok(CampaignRecord {
            id: self.id.parse().map_err(|e| damaged(&e))?,
            state: campaign_state(&self.state).ok_or_else(|| damaged(&unknown_state(&self.state)))?,
            request: self.request,
            feasible: u64::try_from(self.feasible).map_err(|e| damaged(&e))?,
            infeasible: u64::try_from(self.infeasible).map_err(|e| damaged(&e))?,
            created_at: instant::from_text(&self.created_at).map_err(|e| damaged(&e))?,
            updated_at: instant::from_text(&self.updated_at).map_err(|e| damaged(&e))?,
            name: self.name,
            message: self.message,
            end_is_untold: self.end_is_untold,
        })
    }
}

#[derive(FromRow)]
pub struct BatchRow {
    id: String,
    campaign: String,
    trials: u32,
    gpu_count: u32,
    hardware: Option<String>,
    engine: Option<String>,
    forecast_s: f64,
    forecast_usd: Option<f64>,
    state: String,
    attempt: u32,
    fruitless_jobs: u32,
    submissions: u32,
    message: Option<String>,
}

impl BatchRow {
    pub fn into_record(self, place: &Place) -> Result<BatchRecord, StoreError> {
        let damaged = |e: &dyn std::fmt::Display| place.damaged(format!("batch {}: {e}", self.id));
        Ok(BatchRecord {
            id: self.id.parse().map_err(|e| damaged(&e))?,
            campaign: self.campaign.parse().map_err(|e| damaged(&e))?,
            trials: self.trials,
            gpu_count: self.gpu_count,
            place: job_place(self.hardware.as_deref(), self.engine.as_deref())
                .ok_or_else(|| damaged(&"no machine or engine of that name is known"))?,
            forecast_s: self.forecast_s,
            forecast_usd: self.forecast_usd,
            state: batch_state(&self.state).ok_or_else(|| damaged(&unknown_state(&self.state)))?,
            attempt: self.attempt,
            fruitless_jobs: self.fruitless_jobs,
            submissions: self.submissions,
            message: self.message,
        })
    }
}

/// `Some(None)` of a batch that was added before this was noted; `None` of what is no place.
fn job_place(hardware: Option<&str>, engine: Option<&str>) -> Option<Option<JobPlace>> {
    let Some(hardware) = hardware else { return Some(None) };
    let engine = match engine {
        None => None,
        Some(name) => Some(Engine::ALL.into_iter().find(|engine| engine.name() == name)?),
    };
    Some(Some(JobPlace { hardware: hardware.parse().ok()?, engine }))
}

/// Who has a batch.
#[derive(FromRow)]
pub struct LeaseRow {
    pub holder: Option<String>,
    pub lease_until: Option<String>,
}

#[derive(FromRow)]
pub struct CheckpointRow {
    run_id: String,
    config_id: String,
    outcome: String,
    reason: Option<String>,
    attempt: u32,
    at: String,
    usd: Option<f64>,
    machine_s: Option<f64>,
}

impl CheckpointRow {
    pub fn into_checkpoint(self, place: &Place) -> Result<Checkpoint, StoreError> {
        let damaged = |e: &dyn std::fmt::Display| place.damaged(format!("trial {}: {e}", self.run_id));
        let outcome = match (self.outcome.as_str(), self.reason) {
            (STORED, None) => TrialOutcome::Stored,
            (FAILED, Some(reason)) => TrialOutcome::Failed { reason },
            (other, _) => return Err(damaged(&format!("its outcome is `{other}`"))),
        };
        Ok(Checkpoint {
            run_id: self.run_id.parse().map_err(|e| damaged(&e))?,
            config_id: self.config_id.parse().map_err(|e| damaged(&e))?,
            outcome,
            attempt: self.attempt,
            usd: self.usd,
            machine_s: self.machine_s,
            at: instant::from_text(&self.at).map_err(|e| damaged(&e))?,
        })
    }
}

const STORED: &str = "stored";
const FAILED: &str = "failed";

/// The columns `outcome` and `reason`.
pub fn outcome_columns(outcome: &TrialOutcome) -> (&'static str, Option<&str>) {
    match outcome {
        TrialOutcome::Stored => (STORED, None),
        TrialOutcome::Failed { reason } => (FAILED, Some(reason)),
    }
}

/// When a trial that was lost began, and when its attempt was last heard of.
#[derive(FromRow)]
pub struct LostStartRow {
    started_at: String,
    renewed_at: String,
}

impl LostStartRow {
    pub fn seconds(&self, place: &Place) -> Result<f64, StoreError> {
        let read = |text: &str| instant::from_text(text).map_err(|e| place.damaged(e));
        let lost = read(&self.renewed_at)? - read(&self.started_at)?;
        // A trial that began after the last renewal lost less than one can know.
        Ok(lost.as_seconds_f64().max(0.0))
    }
}

/// The index of a batch within its campaign, which its id ends in.
pub fn position(batch: &BatchId) -> u32 {
    batch.as_str().rsplit_once(".b").and_then(|(_, index)| index.parse().ok()).unwrap_or(u32::MAX)
}

fn unknown_state(state: &str) -> String {
    format!("its state is `{state}`")
}

pub const fn campaign_state_name(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Requested => "requested",
        CampaignState::Planned => "planned",
        CampaignState::Running => "running",
        CampaignState::Completed => "completed",
        CampaignState::Failed => "failed",
        CampaignState::Paused => "paused",
        CampaignState::Cancelled => "cancelled",
    }
}

fn campaign_state(name: &str) -> Option<CampaignState> {
    use CampaignState::{Cancelled, Completed, Failed, Paused, Planned, Requested, Running};
    let all = [Requested, Planned, Running, Completed, Failed, Paused, Cancelled];
    all.into_iter().find(|s| campaign_state_name(*s) == name)
}

pub const fn batch_state_name(state: BatchState) -> &'static str {
    match state {
        BatchState::Pending => "pending",
        BatchState::Submitted => "submitted",
        BatchState::Finished => "finished",
        BatchState::Failed => "failed",
        BatchState::OverBudget => "over-budget",
        BatchState::Cancelled => "cancelled",
    }
}

fn batch_state(name: &str) -> Option<BatchState> {
    use BatchState::{Cancelled, Failed, Finished, OverBudget, Pending, Submitted};
    let all = [Pending, Submitted, Finished, Failed, OverBudget, Cancelled];
    all.into_iter().find(|s| batch_state_name(*s) == name)
}
