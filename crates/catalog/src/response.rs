//! What a recommendation answers.

use chrono::{DateTime, Utc};
use domain::result::Flag;
use domain::{ConfigId, Configuration, Provenance, Rent, RunId, Shape, SloBound, TokenRate, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::method::{Method, Turn};
use crate::min_accuracy::{AccuracyMeasure, MinAccuracy};
use crate::nearest::NearestWorkload;
use crate::{Attainment, Capacity, Normalisation, PriceKind, PriceSource};

/// What configurations are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CriterionId {
    /// Time to first token, ms, 90th percentile.
    TtftP90,
    /// Time per output token, ms, 90th percentile.
    TpotP90,
    /// Output tokens per second.
    OutputTps,
    /// USD per million output tokens in steady serving, at the price asked for, of a machine that is full of such
    /// servers.
    ServingCostPerMtok,
    /// USD per month of whole machines for the target load, at the price asked for. It takes the place of the serving cost when a target
    /// load is stated.
    UsdPerMonth,
    /// Task accuracy: the mean share of questions that were answered well, where all were asked the same.
    TaskAccuracy,
    /// Fidelity to the unquantised model: the share of its tokens before the first that differs, where all are of one model
    /// and were not asked the same tasks.
    Fidelity,
    /// Where neither can be compared: what has the weight, and no values.
    Accuracy,
    /// Most memory in use on any one GPU, GiB, where it is known of all.
    Memory,
}

impl CriterionId {
    /// Every criterion.
    pub const ALL: [Self; 9] = [
        Self::TtftP90,
        Self::TpotP90,
        Self::OutputTps,
        Self::ServingCostPerMtok,
        Self::UsdPerMonth,
        Self::TaskAccuracy,
        Self::Fidelity,
        Self::Accuracy,
        Self::Memory,
    ];

    /// Whether a request that names one of them means the other: there is one cost, which a target load decides, and
    /// `accuracy` is whichever can be compared.
    pub(crate) const fn is_as(self, other: Self) -> bool {
        use CriterionId::{Accuracy, Fidelity, ServingCostPerMtok, TaskAccuracy, UsdPerMonth};
        matches!(
            (self, other),
            (ServingCostPerMtok, UsdPerMonth)
                | (UsdPerMonth, ServingCostPerMtok)
                | (Accuracy, TaskAccuracy | Fidelity)
                | (TaskAccuracy | Fidelity, Accuracy)
        ) || self as usize == other as usize
    }

    /// The name in answers: `ttft_p90`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TtftP90 => "ttft_p90",
            Self::TpotP90 => "tpot_p90",
            Self::OutputTps => "output_tps",
            Self::ServingCostPerMtok => "serving_cost_per_mtok",
            Self::UsdPerMonth => "usd_per_month",
            Self::TaskAccuracy => "task_accuracy",
            Self::Fidelity => "fidelity",
            Self::Accuracy => "accuracy",
            Self::Memory => "memory",
        }
    }
}

