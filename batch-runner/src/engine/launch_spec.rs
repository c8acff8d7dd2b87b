//! A **launch spec** is a launch as a command line: what to start, and how to see that it is up.

use std::collections::BTreeMap;
use std::path::Path;

use domain::framework::Endpoint;
use domain::{Engine, LaunchPlan};

use super::gpus::VISIBLE_GPUS_VARIABLE;
use super::launch_site::LaunchSite;
use super::{EngineError, llama_cpp, lmdeploy, sglang, simulated, tgi, vllm};

/// What to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchSpec {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment variables added to our own.
    pub env: BTreeMap<String, String>,
    /// Which engine it is.
    pub engine: Engine,
    /// Path that answers 200 when the server is up.
    pub health_path: &'static str,
    /// The model name that the server answers to.
    pub served_model: String,
}

impl LaunchSpec {
    /// The command line of a launch.
    ///
    /// # Errors
    /// When the launch says something that cannot be.
    pub fn of(plan: &LaunchPlan, site: &LaunchSite) -> Result<Self, EngineError> {
        let framework = &plan.launch.framework;
        let (build, reserved): (Build, &[&str]) = match framework.engine {
            Engine::Vllm => (vllm::argv, vllm::RESERVED),
            Engine::Tgi => (tgi::argv, tgi::RESERVED),
            Engine::Lmdeploy => (lmdeploy::argv, lmdeploy::RESERVED),
            Engine::Sglang => (sglang::argv, sglang::RESERVED),
            Engine::LlamaCpp => (llama_cpp::argv, llama_cpp::RESERVED),
            Engine::Simulated => (simulated::argv, simulated::RESERVED),
        };
        refuse_reserved(plan, reserved)?;
        let (program, own_env) = match &plan.endpoint {
            Endpoint::Launch { program, env, .. } => (program.as_deref(), env.clone()),
            Endpoint::Attach { .. } => (None, BTreeMap::new()),
        };
        let mut argv = build(plan, site, program)?;
        // Last, since engines take the last of repeated arguments.
        argv.extend(framework.args.iter().cloned());
        let mut env = own_env;
        // The order of the PCI bus is the one that `nvidia-smi` lists and that was checked.
        for (name, value) in
            [("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), (VISIBLE_GPUS_VARIABLE, site.visible_gpus.as_str())]
        {
            if env.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(EngineError::ReservedVariable { engine: framework.engine, variable: name });
            }
        }
        let served_model = match (framework.engine, &plan.weights) {
            (Engine::Tgi, Some(weights)) => weights.clone(),
            _ => plan.launch.model.model.to_string(),
        };
        Ok(Self { argv, env, engine: framework.engine, health_path: "/health", served_model })
    }

    /// The GPUs that it sees, as in `CUDA_VISIBLE_DEVICES`.
    #[must_use]
    pub fn gpus(&self) -> Vec<String> {
        let visible = self.env.get(VISIBLE_GPUS_VARIABLE).map_or("", String::as_str);
        visible.split(',').filter(|gpu| !gpu.is_empty()).map(str::to_owned).collect()
    }

    /// The program's name without its folder, for messages.
    #[must_use]
    pub fn program_name(&self) -> String {
        let program = self.argv.first().map_or("", String::as_str);
        Path::new(program)
            .file_name()
            .map_or_else(|| program.to_owned(), |n| n.to_string_lossy().into_owned())
    }
}

/// Writes one engine's command line: plan, site, and the program if the spec names one.
type Build = fn(&LaunchPlan, &LaunchSite, Option<&str>) -> Result<Vec<String>, EngineError>;

/// Address and name of the server are how we find it again.
fn refuse_reserved(plan: &LaunchPlan, reserved: &[&str]) -> Result<(), EngineError> {
    let framework = &plan.launch.framework;
    let is_reserved = |arg: &&String| {
        let name = arg.split_once('=').map_or(arg.as_str(), |(name, _)| name);
        reserved.contains(&name)
    };
    match framework.args.iter().find(is_reserved) {
        Some(argument) => {
            Err(EngineError::ReservedArgument { engine: framework.engine, argument: argument.clone() })
        }
        None => Ok(()),
    }
}
