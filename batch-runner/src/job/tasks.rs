//! **Task accuracy** is found out once for each launch, after its fidelity and before its first trial: a
//! [harness](crate::harness) has the engine do the tasks that the campaign names.
//!
//! What it wrote is kept as an object. A launch that has done the same tasks, with the same files, does them again only when
//! another version of the engine answers. What that takes is charged as a part of the start.

use std::io;
use std::path::Path;

use bytes::Bytes;
use domain::content_hash::{content_hash, hash_bytes};
use domain::manifest::TasksPlan;
use domain::task_accuracy::TaskAccuracy;
use domain::workload::Protocol;
use domain::{LaunchId, LaunchPlan, ModelVersion};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::ObjectKey;

use super::JobError;
use super::claimed::Job;
use super::error::one_line;
use super::launch_session::REQUEST_TIMEOUT;
use crate::control::{self, Answer};
use crate::engine::ServerFacts;
use crate::harness::HarnessError;
use crate::harness::answer::{AnswerError, scores};
use crate::load::protocols;

/// What a launch answered to tasks, as an object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    /// Which launch.
    launch: LaunchId,
    /// What was loaded.
    model: ModelVersion,
    /// The engine with the version that it told.
    engine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    engine_version: Option<String>,
    /// Most questions of each task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    /// The scores.
    accuracy: TaskAccuracy,
    /// All that the harness wrote.
    harness: Value,
}

/// Why there is no task accuracy.
#[derive(Debug, thiserror::Error)]
enum NoAccuracy {
    #[error(transparent)]
    Harness(#[from] HarnessError),
    #[error("the files of the tasks cannot be read")]
    Files(#[source] io::Error),
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

/// How well a launch does tasks. None where the harness did not come to an end with them: that costs no trial.
pub(super) async fn task_accuracy(
    job: &Job<'_>,
    plan: &LaunchPlan,
    facts: &ServerFacts,
    asked: &TasksPlan,
) -> Result<Option<TaskAccuracy>, JobError> {
    let unknown = |error: &NoAccuracy| {
        (job.context.progress)(&format!(
            "the task accuracy of {} is not known: {}",
            plan.launch,
            one_line(error)
        ));
    };
    let name = match name_of(asked) {
        Ok(name) => name,
        Err(error) => {
            unknown(&NoAccuracy::Files(error));
            return Ok(None);
        }
    };
    let objects = &job.context.objects;
    let key = ObjectKey::tasks_done(facts.provenance, &plan.launch.id(), &name);
    let kept = objects.get(&key).await?.and_then(|bytes| serde_json::from_slice::<Done>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.engine_version == facts.version) {
        return Ok(Some(kept.accuracy));
    }
    let (accuracy, harness) = match ask(job, plan, facts, asked, &key).await {
        Ok(done) => done,
        Err(NoAccuracy::Harness(HarnessError::Cancelled)) => return Err(JobError::Stopped),
        Err(error) => {
            unknown(&error);
            return Ok(None);
        }
    };
    let done = Done {
        launch: plan.launch.id(),
        model: plan.launch.model.clone(),
        engine: plan.launch.framework.to_string(),
        engine_version: facts.version.clone(),
        limit: asked.limit,
        accuracy,
        harness,
    };
    // Texts and numbers: writing them as JSON cannot fail.
    objects.put(&key, &serde_json::to_vec(&done).unwrap_or_default()).await?;
    Ok(Some(done.accuracy))
}

async fn ask(
    job: &Job<'_>,
    plan: &LaunchPlan,
    facts: &ServerFacts,
    asked: &TasksPlan,
    key: &ObjectKey,
) -> Result<(TaskAccuracy, Value), NoAccuracy> {
    let tells_likelihood = tells_likelihood(facts).await;
    let written = job.context.harness.run(asked, plan, facts, job.cancel).await?;
    let accuracy = scores(&written, asked, tells_likelihood, key.to_string())?;
    Ok((accuracy, written))
}

/// Which tasks: a hash of their names, of how many questions are asked and of every file of their folder.
fn name_of(asked: &TasksPlan) -> io::Result<String> {
    let mut files = Vec::new();
    if let Some(folder) = &asked.include_path {
        list(Path::new(folder), &mut files)?;
        files.sort_unstable();
    }
    Ok(content_hash(&(&asked.names, asked.limit, files))?)
}

/// Adds every file under a folder with the hash of its content. Those that are hidden are of editors and the like.
fn list(folder: &Path, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") || name == "__pycache__" {
            continue;
        }
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push((path.display().to_string(), hash_bytes(&std::fs::read(&path)?)));
        }
    }
    Ok(())
}

/// Whether a server tells how likely each token of a prompt is. One that does not know `echo` answers with the tokens
/// that it adds, of which the harness would take none: every answer would be as likely as every other.
async fn tells_likelihood(facts: &ServerFacts) -> bool {
    const PROMPT: &str = "The sun rises in the east and sets in the west.";
    let protocol = Protocol::Completions;
    let body = json!({
        "model": facts.model, "prompt": PROMPT, "echo": true, "logprobs": 1, "max_tokens": 1, "temperature": 0,
    });
    let (path, headers) = (protocols::path(protocol), protocols::headers(protocol, None));
    let body = Bytes::from(body.to_string());
    let answer = control::post(&facts.address, path, headers, body, REQUEST_TIMEOUT).await;
    answer.and_then(Answer::success).and_then(|answer| answer.json()).is_ok_and(|answer: Value| {
        let choice = &answer["choices"][0];
        let echoes = choice["text"].as_str().is_some_and(|text| text.contains(PROMPT));
        let told = choice["logprobs"]["token_logprobs"].as_array();
        // The first has nothing before it, and the last is added.
        echoes && told.is_some_and(|told| told.len() > 3 && told.iter().skip(1).all(Value::is_number))
    })
}
