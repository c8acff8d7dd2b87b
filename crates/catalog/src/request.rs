//! What a recommendation is asked for.

use std::num::{NonZeroU32, NonZeroUsize};

use domain::use_case::Weights;
use domain::{PriceKind, Provenance, Shape, SloBound, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NoRecommendation;

/// What to recommend for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendationRequest {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// The shape of the traffic, as the catalogue names it. Needed when results of several shapes are there that the
    /// lengths do not tell apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// Tokens of a prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<NonZeroU32>,
    /// Tokens of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<NonZeroU32>,
    /// Bounds that a configuration must meet, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<SloBound>,
    /// Most USD per hour for one server, at `price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_usd_per_hour: Option<f64>,
    /// Requests per second that all replicas together must serve. Then configurations are compared by what that costs
    /// per month, and each comes with the number of its replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_rps: Option<f64>,
    /// Most USD per month for all replicas, at `price`. Needs `target_rps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_usd_per_month: Option<f64>,
    /// Which price counts.
    #[serde(default)]
    pub price: PriceKind,
    /// Which results count. Results of different provenance are never compared.
    #[serde(default = "measured")]
    pub provenance: Provenance,
    /// What each group of criteria weighs; the use case's own weights when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// Most entries in the answer, up to [`MOST_ENTRIES`].
    #[serde(default = "ten")]
    pub limit: NonZeroUsize,
}

/// Most entries of an answer.
pub const MOST_ENTRIES: usize = 1000;

const fn measured() -> Provenance {
    Provenance::Measured
}

const fn ten() -> NonZeroUsize {
    match NonZeroUsize::new(10) {
        Some(n) => n,
        None => NonZeroUsize::MIN,
    }
}

impl RecommendationRequest {
    /// A request with the defaults: no bounds, spot price, measured results, the use case's weights, ten entries.
    #[must_use]
    pub const fn new(use_case: UseCase) -> Self {
        Self {
            use_case,
            shape: None,
            input_tokens: None,
            output_tokens: None,
            bounds: Vec::new(),
            max_usd_per_hour: None,
            target_rps: None,
            max_usd_per_month: None,
            price: PriceKind::Spot,
            provenance: measured(),
            weights: None,
            limit: ten(),
        }
    }

    /// The same about the results of one shape and provenance.
    #[must_use]
    pub fn about(use_case: UseCase, shape: &Shape, provenance: Provenance) -> Self {
        Self { shape: Some(shape.to_string()), provenance, ..Self::new(use_case) }
    }

    /// The weights that count.
    #[must_use]
    pub fn effective_weights(&self) -> Weights {
        self.weights.unwrap_or_else(|| self.use_case.default_weights())
    }

    /// Checks the numbers.
    pub(crate) fn check(&self) -> Result<(), NoRecommendation> {
        let bad = |field: &str, mend: &str| {
            Err(NoRecommendation::BadRequest { field: field.to_owned(), mend: mend.to_owned() })
        };
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if let Some(at) = self.bounds.iter().position(|b| !positive(b.max_ms)) {
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
        if self.limit.get() > MOST_ENTRIES {
            return bad("limit", &format!("must be {MOST_ENTRIES} at most"));
        }
        let Weights { accuracy, latency, throughput, cost, memory } = self.effective_weights();
        let weights = [accuracy, latency, throughput, cost, memory];
        if weights.iter().any(|w| !(w.is_finite() && *w >= 0.0)) {
            return bad("weights", "must be finite and not negative");
        }
        if latency + throughput + cost <= 0.0 {
            return bad(
                "weights",
                "must give weight to latency, throughput or cost, since nothing else is measured",
            );
        }
        Ok(())
    }
}