impl std::fmt::Display for CriterionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A ranking with everything needed to judge it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// What it is for.
    pub use_case: UseCase,
    /// The workload shape that was compared.
    pub shape: Shape,
    /// Which workload stands for the one that was asked about by its numbers. Absent where the request names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<NearestWorkload>,
    /// How the entries are ordered.
    #[serde(default)]
    pub method: Method,
    /// By which criteria in turn, where that is the method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Turn>,
    /// Where all of the numbers come from.
    pub provenance: Provenance,
    /// Which price counts.
    pub price: PriceKind,
    /// Where the prices of what was ranked are from: every result is reckoned at these, not at those of its own day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceSource>,
    /// The best configurations, best first; by the method `pareto` those on the front, the best by score first.
    pub entries: Vec<RankedEntry>,
    /// Bounds on latencies that all of them meet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<SloBound>,
    /// Whether these are the use case's own, since the request states none.
    #[serde(default)]
    pub usual_bounds: bool,
    /// The least accuracy that all of them have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_accuracy: Option<MinAccuracy>,
    /// What made the values of different criteria comparable.
    #[serde(default)]
    pub normalisation: Normalisation,
    /// How many results were looked at, and what was left out.
    pub counts: Counts,
    /// What each criterion weighed in the end. They add up to 1.
    pub weights: Vec<CriterionWeight>,
    /// Criteria that have a weight and no values. Their weight was shared out over the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria_dropped: Vec<CriterionWeight>,
    /// What the Pareto front is a front of.
    pub front_objectives: Vec<CriterionId>,
    /// How many candidates are on it.
    pub front_size: usize,
    /// How much the front achieves: the share of the box between the worst and the best candidate in every objective
    /// that it dominates. 1: one candidate is the best in everything. Absent when all are alike in an objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_hypervolume: Option<f64>,
    /// The member of the front from which on a little more in one objective costs much in the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee: Option<ConfigId>,
    /// How many candidates cannot be told apart by score: the most probable ones that together are first with a
    /// probability of 95 %. Absent when no value has a confidence interval, or another method decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indistinct: Option<usize>,
    /// Those of them that are not the first entry, the most probable first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// All of that in a sentence.
    pub statement: String,
}

/// A criterion and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionWeight {
    /// The criterion.
    pub criterion: CriterionId,
    /// Its weight.
    pub weight: f64,
}

/// A configuration that might as well be the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Its id.
    pub config_id: ConfigId,
    /// What it is.
    pub configuration: Configuration,
    /// The probability that it is the first.
    pub probability_first: f64,
}

/// One recommended configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankedEntry {
    /// Its place, from 1.
    pub rank: usize,
    /// Its TOPSIS score, by whatever method it is listed: 0 is the worst value of every criterion, 1 the best.
    pub score: f64,
    /// The configuration's id.
    pub config_id: ConfigId,
    /// What to run, and the load that it was measured at.
    pub configuration: Configuration,
    /// The run that the numbers come from.
    pub run_id: RunId,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// When they were measured.
    pub measured_at: DateTime<Utc>,
    /// What limits the conclusion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Criteria whose percentile too few requests stand behind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insufficient_samples: Vec<CriterionId>,
    /// What its hardware is rented as, at both prices. One server alone pays for all of its machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// What the tokens of a hosted model cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_rate: Option<TokenRate>,
    /// The numbers that people look at first, whatever was compared.
    #[serde(default)]
    pub numbers: KeyNumbers,
    /// Whether no other candidate is at least as good in every objective of the front and better in one.
    pub on_pareto_front: bool,
    /// Which front it is on: 1 is the Pareto front, 2 the front of what is left without it, and so on. Absent without an
    /// objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<usize>,
    /// The probability of being first, from the confidence intervals of latencies and throughput and of the costs that
    /// follow from it; a value without an interval is taken as exact. Absent when no value has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_first: Option<f64>,
    /// The share of all requests that meet every bound at once. Absent without bounds that single requests meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attainment: Option<Attainment>,
    /// What serving the target load takes. Absent without a target load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// How the score came about.
    pub criteria: Vec<CriterionValue>,
    /// Why it is where it is: by score one line for each criterion, the one that costs it most first; by turns one for each
    /// criterion in its turn.
    pub explanation: Vec<String>,
}

/// Numbers of a result. One that was not measured is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyNumbers {
    /// Time to first token, ms, 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_p90_ms: Option<f64>,
    /// Time per output token, ms, 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot_p90_ms: Option<f64>,
    /// Output tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tps: Option<f64>,
    /// USD per million output tokens in steady serving, at the price asked for, of a machine that is full of such servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving_cost_per_mtok: Option<f64>,
    /// The mean share of questions that were answered well over all tasks, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_accuracy: Option<f64>,
    /// The share of the unquantised model's tokens that come before the first that differs, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<f64>,
}

