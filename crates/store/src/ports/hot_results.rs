//! **Hot results** are answers kept close for a while. Losing them costs time, never correctness: an
//! adapter that is broken answers "not there".

use std::time::Duration;

use async_trait::async_trait;

use crate::StoreError;

/// Keeps answers. Callers put the revision of the results into the key, so that new results make old
/// answers unreachable at once.
#[async_trait]
pub trait HotResults: Send + Sync {
    /// An answer, if it is there and not too old.
    async fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps an answer for at most `ttl`.
    async fn put(&self, key: &str, answer: &[u8], ttl: Duration);

    /// Whether answers are kept at all: for a person who wonders why nothing is ever found.
    async fn check(&self) -> Result<(), StoreError>;
}
