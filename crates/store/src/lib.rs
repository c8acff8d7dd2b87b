//! The **ports**: what the functions and the runner need of the world, as traits, and the adapters that
//! serve them on one machine and on PostgreSQL.
//!
//! | port | adapters here | elsewhere |
//! |---|---|---|
//! | [`ResultStore`], [`Rollups`], [`Telemetry`] | [`sqlite`], [`postgres`] | |
//! | [`Ledger`] | [`sqlite`] | DynamoDB in the crate `cloud` |
//! | [`Objects`] | [`directory`] | S3 there |
//! | [`HotResults`] | [`memory`] | Redis there |
//! | [`Bus`] | [`sqlite`] | EventBridge there |
//! | [`Dispatcher`] | [`processes`] | AWS Batch there |
//!
//! # To add an adapter
//!
//! 1. Implement the trait in a module (or crate) named after the technology; keep SQL in files named after
//!    the verb.
//! 2. Run the port's suite from `testkit::conformance` over it: one test file, one line per adapter.
//! 3. Give it a URL scheme in [`open`]. A fake is an explicit URL too, never what a missing setting selects.

pub mod breaker;
pub mod campaigns;
pub mod directory;
mod document_row;
pub mod error;
mod figures;
pub mod hot_answers;
pub mod imports;
mod known_facts;
mod latest_rows;
pub mod memory;
pub mod open;
pub mod ports;
pub mod postgres;
pub mod processes;
mod result_row;
mod rollup_rows;
pub mod sqlite;

pub use error::StoreError;
pub use hot_answers::{HotAnswers, HotCounts, TtlClass};
pub use ports::bus::Bus;
pub use ports::dispatcher::{Dispatcher, Job, JobState, KnownJob, StartingJob};
pub use ports::hot_results::HotResults;
pub use ports::ledger::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, Claim, Interruptions, Ledger,
    MAX_TRIES, TrialOutcome,
};
pub use ports::notifier::{LogNotifier, Notice, Notifier};
pub use ports::objects::{ObjectClass, ObjectKey, ObjectPrefix, Objects, ReportForm, Uploads};
pub use ports::results::ResultStore;
pub use ports::rollups::Rollups;
pub use ports::telemetry::Telemetry;
