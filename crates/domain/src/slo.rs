//! An **SLO** bounds a latency. A [`RequestSlo`] is what each request must meet to count as good; an
//! [`SloBound`] is what a statistic of a whole run must meet to be recommended.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::WrittenDuration;
use crate::{MetricId, Metrics, Statistic, UseCase, known};

/// Bounds that one request must meet, all of them. A missing metric fails.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSlo {
    /// Longest time to first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft: Option<WrittenDuration>,
    /// Longest time per output token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot: Option<WrittenDuration>,
    /// Longest end-to-end latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e2e: Option<WrittenDuration>,
}

impl RequestSlo {
    /// The bounds, or where none is stated those that are usual for a use case.
    #[must_use]
    pub fn or_usual(self, use_case: UseCase) -> Self {
        if self.is_empty() { known::use_case_facts(use_case).slo } else { self }
    }

    /// The bound of a latency, ms.
    #[must_use]
    pub fn max_ms(&self, metric: MetricId) -> Option<f64> {
        let bound = match metric {
            MetricId::Ttft => self.ttft,
            MetricId::Tpot => self.tpot,
            MetricId::E2e => self.e2e,
            MetricId::Itl => None,
        };
        bound.map(WrittenDuration::as_ms)
    }

    /// No bound is stated.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ttft.is_none() && self.tpot.is_none() && self.e2e.is_none()
    }
}

/// An upper bound on a statistic of a run: `ttft_p90 <= 300 ms`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SloBound {
    /// The metric.
    pub metric: MetricId,
    /// Its statistic.
    pub statistic: Statistic,
    /// The bound.
    pub max_ms: f64,
}

/// A text that is no bound.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no latency bound: write metric_statistic=duration, such as ttft_p90=300ms (metrics ttft, tpot, itl, e2e; statistics mean, p50, p90, p95, p99)"
)]
pub struct BadBound(pub String);

impl SloBound {
    /// Whether a run meets it. A metric without a value fails.
    #[must_use]
    pub fn is_met_by(&self, metrics: &Metrics) -> bool {
        metrics.latency(self.metric).is_some_and(|s| s.get(self.statistic) <= self.max_ms)
    }
}

impl std::fmt::Display for SloBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{} <= {} ms", self.metric, self.statistic.name(), self.max_ms)
    }
}

impl FromStr for SloBound {
    type Err = BadBound;

    fn from_str(text: &str) -> Result<Self, BadBound> {
        let bad = || BadBound(text.to_owned());
        let (name, bound) = text.split_once('=').ok_or_else(bad)?;
        let (metric, statistic) = name.split_once('_').ok_or_else(bad)?;
        Ok(Self {
            metric: MetricId::ALL.into_iter().find(|m| m.name() == metric).ok_or_else(bad)?,
            statistic: Statistic::ALL.into_iter().find(|s| s.name() == statistic).ok_or_else(bad)?,
            max_ms: bound.parse::<WrittenDuration>().map_err(|_| bad())?.as_ms(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_parsed_or_refused() {
        let bound: SloBound = "ttft_p90=0.3s".parse().unwrap();
        assert_eq!(bound, SloBound { metric: MetricId::Ttft, statistic: Statistic::P90, max_ms: 300.0 });
        for bad in ["ttft=3ms", "ttft_p91=3ms", "x_p90=3ms", "ttft_p90=3", "ttft_p90"] {
            assert!(bad.parse::<SloBound>().is_err(), "{bad}");
        }
    }
}
