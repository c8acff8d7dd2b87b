//! The traits. Each is as small as its callers allow, and says what must hold under duplicates, races and
//! crashes; `testkit::conformance` checks that it does.

pub mod bus;
pub mod dispatcher;
pub mod hot_results;
pub mod ledger;
pub mod notifier;
pub mod objects;
pub mod results;
pub mod rollups;
pub mod telemetry;
