//! A bus whose events a test takes out and delivers itself: twice, late, or not at all.

use async_trait::async_trait;
use events::Event;
use store::{Bus, StoreError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A bus within one process: events wait in a queue for whoever holds its other end. Told twice is there twice.
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
            detail: "nobody listens any more".to_owned(),
        })
    }
}
