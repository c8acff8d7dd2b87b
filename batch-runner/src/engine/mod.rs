//! An **engine** is a program that serves a model over the OpenAI protocol. A [`Server`] is one that is up,
//! whether we started it ([`launched`]) or somebody else did ([`attached`]).
//!
//! - [`launch_spec`]: a launch as a command line; [`vllm`], [`tgi`], [`lmdeploy`], [`sglang`], [`llama_cpp`] and
//!   [`simulated`] write theirs for a [`launch_site`], after a look at the stored weights.
//! - [`gpus`]: the GPUs that a launch gets, checked against its configuration.
//! - [`identity`]: what a server says of itself, and what its results are stored as.
//! - [`log_tail`]: what an engine printed last; among it, that it ran out of memory.
//!
//! # To add an engine
//!
//! Write its `argv` in a file of its own, add it to [`LaunchSpec::of`], and add its snapshot to
//! `tests/launch_specs.rs`.

pub mod attached;
pub mod error;
pub mod gpus;
pub mod identity;
pub mod launch_site;
pub mod launch_spec;
pub mod launched;
pub mod llama_cpp;
pub mod lmdeploy;
pub mod log_tail;
mod out_of_memory;
pub mod server;
pub mod sglang;
pub mod simulated;
mod stored_weights;
pub mod tgi;
pub mod vllm;

use async_trait::async_trait;
use domain::LaunchPlan;
use domain::framework::Endpoint;
use tokio_util::sync::CancellationToken;

pub use attached::Attached;
pub use error::EngineError;
pub use launch_site::LaunchSite;
pub use launch_spec::LaunchSpec;
pub use launched::{Launched, Launcher, free_ports};
pub use server::{Death, Server, ServerFacts, ServerSource};

#[async_trait]
impl ServerSource for Launcher {
    async fn open(
        &self,
        plan: &LaunchPlan,
        cancel: &CancellationToken,
    ) -> Result<Box<dyn Server>, EngineError> {
        match &plan.endpoint {
            Endpoint::Attach { url, served_model } => tokio::select! {
                attached = Attached::attach(plan, url, served_model.as_deref()) => Ok(Box::new(attached?)),
                () = cancel.cancelled() => Err(EngineError::Cancelled),
            },
            Endpoint::Launch { .. } => Ok(Box::new(self.start(plan, free_ports().await?, cancel).await?)),
        }
    }
}
