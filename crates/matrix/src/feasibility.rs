//! **Feasibility**: whether a point can run at all, and if not, the one reason to tell.
//!
//! A server that somebody else runs (`attach`) is known to be up with its model loaded, so that only the context
//! length is checked for it. A processor's memory is not known here and is not checked.

use chrono::NaiveDate;
use domain::framework::Parallelism;
use domain::model::Format;
use domain::spec::ModelEntry;
use domain::workload::Protocol;
use domain::{
    Accelerator, Architecture, Engine, Hardware, Hosted, ModelName, Provider, Quantisation, Workload, known,
};
use forecast::Setup;
use forecast::footprint::usable_gib;
use serde::{Deserialize, Serialize};

use crate::expansion::{Point, Server};
use crate::needs::{Needs, context_tokens};
use crate::support::{Gap, support};

/// Why a configuration cannot run. The text is one sentence with the numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Infeasible {
    /// It does not fit in memory.
    #[error(
        "needs {weights_gib:.1} GiB for weights, {kv_cache_gib:.1} GiB for KV cache and {overhead_gib:.1} GiB for \
         activations and runtime; {hardware} has {usable_gib:.1} GiB usable"
    )]
    Memory {
        /// Weights, GiB.
        weights_gib: f64,
        /// KV cache of all requests in flight, GiB.
        kv_cache_gib: f64,
        /// Activations and runtime on all accelerators, GiB.
        overhead_gib: f64,
        /// The hardware.
        hardware: Hardware,
        /// What it has for an engine, GiB.
        usable_gib: f64,
    },
    /// The KV cache cannot hold one request of the length that the engine is started for.
    #[error(
        "an engine for requests of up to {context_tokens} tokens must hold one of them, {kv_cache_gib:.1} GiB of KV \
         cache; weights, activations and runtime leave {left_gib:.1} GiB on {hardware}"
    )]
    LongestRequest {
        /// The context that the engine is started with, tokens.
        context_tokens: u64,
        /// KV cache of one request that fills it, GiB.
        kv_cache_gib: f64,
        /// What is left for the KV cache, GiB.
        left_gib: f64,
        /// The hardware.
        hardware: Hardware,
    },
    /// Tensor parallelism cannot share out the heads.
    #[error(
        "{attention_heads} attention heads with {kv_heads} KV heads cannot be shared out evenly over {gpus} GPUs"
    )]
    Heads {
        /// Query heads.
        attention_heads: u32,
        /// Key and value heads.
        kv_heads: u32,
        /// GPUs that must share them.
        gpus: u32,
    },
    /// A request is longer than the model's context.
    #[error("a request has {needs_tokens} tokens; the context of {model} ends at {context_tokens}")]
    Context {
        /// Input and output tokens of a request.
        needs_tokens: u64,
        /// The model.
        model: ModelName,
        /// Its longest context.
        context_tokens: u32,
    },
    /// The engine does not run this precision on this accelerator.
    #[error("{engine} does not run {quantisation} on {accelerator}: {gap}")]
    Unsupported {
        /// The engine.
        engine: Engine,
        /// The precision.
        quantisation: Quantisation,
        /// The accelerator.
        accelerator: Accelerator,
        /// What is missing.
        gap: Gap,
    },
    /// The engine ran out of memory when it was started for as much before.
    #[error("it ran out of memory when it was started on {day}: {said}")]
    Shortage {
        /// When.
        day: NaiveDate,
        /// What the engine said.
        said: String,
    },
    /// There are no files that a launched engine could load.
    #[error(
        "no {format} weights of {model} in {quantisation} are known; add them to the model's `artifacts`, or `attach` \
         to a server that has them"
    )]
    NoArtifact {
        /// The model.
        model: ModelName,
        /// The precision.
        quantisation: Quantisation,
        /// What the engine reads.
        format: Format,
    },
    /// Its provider has no endpoint of that protocol.
    #[error(
        "{provider} does not speak {protocol}; use chat, which goes to the messages endpoint of every provider"
    )]
    Protocol {
        /// Who serves it.
        provider: Provider,
        /// What was asked for.
        protocol: Protocol,
    },
    /// The sizes of the model are not known.
    #[error("the sizes of {model} are not known; add `config` or `architecture` to the model")]
    NoArchitecture {
        /// The model.
        model: ModelName,
    },
}

impl Infeasible {
    /// The kind of reason, without its numbers.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Memory { .. } => "memory",
            Self::LongestRequest { .. } => "longest-request",
            Self::Heads { .. } => "heads",
            Self::Context { .. } => "context",
            Self::Unsupported { .. } => "unsupported",
            Self::Shortage { .. } => "shortage",
            Self::NoArtifact { .. } => "no-artifact",
            Self::Protocol { .. } => "protocol",
            Self::NoArchitecture { .. } => "no-architecture",
        }
    }
}

/// Whether a point can run.
///
/// # Errors
/// With the reason why not.
pub fn feasibility(point: &Point<'_, '_>) -> Result<(), Infeasible> {
    ServerVerdict::of(&point.server).on(&point.traffic.workload)
}

