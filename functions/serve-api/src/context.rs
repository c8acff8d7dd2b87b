//! What survives invocations.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{CampaignId, CampaignSpec, SpecError};
use store::{Bus, HotAnswers, Ledger, Objects, ResultStore, Rollups, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::CurrentSnapshot;

/// Starts campaigns for the API; whoever hosts it connects it to trigger-campaign.
#[async_trait]
pub trait CampaignTrigger: Send + Sync {
    /// Triggers the campaign of a spec, or lets it go on.
    async fn trigger(&self, spec: &CampaignSpec) -> Result<CampaignId, TriggerError>;
}

/// Why a campaign was not triggered.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// The spec cannot be used.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A port failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How campaigns are streamed.
#[derive(Clone)]
pub struct Streams {
    /// One event and no more: where an answer is sent as a whole, as on Lambda.
    pub once: bool,
    /// How often a campaign is looked at.
    pub look_every: Duration,
    /// How many may be open.
    pub places: Arc<Semaphore>,
    /// They end when the server stops, which would wait for them for ever.
    pub closing: CancellationToken,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            once: false,
            look_every: Duration::from_secs(1),
            places: Arc::new(Semaphore::new(256)),
            closing: CancellationToken::new(),
        }
    }
}

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Results, for what the catalogue does not hold.
    pub results: Arc<dyn ResultStore>,
    /// Rankings as they were published.
    pub rollups: Arc<dyn Rollups>,
    /// Reports.
    pub objects: Arc<dyn Objects>,
    /// Answers kept close.
    pub hot: HotAnswers,
    /// The catalogue.
    pub snapshot: Arc<CurrentSnapshot>,
    /// Whom it tells that a campaign is paused, resumed or cancelled.
    pub bus: Arc<dyn Bus>,
    /// Starts campaigns.
    pub trigger: Arc<dyn CampaignTrigger>,
    /// How campaigns are streamed.
    pub streams: Streams,
}
