//! Why there is **no recommendation**, and what to ask instead or what to relax.

use std::collections::BTreeMap;

use domain::{Provenance, Shape, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Filter;
use crate::nearest::{AskedWorkload, NearestWorkload};
use crate::response::{Closest, Counts, CriterionId, Relaxation};

/// Questions that results were asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionsAsked {
    /// Their hash.
    pub questions: String,
    /// How many results were.
    pub results: usize,
}

impl std::fmt::Display for QuestionsAsked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} results)", self.questions, self.results)
    }
}

/// Why there is no recommendation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoRecommendation {
    /// The request has a number that makes no sense.
    #[error("`{field}` {mend}")]
    BadRequest {
        /// Where.
        field: String,
        /// What to change.
        mend: String,
    },
    /// Nothing has been measured.
    #[error("there are no results yet; run a campaign first")]
    NoResults,
    /// There are only results of other provenance.
    #[error("there are no {asked} results; {}", available_results(.available))]
    WrongProvenance {
        /// What was asked for.
        asked: Provenance,
        /// What there is.
        available: BTreeMap<Provenance, usize>,
    },
    /// Forecasts are no results: no store keeps them.
    #[error(
        "forecasts are no results and are not ranked; `assay run --plan --json SPEC.yaml` forecasts every configuration \
         of a spec, `assay estimate` what lies between results"
    )]
    ForecastsNotKept,
    /// Nothing was measured that is near the workload that was asked about.
    #[error("{}", nothing_near(.asked, .nearest.as_deref()))]
    NoWorkloadNear {
        /// What was asked about.
        asked: AskedWorkload,
        /// What is nearest all the same. None: no requests that stand alone were measured, or no closed loop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nearest: Option<Box<NearestWorkload>>,
    },
    /// Candidates were asked different questions, and accuracy is of the questions.
    #[error("task accuracy of different questions is not compared; state `min_accuracy.questions` as one of {}", list(.available))]
    ChooseQuestions {
        /// What was asked.
        available: Vec<QuestionsAsked>,
    },
    /// A criterion in its turn cannot be compared.
    #[error(
        "candidates cannot be ordered by {criterion}: it is not known of any of them, or not of all in the same way"
    )]
    NotComparable {
        /// Which.
        criterion: CriterionId,
    },
    /// There are only results for other use cases.
    #[error("there are no {provenance} results for {use_case}; there are some for {}", list(.available))]
    WrongUseCase {
        /// What was asked for.
        use_case: UseCase,
        /// The provenance asked for.
        provenance: Provenance,
        /// What there is.
        available: Vec<UseCase>,
    },
    /// There are results for the use case, and the filter leaves none of them.
    #[error(
        "none of {without} {provenance} results{} is of {filter}; `assay results` lists them",
        .use_case.map_or_else(String::new, |use_case| format!(" for {use_case}"))
    )]
    NothingMatches {
        /// What was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        use_case: Option<UseCase>,
        /// The provenance asked for.
        provenance: Provenance,
        /// What they had to match.
        filter: Box<Filter>,
        /// How many there are without it.
        without: usize,
    },
    /// There are only results of other shapes.
    #[error("there are no results of that workload shape; measured were {}", shapes(.available))]
    WrongShape {
        /// What there is.
        available: Vec<Shape>,
    },
    /// Several shapes match, and results of different shapes are not compared.
    #[error("results of several workload shapes match; state shape as one of {}", shapes(.available))]
    ChooseShape {
        /// What there is.
        available: Vec<Shape>,
    },
    /// Nothing was measured that an estimate could be made from.
    #[error(
        "there are no {provenance} results of closed loops of that kind for {use_case} to estimate from{}",
        if *.too_far == 0 { String::new() } else {
            format!(" within a doubling of lengths and load; {too_far} launches were measured farther away")
        }
    )]
    NothingNear {
        /// What was asked for.
        use_case: UseCase,
        /// The provenance asked for.
        provenance: Provenance,
        /// How many launches were measured, but too far away to tell.
        #[serde(default)]
        too_far: usize,
    },
    /// Nothing may be ranked or has the values that weigh.
    #[error("none of {} results can be ranked: {}", .counts.considered, left_out(.counts))]
    NothingRankable {
        /// What was left out.
        counts: Counts,
    },
    /// No configuration meets the bounds.
    #[error(
        "none of {} results fits: {}{}{}{}", .counts.considered, left_out(.counts),
        closest_fit(.closest.as_deref()), alone(.relax, .closest.as_deref()),
        if *.usual_bounds { "; these bounds are the use case's usual ones: state your own, or none" } else { "" }
    )]
    NothingFits {
        /// What was left out.
        counts: Counts,
        /// What each bound alone would have to be for something to fit while the others stay. One that nothing would fit
        /// with is not listed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        relax: Vec<Relaxation>,
        /// What comes closest, and all that would have to be relaxed for it; none when no result has the values that
        /// are bounded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closest: Option<Box<Closest>>,
        /// Whether the bounds are the use case's own, since the request states none.
        #[serde(default)]
        usual_bounds: bool,
    },
}

fn available_results(available: &BTreeMap<Provenance, usize>) -> String {
    let total: usize = available.values().sum();
    let names = list(available.keys());
    if available.len() == 1 {
        return format!("{total} results, all {names}: ask with provenance {names}");
    }
    let counts: Vec<String> = available.iter().map(|(p, n)| format!("{n} {p}")).collect();
    format!("{total} results ({}): ask with provenance {names}", counts.join(", "))
}

/// In quotation marks, since a shape's name has commas and a shell takes `>` for a redirection.
fn shapes(available: &[Shape]) -> String {
    list(available.iter().map(|shape| format!("\"{shape}\"")))
}

fn left_out(counts: &Counts) -> String {
    if counts.left_out.is_empty() {
        return "nothing that has a weight has a value".to_owned();
    }
    let parts: Vec<String> = counts.left_out.iter().map(|l| format!("{} {}", l.count, l.reason)).collect();
    parts.join(", ")
}

/// Which other bound alone would do than that of the closest.
fn alone(relax: &[Relaxation], closest: Option<&Closest>) -> String {
    let is_told = |r: &&Relaxation| closest.is_some_and(|c| c.relax.iter().any(|told| told.limit == r.limit));
    relax.iter().filter(|r| !is_told(r)).map(|r| format!("; or else {r}")).collect()
}

fn nothing_near(asked: &AskedWorkload, nearest: Option<&NearestWorkload>) -> String {
    let Some(NearestWorkload { use_case, shape, concurrency, doublings, .. }) = nearest else {
        return format!("nothing like {asked} was measured: no requests that stand alone, or no closed loop");
    };
    let load = concurrency.map_or_else(String::new, |concurrency| format!(" c{concurrency}"));
    format!(
        "nothing near {asked} was measured: {use_case} {shape}{load} is {doublings:.1} doublings away, which is too far to \
         stand for it; measure it, let `assay estimate` (POST /v1/estimates) work it out from what lies around it, or ask \
         for that use case and shape"
    )
}

fn closest_fit(closest: Option<&Closest>) -> String {
    closest
        .map_or_else(String::new, |c| format!("; for the closest ({}) {}", c.configuration, list(&c.relax)))
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
