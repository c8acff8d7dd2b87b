//! The **events** that functions tell each other, as wire contracts.
//!
//! An event says what happened, never what to do. Its type carries a version; a shape that other programs
//! may have stored is never changed, only followed by the next version. `schemas/` holds the JSON Schema of
//! every type and `examples/` one golden example of each; tests fail when the code drifts from them.
//!
//! An event's id is derived from what it tells, so that a duplicate has the same id. Every handler is
//! idempotent under duplicates and reordering all the same.
//!
//! [`foreign`] reads what AWS tells in its own words; `examples/foreign/` has one of each.

pub mod foreign;

use chrono::{DateTime, Utc};
use domain::{BatchId, CampaignId, EventId, JobId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An event in its envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Derived from what it tells.
    pub id: EventId,
    /// When it happened, by the clock of whoever tells it.
    pub occurred_at: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "detail")]
pub enum EventBody {
    /// A campaign was asked for, and its spec is valid.
    #[serde(rename = "campaign.requested.v1")]
    CampaignRequested(CampaignRequested),
    /// The matrix of a campaign is expanded and checked for feasibility.
    #[serde(rename = "matrix.generated.v1")]
    MatrixGenerated(MatrixGenerated),
    /// Jobs for a campaign's batches were submitted.
    #[serde(rename = "batches.submitted.v1")]
    BatchesSubmitted(BatchesSubmitted),
    /// A job ended, well or not.
    #[serde(rename = "batch.ended.v1")]
    BatchEnded(BatchEnded),
    /// Somebody paused or cancelled a campaign.
    #[serde(rename = "campaign.held.v1")]
    CampaignHeld(CampaignHeld),
    /// Every batch of a campaign has come to an end.
    #[serde(rename = "campaign.completed.v1")]
    CampaignCompleted(CampaignCompleted),
    /// A campaign failed: nothing of it can run, or an event of it could not be handled.
    #[serde(rename = "campaign.failed.v1")]
    CampaignFailed(CampaignFailed),
    /// The clock found a campaign that is not settled.
    #[serde(rename = "campaign.unsettled.v1")]
    CampaignUnsettled(CampaignUnsettled),
    /// A new catalogue snapshot is in force.
    #[serde(rename = "catalog.published.v1")]
    CatalogPublished(CatalogPublished),
}

/// A campaign was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignRequested {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking this is, from 1: a campaign that stopped is asked for again.
    pub request: u32,
}

/// The matrix is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixGenerated {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking this belongs to.
    pub request: u32,
    /// Configurations that can run.
    pub feasible: u64,
    /// Configurations that cannot, with the reason kept in the plan.
    pub infeasible: u64,
}

/// Jobs were submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchesSubmitted {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking this belongs to.
    pub request: u32,
    /// Batches handed to the dispatcher.
    pub submitted: Vec<BatchId>,
    /// Batches that do not fit the budget or the deadline.
    pub over_budget: Vec<BatchId>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum JobOutcome {
    /// Every trial of the batch has an outcome.
    Finished,
    /// The job was stopped or lost; what it had finished is safe and the rest can go on.
    Interrupted {
        /// What stopped it.
        reason: String,
    },
    /// The job cannot go on until somebody mends something.
    Failed {
        /// What is wrong and the mend, in one line.
        reason: String,
    },
}

/// A job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchEnded {
    /// The campaign.
    pub campaign: CampaignId,
    /// The batch.
    pub batch: BatchId,
    /// The job that ended.
    pub job: JobId,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: JobOutcome,
}

/// A campaign was paused or cancelled. The ledger has it so already, and says whether it still is: one that goes on is
/// requested again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignHeld {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking was held.
    pub request: u32,
    /// How.
    pub hold: Hold,
}

/// How a campaign is kept from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// Until it is resumed.
    Paused,
    /// For good.
    Cancelled,
}

/// A campaign came to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignCompleted {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking this belongs to.
    pub request: u32,
}

/// A campaign failed. The ledger says whether it still is: one that is tried again is requested again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignFailed {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking failed.
    pub request: u32,
    /// What is wrong, in one line.
    pub reason: String,
}

/// A campaign was not over when the clock looked, or its end was not told: it may wait for something that was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CampaignUnsettled {
    /// The campaign.
    pub campaign: CampaignId,
    /// Which asking was not settled.
    pub request: u32,
    /// When the clock looked.
    pub looked_at: DateTime<Utc>,
}

/// A snapshot is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogPublished {
    /// The revision of the results it was made from.
    pub revision: u64,
    /// The campaign whose end caused it.
    pub campaign: CampaignId,
}

impl Event {
    /// An event with the id that follows from its body.
    #[must_use]
    pub fn new(body: EventBody, occurred_at: DateTime<Utc>) -> Self {
        let id = match &body {
            EventBody::CampaignRequested(e) => {
                EventId::new("campaign-requested", e.campaign.as_str(), e.request)
            }
            EventBody::MatrixGenerated(e) => EventId::new("matrix-generated", e.campaign.as_str(), e.request),
            EventBody::BatchesSubmitted(e) => {
                EventId::new("batches-submitted", e.campaign.as_str(), e.request)
            }
            EventBody::BatchEnded(e) => EventId::of_job(&e.batch, &e.job),
            EventBody::CampaignHeld(e) => {
                let what = match e.hold {
                    Hold::Paused => "campaign-paused",
                    Hold::Cancelled => "campaign-cancelled",
                };
                EventId::new(what, e.campaign.as_str(), e.request)
            }
            EventBody::CampaignCompleted(e) => {
                EventId::new("campaign-completed", e.campaign.as_str(), e.request)
            }
            EventBody::CampaignFailed(e) => EventId::new("campaign-failed", e.campaign.as_str(), e.request),
            EventBody::CampaignUnsettled(e) => {
                let when = format!("{}@{}", e.campaign, e.looked_at.timestamp());
                EventId::new("campaign-unsettled", &when, e.request)
            }
            EventBody::CatalogPublished(e) => {
                EventId::new("catalog-published", &format!("{}@{}", e.campaign, e.revision), 1)
            }
        };
        Self { id, occurred_at, body }
    }

    /// The campaign that it is about.
    #[must_use]
    pub const fn campaign(&self) -> &CampaignId {
        match &self.body {
            EventBody::CampaignRequested(e) => &e.campaign,
            EventBody::MatrixGenerated(e) => &e.campaign,
            EventBody::BatchesSubmitted(e) => &e.campaign,
            EventBody::BatchEnded(e) => &e.campaign,
            EventBody::CampaignHeld(e) => &e.campaign,
            EventBody::CampaignCompleted(e) => &e.campaign,
            EventBody::CampaignFailed(e) => &e.campaign,
            EventBody::CampaignUnsettled(e) => &e.campaign,
            EventBody::CatalogPublished(e) => &e.campaign,
        }
    }
}
