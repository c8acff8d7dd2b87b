//! **Telemetry** is what GPUs, engines and clients did during a run, about once a second: a raw series, kept for
//! [`KEPT`].

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::RunId;

use crate::StoreError;

/// How long samples are kept.
pub const KEPT: TimeDelta = TimeDelta::days(90);

/// Whose sample it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The load generator.
    Client,
    /// The inference engine, by its own metrics.
    Engine,
    /// A GPU.
    Gpu,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Client, Self::Engine, Self::Gpu];

    /// The source of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Its name in a store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Engine => "engine",
            Self::Gpu => "gpu",
        }
    }
}

/// One value at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The run that it was taken in. Its result need not be stored yet.
    pub run_id: RunId,
    /// Whose it is.
    pub source: Source,
    /// Which of several: the index of a GPU, else 0.
    pub device: u32,
    /// What it is, with its unit: `power_w`.
    pub metric: String,
    /// When; kept to the microsecond.
    pub at: DateTime<Utc>,
    /// The value.
    pub value: f64,
}

/// Keeps samples.
#[async_trait]
pub trait Telemetry: Send + Sync {
    /// Stores samples and returns how many were new. One that is there already stays as it is.
    async fn insert_samples(&self, samples: &[Sample]) -> Result<u64, StoreError>;

    /// The samples of a run, by source, device, metric and instant.
    async fn samples(&self, run: &RunId) -> Result<Vec<Sample>, StoreError>;

    /// Removes samples from before an instant. A store that does so by itself has nothing to do.
    async fn forget_samples(&self, before: DateTime<Utc>) -> Result<(), StoreError>;
}
