//! The **current snapshot**: the catalogue in memory, renewed when the results have changed.

use std::sync::Arc;

use catalog::Snapshot;
use store::{ResultStore, StoreError};
use tokio::sync::Mutex;

/// A snapshot and how current it is.
#[derive(Clone)]
pub struct Served {
    /// The catalogue.
    pub snapshot: Arc<Snapshot>,
    /// The revision of the results that it was made from.
    pub revision: u64,
    /// The results store did not answer, so the results may be newer than this.
    pub stale: bool,
}

/// Holds the snapshot that answers are made from.
pub struct CurrentSnapshot {
    results: Arc<dyn ResultStore>,
    current: Mutex<Option<(u64, Arc<Snapshot>)>>,
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
            (Ok((revision, snapshot)), _) => {
                *current = Some((revision, snapshot.clone()));
                Ok(Served { snapshot, revision, stale: false })
            }
            (Err(error), Some((revision, snapshot))) => {
                tracing::warn!(%error, "results store away, serving the last snapshot");
                Ok(Served { snapshot: snapshot.clone(), revision: *revision, stale: true })
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn renewed(
        &self,
        current: Option<&(u64, Arc<Snapshot>)>,
    ) -> Result<(u64, Arc<Snapshot>), StoreError> {
        let revision = self.results.revision().await?;
        match current {
            Some((known, snapshot)) if *known == revision => Ok((revision, snapshot.clone())),
            _ => Ok((revision, Arc::new(Snapshot::from_results(self.results.latest().await?)))),
        }
    }
}
