//! **Task accuracy** is how many questions of a benchmark a model answers well, as EleutherAI's lm-evaluation-harness scores
//! it. Two are compared only when they are of the same questions, scored the same way. docs/accuracy.md says how it is asked.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Metrics that are the share of questions that were answered well, 0 to 1.
const SHARES: [&str; 6] = ["acc", "acc_norm", "exact_match", "em", "pass@1", "prompt_level_strict_acc"];

/// The name of a task, or of a group of tasks, as the harness knows it. It is no path: the harness would read and run what is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct TaskName(String);

/// A text that names no task.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no name of a task: use letters, digits, `_`, `-` and `.`, and put a task of your own into the folder `include_path`"
)]
pub struct BadTaskName(pub String);

impl TaskName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TaskName {
    type Err = BadTaskName;
    fn from_str(text: &str) -> Result<Self, BadTaskName> {
        let ok = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let first_ok = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| text.ends_with(ending));
        if first_ok && !is_file && text.len() <= 200 && text.bytes().all(ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadTaskName(text.to_owned()))
        }
    }
}

impl TryFrom<String> for TaskName {
    type Error = BadTaskName;
    fn try_from(text: String) -> Result<Self, BadTaskName> {
        text.parse()
    }
}

impl From<TaskName> for String {
    fn from(name: TaskName) -> Self {
        name.0
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The scores of a launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskAccuracy {
    /// Who asked and scored, with its version.
    pub harness: String,
    /// Which questions were asked and how they were scored: a hash. Others are not compared with these.
    pub questions: String,
    /// What was asked for, in that order.
    pub tasks: Vec<TaskScores>,
    /// The object that has all that the harness wrote.
    pub object: String,
}

impl TaskAccuracy {
    /// The mean of the shares of its tasks, 0 to 1. None where one of them has no such metric.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let shares: Option<Vec<f64>> = self.tasks.iter().map(|task| Some(task.main()?.value)).collect();
        let shares = shares.filter(|shares| !shares.is_empty())?;
        Some(shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

/// The scores of a task, or of a group of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskScores {
    /// Its name.
    pub task: TaskName,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The harness's hash of all questions, prompts and right answers. A group has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Examples in each prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shots: Option<u64>,
    /// Questions that were asked.
    pub questions: u64,
    /// Questions that it has.
    pub of: u64,
    /// The scores, in the order of the task.
    pub scores: Vec<Score>,
}

impl TaskScores {
    /// The score that is ranked by: the first that is a share of questions answered well.
    #[must_use]
    pub fn main(&self) -> Option<&Score> {
        let is_share =
            |score: &&Score| SHARES.contains(&score.metric.as_str()) && (0.0..=1.0).contains(&score.value);
        self.scores.iter().find(is_share)
    }
}

/// One metric of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The metric: `acc`, `exact_match` and so on.
    pub metric: String,
    /// What was taken of an answer before it was scored; `none` for all of it.
    pub filter: String,
    /// The value.
    pub value: f64,
    /// Its standard error, where the harness tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_and_no_option() {
        for name in ["arc_easy", "mmlu", "truthfulqa-multi_mc1_es", "tinyGSM8k"] {
            assert_eq!(name.parse::<TaskName>().unwrap().as_str(), name);
        }
        for bad in ["", "/etc/x", "../x", "x.yaml", "x.json", "--model", "a,b", "arc_*", "a b", "."] {
            assert!(bad.parse::<TaskName>().is_err(), "{bad}");
        }
    }

    /// The mean is of shares alone: a BLEU of 20 is none, and a task without a share leaves no mean.
    #[test]
    fn the_mean_is_of_the_first_share_of_each_task() {
        let task = |scores: &[(&str, f64)]| TaskScores {
            task: "t".parse().unwrap(),
            version: None,
            hash: None,
            shots: None,
            questions: 10,
            of: 10,
            scores: scores
                .iter()
                .map(|(metric, value)| Score {
                    metric: (*metric).to_owned(),
                    filter: "none".to_owned(),
                    value: *value,
                    stderr: None,
                })
                .collect(),
        };
        let of = |tasks: Vec<TaskScores>| {
            let text = String::new();
            TaskAccuracy { harness: text.clone(), questions: text.clone(), tasks, object: text }.mean()
        };
        let arc = task(&[("acc", 0.5), ("acc_norm", 0.7)]);
        assert_eq!(of(vec![arc.clone(), task(&[("bleu", 20.0), ("exact_match", 1.0)])]), Some(0.75));
        assert_eq!(of(vec![arc, task(&[("bleu", 0.2)])]), None);
        assert_eq!(of(vec![]), None);
    }
}
