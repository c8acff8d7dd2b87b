//! Adapters that live **in memory** of one process: answers kept close, and a bus.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use events::Event;
use moka::Expiry;
use moka::future::Cache;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{Bus, HotResults, StoreError};

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
}

/// A bus within one process: events wait in a queue for whoever holds its other end. They do not survive the
/// process; the host tells them again when a campaign is asked for again.
pub struct MemoryBus {
    sender: UnboundedSender<Event>,
}

impl MemoryBus {
    /// A bus and the end at which its events come out.
    #[must_use]
    pub fn new() -> (Self, UnboundedReceiver<Event>) {
        let (sender, receiver) = unbounded_channel();
        (Self { sender }, receiver)
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn publish(&self, event: &Event) -> Result<(), StoreError> {
        self.sender.send(event.clone()).map_err(|_| StoreError::Unavailable {
            place: "the in-process bus".to_owned(),
            detail: "its host has stopped".to_owned(),
        })
    }
}
