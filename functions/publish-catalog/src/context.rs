//! What survives invocations.

use std::sync::Arc;

use store::open::ResultStores;
use store::{Bus, Ledger, Notifier, Objects};

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
    /// Who is told when a campaign has ended.
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// Where people reach the API, for links: `https://assay.example`.
    pub public_url: Option<String>,
}
