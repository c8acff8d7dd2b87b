//! Answers kept close **in memory** of one process.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::future::Cache;

use crate::{HotResults, StoreError};

/// Answers in memory, the least used of which go first.
pub struct MemoryHotResults {
    answers: Cache<String, (Vec<u8>, Duration)>,
}

/// Every answer has its own time to live.
struct OwnTtl;

impl Expiry<String, (Vec<u8>, Duration)> for OwnTtl {
    fn expire_after_create(&self, _: &String, value: &(Vec<u8>, Duration), _: Instant) -> Option<Duration> {
        Some(value.1)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &(Vec<u8>, Duration),
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.1)
    }
}

impl MemoryHotResults {
    /// Keeps at most so many answers.
    #[must_use]
    pub fn new(answers: u64) -> Self {
        Self { answers: Cache::builder().max_capacity(answers).expire_after(OwnTtl).build() }
    }
}

#[async_trait]
impl HotResults for MemoryHotResults {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.answers.get(key).await.map(|(answer, _)| answer)
    }

    async fn put(&self, key: &str, answer: &[u8], ttl: Duration) {
        self.answers.insert(key.to_owned(), (answer.to_vec(), ttl)).await;
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
