//! The **current snapshot**: the catalogue in memory, renewed when the results have changed.

use std::sync::Arc;

use catalog::Snapshot;
use domain::BenchmarkResult;
use domain::content_hash::hash_bytes;
use store::{ResultStore, StoreError};
use tokio::sync::Mutex;

/// A snapshot and how current it is.
#[derive(Clone)]
pub struct Served {
    /// The catalogue.
    pub snapshot: Arc<Snapshot>,
    /// The revision of the results that it was made from.
    pub revision: u64,
    /// What is in it, as a hash. Another store may be at the same revision, and hot results may be shared.
    pub fingerprint: Arc<str>,
    /// The results store did not answer, so the results may be newer than this.
    pub stale: bool,
}

/// What was loaded last.
#[derive(Clone)]
struct Current {
    revision: u64,
    fingerprint: Arc<str>,
    snapshot: Arc<Snapshot>,
}

impl Current {
    fn served(&self, stale: bool) -> Served {
        let Self { revision, fingerprint, snapshot } = self.clone();
        Served { snapshot, revision, fingerprint, stale }
    }
}

/// Holds the snapshot that answers are made from.
pub struct CurrentSnapshot {
    results: Arc<dyn ResultStore>,
    current: Mutex<Option<Current>>,
}

impl CurrentSnapshot {
    /// Nothing is loaded until the first question.
    #[must_use]
    pub fn new(results: Arc<dyn ResultStore>) -> Self {
        Self { results, current: Mutex::new(None) }
    }

    /// The snapshot, renewed if the results have changed. One caller renews while the others wait.
    ///
    /// # Errors
    /// When the results store does not answer and no snapshot was ever loaded.
    pub async fn get(&self) -> Result<Served, StoreError> {
        let mut current = self.current.lock().await;
        match (self.renewed(current.as_ref()).await, current.as_ref()) {
            (Ok(renewed), _) => Ok(current.insert(renewed).served(false)),
            (Err(error), Some(last)) => {
                tracing::warn!(%error, "results store away, serving the last snapshot");
                Ok(last.served(true))
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn renewed(&self, current: Option<&Current>) -> Result<Current, StoreError> {
        let revision = self.results.revision().await?;
        match current {
            Some(known) if known.revision == revision => Ok(known.clone()),
            _ => {
                let results = self.results.latest().await?;
                let fingerprint = fingerprint(&results).into();
                Ok(Current { revision, fingerprint, snapshot: Arc::new(Snapshot::from_results(results)) })
            }
        }
    }
}

/// The same spec has the same run ids on every machine; the instants differ.
fn fingerprint(results: &[BenchmarkResult]) -> String {
    let mut told = String::new();
    for result in results {
        told.push_str(result.run_id.as_str());
        told.push_str(&result.measured_at.timestamp_micros().to_string());
        told.push('\n');
    }
    hash_bytes(told.as_bytes())
}
