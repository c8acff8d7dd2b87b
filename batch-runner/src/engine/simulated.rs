//! The **simulated engine**: our own program, with the speeds that a roofline forecasts for the launch.
//! What it yields is stored as simulated.

use domain::LaunchPlan;
use forecast::{ServerModel, Setup};

use super::EngineError;
use super::launch_site::{LaunchSite, own_program};

/// Arguments that are ours.
pub const RESERVED: &[&str] = &["--port", "--served-model-name"];

/// The command line. The forecast is for the longest prompt and the most requests of the launch.
///
/// # Errors
/// Never; the signature is that of every engine.
pub fn argv(plan: &LaunchPlan, site: &LaunchSite, program: Option<&str>) -> Result<Vec<String>, EngineError> {
    let launch = &plan.launch;
    let setup = Setup::of(launch, &plan.architecture);
    let longest = plan.trials.iter().map(|t| t.workload.prompt_tokens()).max().unwrap_or(1);
    let input_tokens = u32::try_from(longest).unwrap_or(u32::MAX);
    let model = ServerModel::of(&setup, input_tokens, plan.max_concurrency.max(1));
    let seed = plan.trials.first().map_or(0, |trial| trial.seed);
    let own = || own_program(&site.program_dir, "simulated-engine");
    let flags = [
        ("--port", site.port.to_string()),
        ("--served-model-name", launch.model.model.to_string()),
        ("--prefill-tokens-per-s", format!("{:.3}", model.prefill_tokens_per_s)),
        ("--step-base-ms", format!("{:.6}", model.step_base_ms)),
        ("--step-per-seq-ms", format!("{:.6}", model.step_per_seq_ms)),
        ("--step-per-ktoken-ms", format!("{:.6}", model.step_per_ktoken_ms)),
        ("--max-num-seqs", model.max_num_seqs.to_string()),
        ("--context-tokens", plan.context_tokens.max(1).to_string()),
        ("--seed", seed.to_string()),
    ];
    // Our program takes no argument twice: the spec's own win by leaving ours out.
    let is_given = |name: &str| launch.framework.args.iter().any(|arg| arg.split('=').next() == Some(name));
    let mut argv = vec![program.map_or_else(own, str::to_owned)];
    for (name, value) in flags {
        if !is_given(name) {
            argv.extend([name.to_owned(), value]);
        }
    }
    Ok(argv)
}
