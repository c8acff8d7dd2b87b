//! **Conformance suites**: what a port promises, as checks that every adapter has to pass. A suite gets an
//! adapter over an empty store and panics at the first promise that is broken.
//!
//! Where a promise is about several processes, the suite takes two adapters over the same store.

mod dispatcher;
mod hot_results;
mod ledger;
mod ledger_claims;
mod ledger_workers;
mod notifier;
mod objects;
mod results;
mod rollups;
mod telemetry;

pub use dispatcher::{DispatcherSite, dispatcher};
pub use hot_results::hot_results;
pub use ledger::ledger;
pub use ledger_claims::ledger_claims;
pub use ledger_workers::ledger_workers;
pub use notifier::{notice, notifier};
pub use objects::objects;
pub use results::{results, results_race};
pub use rollups::rollups;
pub use telemetry::telemetry;

/// How many callers race in a check: more than there are connections.
const RACERS: usize = 64;
