//! The **harness** that has models do tasks is looked for before anything starts.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;
use domain::CampaignSpec;
use tokio::process::Command;
use tokio::time::timeout;

use crate::exit::Unusable;

/// Longest time in which the program says how it is used.
const LIMIT: Duration = Duration::from_secs(60);

/// Checks that the harness runs where a spec needs it.
pub async fn check(spec: &CampaignSpec) -> Result<()> {
    let Some(tasks) = spec.accuracy.as_ref().and_then(|accuracy| accuracy.tasks.as_ref()) else {
        return Ok(());
    };
    let program = tasks.plan().program;
    let mut help = Command::new(&program);
    help.arg("--help").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let reason = match timeout(LIMIT, help.status()).await {
        Ok(Ok(status)) if status.success() => return Ok(()),
        Ok(Ok(status)) => format!("`{program} --help` ended with {status}"),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("`{program} --help` does not end"),
    };
    let mend = "pip install 'lm_eval[api]' transformers, or set `accuracy.tasks.program` to where it is";
    Err(Unusable(format!("{program} cannot be run ({reason}); {mend}")).into())
}
