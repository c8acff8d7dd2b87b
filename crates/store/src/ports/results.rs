//! The **results store** keeps every result for ever and the latest of each configuration at hand.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::latest::LatestColumns;
use domain::{Architecture, BenchmarkResult, CampaignId, ConfigId, ModelName, RunId};

use crate::StoreError;

/// Keeps results. Safe to share between tasks and between processes.
#[async_trait]
pub trait ResultStore: Send + Sync {
    /// Stores results and returns how many were new. A result whose run id is there already is left as it
    /// is: the first telling wins, so that a repeated write neither doubles nor changes anything. All of
    /// them are stored or none, and the latest result of each configuration is maintained in the same
    /// transaction.
    async fn insert(&self, results: &[BenchmarkResult]) -> Result<u64, StoreError>;

    /// The latest result (by `measured_at`, then run id) of every configuration and provenance, ordered by
    /// configuration id and provenance. One that may not be ranked counts only where there is no other: a run
    /// in which the load generator was the bottleneck says nothing.
    async fn latest(&self) -> Result<Vec<BenchmarkResult>, StoreError>;

    /// The same as columns, without the documents: what a catalogue is made of.
    async fn latest_columns(&self) -> Result<LatestColumns, StoreError> {
        Ok(LatestColumns::from_results(&self.latest().await?))
    }

    /// Every result of a campaign, ordered by `measured_at`, then run id.
    async fn of_campaign(&self, campaign: &CampaignId) -> Result<Vec<BenchmarkResult>, StoreError>;

    /// Every result of a configuration, oldest first.
    async fn history(&self, config: &ConfigId) -> Result<Vec<BenchmarkResult>, StoreError>;

    /// The run ids that a campaign has results for.
    async fn run_ids(&self, campaign: &CampaignId) -> Result<BTreeSet<RunId>, StoreError>;

    /// Notes models that a campaign brought with it, so that a query can join their sizes with what was measured. One
    /// that was noted before is replaced; one that ships with this program is left as it is.
    async fn note_models(
        &self,
        models: &[(ModelName, Architecture)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// A number that grows with every result stored: as long as it is the same, `latest` is the same.
    async fn revision(&self) -> Result<u64, StoreError>;

    /// Which store this is: the same text for as long as it is there, and another for every other store.
    async fn identity(&self) -> Result<String, StoreError>;
}
