//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Dispatcher, Ledger, Objects};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Who runs interrupted batches again.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// Specs.
    pub objects: Arc<dyn Objects>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
