//! The **ledger** knows how far the work is: campaigns, batches, who works on a batch, and a checkpoint
//! for every trial that has come to an outcome.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, CampaignId, ConfigId, JobId, JobPlace, RunId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// How often a trial is tried before it is given up: tries that its runner did not survive, and those that failed in a way
/// that may pass.
pub const MAX_TRIES: u32 = 3;

/// How far a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CampaignState {
    /// Asked for; the matrix is not there yet.
    Requested,
    /// The matrix is there; jobs are not.
    Planned,
    /// Jobs are submitted.
    Running,
    /// Every batch has come to an end; some trials may have failed.
    Completed,
    /// It cannot go on; the message says why.
    Failed,
    /// Somebody wants nothing of it to run until it is resumed.
    Paused,
    /// Somebody wants nothing more of it to run. What was measured is kept.
    Cancelled,
}

impl CampaignState {
    /// Somebody keeps it from going on: nothing of it is submitted.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Paused | Self::Cancelled)
    }
}

/// A campaign as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignRecord {
    /// Its id.
    pub id: CampaignId,
    /// The spec's name.
    pub name: String,
    /// How far it is.
    pub state: CampaignState,
    /// How often it was asked for.
    pub request: u32,
    /// Configurations in the matrix that can run; 0 until planned.
    pub feasible: u64,
    /// Configurations that cannot.
    pub infeasible: u64,
    /// What a person should know, such as why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When it was first asked for.
    pub created_at: DateTime<Utc>,
    /// When this record last changed.
    pub updated_at: DateTime<Utc>,
    /// It came to its end, and that is not told yet: its report may not be there, and people may not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_is_untold: bool,
}

impl CampaignRecord {
    /// The same as it has come to an end, which is to be told.
    #[must_use]
    pub fn ended(&self, state: CampaignState, message: Option<String>, now: DateTime<Utc>) -> Self {
        Self { state, message, updated_at: now, end_is_untold: true, ..self.clone() }
    }
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BatchState {
    /// Planned, not handed to a dispatcher.
    Pending,
    /// Handed to a dispatcher, perhaps running.
    Submitted,
    /// Every trial has an outcome.
    Finished,
    /// It cannot go on; the message says why.
    Failed,
    /// Not started, since the budget or the deadline would not allow it.
    OverBudget,
    /// Its campaign was cancelled before it was finished.
    Cancelled,
}

impl BatchState {
    /// Nothing more will happen to it by itself.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::OverBudget | Self::Cancelled)
    }
}

/// A batch as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchRecord {
    /// Its id.
    pub id: BatchId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Trials in it.
    pub trials: u32,
    /// GPUs that its job needs; 0 on a processor.
    pub gpu_count: u32,
    /// Where its job has to run; not known of batches that were added before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<JobPlace>,
    /// Seconds that it should take, by the forecast.
    pub forecast_s: f64,
    /// USD that it should cost at the price that its machine is rented at first, by the forecast; nothing where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast_usd: Option<f64>,
    /// How far it is.
    pub state: BatchState,
    /// How often a runner has claimed it. It is the fencing token of the current claim.
    pub attempt: u32,
    /// How many jobs in a row were interrupted without a new outcome.
    pub fruitless_jobs: u32,
    /// How often it became submitted. Each time it has a job of its own, unless the one before is still there.
    #[serde(default)]
    pub submissions: u32,
    /// Why it failed or was interrupted last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The interruptions of a batch, as another one is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruptions {
    /// How many jobs in a row have been interrupted without a new outcome.
    pub fruitless_jobs: u32,
    /// Whether the one that is told was not noted before.
    pub is_new: bool,
}

/// What became of one trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum TrialOutcome {
    /// Its result is in the results store.
    Stored,
    /// It cannot be measured; the reason is one line with the mend.
    Failed {
        /// Why.
        reason: String,
    },
}

/// The checkpoint of one trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The trial.
    pub run_id: RunId,
    /// Its configuration.
    pub config_id: ConfigId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: TrialOutcome,
    /// Which attempt brought it.
    pub attempt: u32,
    /// USD of whole machines, at the price that the job has them for, for its time since the outcome before, engine starts,
    /// failures and what earlier attempts lost on it included. Nothing where no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// Seconds of that time. Absent where nobody noted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_s: Option<f64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The caller may work on the batch under this attempt number until its lease runs out.
    Granted {
        /// Fencing token.
        attempt: u32,
    },
    /// Another runner has it until then, unless it renews.
    Held {
        /// Who.
        holder: String,
        /// Until when.
        until: DateTime<Utc>,
    },
}

