//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Ledger, Objects};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns.
    pub ledger: Arc<dyn Ledger>,
    /// Specs.
    pub objects: Arc<dyn Objects>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
