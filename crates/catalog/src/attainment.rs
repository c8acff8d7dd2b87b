//! The **attainment** of an entry is the share of all finished requests that meet every bound at once; one that failed
//! meets none.
//!
//! It is measured for the bounds that a result was measured under: those of its spec, or the usual ones of its use case.
//! For others it is bounded by the percentiles of each latency alone: of a share `F` that meets one bound and a share `G`
//! that meets another, at least `F + G - 1` and at most the lesser meet both (Fréchet). A percentile says a share to within
//! one request, and shares between two percentiles are rounded away from what is claimed.

use domain::{MetricId, SloBound, Statistic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Column, Snapshot};

/// A share of requests, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attainment {
    /// At least so many.
    pub at_least: f64,
    /// At most so many: the same where it was measured.
    pub at_most: f64,
    /// Whether it was measured, and does not follow from percentiles.
    pub measured: bool,
}

/// Percentiles that say a share.
const SHARES: [(Statistic, f64); 4] =
    [(Statistic::P50, 0.50), (Statistic::P90, 0.90), (Statistic::P95, 0.95), (Statistic::P99, 0.99)];

/// The attainment of a row. None where bounds are not of single requests, such as one of a mean or of gaps between
/// tokens, or where a latency was not measured.
pub(crate) fn attainment(snapshot: &Snapshot, row: usize, bounds: &[SloBound]) -> Option<Attainment> {
    if bounds.is_empty() || !bounds.iter().all(is_of_requests) {
        return None;
    }
    // Of several bounds of one latency a request must meet the least.
    let max_ms = |metric| {
        let own = bounds.iter().filter(|bound| bound.metric == metric);
        own.map(|bound| bound.max_ms).min_by(f64::total_cmp)
    };
    if MetricId::OF_REQUESTS
        .into_iter()
        .all(|metric| snapshot.present(row, Column::SloMax(metric)) == max_ms(metric))
        && let Some(share) = snapshot.present(row, Column::Attainment)
    {
        return Some(Attainment { at_least: share, at_most: share, measured: true });
    }
    let (mut missed, mut met) = (0.0, 1.0_f64);
    for (metric, max_ms) in MetricId::OF_REQUESTS.into_iter().filter_map(|m| Some((m, max_ms(m)?))) {
        let (mut least, mut most) = (0.0, 1.0);
        for (statistic, share) in SHARES {
            if snapshot.present(row, Column::Latency(metric, statistic))? <= max_ms {
                least = share;
            } else {
                most = share;
                break;
            }
        }
        missed += 1.0 - least;
        met = met.min(most);
    }
    let answered = 1.0 - snapshot.present(row, Column::FailedShare)?;
    Some(Attainment {
        at_least: (1.0_f64 - missed).max(0.0) * answered,
        at_most: met * answered,
        measured: false,
    })
}

/// Whether most single requests are to meet a bound.
const fn is_of_requests(bound: &SloBound) -> bool {
    !matches!(bound.metric, MetricId::Itl)
        && matches!(bound.statistic, Statistic::P90 | Statistic::P95 | Statistic::P99)
}
