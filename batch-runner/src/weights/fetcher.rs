//! The **fetcher** turns the address of weights into a path on this machine.

use std::path::PathBuf;
use std::time::Instant;

use cloud::aws::Aws;
use domain::result::WeightsUsed;
use domain::{LaunchPlan, WeightsAddress};
use tokio_util::sync::CancellationToken;

use super::bucket::Bucket;
use super::cache::{Cached, WeightsCache};
use super::{FetchError, Hub, Listing, WeightsSource};
use crate::cache_folder::own_cache_folder;

/// Environment variable with the folder that weights are fetched into.
pub const CACHE_VARIABLE: &str = "ASSAY_WEIGHTS";

/// Fetches weights.
#[derive(Debug, Clone)]
pub struct WeightsFetcher {
    cache: Option<WeightsCache>,
    /// The hub to ask instead of the environment's.
    hub: Option<Hub>,
}

/// Weights on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The folder, or the file where one was asked for.
    pub path: PathBuf,
    /// What goes with every result.
    pub used: WeightsUsed,
}

impl Fetched {
    /// A launch plan with the weights where they are now.
    #[must_use]
    pub fn plan(&self, plan: &LaunchPlan) -> LaunchPlan {
        LaunchPlan { weights: Some(self.path.display().to_string()), ..plan.clone() }
    }
}

impl WeightsFetcher {
    /// Into a folder, from a hub.
    #[must_use]
    pub const fn new(cache: WeightsCache, hub: Hub) -> Self {
        Self { cache: Some(cache), hub: Some(hub) }
    }

    /// Into the folder of the environment: `ASSAY_WEIGHTS`, else `assay/weights` among the user's caches.
    #[must_use]
    pub fn of_environment() -> Self {
        let given = std::env::var_os(CACHE_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let folder = given.or_else(|| own_cache_folder().map(|folder| folder.join("weights")));
        Self { cache: folder.map(WeightsCache::at), hub: None }
    }

    /// Fetches what is at an address. None where the engine finds the weights itself.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn fetch(&self, text: &str, cancel: &CancellationToken) -> Result<Option<Fetched>, FetchError> {
        let address: WeightsAddress = text
            .parse()
            .map_err(|error: domain::BadWeightsAddress| FetchError::Address(error.to_string()))?;
        let fetch = async {
            match &address {
                WeightsAddress::AsItIs(_) => Ok(None),
                WeightsAddress::Hub { repository, revision, file } => {
                    let hub = self.hub.clone().map_or_else(Hub::of_environment, Ok)?;
                    let source = hub.repository(repository, revision);
                    self.from(&source, text, is_commit(revision), file.as_deref(), cancel).await.map(Some)
                }
                WeightsAddress::Bucket { bucket, prefix, file } => {
                    let source = Bucket::new(&Aws::from_environment().await, bucket, prefix);
                    self.from(&source, text, false, file.as_deref(), cancel).await.map(Some)
                }
            }
        };
        tokio::select! {
            fetched = fetch => fetched,
            () = cancel.cancelled() => Err(FetchError::Cancelled),
        }
    }

    /// Fetches from a source; `never_changes` where the listing at the address is always the same.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn from(
        &self,
        source: &dyn WeightsSource,
        address: &str,
        never_changes: bool,
        file: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Fetched, FetchError> {
        let cache = self.cache.as_ref().ok_or(FetchError::NoFolder { variable: CACHE_VARIABLE })?;
        let begun = Instant::now();
        let known = if never_changes { cache.known_listing(address).await } else { None };
        let listing = match known {
            Some(listing) => listing,
            None => {
                let listing = source.list().await?;
                if never_changes {
                    cache.remember(address, &listing).await;
                }
                listing
            }
        }
        .needed(file)?;
        let Cached { folder, fetched_bytes } = cache.obtain(source, &listing, cancel).await?;
        let Listing { commit, .. } = &listing;
        let used = WeightsUsed {
            address: address.to_owned(),
            commit: commit.clone(),
            content: listing.content(),
            fetched_bytes,
            fetch_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Ok(Fetched { path: file.map_or_else(|| folder.clone(), |file| folder.join(file)), used })
    }
}

/// Whether a revision is a commit, which has the same files for ever.
fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit())
}
