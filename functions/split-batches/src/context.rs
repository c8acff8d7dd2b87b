//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Dispatcher, Ledger, Objects};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Plans and manifests.
    pub objects: Arc<dyn Objects>,
    /// Who runs the batches.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
