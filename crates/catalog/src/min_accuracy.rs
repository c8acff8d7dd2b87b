//! A **minimum accuracy** leaves out what answers worse, and what nobody asked.
//!
//! Task accuracy is of the questions that were asked: where candidates were asked different ones, a request says which.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dictionary::seen;
use crate::no_recommendation::QuestionsAsked;
use crate::{Column, NoRecommendation, Snapshot};

/// What accuracy is measured as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccuracyMeasure {
    /// The mean share of questions that were answered well over all tasks.
    TaskAccuracy,
    /// The share of the unquantised model's tokens that come before the first that differs. It says nothing of how good that
    /// model is.
    Fidelity,
}

impl AccuracyMeasure {
    /// The name in requests: `task_accuracy`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TaskAccuracy => "task_accuracy",
            Self::Fidelity => "fidelity",
        }
    }

    pub(crate) const fn column(self) -> Column {
        match self {
            Self::TaskAccuracy => Column::TaskAccuracy,
            Self::Fidelity => Column::Fidelity,
        }
    }
}

impl std::fmt::Display for AccuracyMeasure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The least accuracy of what is recommended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MinAccuracy {
    /// What it is measured as.
    pub measure: AccuracyMeasure,
    /// The least share, 0 to 1.
    pub at_least: f64,
    /// Of task accuracy: which questions, by their hash. Needed when results of several are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<String>,
}

/// A minimum that makes no sense.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no least accuracy: write task_accuracy=SHARE or fidelity=SHARE, with a share from 0 to 1 such as 0.9"
)]
pub struct BadMinAccuracy(pub String);

/// `task_accuracy=0.8`
impl std::str::FromStr for MinAccuracy {
    type Err = BadMinAccuracy;
    fn from_str(text: &str) -> Result<Self, BadMinAccuracy> {
        let read = || {
            let (name, share) = text.split_once('=')?;
            let measures = [AccuracyMeasure::TaskAccuracy, AccuracyMeasure::Fidelity];
            let measure = measures.into_iter().find(|measure| measure.name() == name)?;
            let at_least = share.parse().ok().filter(|share| (0.0..=1.0).contains(share))?;
            Some(Self { measure, at_least, questions: None })
        };
        read().ok_or_else(|| BadMinAccuracy(text.to_owned()))
    }
}

impl MinAccuracy {
    pub(crate) fn check(&self) -> Result<(), NoRecommendation> {
        let bad = |field: &str, mend: &str| {
            let field = format!("min_accuracy.{field}");
            Err(NoRecommendation::BadRequest { field, mend: mend.to_owned() })
        };
        if !(0.0..=1.0).contains(&self.at_least) {
            return bad("at_least", "must be a share, 0 to 1");
        }
        if self.questions.is_some() && self.measure == AccuracyMeasure::Fidelity {
            return bad("questions", "must be left out: fidelity is to what a model itself answers");
        }
        Ok(())
    }

    /// For each code of caveats whether a row with it was asked what the minimum is about.
    ///
    /// # Errors
    /// When some rows were asked other questions than others, and the request does not say which count.
    pub(crate) fn asked(&self, snapshot: &Snapshot, rows: &[usize]) -> Result<Vec<bool>, NoRecommendation> {
        let caveats = &snapshot.rows.caveats;
        if self.measure == AccuracyMeasure::Fidelity {
            return Ok(vec![true; caveats.values().len()]);
        }
        let mut asked: Vec<&String> = seen(caveats, rows).filter_map(|c| c.questions.as_ref()).collect();
        asked.sort_unstable();
        asked.dedup();
        let questions = match (&self.questions, asked.as_slice()) {
            (Some(questions), _) => Some(questions),
            (None, []) => None,
            (None, [one]) => Some(*one),
            (None, _) => {
                let of = |questions: &String| QuestionsAsked {
                    results: rows
                        .iter()
                        .filter(|row| {
                            snapshot.caveats(**row).is_some_and(|c| c.questions.as_ref() == Some(questions))
                        })
                        .count(),
                    questions: questions.clone(),
                };
                let available = asked.into_iter().map(of).collect();
                return Err(NoRecommendation::ChooseQuestions { available });
            }
        };
        Ok(caveats
            .values()
            .iter()
            .map(|c| questions.is_some() && c.questions.as_ref() == questions)
            .collect())
    }
}