/// Keeps the state of the work. Safe to share between tasks and between processes. Instants are passed in,
/// so that tests need no clock.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Creates a campaign, or returns the one that is there under the same id. Of racing callers exactly
    /// one creates it.
    async fn create_campaign(&self, record: &CampaignRecord) -> Result<Option<CampaignRecord>, StoreError>;

    /// A campaign.
    async fn campaign(&self, id: &CampaignId) -> Result<Option<CampaignRecord>, StoreError>;

    /// Every campaign, newest first.
    async fn campaigns(&self) -> Result<Vec<CampaignRecord>, StoreError>;

    /// Changes a campaign's record, as it was read, into another. [`StoreError::Changed`] when its state or request is no
    /// longer that of `was`: somebody else changed it meanwhile, such as by a pause.
    async fn update_campaign(&self, was: &CampaignRecord, record: &CampaignRecord) -> Result<(), StoreError>;

    /// Adds batches; those that are there already stay as they are.
    async fn add_batches(&self, batches: &[BatchRecord]) -> Result<(), StoreError>;

    /// The batches of a campaign in the order of their index.
    async fn batches(&self, campaign: &CampaignId) -> Result<Vec<BatchRecord>, StoreError>;

    /// A batch.
    async fn batch(&self, id: &BatchId) -> Result<Option<BatchRecord>, StoreError>;

    /// Sets how far a batch is, and the message that goes with it. A batch that becomes pending begins anew: its
    /// `fruitless_jobs` is 0. One that becomes submitted, also when it was so before, has one more of `submissions`.
    async fn set_batch_state(
        &self,
        id: &BatchId,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError>;

    /// As [`Self::set_batch_state`], of a batch as it was read. [`StoreError::Changed`] when its state is another one now, or
    /// it was submitted again meanwhile.
    async fn change_batch_state(
        &self,
        was: &BatchRecord,
        state: BatchState,
        message: Option<&str>,
    ) -> Result<(), StoreError>;

    /// Notes that a job of a batch was interrupted, and returns how many jobs in a row have now been so without a
    /// new outcome of any trial. `outcomes` is how many trials have one. A job counts once, however often and in
    /// whatever order the interruptions are told.
    async fn note_interruption(
        &self,
        id: &BatchId,
        job: &JobId,
        outcomes: u32,
        reason: &str,
    ) -> Result<Interruptions, StoreError>;

    /// Claims a batch for a lease. Of racing callers at most one is granted it; an unreleased claim holds
    /// until its lease runs out; every grant has a higher attempt number than all before.
    async fn claim(
        &self,
        id: &BatchId,
        holder: &str,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<Claim, StoreError>;

    /// Extends the lease of the current attempt. [`StoreError::Fenced`] when it is not current any more.
    async fn renew(
        &self,
        id: &BatchId,
        attempt: u32,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<(), StoreError>;

    /// Ends the claim of an attempt, if it is still the current one. What it began is not held against those trials.
    async fn release(&self, id: &BatchId, attempt: u32) -> Result<(), StoreError>;

    /// Notes that an attempt begins to work on a trial, so that the time is charged if it is lost.
    async fn begin_trial(
        &self,
        batch: &BatchId,
        attempt: u32,
        run_id: &RunId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Takes back that an attempt works on a trial, which it will try again later: neither what it does meanwhile nor how
    /// it ends is that trial's. Whoever puts it off keeps count of the time that it took.
    async fn put_off_trial(&self, batch: &BatchId, attempt: u32, run_id: &RunId) -> Result<(), StoreError>;

    /// Seconds that earlier attempts spent on a trial without an outcome: from its beginning to the last
    /// renewal of the attempt's lease.
    async fn lost_seconds(&self, batch: &BatchId, run_id: &RunId) -> Result<f64, StoreError>;

    /// How often each trial was begun by an attempt that ended without its outcome and without a release: the runner was
    /// killed or hung, perhaps by that trial. Those that were begun before failures were forgotten do not count.
    async fn lost_tries(&self, batch: &BatchId) -> Result<BTreeMap<RunId, u32>, StoreError>;

    /// Notes the outcome of a trial. A stored outcome is final: telling it again, or a failure after it,
    /// changes nothing. [`StoreError::Fenced`] when `checkpoint.attempt` is not current.
    async fn checkpoint(&self, batch: &BatchId, checkpoint: &Checkpoint) -> Result<(), StoreError>;

    /// The outcomes of a batch so far, by trial.
    async fn checkpoints(&self, batch: &BatchId) -> Result<BTreeMap<RunId, Checkpoint>, StoreError>;

    /// Removes the failed outcomes of a campaign and makes its failed batches pending, so that a campaign
    /// that is asked for again tries them again. Batches over budget become pending too, and lost tries are not counted
    /// any more. Returns how many trials will be tried again.
    async fn forget_failures(&self, campaign: &CampaignId) -> Result<u64, StoreError>;

    /// Takes a key, so that what must happen once happens once: of all callers, racing or repeated, the first gets
    /// `true`. The key can be taken anew after `keep`.
    async fn take_key(&self, key: &str, now: DateTime<Utc>, keep: TimeDelta) -> Result<bool, StoreError>;

    /// Gives a key back, after what it was taken for failed.
    async fn give_key_back(&self, key: &str) -> Result<(), StoreError>;
}
