//! The words of Assay as types.
//!
//! A **configuration** is one point of the matrix: model version x hardware x framework x workload.
//! Everything that is stored, sent or ranked is built from the types in this crate, so that an
//! impossible value cannot be written down: names are parsed once, choices are closed enums, and units
//! are part of a field's name (`_ms`, `_s`, `usd_per_hour`).
//!
//! This crate does no IO and depends on no runtime.

pub mod architecture;
pub mod arrival;
pub mod batch_indexes;
pub mod by_turn;
pub mod column;
pub mod configuration;
pub mod content_hash;
pub mod conversation;
pub mod duration;
pub mod fidelity;
pub mod framework;
pub mod hardware;
pub mod hosted;
pub mod ids;
pub mod imported;
pub mod job_place;
pub mod known;
pub mod latest;
pub mod lengths;
pub mod manifest;
pub mod market;
pub mod metrics;
pub mod model;
mod number_or_text;
pub mod price;
pub mod rate_plan;
pub mod rent;
pub mod result;
pub mod run_telemetry;
pub mod serving;
pub mod shape;
pub mod shortage;
pub mod slo;
pub mod spec;
pub mod task_accuracy;
pub mod untold;
pub mod use_case;
pub mod weights_address;
pub mod workload;

pub use architecture::Architecture;
pub use arrival::{Arrival, Burstiness, Rate};
pub use batch_indexes::BatchIndexes;
pub use by_turn::ByTurn;
pub use column::Column;
pub use configuration::{Configuration, Launch};
pub use conversation::{Conversation, ThinkTime};
pub use framework::{Engine, Framework};
pub use hardware::{Accelerator, Generation, Hardware};
pub use hosted::{Hosted, HostedEndpoint, KeySource, Provider, TokenPrice, TokenRate, TokensSold};
pub use ids::{BatchId, CampaignId, ConfigId, EventId, JobId, LaunchId, RunId};
pub use imported::Imported;
pub use job_place::JobPlace;
pub use lengths::Lengths;
pub use manifest::{BatchManifest, HostedPlan, LaunchPlan, TrialPlan};
pub use market::{CheaperOfBoth, Market};
pub use metrics::{MetricId, Metrics, Statistic, Summary};
pub use model::{ModelName, ModelVersion, Quantisation};
pub use price::{HourlyPrice, PriceKind};
pub use rate_plan::RatePlan;
pub use rent::Rent;
pub use result::{BenchmarkResult, Provenance};
pub use run_telemetry::RunTelemetry;
pub use serving::{Offered, OrHosted, ServedBy, Serving};
pub use shape::Shape;
pub use shortage::Shortage;
pub use slo::{RequestSlo, SloBound};
pub use spec::{CampaignSpec, SpecError};
pub use use_case::UseCase;
pub use weights_address::{BadWeightsAddress, WeightsAddress};
pub use workload::{Load, Variety, Workload};

/// Whether a value need not be written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
