//! What a recommendation is asked for.

use std::num::{NonZeroU32, NonZeroUsize};

use domain::duration::WrittenDuration;
use domain::use_case::Weights;
use domain::{MetricId, PriceKind, Provenance, RequestSlo, Shape, SloBound, Statistic, UseCase, known};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::method::{self, Method, Turn};
use crate::{Axis, Filter, MinAccuracy, NoRecommendation};

/// What makes the values of different criteria comparable.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// Each is divided by the Euclidean norm of all candidates' values.
    #[default]
    Vector,
    /// Each is scaled from the least to the largest of the candidates' values, however little these differ.
    MinMax,
}

impl From<Normalisation> for ranking::Normalisation {
    fn from(normalisation: Normalisation) -> Self {
        match normalisation {
            Normalisation::Vector => Self::Vector,
            Normalisation::MinMax => Self::MinMax,
        }
    }
}

/// A name that is no normalisation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no normalisation: choose vector or min-max")]
pub struct UnknownNormalisation(pub String);

impl std::str::FromStr for Normalisation {
    type Err = UnknownNormalisation;
    fn from_str(text: &str) -> Result<Self, UnknownNormalisation> {
        match text {
            "vector" => Ok(Self::Vector),
            "min-max" => Ok(Self::MinMax),
            _ => Err(UnknownNormalisation(text.to_owned())),
        }
    }
}

/// What to recommend for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendationRequest {
    /// What the traffic is for. Without it `input_tokens` and `output_tokens` say what is asked about: the nearest workload
    /// that was measured stands for it, the answer names it, all groups of criteria weigh alike unless `weights` say
    /// otherwise, and only stated bounds hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCase>,
    /// Which models, hardware and engines compete; all of them when absent. What the request has a field of its own for
    /// is stated there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter: Filter,
    /// The shape of the traffic, as the catalogue names it. Needed when results of several shapes are there that the
    /// lengths do not tell apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// Tokens of a prompt; with a use case, as they were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<NonZeroU32>,
    /// Tokens of an answer; with a use case, as they were measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<NonZeroU32>,
    /// Requests in flight on one server: only results of the nearest closed loop that was measured compete. When absent
    /// results of every load do, since the load of a server is a choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<NonZeroU32>,
    /// Bounds that a configuration must meet, all of them; an empty list for none. When absent, nine of ten
    /// requests must meet what is usual for the use case, each bound taken alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Vec<SloBound>>,
    /// The least accuracy. What nobody asked is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_accuracy: Option<MinAccuracy>,
    /// Most USD per hour for the machine that one server is rented as, at `price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_usd_per_hour: Option<f64>,
    /// Requests per second that all replicas together must serve. Then configurations are compared by what that costs
    /// per month, and each comes with the number of its replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_rps: Option<f64>,
    /// Most USD per month for the machines of all replicas, at `price`. Needs `target_rps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_usd_per_month: Option<f64>,
    /// Which price counts.
    #[serde(default)]
    pub price: PriceKind,
    /// Which results count. Results of different provenance are never compared.
    #[serde(default = "measured")]
    pub provenance: Provenance,
    /// How candidates are ordered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// The criteria that decide by the method `lexicographic`, the most important first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Turn>,
    /// What each group of criteria weighs; the use case's own weights when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// What makes the values of different criteria comparable.
    #[serde(default)]
    pub normalisation: Normalisation,
    /// Most entries in the answer, up to [`MOST_ENTRIES`].
    #[serde(default = "ten")]
    pub limit: NonZeroUsize,
}

/// The largest share of a run's requests that may fail, where no bound asks for less: nine of ten are answered.
pub(crate) const MAX_FAILED_SHARE: f64 = 0.1;

/// What criteria weigh where nothing says what the traffic is for.
const EVEN: Weights = Weights { accuracy: 0.2, latency: 0.2, throughput: 0.2, cost: 0.2, memory: 0.2 };

/// Most entries of an answer.
pub const MOST_ENTRIES: usize = 1000;

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Most bounds of a request: there are fewer pairs of a metric and a statistic that anybody bounds.
pub const MOST_BOUNDS: usize = 20;

pub(crate) const fn measured() -> Provenance {
    Provenance::Measured
}

pub(crate) const fn ten() -> NonZeroUsize {
    match NonZeroUsize::new(10) {
        Some(n) => n,
        None => NonZeroUsize::MIN,
    }
}

impl RecommendationRequest {
    /// A request with the defaults: the use case's bounds and weights, spot price, measured results, ten entries.
    #[must_use]
    pub fn new(use_case: UseCase) -> Self {
        Self {
            use_case: Some(use_case),
            filter: Filter::default(),
            shape: None,
            input_tokens: None,
            output_tokens: None,
            concurrency: None,
            bounds: None,
            min_accuracy: None,
            max_usd_per_hour: None,
            target_rps: None,
            max_usd_per_month: None,
            price: PriceKind::Spot,
            provenance: measured(),
            method: Method::Topsis,
            order: Vec::new(),
            weights: None,
            normalisation: Normalisation::Vector,
            limit: ten(),
        }
    }

    /// About a workload by its lengths, which no use case goes with.
    #[must_use]
    pub fn for_lengths(input_tokens: NonZeroU32, output_tokens: NonZeroU32) -> Self {
        Self {
            use_case: None,
            input_tokens: Some(input_tokens),
            output_tokens: Some(output_tokens),
            ..Self::new(UseCase::Chatbot)
        }
    }

