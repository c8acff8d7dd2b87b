//! **Weights** are fetched before an engine starts, so that every engine loads what was checked, and so that the revision
//! that was measured is known.
//!
//! - [`listing`]: what there is to fetch, file by file, with its checksums.
//! - [`hub`]: a hub that speaks as Hugging Face's does; `web` asks it. [`bucket`]: S3.
//! - [`cache`]: the folder that runners of a machine share.
//! - [`fetcher`]: chooses among them by the address in a launch plan.
//!
//! Engines could fetch by themselves. Then nobody checks what arrived, each engine has a cache of its own, and a start-up
//! time limit has to guess how long a download takes.

pub mod bucket;
pub mod cache;
mod error;
pub mod fetcher;
pub mod hub;
pub mod listing;
mod web;

use async_trait::async_trait;
use bytes::Bytes;

pub use cache::WeightsCache;
pub use error::FetchError;
pub use fetcher::{CACHE_VARIABLE, Fetched, WeightsFetcher};
pub use hub::{ENDPOINT_VARIABLE, Hub, TOKEN_VARIABLE};
pub use listing::{Checksum, Listing, RemoteFile};

/// Where weights come from.
#[async_trait]
pub trait WeightsSource: Send + Sync {
    /// What there is.
    async fn list(&self) -> Result<Listing, FetchError>;

    /// Reads a file of a listing from a byte on, or from its beginning where the source cannot do that.
    async fn read(&self, listing: &Listing, file: &RemoteFile, from: u64) -> Result<Reading, FetchError>;
}

/// A file that is being read.
pub struct Reading {
    /// The byte that the first chunk begins with.
    pub from: u64,
    /// Its bytes.
    pub chunks: Box<dyn Chunks>,
}

/// Bytes as they arrive.
#[async_trait]
pub trait Chunks: Send {
    /// The next of them; none at the end. The error is why there will be no more.
    async fn next(&mut self) -> Result<Option<Bytes>, String>;
}
