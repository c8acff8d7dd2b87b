//! **LMDeploy**: `lmdeploy serve api_server`.

use domain::{LaunchPlan, Quantisation};

use super::EngineError;
use super::launch_site::{LaunchSite, weights};
use super::stored_weights::StoredWeights;

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--server-name", "--server-port", "--model-name"];

/// The command line.
///
/// # Errors
/// When there are no weights, or they have another precision.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let weights = weights(plan)?;
    let quantisation = plan.launch.model.quantisation;
    // It quantises nothing at start: `lmdeploy lite` does that before.
    StoredWeights::look(weights).method_at_start(weights, quantisation, &[])?;
    let mut argv: Vec<String> = vec![
        program.unwrap_or("lmdeploy").to_owned(),
        "serve".to_owned(),
        "api_server".to_owned(),
        weights.to_owned(),
        "--model-name".to_owned(),
        plan.launch.model.model.to_string(),
        "--server-name".to_owned(),
        "127.0.0.1".to_owned(),
        "--server-port".to_owned(),
        site.port.to_string(),
        "--tp".to_owned(),
        plan.launch.hardware.count().to_string(),
        "--session-len".to_owned(),
        plan.context_tokens.to_string(),
    ];
    // TurboMind, which is what it starts otherwise, has no 8-bit integers.
    if quantisation == Quantisation::Int8 {
        argv.extend(["--backend".to_owned(), "pytorch".to_owned()]);
    }
    Ok(argv)
}
