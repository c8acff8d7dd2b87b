//! The **current snapshot**: the catalogue in memory. It is the published one, and read anew when another was published.
//! Where nothing was published yet, or what was cannot be read by this version, it is made from the results and renewed
//! when they have changed.

use std::sync::Arc;

use catalog::{Published, Snapshot};
use domain::content_hash::hash_bytes;
use domain::latest::LatestColumns;
use store::{ObjectKey, Objects, ResultStore, StoreError};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

/// A snapshot and how current it is.
#[derive(Clone)]
pub struct Served {
    /// The catalogue.
    pub snapshot: Arc<Snapshot>,
    /// The revision of the results that it was made from.
    pub revision: u64,
    /// What is in it, as a hash. Another store may be at the same revision, and hot results may be shared.
    pub fingerprint: Arc<str>,
    /// Whether it is the published one.
    pub published: bool,
    /// The stores did not answer, so there may be a newer one.
    pub stale: bool,
}

/// Holds the snapshot that answers are made from.
pub struct CurrentSnapshot {
    results: Arc<dyn ResultStore>,
    objects: Arc<dyn Objects>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was loaded last.
    current: Option<Served>,
    /// The hash of a published file that cannot be used, so that it is not read for every question.
    unusable: Option<String>,
}

impl CurrentSnapshot {
    /// Nothing is loaded until the first question.
    #[must_use]
    pub fn new(results: Arc<dyn ResultStore>, objects: Arc<dyn Objects>) -> Self {
        Self { results, objects, state: Mutex::default() }
    }

    /// The snapshot, renewed if there is a newer one. One caller renews while the others wait.
    ///
    /// # Errors
    /// When the stores do not answer and no snapshot was ever loaded.
    pub async fn get(&self) -> Result<Served, StoreError> {
        let mut state = self.state.lock().await;
        match (self.renewed(&mut state).await, &state.current) {
            (Ok(renewed), _) => Ok(state.current.insert(renewed).clone()),
            (Err(error), Some(last)) => {
                tracing::warn!(%error, "stores away, serving the last snapshot");
                Ok(Served { stale: true, ..last.clone() })
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn renewed(&self, state: &mut State) -> Result<Served, StoreError> {
        if let Some(published) = self.published().await?
            && state.unusable.as_ref() != Some(&published.hash)
        {
            match &state.current {
                Some(known) if known.published && *known.fingerprint == *published.hash => {
                    return Ok(known.clone());
                }
                _ => {}
            }
            match self.read(&published).await? {
                Some(read) => return Ok(read),
                None => state.unusable = Some(published.hash),
            }
        }
        let revision = self.results.revision().await?;
        match &state.current {
            Some(known) if !known.published && known.revision == revision => Ok(known.clone()),
            _ => {
                let latest = self.results.latest_columns().await?;
                let fingerprint = fingerprint(&latest).into();
                let snapshot = Arc::new(Snapshot::from_columns(latest));
                Ok(Served { snapshot, revision, fingerprint, published: false, stale: false })
            }
        }
    }

    /// What was published last, if anything was.
    async fn published(&self) -> Result<Option<Published>, StoreError> {
        let Some(bytes) = self.objects.get(&ObjectKey::published()).await? else { return Ok(None) };
        let published = serde_json::from_slice(&bytes);
        Ok(published
            .inspect_err(|error| tracing::warn!(%error, "what was published is not known; results are read"))
            .ok())
    }

    /// The published file. None when it cannot be used.
    async fn read(&self, published: &Published) -> Result<Option<Served>, StoreError> {
        let Some(bytes) = self.objects.get(&ObjectKey::snapshot()).await? else { return Ok(None) };
        // Of a file that is being replaced the new one may be read: then the next question reads it again.
        let read = spawn_blocking(move || (hash_bytes(&bytes), Snapshot::from_file(&bytes))).await;
        let (hash, snapshot) = match read {
            Ok((hash, Ok(snapshot))) => (hash, snapshot),
            Ok((_, Err(error))) => {
                tracing::warn!(%error, "the published catalogue cannot be used; results are read");
                return Ok(None);
            }
            Err(error) => {
                tracing::warn!(%error, "the published catalogue was not read; results are");
                return Ok(None);
            }
        };
        Ok(Some(Served {
            snapshot: Arc::new(snapshot),
            revision: published.revision,
            fingerprint: hash.into(),
            published: true,
            stale: false,
        }))
    }
}

/// The same spec has the same run ids on every machine; the instants differ.
fn fingerprint(latest: &LatestColumns) -> String {
    let mut told = String::new();
    for (run, at) in latest.run_ids.iter().zip(&latest.measured_at) {
        told.push_str(run.as_str());
        told.push_str(&at.to_string());
        told.push('\n');
    }
    hash_bytes(told.as_bytes())
}
