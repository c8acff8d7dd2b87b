//! **SGLang**: `python3 -m sglang.launch_server`, whose arguments are documented at
//! <https://docs.sglang.io/advanced_features/server_arguments.html>. A spec's `program` is the Python to use.

use domain::{LaunchPlan, Quantisation};

use super::EngineError;
use super::launch_site::{LaunchSite, weights};
use super::stored_weights::quantise_at_start;

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--host", "--port", "--served-model-name"];

/// How 16-bit weights are quantised at start; `w8a8_int8` reads weights that are quantised already.
const AT_START: &[(Quantisation, &str)] = &[(Quantisation::Fp8, "fp8")];

/// The command line.
///
/// # Errors
/// When there are no weights, or they have another precision.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let mut argv: Vec<String> = vec![
        program.unwrap_or("python3").to_owned(),
        "-m".to_owned(),
        "sglang.launch_server".to_owned(),
        "--model-path".to_owned(),
        weights.to_owned(),
        "--served-model-name".to_owned(),
        plan.launch.model.model.to_string(),
        "--host".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        site.port.to_string(),
        "--tensor-parallel-size".to_owned(),
        plan.launch.hardware.count().to_string(),
        "--context-length".to_owned(),
        plan.context_tokens.to_string(),
        // Without it there is no `/metrics`.
        "--enable-metrics".to_owned(),
    ];
    argv.extend(quantise_at_start(plan, "--quantization", AT_START)?);
    Ok(argv)
}
