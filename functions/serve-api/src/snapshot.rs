//! The **current snapshot**: the catalogue in memory. It is the published one, and read anew when another was published.
//! Where nothing was published yet, or what was is of another results store or cannot be read by this version, it is made
//! from the results and renewed when they have changed.
//!
//! A question waits for a newer one for a moment only. What takes longer is read behind it, and the snapshot that is at
//! hand answers, as one that newer results may exist to.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use catalog::{Published, Snapshot};
use domain::content_hash::hash_bytes;
use domain::latest::LatestColumns;
use store::{ObjectKey, Objects, ResultStore, StoreError};
use tokio::sync::Mutex as Turn;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::kept_file::KeptFile;

/// How long a question that has an answer waits for a newer one.
const PATIENCE: Duration = Duration::from_millis(250);

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
    /// There may be a newer one: it is being read, or the stores did not answer.
    pub stale: bool,
}

impl Served {
    fn is(&self, newest: &Newest) -> bool {
        match newest {
            Newest::Published(published) => self.published && *self.fingerprint == *published.hash,
            Newest::Results(revision) => !self.published && self.revision == *revision,
        }
    }
}

/// What a snapshot of now is made from.
#[derive(Clone)]
enum Newest {
    /// The published file.
    Published(Published),
    /// The results, of this revision at least.
    Results(u64),
}

/// Holds the snapshot that answers are made from.
pub struct CurrentSnapshot {
    results: Arc<dyn ResultStore>,
    objects: Arc<dyn Objects>,
    patience: Duration,
    kept: Option<KeptFile>,
    known: Mutex<Known>,
    /// Held by whoever reads a snapshot, so that one does at a time.
    reading: Arc<Turn<()>>,
    looks: Looks,
}

/// Looks for what is newest. Whoever asks while others do shares the next look with them, which begins after all of them
/// asked: nobody is answered by what was newest before, and the stores are not asked once for every question.
#[derive(Default)]
struct Looks {
    /// How many have begun.
    begun: AtomicU64,
    last: Turn<Option<(u64, Newest)>>,
}

/// How old the snapshot is.
pub struct Age {
    /// Results in it.
    pub results: usize,
    /// The revision that it was made from.
    pub revision: u64,
    /// Since it was read.
    pub read: Duration,
    /// Since it was last seen to be the newest.
    pub seen: Duration,
}

#[derive(Default)]
struct Known {
    /// What was read last.
    current: Option<Served>,
    /// What was said to be published when it was read. Where a publisher died between writing the file and saying so, it
    /// is not what was read, and is not read again for every question.
    read_for: Option<Published>,
    /// What was published and cannot be used, so that it is not read for every question.
    unusable: Option<Published>,
    /// Which results store it is.
    store: Option<String>,
    /// When it was read, and when it was last seen to be the newest.
    read_and_seen: Option<(Instant, Instant)>,
}

impl CurrentSnapshot {
    /// Nothing is read until the first question.
    #[must_use]
    pub fn new(results: Arc<dyn ResultStore>, objects: Arc<dyn Objects>) -> Self {
        Self {
            results,
            objects,
            patience: PATIENCE,
            kept: None,
            known: Mutex::default(),
            reading: Arc::default(),
            looks: Looks::default(),
        }
    }

    /// Waits so long for a newer snapshot while there is one.
    #[must_use]
    pub const fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Keeps the published file in a folder of this machine, for the next process there.
    #[must_use]
    pub fn kept_in(mut self, folder: &Path) -> Self {
        self.kept = Some(KeptFile::in_folder(folder));
        self
    }

    /// The snapshot, renewed if there is a newer one and it is read soon.
    ///
    /// # Errors
    /// When the stores do not answer and no snapshot was ever read.
    pub async fn get(self: &Arc<Self>) -> Result<Served, StoreError> {
        let Some(last) = self.current() else { return self.first().await };
        match timeout(self.patience, self.renewed(&last)).await {
            Ok(Ok(Some(served))) => return Ok(served),
            Ok(Ok(None)) | Err(_) => tracing::debug!("a newer snapshot is being read, serving the last one"),
            Ok(Err(error)) => tracing::warn!(%error, "stores away, serving the last snapshot"),
        }
        Ok(Served { stale: true, ..last })
    }

    async fn first(&self) -> Result<Served, StoreError> {
        let _turn = self.reading.lock().await;
        match self.current() {
            Some(read) => Ok(read),
            None => self.read(self.newest().await?).await,
        }
    }

