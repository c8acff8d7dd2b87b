//! **vLLM**: `vllm serve`.

use domain::{LaunchPlan, Quantisation};

use super::EngineError;
use super::launch_site::{LaunchSite, weights};
use super::stored_weights::quantise_at_start;

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--host", "--port", "--served-model-name"];

/// How 16-bit weights are quantised at start: to FP8 alone. A method other than that of quantised weights is refused on the
/// command line.
const AT_START: &[(Quantisation, &str)] = &[(Quantisation::Fp8, "fp8")];

/// The command line.
///
/// # Errors
/// When there are no weights, or they have another precision.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let mut argv: Vec<String> = vec![
        program.unwrap_or("vllm").to_owned(),
        "serve".to_owned(),
        weights.to_owned(),
        "--served-model-name".to_owned(),
        plan.launch.model.model.to_string(),
        "--host".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        site.port.to_string(),
        "--tensor-parallel-size".to_owned(),
        plan.launch.hardware.count().to_string(),
        "--max-model-len".to_owned(),
        plan.context_tokens.to_string(),
    ];
    argv.extend(quantise_at_start(plan, "--quantization", AT_START)?);
    Ok(argv)
}
