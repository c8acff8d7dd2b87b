//! **llama.cpp**: `llama-server`, with one slot for each request in flight.

use domain::LaunchPlan;

use super::EngineError;
use super::launch_site::{LaunchSite, weights};

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--host", "--port", "--alias", "-a"];

/// More layers than any model has: all of them.
const ALL_LAYERS: u32 = 999;

/// The command line.
///
/// # Errors
/// When there are no weights.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let slots = plan.max_concurrency.max(1);
    // The context is shared out to the slots.
    let context = u64::from(plan.context_tokens) * u64::from(slots);
    let gpu_layers = if plan.launch.hardware.gpu_count() > 0 { ALL_LAYERS } else { 0 };
    Ok(vec![
        program.unwrap_or("llama-server").to_owned(),
        "-m".to_owned(),
        weights(plan)?.to_owned(),
        "--alias".to_owned(),
        plan.launch.model.model.to_string(),
        "--host".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        site.port.to_string(),
        "-c".to_owned(),
        context.to_string(),
        "-np".to_owned(),
        slots.to_string(),
        "-ngl".to_owned(),
        gpu_layers.to_string(),
        "--metrics".to_owned(),
        "--jinja".to_owned(),
    ])
}