    /// The last snapshot if there is no newer one, else the newer one. None when another caller did not get it read.
    async fn renewed(self: &Arc<Self>, last: &Served) -> Result<Option<Served>, StoreError> {
        let newest = self.newest_of_all_who_ask().await?;
        if last.is(&newest) || self.was_read_for(&newest) {
            if let Some((_, seen)) = &mut self.known().read_and_seen {
                *seen = Instant::now();
            }
            return Ok(Some(last.clone()));
        }
        let Ok(turn) = self.reading.clone().try_lock_owned() else {
            drop(self.reading.lock().await);
            return Ok(self.current().filter(|read| read.is(&newest)));
        };
        // It goes on when the question no longer waits for it.
        let reader = self.clone();
        let read = tokio::spawn(async move {
            let read = reader.read(newest).await;
            drop(turn);
            read
        });
        read.await.map_or(Ok(None), |read| read.map(Some))
    }

    /// What is newest, looked up after this was called.
    async fn newest_of_all_who_ask(&self) -> Result<Newest, StoreError> {
        let before = self.looks.begun.load(Ordering::SeqCst);
        let mut last = self.looks.last.lock().await;
        if let Some((number, newest)) = &*last
            && *number > before
        {
            return Ok(newest.clone());
        }
        let number = self.looks.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let newest = self.newest().await?;
        *last = Some((number, newest.clone()));
        Ok(newest)
    }

    /// How old the snapshot is, if one was read.
    pub fn age(&self) -> Option<Age> {
        let known = self.known();
        let (current, (read, seen)) = (known.current.as_ref()?, known.read_and_seen?);
        let (results, revision) = (current.snapshot.len(), current.revision);
        Some(Age { results, revision, read: read.elapsed(), seen: seen.elapsed() })
    }

    async fn newest(&self) -> Result<Newest, StoreError> {
        if let Some(published) = self.published().await?
            && self.known().unusable.as_ref() != Some(&published)
        {
            if self.own_store().await.is_none_or(|own| own == published.store) {
                return Ok(Newest::Published(published));
            }
            tracing::warn!("the published catalogue is of another results store; results are read");
            self.known().unusable = Some(published);
        }
        Ok(Newest::Results(self.results.revision().await?))
    }

    /// Which store the results are in. None while they are away and it was never asked: then what was published is taken
    /// for theirs, as the only catalogue there is.
    async fn own_store(&self) -> Option<String> {
        let known = self.known().store.clone();
        if known.is_some() {
            return known;
        }
        let asked = self.results.identity().await;
        let own = asked.inspect_err(|error| tracing::warn!(%error, "the results are away")).ok();
        self.known().store.clone_from(&own);
        own
    }

    /// Reads a snapshot, which is the current one then.
    async fn read(&self, newest: Newest) -> Result<Served, StoreError> {
        let read_for = match &newest {
            Newest::Published(published) => Some(published.clone()),
            Newest::Results(_) => None,
        };
        let read = match newest {
            Newest::Results(revision) => self.read_results(revision).await?,
            Newest::Published(published) => match self.read_published(&published).await? {
                Some(read) => read,
                None => {
                    self.known().unusable = Some(published);
                    self.read_results(self.results.revision().await?).await?
                }
            },
        };
        let mut known = self.known();
        known.read_for = read_for.filter(|_| read.published);
        known.read_and_seen = Some((Instant::now(), Instant::now()));
        Ok(known.current.insert(read).clone())
    }

    fn was_read_for(&self, newest: &Newest) -> bool {
        matches!(newest, Newest::Published(published) if self.known().read_for.as_ref() == Some(published))
    }

    fn current(&self) -> Option<Served> {
        self.known().current.clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read_results(&self, revision: u64) -> Result<Served, StoreError> {
        let latest = self.results.latest_columns().await?;
        let fingerprint = fingerprint(&latest).into();
        let snapshot = Arc::new(Snapshot::from_columns(latest));
        Ok(Served { snapshot, revision, fingerprint, published: false, stale: false })
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
    async fn read_published(&self, published: &Published) -> Result<Option<Served>, StoreError> {
        let read = match read_kept(self.kept.clone(), published.hash.clone()).await {
            Some(snapshot) => Ok((published.hash.clone(), Ok(snapshot))),
            None => {
                let Some(bytes) = self.objects.get(&ObjectKey::snapshot()).await? else { return Ok(None) };
                let kept = self.kept.clone();
                // Of a file that is being replaced the new one may be read: then the next question reads it again.
                spawn_blocking(move || {
                    let hash = hash_bytes(&bytes);
                    let snapshot = Snapshot::from_file(&bytes);
                    if let (Some(kept), Ok(_)) = (kept, &snapshot) {
                        kept.put(&hash, &bytes);
                    }
                    (hash, snapshot)
                })
                .await
            }
        };
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

/// The snapshot in the kept file of a hash, if there is one.
async fn read_kept(kept: Option<KeptFile>, hash: String) -> Option<Snapshot> {
    let kept = kept?;
    spawn_blocking(move || Snapshot::from_file(&kept.get(&hash)?).ok()).await.ok().flatten()
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
