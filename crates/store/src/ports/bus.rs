//! The **bus** carries events to the functions that listen for them, at least once, in no certain order.

use async_trait::async_trait;
use events::Event;

use crate::StoreError;

/// Carries events.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Hands an event over. When this returns, it will be delivered.
    async fn publish(&self, event: &Event) -> Result<(), StoreError>;
}
