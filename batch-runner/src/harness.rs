//! A **harness** is a program of others that has a served model do tasks and scores what it answers: EleutherAI's
//! lm-evaluation-harness (`lm_eval`), which asks `/v1/completions`.
//!
//! It runs under our [`guard`](crate::guard), so that nothing of it outlives the runner, for as long as the plan allows.
//!
//! - [`answer`]: what it writes, read.

pub mod answer;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use domain::LaunchPlan;
use domain::manifest::TasksPlan;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::engine::ServerFacts;
use crate::engine::log_tail::LogTail;
use crate::guard::GRACE;
use crate::load::vocabulary::holds_tokenizer;

/// Longest time in which the program says how it is used.
const HELP_LIMIT: Duration = Duration::from_secs(60);
/// Longest time of one request, which the harness sends three times.
const REQUEST_TIMEOUT_S: u64 = 600;
/// Most requests in flight: beyond it nothing is faster, and more is rounded differently.
const MOST_CONCURRENT: u32 = 32;
/// More tokens than any prompt has. The harness cuts longer prompts and goes on; the engine refuses what it cannot take.
const NO_CUT: u32 = 1 << 24;

/// Starts harnesses.
#[derive(Debug, Clone)]
pub struct Harness {
    /// The `batch-runner` program, which is the guard.
    pub guard: PathBuf,
}

/// Why there are no scores.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// It is not there, or does not run.
    #[error(
        "{program} cannot be run ({reason}); pip install 'lm_eval[api]' transformers, or set `program` to where it is"
    )]
    Program {
        /// The program.
        program: String,
        /// Why.
        reason: String,
    },
    /// The folder of tasks is not there.
    #[error("{} is no folder of tasks on this machine; correct `include_path`", .0.display())]
    Folder(PathBuf),
    /// Something that it cannot be told.
    #[error(
        "the tokenizer's place {0} has a comma, which {what} cannot be told; rename it",
        what = "the harness"
    )]
    Comma(String),
    /// It ended without scores.
    #[error("{program} ended with {how}; {log}")]
    Ended {
        /// The program.
        program: String,
        /// How.
        how: String,
        /// Its last lines.
        log: String,
    },
    /// It took too long.
    #[error("the tasks took longer than {limit_s} s; raise `timeout`, or set a lower `limit`")]
    TooLong {
        /// Seconds that were allowed.
        limit_s: u64,
    },
    /// The job is to end.
    #[error("it was cancelled")]
    Cancelled,
    /// What it wrote is not what we read.
    #[error("{0}")]
    Answer(#[from] answer::AnswerError),
    /// The operating system refused something.
    #[error("{what} failed")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

impl Harness {
    /// Looks whether the program runs and the folder is there, before an engine is started for them.
    ///
    /// # Errors
    /// When one is missing.
    pub async fn check(&self, plan: &TasksPlan) -> Result<(), HarnessError> {
        if let Some(folder) = plan.include_path.as_deref().map(Path::new).filter(|folder| !folder.is_dir()) {
            return Err(HarnessError::Folder(folder.to_owned()));
        }
        let refuse = |reason: String| HarnessError::Program { program: plan.program.clone(), reason };
        let (mut child, _lifeline) =
            self.spawn([&plan.program, "--help"]).map_err(|e| refuse(e.to_string()))?;
        let log = LogTail::default();
        let follower = child.stderr.take().map(|err| tokio::spawn(log.clone().follow(err)));
        drop(child.stdout.take());
        let ended = timeout(HELP_LIMIT, child.wait()).await;
        if let Some(follower) = follower {
            // The guard has told why there is no program.
            let _ = timeout(GRACE, follower).await;
        }
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(_)) => Err(refuse(log.last().unwrap_or_else(|| "it failed".to_owned()))),
            Ok(Err(error)) => Err(refuse(error.to_string())),
            Err(_) => Err(refuse("it does not say how it is used".to_owned())),
        }
    }

    /// Has a server do the tasks: what the harness wrote.
    ///
    /// # Errors
    /// When it ends without scores, takes longer than it may, or `cancel` is cancelled. Nothing of it is left then.
    pub async fn run(
        &self,
        plan: &TasksPlan,
        launch: &LaunchPlan,
        facts: &ServerFacts,
        cancel: &CancellationToken,
    ) -> Result<Value, HarnessError> {
        let system = |what| move |cause| HarnessError::System { what, cause };
        let folder = TempDir::new().map_err(system("making a folder for the harness"))?;
        let argv = argv(plan, launch, facts, folder.path())?;
        let (mut child, lifeline) = self.spawn(&argv).map_err(system("starting the guard"))?;
        let log = LogTail::default();
        let followers = [
            child.stdout.take().map(|out| tokio::spawn(log.clone().follow(out))),
            child.stderr.take().map(|err| tokio::spawn(log.clone().follow(err))),
        ];
        let limit = Duration::from_secs(plan.timeout_s);
        let ended = tokio::select! {
            ended = child.wait() => ended.map_err(system("waiting for the harness")),
            () = sleep(limit) => Err(HarnessError::TooLong { limit_s: plan.timeout_s }),
            () = cancel.cancelled() => Err(HarnessError::Cancelled),
        };
        end(&mut child, lifeline).await;
        for follower in followers.into_iter().flatten() {
            let _ = timeout(GRACE, follower).await;
        }
        let written = match ended?.code() {
            Some(0) => answer::written(folder.path()).map_err(system("reading what the harness wrote"))?,
            _ => None,
        };
        let without =
            |how: String| HarnessError::Ended { program: plan.program.clone(), how, log: log.summary() };
        match written {
            Some(text) => Ok(serde_json::from_str(&text).map_err(answer::AnswerError::from)?),
            None => Err(without("no results".to_owned())),
        }
    }

    /// Starts it under the guard, which ends it when the lifeline is dropped. Waiting for a child would close its own.
    fn spawn(
        &self,
        argv: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> io::Result<(Child, Option<ChildStdin>)> {
        let mut command = Command::new(&self.guard);
        command.arg("guard").arg("--").args(argv);
        // A group of its own: a signal from the terminal goes to the runner, which then ends the harness.
        command.process_group(0);
        // The harness would send the key to whatever it asks, and tasks may run code of their own.
        command.env_remove(store::open::STORE_VARIABLE).env_remove("OPENAI_API_KEY");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let lifeline = child.stdin.take();
        Ok((child, lifeline))
    }
}

