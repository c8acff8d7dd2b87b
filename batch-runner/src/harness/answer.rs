//! What the **harness wrote**: one JSON file of everything it found out, of which the scores of the tasks that were asked
//! are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use domain::content_hash::content_hash;
use domain::manifest::TasksPlan;
use domain::task_accuracy::{Score, TaskAccuracy, TaskName, TaskScores};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why no scores are read.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It has another shape.
    #[error(
        "the harness wrote something else than its version 0.4 does ({0}); pip install 'lm_eval[api]>=0.4.9'"
    )]
    Shape(#[from] serde_json::Error),
    /// A task without a score.
    #[error("`{0}` has no score of its own, as a tag has none; name its tasks")]
    NoScore(TaskName),
    /// The server does not tell how likely a prompt is.
    #[error(
        "`{0}` compares how likely answers are, which this server does not tell (`echo` with `logprobs`); \
         choose tasks whose output_type is generate_until"
    )]
    Unlikely(String),
    /// A task of a kind that is asked in another way.
    #[error("`{0}` is of the kind {1}, which is not asked; choose another")]
    Kind(String, String),
}

/// What is read of it. The order of metrics is that of the task.
#[derive(Deserialize)]
struct Written {
    results: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    group_subtasks: BTreeMap<String, Vec<String>>,
    configs: BTreeMap<String, Config>,
    versions: BTreeMap<String, Value>,
    #[serde(rename = "n-shot")]
    shots: BTreeMap<String, Value>,
    #[serde(rename = "n-samples")]
    samples: BTreeMap<String, Samples>,
    #[serde(default)]
    task_hashes: BTreeMap<String, String>,
    lm_eval_version: String,
}

#[derive(Deserialize)]
struct Config {
    output_type: String,
}

#[derive(Deserialize)]
struct Samples {
    original: u64,
    effective: u64,
}

/// The text of the results under a folder, if there are any.
///
/// # Errors
/// When the folder cannot be read.
pub fn written(folder: &Path) -> io::Result<Option<String>> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(text) = written(&path)? {
                return Ok(Some(text));
            }
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("results") && name.ends_with(".json") {
            return std::fs::read_to_string(path).map(Some);
        }
    }
    Ok(None)
}

/// The scores of the tasks that were asked. `tells_likelihood` says whether the server tells how likely a prompt is: without that the
/// harness compares nothing with nothing.
///
/// # Errors
/// When it is no answer, or one that means nothing.
pub fn scores(
    written: &Value,
    plan: &TasksPlan,
    tells_likelihood: bool,
    object: String,
) -> Result<TaskAccuracy, AnswerError> {
    let written = Written::deserialize(written)?;
    for (task, config) in &written.configs {
        match config.output_type.as_str() {
            "generate_until" => {}
            "loglikelihood" | "multiple_choice" if tells_likelihood => {}
            "loglikelihood" | "multiple_choice" => return Err(AnswerError::Unlikely(task.clone())),
            other => return Err(AnswerError::Kind(task.clone(), other.to_owned())),
        }
    }
    let tasks: Vec<TaskScores> =
        plan.names.iter().map(|name| written.scores_of(name)).collect::<Result<_, _>>()?;
    let leaves: BTreeSet<&str> = plan.names.iter().flat_map(|name| written.leaves(name.as_str())).collect();
    // What was asked and how it was scored, and nothing of what was answered.
    let asked: Vec<_> = tasks
        .iter()
        .map(|task| (&task.task, &task.version, task.main().map(|s| (&s.metric, &s.filter))))
        .collect();
    let of_leaves: Vec<_> = leaves
        .iter()
        .map(|leaf| (leaf, text(written.versions.get(*leaf)), written.task_hashes.get(*leaf)))
        .collect();
    Ok(TaskAccuracy {
        harness: format!("lm_eval {}", written.lm_eval_version),
        questions: content_hash(&(asked, of_leaves))?,
        tasks,
        object,
    })
}

impl Written {
    /// The tasks that a name stands for.
    fn leaves<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.group_subtasks.get(name).filter(|tasks| !tasks.is_empty()) {
            // A group of itself would never end; the harness has none.
            Some(tasks) => {
                tasks.iter().filter(|task| *task != name).flat_map(|task| self.leaves(task)).collect()
            }
            None => vec![name],
        }
    }

    fn scores_of(&self, name: &TaskName) -> Result<TaskScores, AnswerError> {
        let told = self.results.get(name.as_str()).ok_or_else(|| AnswerError::NoScore(name.clone()))?;
        let scores: Vec<Score> = told
            .iter()
            .filter_map(|(key, value)| {
                // `acc,none` is a metric after a filter; beside it stand `acc_stderr,none` and names.
                let (metric, filter) = key.split_once(',')?;
                let value = value.as_f64().filter(|_| !metric.ends_with("_stderr"))?;
                Some(Score {
                    metric: metric.to_owned(),
                    filter: filter.to_owned(),
                    value,
                    stderr: told.get(&format!("{metric}_stderr,{filter}")).and_then(Value::as_f64),
                })
            })
            .collect();
        let leaves = self.leaves(name.as_str());
        let samples = || leaves.iter().filter_map(|leaf| self.samples.get(*leaf));
        let questions = samples().map(|samples| samples.effective).sum();
        if scores.is_empty() || questions == 0 {
            return Err(AnswerError::NoScore(name.clone()));
        }
        Ok(TaskScores {
            task: name.clone(),
            version: text(self.versions.get(name.as_str())),
            hash: self.task_hashes.get(name.as_str()).cloned(),
            shots: self.shots.get(name.as_str()).and_then(Value::as_u64),
            questions,
            of: samples().map(|samples| samples.original).sum(),
            scores,
        })
    }
}

