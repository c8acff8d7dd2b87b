//! **Rollups** are what follows from results: statistics of each day, and rankings as they were published. They can be
//! made again from the results at any time.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{ConfigId, Offered, Provenance, RunId, UseCase};

use crate::StoreError;

/// What was measured of one model version on one hardware config, engine and use case on one day (UTC). Means and
/// extremes are over what may be ranked; a day on which nothing may has no statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct DailyStats {
    /// The day.
    pub day: NaiveDate,
    /// The model version.
    pub model: Offered,
    /// The hardware config, such as `h100x2`.
    pub hardware: String,
    /// The engine, such as `vllm`.
    pub engine: String,
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// Runs.
    pub runs: u64,
    /// Different configurations among them.
    pub configurations: u64,
    /// 90th percentile of the time to first token, ms.
    pub ttft_p90_ms: Option<MeanAndBest>,
    /// 90th percentile of the time per output token, ms.
    pub tpot_p90_ms: Option<MeanAndBest>,
    /// Output tokens per second.
    pub output_tps: MeanAndBest,
    /// USD per million output tokens in steady serving, at the spot price.
    pub serving_usd_per_mtok_spot: Option<MeanAndBest>,
}

/// A mean, and the best value: the least of a latency or a cost, the most of a throughput.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanAndBest {
    /// Arithmetic mean.
    pub mean: f64,
    /// The best value.
    pub best: f64,
}

/// A ranking as it is published: the answer to one question.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedRanking {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// The shape of the traffic, as queries name it.
    pub shape: String,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// Best first.
    pub entries: Vec<PublishedPlace>,
}

/// A place in a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedPlace {
    /// The configuration.
    pub config_id: ConfigId,
    /// Its model version.
    pub model: Offered,
    /// The run that its numbers come from.
    pub run_id: RunId,
    /// Its score, from 0 to 1.
    pub score: f64,
    /// Whether no other is at least as good in every objective and better in one.
    pub on_pareto_front: bool,
    /// The probability of being first, where it is known.
    pub probability_first: Option<f64>,
}

/// How well a model version suits a use case, by the rankings last published.
#[derive(Debug, Clone, PartialEq)]
pub struct Suitability {
    /// The model version.
    pub model: Offered,
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// Its best place in any ranking of the use case, from 1.
    pub best_place: u64,
    /// Its score there.
    pub best_score: f64,
    /// The configuration that has it.
    pub best_config_id: ConfigId,
}

/// Keeps what follows from results.
#[async_trait]
pub trait Rollups: Send + Sync {
    /// Computes the statistics of each day anew that has had results since they were computed. Returns how many days.
    async fn refresh_daily_stats(&self) -> Result<u64, StoreError>;

    /// Statistics of the days from `since` on, as they were last computed, oldest first.
    async fn daily_stats(&self, since: NaiveDate) -> Result<Vec<DailyStats>, StoreError>;

    /// Keeps the rankings that follow from a revision of the results, and what they say about each model version.
    /// Rankings of earlier revisions stay; those of the same one are replaced.
    async fn publish_rankings(
        &self,
        revision: u64,
        rankings: &[PublishedRanking],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// The rankings of a revision, by use case, shape and provenance.
    async fn rankings(&self, revision: u64) -> Result<Vec<PublishedRanking>, StoreError>;

    /// How well model versions suit use cases, by use case, provenance and place.
    async fn suitabilities(&self) -> Result<Vec<Suitability>, StoreError>;
}