/// Ends what is left of it.
async fn end(child: &mut Child, lifeline: Option<ChildStdin>) {
    drop(lifeline);
    if timeout(GRACE + Duration::from_secs(5), child.wait()).await.is_err() {
        tracing::warn!("the guard of the harness did not end and is killed");
        let _ = child.kill().await;
    }
}

/// The command line. Prompts go as tokens, so that no server puts anything before them; where the tokenizer is not known
/// they go as text, and only tasks that are answered in words can be done.
fn argv(
    plan: &TasksPlan,
    launch: &LaunchPlan,
    facts: &ServerFacts,
    output: &Path,
) -> Result<Vec<String>, HarnessError> {
    let tokenizer = match tokenizer(launch) {
        Some(place) if place.contains(',') => return Err(HarnessError::Comma(place.to_owned())),
        // As the tokenizer does by itself: most models expect a token of their own at the beginning.
        Some(place) => format!("tokenizer_backend=huggingface,tokenizer={place},add_bos_token=True"),
        None => "tokenizer_backend=none".to_owned(),
    };
    let model_args = format!(
        "base_url={}/v1/completions,model={},{tokenizer},num_concurrent={},max_length={NO_CUT},timeout={REQUEST_TIMEOUT_S}",
        facts.address.url().trim_end_matches('/'),
        facts.model,
        // With one alone it takes another way, through proxies that the environment names.
        launch.max_concurrency.clamp(2, MOST_CONCURRENT),
    );
    let tasks: Vec<&str> = plan.names.iter().map(|name| name.as_str()).collect();
    let mut argv = vec![
        plan.program.clone(),
        "--model".to_owned(),
        "local-completions".to_owned(),
        "--model_args".to_owned(),
        model_args,
        "--tasks".to_owned(),
        tasks.join(","),
        // With what was asked it tells the hash of all questions.
        "--log_samples".to_owned(),
        "--output_path".to_owned(),
        output.display().to_string(),
    ];
    if let Some(folder) = &plan.include_path {
        argv.extend(["--include_path".to_owned(), folder.clone()]);
    }
    if let Some(limit) = plan.limit {
        argv.extend(["--limit".to_owned(), limit.to_string()]);
    }
    Ok(argv)
}

/// Where the model's tokenizer is: a folder, or what the weights are called on a hub.
fn tokenizer(launch: &LaunchPlan) -> Option<&str> {
    let weights = launch.weights.as_deref()?;
    let place = Path::new(weights);
    let is_hub_id = !place.exists() && !place.is_absolute() && weights.split('/').count() == 2;
    (is_hub_id || holds_tokenizer(place)).then_some(weights)
}