/// A version, which is a number or a text.
fn text(version: Option<&Value>) -> Option<String> {
    match version? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 0.4.13 wrote of two tasks in a group and one on its own, asked of vLLM.
    fn of_0_4_13() -> Value {
        serde_json::from_str(include_str!("../../tests/harness/lm_eval-0.4.13.json")).unwrap()
    }

    fn asked(names: &[&str]) -> TasksPlan {
        TasksPlan {
            names: names.iter().map(|name| name.parse().unwrap()).collect(),
            include_path: None,
            limit: Some(10),
            program: "lm_eval".to_owned(),
            timeout_s: 60,
        }
    }

    fn read(written: &Value, names: &[&str], tells: bool) -> Result<TaskAccuracy, AnswerError> {
        scores(written, &asked(names), tells, "tasks/x.json".to_owned())
    }

    #[test]
    fn scores_are_read_of_tasks_and_of_groups() {
        let told = read(&of_0_4_13(), &["tiny_group", "tiny_say"], true).unwrap();
        assert_eq!((told.harness.as_str(), told.mean()), ("lm_eval 0.4.13", Some(0.125)));
        let [group, say] = told.tasks.as_slice() else { panic!("{told:?}") };
        assert_eq!((group.questions, group.of, group.shots), (20, 24, Some(0)));
        assert_eq!((group.version.as_deref(), &group.hash), (Some("1"), &None));
        let acc = group.main().unwrap();
        assert_eq!((acc.metric.as_str(), acc.filter.as_str(), acc.value), ("acc", "none", 0.25));
        assert_eq!(acc.stderr, Some(0.101_379_375_504_970_32));
        assert_eq!((say.questions, say.of, say.scores.len(), say.hash.is_some()), (10, 12, 1, true));
        let choice = read(&of_0_4_13(), &["tiny_choice"], true).unwrap().tasks.remove(0);
        let metrics: Vec<&str> = choice.scores.iter().map(|s| s.metric.as_str()).collect();
        assert_eq!(metrics, ["acc", "acc_norm"], "in the order of the task");
    }

    /// Others are not compared with these: other questions of a task of a group among them, and not other answers.
    #[test]
    fn the_same_questions_have_the_same_hash() {
        let hash = |written: &Value, names: &[&str]| read(written, names, true).unwrap().questions;
        let told = of_0_4_13();
        let mut answered = told.clone();
        answered["results"]["tiny_group"]["acc,none"] = 1.0.into();
        assert_eq!(hash(&told, &["tiny_group"]), hash(&answered, &["tiny_group"]));
        let mut other = told.clone();
        other["task_hashes"]["tiny_other"] = "0".into();
        assert_ne!(hash(&told, &["tiny_group"]), hash(&other, &["tiny_group"]));
        assert_eq!(hash(&told, &["tiny_choice"]), hash(&other, &["tiny_choice"]));
        assert_ne!(hash(&told, &["tiny_choice"]), hash(&told, &["tiny_group"]));
    }

    /// Choices of which none is more likely than another would all be right or all be wrong.
    #[test]
    fn what_means_nothing_is_refused() {
        let told = of_0_4_13();
        let error = read(&told, &["tiny_group"], false).unwrap_err().to_string();
        assert!(error.contains("`tiny_choice` compares how likely answers are"), "{error}");
        let error = read(&told, &["tiny_tag"], true).unwrap_err().to_string();
        assert!(error.starts_with("`tiny_tag` has no score of its own"), "{error}");
        let mut rolling = told.clone();
        rolling["configs"]["tiny_say"]["output_type"] = "loglikelihood_rolling".into();
        let error = read(&rolling, &["tiny_say"], true).unwrap_err().to_string();
        assert!(error.contains("loglikelihood_rolling, which is not asked"), "{error}");
        let error = read(&Value::Null, &["tiny_say"], true).unwrap_err().to_string();
        assert!(error.contains("something else than its version 0.4"), "{error}");
    }
}
