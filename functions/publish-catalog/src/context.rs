//! What survives invocations.

use std::sync::Arc;

use store::open::ResultStores;
use store::{Bus, Ledger, Objects};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Results, what follows from them, and raw series.
    pub stores: ResultStores,
    /// Rankings and reports.
    pub objects: Arc<dyn Objects>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
