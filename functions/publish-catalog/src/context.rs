//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Ledger, Objects, ResultStore};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Results.
    pub results: Arc<dyn ResultStore>,
    /// Rankings and reports.
    pub objects: Arc<dyn Objects>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
