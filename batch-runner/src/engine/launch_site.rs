//! A **launch site** is where an engine is started: what its command line needs besides the plan.

use std::path::{Path, PathBuf};

use domain::LaunchPlan;

use super::EngineError;

/// What a launch spec needs besides the plan.
#[derive(Debug, Clone)]
pub struct LaunchSite {
    /// Port on 127.0.0.1.
    pub port: u16,
    /// More ports there, for engines that listen on several.
    pub more_ports: [u16; 2],
    /// Folder of our own programs, where the simulated engine is.
    pub program_dir: PathBuf,
    /// The value for `CUDA_VISIBLE_DEVICES`; empty hides every GPU.
    pub visible_gpus: String,
}

/// The weights of a launch.
pub(super) fn weights(plan: &LaunchPlan) -> Result<&str, EngineError> {
    plan.weights.as_deref().ok_or_else(|| EngineError::NoWeights {
        model: plan.launch.model.to_string(),
        engine: plan.launch.framework.engine,
    })
}

/// A program of ours: in the folder where we are.
pub(super) fn own_program(dir: &Path, name: &str) -> String {
    dir.join(name).to_string_lossy().into_owned()
}
