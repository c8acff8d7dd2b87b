//! A **server** is what a trial is measured against: an engine that we started, or one that we attached to.

use async_trait::async_trait;
use domain::{Engine, LaunchPlan, Provenance};
use tokio_util::sync::CancellationToken;

use super::EngineError;
use crate::transport::Address;
use crate::weights::Fetched;

/// What is known of a server.
#[derive(Debug, Clone)]
pub struct ServerFacts {
    /// Where it is.
    pub address: Address,
    /// The model name to ask for.
    pub model: String,
    /// What the launch says it is.
    pub engine: Engine,
    /// Its GPUs, as in `CUDA_VISIBLE_DEVICES`; empty where it has none or nobody knows.
    pub gpus: Vec<String>,
    /// What results from it are.
    pub provenance: Provenance,
    /// The engine's version as it reports it.
    pub version: Option<String>,
    /// The command line it was started with; empty when we attached to it.
    pub command: Vec<String>,
    /// Its hardware is what the spec says, and nobody looked.
    pub hardware_unverified: bool,
    /// The weights that it loads, where we fetched them.
    pub weights: Option<Fetched>,
    /// Seconds until it was healthy, its weights fetched included; 0 when we attached to it.
    pub start_s: f64,
    /// Somebody else runs it: we cannot start it again.
    pub is_attached: bool,
}

/// How a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// Why, with its last words.
    pub reason: String,
    /// Memory did not suffice, so that it would end so again.
    pub is_out_of_memory: bool,
}

/// A server that is up.
#[async_trait]
pub trait Server: Send {
    /// What is known of it.
    fn facts(&self) -> &ServerFacts;

    /// Resolves when the server ends by itself as far as we can notice at once.
    async fn gone(&mut self) -> Death;

    /// Looks whether it still answers. The error is why not.
    async fn check(&mut self) -> Result<(), Death>;

    /// Ends it, if it is ours, and waits until it is gone.
    async fn stop(self: Box<Self>);
}

/// Gets servers for launches.
#[async_trait]
pub trait ServerSource: Send + Sync {
    /// A server for a launch, up and serving its model.
    async fn open(
        &self,
        plan: &LaunchPlan,
        cancel: &CancellationToken,
    ) -> Result<Box<dyn Server>, EngineError>;
}