/// Whether a hosted model can be asked. Nothing is known of its context: the service refuses what is too long.
pub(crate) fn of_hosted(hosted: &Hosted, workload: &Workload) -> Result<(), Infeasible> {
    let (provider, protocol) = (hosted.provider, workload.protocol);
    provider.wire_protocol(protocol).map(drop).ok_or(Infeasible::Protocol { provider, protocol })
}

/// What can be said of a server before its traffic is known, so that it is said once for all of its points.
pub(crate) struct ServerVerdict<'a> {
    model: &'a ModelEntry,
    architecture: Option<&'a Architecture>,
    attached: bool,
    /// Whether the server can run at all, and if so as what.
    server: Result<Setup<'a>, Infeasible>,
}

impl<'a> ServerVerdict<'a> {
    pub(crate) fn of(server: &Server<'a>) -> Self {
        Self {
            model: server.model,
            architecture: server.model.resolved_architecture(),
            attached: server.framework.attach.is_some(),
            server: setup(server),
        }
    }

    /// Whether it can run with some traffic.
    pub(crate) fn on(&self, workload: &Workload) -> Result<(), Infeasible> {
        let unknown = || Infeasible::NoArchitecture { model: self.model.name.clone() };
        let architecture = self.architecture.ok_or_else(unknown)?;
        let needs_tokens = workload.longest_request_tokens();
        if needs_tokens > u64::from(architecture.context_tokens) {
            return Err(Infeasible::Context {
                needs_tokens,
                model: self.model.name.clone(),
                context_tokens: architecture.context_tokens,
            });
        }
        if self.attached {
            return Ok(());
        }
        let setup = self.server.as_ref().map_err(Clone::clone)?;
        let Some(usable) = usable_gib(setup.hardware) else { return Ok(()) };
        let usable_gib = usable * f64::from(setup.hardware.count());
        let needs = Needs::of(setup, workload);
        let hardware = setup.hardware;
        if needs.total_gib() > usable_gib {
            let Needs { weights_gib, kv_cache_gib, overhead_gib, .. } = needs;
            return Err(Infeasible::Memory { weights_gib, kv_cache_gib, overhead_gib, hardware, usable_gib });
        }
        let left_gib = usable_gib - needs.weights_gib - needs.overhead_gib;
        if needs.longest_gib > left_gib {
            let context_tokens = context_tokens(architecture, needs_tokens);
            let kv_cache_gib = needs.longest_gib;
            return Err(Infeasible::LongestRequest { context_tokens, kv_cache_gib, left_gib, hardware });
        }
        Ok(())
    }
}

/// The setup of a server that Assay starts, unless it cannot be.
fn setup<'a>(server: &Server<'a>) -> Result<Setup<'a>, Infeasible> {
    let model = server.model;
    let architecture = model
        .resolved_architecture()
        .ok_or_else(|| Infeasible::NoArchitecture { model: model.name.clone() })?;
    let (engine, quantisation, hardware) = (server.framework.name, server.quantisation, server.hardware.name);
    let accelerator = hardware.accelerator();
    support(engine, quantisation, accelerator).map_err(|gap| Infeasible::Unsupported {
        engine,
        quantisation,
        accelerator,
        gap,
    })?;
    weights(server)?;
    let (attention_heads, kv_heads, gpus) =
        (architecture.attention_heads, architecture.kv_heads, hardware.count());
    // The latent vector of multi-head latent attention has no heads: every GPU holds all of it.
    let latent = architecture.blocks.latent_attention.is_some();
    let kv_shared = latent || kv_heads.is_multiple_of(gpus) || gpus.is_multiple_of(kv_heads);
    let tensor = known::engine_facts(engine).parallelism.contains(&Parallelism::Tensor);
    if tensor && !(attention_heads.is_multiple_of(gpus) && kv_shared) {
        return Err(Infeasible::Heads { attention_heads, kv_heads, gpus });
    }
    Ok(server.setup(architecture))
}

/// The weights that the runner gives to the engine: an artifact of the right precision and format, else the
/// safetensors of a known model on the hub. None when the engine is attached to or loads nothing.
pub(crate) fn weights(server: &Server<'_>) -> Result<Option<String>, Infeasible> {
    let Server { model, quantisation, framework, .. } = *server;
    let launched = framework.attach.is_none();
    let Some(format) = framework.name.format().filter(|_| launched) else { return Ok(None) };
    let artifact = model
        .artifacts
        .iter()
        .find(|a| a.quantisation == quantisation && a.format == format)
        .map(|a| a.path.clone());
    let from_hub = || {
        let known = known::MODELS.get(&model.name).filter(|_| format == Format::Safetensors)?;
        known.weights(quantisation).map(|repository| format!("hf:{repository}"))
    };
    artifact.or_else(from_hub).map(Some).ok_or_else(|| Infeasible::NoArtifact {
        model: model.name.clone(),
        quantisation,
        format,
    })
}
