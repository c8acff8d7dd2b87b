//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Dispatcher, Ledger};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Who runs interrupted batches again.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
