//! What survives invocations.

use std::sync::Arc;

use store::{Bus, Ledger, Objects, ResultStore};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Campaigns.
    pub ledger: Arc<dyn Ledger>,
    /// What was measured before: it says what is due, and corrects forecasts.
    pub results: Arc<dyn ResultStore>,
    /// Specs and plans.
    pub objects: Arc<dyn Objects>,
    /// Whom it tells.
    pub bus: Arc<dyn Bus>,
}
