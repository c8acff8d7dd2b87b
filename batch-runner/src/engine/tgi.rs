//! **TGI**: Hugging Face's `text-generation-launcher`, whose arguments are documented at
//! <https://huggingface.co/docs/text-generation-inference/reference/launcher>. It serves its weights under the name that they
//! were given by, and takes no other.

use domain::{LaunchPlan, Quantisation};

use super::EngineError;
use super::launch_site::{LaunchSite, weights};
use super::stored_weights::quantise_at_start;

/// Arguments that are ours.
pub const RESERVED: &[&str] =
    &["--hostname", "--port", "-p", "--model-id", "--prometheus-port", "--master-port", "--shard-uds-path"];

/// How 16-bit weights are quantised at start.
const AT_START: &[(Quantisation, &str)] = &[(Quantisation::Fp8, "fp8"), (Quantisation::Int8, "eetq")];
/// What it takes at once unless told otherwise; more are refused with 429.
const USUAL_REQUESTS: u32 = 128;

/// The command line.
///
/// # Errors
/// When there are no weights, or they have another precision.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let [prometheus_port, master_port] = site.more_ports;
    let mut argv: Vec<String> = vec![
        program.unwrap_or("text-generation-launcher").to_owned(),
        "--model-id".to_owned(),
        weights.to_owned(),
        "--hostname".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        site.port.to_string(),
        "--num-shard".to_owned(),
        plan.launch.hardware.count().to_string(),
        "--max-total-tokens".to_owned(),
        plan.context_tokens.to_string(),
        "--max-input-tokens".to_owned(),
        plan.context_tokens.saturating_sub(1).max(1).to_string(),
        "--max-concurrent-requests".to_owned(),
        plan.max_concurrency.max(USUAL_REQUESTS).to_string(),
        // Where two of them on one machine would meet.
        "--prometheus-port".to_owned(),
        prometheus_port.to_string(),
        "--master-port".to_owned(),
        master_port.to_string(),
        "--shard-uds-path".to_owned(),
        format!("/tmp/text-generation-server-{}", site.port),
        "--usage-stats".to_owned(),
        "off".to_owned(),
    ];
    argv.extend(quantise_at_start(plan, "--quantize", AT_START)?);
    Ok(argv)
}
