//! What survives invocations.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CampaignId, CampaignSpec, Market, SpecError};
use store::{Bus, HotAnswers, Ledger, Objects, ResultStore, Rollups, StoreError};

use crate::layers::measure::Measures;
use crate::{CurrentSnapshot, Settings};

/// Starts campaigns for the API; whoever hosts it connects it to trigger-campaign.
#[async_trait]
pub trait CampaignTrigger: Send + Sync {
    /// Triggers the campaign of a spec, or lets it go on.
    async fn trigger(&self, spec: &CampaignSpec) -> Result<CampaignId, TriggerError>;
}

/// Brings what was imported into the catalogue; whoever hosts the API connects it to publish-catalog.
#[async_trait]
pub trait Publishing: Send + Sync {
    /// New results came from a file.
    async fn imported(&self) -> Result<(), StoreError>;
}

/// Where a schedule publishes what there is.
#[derive(Debug, Clone, Copy)]
pub struct PublishedBySchedule;

#[async_trait]
impl Publishing for PublishedBySchedule {
    async fn imported(&self) -> Result<(), StoreError> {
        Ok(())
    }
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
    /// Where jobs rent their machines, for plans.
    pub market: Arc<dyn Market>,
    /// Starts campaigns.
    pub trigger: Arc<dyn CampaignTrigger>,
    /// Brings what was imported into the catalogue.
    pub publishing: Arc<dyn Publishing>,
    /// What is wanted beside answers.
    pub settings: Settings,
    /// What is counted.
    pub measures: Measures,
}