/// A configuration's value of one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionValue {
    /// The criterion.
    pub criterion: CriterionId,
    /// The value, in the criterion's unit.
    pub value: f64,
    /// The value over the Euclidean norm of all candidates' values, or by min-max where it lies between the least (0) and
    /// the largest (1) of them.
    pub normalised: f64,
    /// The criterion's weight.
    pub weight: f64,
    /// The best value of all candidates.
    pub best: f64,
    /// The worst.
    pub worst: f64,
    /// How many of the other candidates have a worse value.
    pub better_than: usize,
    /// How much of the squared distance to the ideal comes from this criterion. All of them add up to 1; they are 0
    /// where there is no distance.
    pub share_of_distance: f64,
}

/// How many results were looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Results of the use case, provenance and shape.
    pub considered: usize,
    /// Of these, candidates that were ranked.
    pub ranked: usize,
    /// The others. Each is counted once, under the first reason that holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// Results that were left out for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The reason.
    pub reason: LeftOutReason,
    /// How many.
    pub count: usize,
}

/// Why a result is not ranked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LeftOutReason {
    /// The load generator was the bottleneck.
    ClientLimited,
    /// The service refused requests for the limits of our key.
    RateLimited,
    /// More requests failed than may miss a bound. Latencies are of requests that succeeded and say nothing of these.
    TooManyFailed {
        /// The largest share that may fail, 0 to 1.
        max_share: f64,
    },
    /// A bound is not met, or its metric has no value.
    LimitNotMet {
        /// The bound.
        limit: Limit,
    },
    /// The price is bounded and the hardware has none; a hosted model has none per hour.
    NoPrice,
    /// The accuracy is bounded and nobody asked, or other questions than the bound is about.
    AccuracyUnknown,
    /// It lacks a value that others have.
    MissingValue {
        /// The criterion.
        criterion: CriterionId,
    },
}

impl std::fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ClientLimited => f.write_str("the load generator was the bottleneck"),
            Self::RateLimited => f.write_str("the rate limit of the key was the bottleneck"),
            Self::TooManyFailed { max_share } => {
                write!(f, "more than {} % of requests failed", (max_share * 1000.0).round() / 10.0)
            }
            Self::LimitNotMet { limit } => write!(f, "{limit} not met"),
            Self::NoPrice => f.write_str("no price"),
            Self::AccuracyUnknown => f.write_str("accuracy not known"),
            Self::MissingValue { criterion } => write!(f, "no value of {criterion}"),
        }
    }
}

/// Something that a request bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Limit {
    /// A latency.
    Latency {
        /// Its bound.
        bound: SloBound,
    },
    /// The price of the machine that a server is rented as.
    UsdPerHour {
        /// Most USD per hour.
        max: f64,
    },
    /// The price of all machines that the replicas are rented as.
    UsdPerMonth {
        /// Most USD per month.
        max: f64,
    },
    /// The accuracy.
    Accuracy {
        /// What it is measured as.
        measure: AccuracyMeasure,
        /// The least share.
        at_least: f64,
    },
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Latency { bound } => write!(f, "{bound}"),
            Self::UsdPerHour { max } => write!(f, "price <= {max} USD per hour"),
            Self::UsdPerMonth { max } => write!(f, "price <= {max} USD per month"),
            Self::Accuracy { measure, at_least } => write!(f, "{measure} >= {at_least}"),
        }
    }
}

/// A bound as it would have to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    /// The bound as it was stated.
    pub limit: Limit,
    /// The value that it needs: ms, USD or a share. Asking with it finds something.
    pub needed: f64,
    /// The configuration that needs no more.
    pub config_id: ConfigId,
}

impl std::fmt::Display for Relaxation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Rounded away from the bound, so that asking for what is shown does get it.
        let needed = match self.limit {
            Limit::Accuracy { .. } => (self.needed * 1e4).floor() / 1e4,
            _ => (self.needed * 100.0).ceil() / 100.0,
        };
        write!(f, "{} would have to be {needed}", self.limit)
    }
}

/// The configuration that misses the bounds by the least.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closest {
    /// Its id.
    pub config_id: ConfigId,
    /// What it is.
    pub configuration: Configuration,
    /// Every bound that it misses.
    pub relax: Vec<Relaxation>,
}
