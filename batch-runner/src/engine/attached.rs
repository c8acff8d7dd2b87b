//! **Attached**: a server that somebody else runs. We look at it and measure it, and never end it.

use async_trait::async_trait;
use domain::LaunchPlan;
use http::StatusCode;

use super::EngineError;
use super::identity::{ANSWER_LIMIT, identify, served};
use super::server::{Death, Server, ServerFacts};
use crate::control::{ControlError, get};
use crate::transport::Address;

/// A server that somebody else runs.
#[derive(Debug)]
pub struct Attached {
    facts: ServerFacts,
}

impl Attached {
    /// Looks whether a server is healthy and serves the model of a launch, under the name `served_model` if it
    /// has another there.
    ///
    /// # Errors
    /// When it does not, or is not what the launch says.
    pub async fn attach(
        plan: &LaunchPlan,
        url: &str,
        served_model: Option<&str>,
    ) -> Result<Self, EngineError> {
        let address = Address::parse(url).map_err(EngineError::Address)?;
        let unreachable = |cause| EngineError::NotReachable { url: address.url(), cause };
        health(&address).await.map_err(unreachable)?;
        let served = served(&address).await.map_err(unreachable)?;
        let model = served_model.map_or_else(|| plan.launch.model.model.to_string(), str::to_owned);
        if !served.models.contains(&model) {
            return Err(EngineError::OtherModel { url: address.url(), served: served.models, wanted: model });
        }
        let identity = identify(&address, &plan.launch, &served).await?;
        Ok(Self {
            facts: ServerFacts {
                address,
                model,
                engine: plan.launch.framework.engine,
                gpus: Vec::new(),
                provenance: identity.provenance,
                version: identity.version,
                command: Vec::new(),
                hardware_unverified: plan.launch.hardware.gpu_count() > 0,
                weights: None,
                start_s: 0.0,
                is_attached: true,
            },
        })
    }
}

/// A server without such a page may still be fine; what counts then is the list of its models.
async fn health(address: &Address) -> Result<(), ControlError> {
    let answer = get(address, "/health", ANSWER_LIMIT).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Ok(()),
        _ => answer.success().map(drop),
    }
}

#[async_trait]
impl Server for Attached {
    fn facts(&self) -> &ServerFacts {
        &self.facts
    }

    async fn gone(&mut self) -> Death {
        // Only `check` can tell: it is not our process.
        std::future::pending().await
    }

    async fn check(&mut self) -> Result<(), Death> {
        let address = &self.facts.address;
        health(address).await.map_err(|cause| Death {
            reason: EngineError::NotReachable { url: address.url(), cause }.to_string(),
            is_out_of_memory: false,
        })
    }

    async fn stop(self: Box<Self>) {}
}