    /// About all results of one shape and provenance, without bounds.
    #[must_use]
    pub fn about(use_case: UseCase, shape: &Shape, provenance: Provenance) -> Self {
        Self { shape: Some(shape.to_string()), provenance, bounds: Some(Vec::new()), ..Self::new(use_case) }
    }

    /// The bounds that count.
    #[must_use]
    pub fn effective_bounds(&self) -> Vec<SloBound> {
        if let Some(bounds) = &self.bounds {
            return bounds.clone();
        }
        let Some(use_case) = self.use_case else { return Vec::new() };
        let RequestSlo { ttft, tpot, e2e } = known::use_case_facts(use_case).slo;
        let usual = [(MetricId::Ttft, ttft), (MetricId::Tpot, tpot), (MetricId::E2e, e2e)];
        let of_most = |(metric, max): (MetricId, Option<WrittenDuration>)| {
            Some(SloBound { metric, statistic: Statistic::P90, max_ms: max?.as_ms() })
        };
        usual.into_iter().filter_map(of_most).collect()
    }

    /// Whether the bounds that count are those that are usual for the use case.
    pub(crate) const fn has_usual_bounds(&self) -> bool {
        self.bounds.is_none() && self.use_case.is_some()
    }

    /// The largest share of requests that may fail: as many as may miss the strictest bound, and a tenth at most. A
    /// request that failed met no bound.
    pub(crate) fn max_failed_share(&self) -> f64 {
        let may_miss = |bound: SloBound| match bound.statistic {
            Statistic::P99 => 0.01,
            Statistic::P95 => 0.05,
            Statistic::P90 | Statistic::P50 | Statistic::Mean => MAX_FAILED_SHARE,
        };
        self.effective_bounds().into_iter().map(may_miss).fold(MAX_FAILED_SHARE, f64::min)
    }

    /// The weights that count.
    #[must_use]
    pub fn effective_weights(&self) -> Weights {
        self.weights.unwrap_or_else(|| self.use_case.map_or(EVEN, UseCase::default_weights))
    }

    /// Checks the numbers.
    pub(crate) fn check(&self) -> Result<(), NoRecommendation> {
        let bad = |field: &str, mend: &str| {
            Err(NoRecommendation::BadRequest { field: field.to_owned(), mend: mend.to_owned() })
        };
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if self.use_case.is_none() && (self.input_tokens.is_none() || self.output_tokens.is_none()) {
            return bad("use_case", "must be stated, or `input_tokens` and `output_tokens` in its place");
        }
        if self.bounds.as_ref().is_some_and(|bounds| bounds.len() > MOST_BOUNDS) {
            return bad("bounds", &format!("must be {MOST_BOUNDS} at most"));
        }
        if let Some(at) = self.bounds.iter().flatten().position(|b| !positive(b.max_ms)) {
            return bad(&format!("bounds[{at}].max_ms"), "must be above 0");
        }
        if self.max_usd_per_hour.is_some_and(|usd| !positive(usd)) {
            return bad("max_usd_per_hour", "must be above 0; leave it out for no limit");
        }
        if self.target_rps.is_some_and(|rps| !positive(rps)) {
            return bad("target_rps", "must be above 0; leave it out to plan no capacity");
        }
        if self.max_usd_per_month.is_some_and(|usd| !positive(usd)) {
            return bad("max_usd_per_month", "must be above 0; leave it out for no limit");
        }
        if self.max_usd_per_month.is_some() && self.target_rps.is_none() {
            return bad("max_usd_per_month", "needs `target_rps`: what a month costs depends on the load");
        }
        if self.concurrency.is_some() && self.filter.load.is_some() {
            return bad("concurrency", "must be left out where `filter.load` says which loads compete");
        }
        self.min_accuracy.as_ref().map_or(Ok(()), MinAccuracy::check)?;
        method::check(self.method, &self.order)?;
        check_limit(self.limit)?;
        check_filter(&self.filter)?;
        let Weights { accuracy, latency, throughput, cost, memory } = self.effective_weights();
        let weights = [accuracy, latency, throughput, cost, memory];
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) {
            return bad("weights", "must be finite and not negative");
        }
        if latency + throughput + cost <= 0.0 {
            return bad(
                "weights",
                "must give weight to latency, throughput or cost, since nothing else is known of every result",
            );
        }
        Ok(())
    }
}

/// Refuses a filter on what a request has fields of its own for, which might say something else.
pub(crate) fn check_filter(filter: &Filter) -> Result<(), NoRecommendation> {
    let own = [Axis::UseCase, Axis::Provenance, Axis::Shape, Axis::InputTokens, Axis::OutputTokens];
    match filter.stated().into_iter().find(|(axis, _)| own.contains(axis)) {
        None => Ok(()),
        Some((axis, _)) => Err(NoRecommendation::BadRequest {
            field: format!("filter.{}", axis.name()),
            mend: format!("must be left out: `{}` of the request says it", axis.name()),
        }),
    }
}

/// Refuses answers of more entries than anybody reads.
pub(crate) fn check_limit(limit: NonZeroUsize) -> Result<(), NoRecommendation> {
    if limit.get() > MOST_ENTRIES {
        let mend = format!("must be {MOST_ENTRIES} at most");
        return Err(NoRecommendation::BadRequest { field: "limit".to_owned(), mend });
    }
    Ok(())
}
