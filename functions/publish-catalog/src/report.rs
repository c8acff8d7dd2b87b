//! The **report** of a campaign: what was asked for, what was measured, and what was not and why.

use chrono::{DateTime, Utc};
use domain::BenchmarkResult;
use serde::Serialize;
use store::{CampaignRecord, Checkpoint, TrialOutcome};

/// The report of one campaign.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignReport {
    /// The campaign as it ended.
    pub campaign: CampaignRecord,
    /// Its results.
    pub results: Vec<BenchmarkResult>,
    /// Trials that failed, with the reason.
    pub failures: Vec<Checkpoint>,
    /// USD charged at the spot price of the day, of whole machines: engine starts, warm-up, windows and lost work.
    pub usd_spot: f64,
    /// The same at the on-demand price.
    pub usd_on_demand: f64,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
}

impl CampaignReport {
    /// Puts a report together.
    #[must_use]
    pub fn new(
        campaign: &CampaignRecord,
        results: &[BenchmarkResult],
        outcomes: Vec<Checkpoint>,
        made_at: DateTime<Utc>,
    ) -> Self {
        let priced = || results.iter().filter_map(|r| Some((r.charged.hours(), r.rent.as_ref()?.whole())));
        Self {
            campaign: campaign.clone(),
            results: results.to_vec(),
            failures: outcomes.into_iter().filter(|c| c.outcome != TrialOutcome::Stored).collect(),
            usd_spot: priced().map(|(hours, p)| hours * p.spot).sum(),
            usd_on_demand: priced().map(|(hours, p)| hours * p.on_demand).sum(),
            made_at,
        }
    }
}
