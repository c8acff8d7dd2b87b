//! **The bus on AWS**: events are published to EventBridge, `eventbridge://BUS`, and rules there put them into queues
//! of SQS, `sqs://QUEUE`, from which a function takes them.
//!
//! | field of an entry | what is in it |
//! |---|---|
//! | `source` | [`SOURCE`] |
//! | `detail-type` | the event's type with its version, such as `batch.ended.v1` |
//! | `detail` | the event in its envelope |
//!
//! Delivery is at least once and in no certain order, as the port says. What cannot be handled becomes visible again
//! later and later, and goes to the dead-letter queue after as many receipts as the queue's redrive policy says.

mod incoming;
mod publish;
mod queue;
mod setup;

pub use incoming::{Told, Unreadable, event_of, told_by};
pub use publish::EventBridgeBus;
pub use queue::{Delivered, SqsQueue, Unhandled};
pub use setup::{Subscription, subscribe};

/// Who publishes.
pub const SOURCE: &str = "assay";
