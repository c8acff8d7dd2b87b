//! **Lambda** is where our functions run on AWS: a process that is told one thing after another. Here is what their mains
//! have in common.
//!
//! - [`Environment`]: the ports, opened by the addresses in the environment, each when a function asks for it.
//! - [`run`]: calls a handler with what an invocation tells: a batch of SQS, an event of EventBridge or of its Scheduler, or
//!   a notification of S3. Of a batch only what failed comes again.
//! - [`Failure`]: an error with a kind that stays, for alarms.
//!
//! A function is a library, which `assay` hosts too, and a main that knows this crate; nothing else does.

mod environment;
mod failure;
mod invocation;
mod later;
mod metrics;

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use store::{Bus, Ledger};

pub use cloud::event_bridge::Told;
pub use cloud::small_file;
pub use environment::Environment;
pub use failure::Failure;
pub use invocation::{answer, invoke};
pub use later::Later;
pub use metrics::{Counts, NAMESPACE};

/// Where **campaigns** are: an event that cannot be handled is noted in the ledger in the end, and told, since its campaign would
/// wait for it.
#[derive(Clone)]
pub struct Campaigns {
    ledger: Arc<dyn Ledger>,
    bus: Arc<dyn Bus>,
}

impl Campaigns {
    /// By these ports.
    #[must_use]
    pub fn of(ledger: &Arc<dyn Ledger>, bus: &Arc<dyn Bus>) -> Self {
        Self { ledger: ledger.clone(), bus: bus.clone() }
    }
}

/// Handles what the function is told, for as long as the process lives. A function that handles no events knows no campaigns.
///
/// # Errors
/// When the runtime of Lambda goes away.
pub async fn run(
    campaigns: Option<Campaigns>,
    handle: impl AsyncFn(&Told) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (campaigns, later, handle) = (campaigns.as_ref(), &Later::default(), &handle);
    let service = service_fn(|event: LambdaEvent<Value>| async move {
        invoke(&event.payload, campaigns, later, handle).await
    });
    lambda_runtime::run(service).await.map_err(|e| Failure::of_runtime(e.as_ref()))
}
