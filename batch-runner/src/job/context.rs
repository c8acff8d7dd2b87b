//! What a job needs of the world.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::PriceKind;
use store::{Ledger, Objects, ResultStore, Telemetry};
use tokio_util::sync::CancellationToken;

use super::measure::Measure;
use super::meter::Meter;
use crate::engine::ServerSource;
use crate::harness::Harness;
use crate::host_facts::HostFacts;
use crate::hosted::Keys;
use crate::sampling::GpuProbe;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Lets so much time pass.
pub type Pause = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Takes the lines that tell how far the job is.
pub type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// The ports of a job.
#[derive(Clone)]
pub struct Context {
    /// Where results go.
    pub results: Arc<dyn ResultStore>,
    /// Who works on what, and how far it is.
    pub ledger: Arc<dyn Ledger>,
    /// Manifests and raw records.
    pub objects: Arc<dyn Objects>,
    /// Where servers come from.
    pub servers: Arc<dyn ServerSource>,
    /// Where keys of hosted models come from.
    pub keys: Arc<dyn Keys>,
    /// What has servers do tasks.
    pub harness: Harness,
    /// What measures them.
    pub load: Arc<dyn Measure>,
    /// How its GPUs are looked at.
    pub gpus: Arc<dyn GpuProbe>,
    /// Where what they and the engine did goes.
    pub telemetry: Arc<dyn Telemetry>,
    /// What this machine is.
    pub host: HostFacts,
    /// What it is rented as: its hours count at this price against the budget of a campaign.
    pub capacity: PriceKind,
    /// When it is cancelled, the trial that is running is the last one: the machine may be taken away.
    pub drain: CancellationToken,
    /// What time it is.
    pub clock: Clock,
    /// How it waits before it tries something again.
    pub pause: Pause,
    /// What counts what it does.
    pub meter: Arc<Meter>,
    /// Whom to tell how far it is.
    pub progress: Progress,
}
