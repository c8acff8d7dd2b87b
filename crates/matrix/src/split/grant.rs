//! **Granting**: which batches are submitted, within the budget and before the deadline.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use domain::{CampaignSpec, PriceKind};
use serde::{Deserialize, Serialize};

use super::PlannedBatch;

/// Why a batch is not submitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Refusal {
    /// The money is spent.
    #[error(
        "would take about {usd:.2} USD at the {price} price by the forecast; {left_usd:.2} USD of the budget are left"
    )]
    Budget {
        /// What the batch will cost, USD.
        usd: f64,
        /// What its machine is rented as.
        price: PriceKind,
        /// What the batches before it leave of the budget, USD.
        left_usd: f64,
    },
    /// It would end too late.
    #[error("would end {ends_s:.0} s after the start by the forecast; the deadline is {deadline_s:.0} s")]
    Deadline {
        /// When it would end, seconds from the first job.
        ends_s: f64,
        /// When it must, seconds from the first job.
        deadline_s: f64,
    },
}

/// Grants batches in order as long as they fit. Jobs run side by side: each starts when one of the spec's places is
/// free, and in as many places as there are batches all start at once.
pub(super) fn grant(batches: &mut [PlannedBatch], spec: &CampaignSpec) {
    let mut left_usd = spec.budget_usd;
    let deadline_s = spec.deadline.map(|d| d.as_ms() / 1e3);
    // Before any batch, at most as many places are taken as there are batches.
    let places = spec.parallel_jobs.map_or(0, |n| (n.get() as usize).min(batches.len()));
    // When each place is free, milliseconds, the earliest first. Whole numbers can be ordered.
    let mut free: BinaryHeap<Reverse<u64>> = std::iter::repeat_n(Reverse(0), places).collect();
    for batch in batches {
        let starts_ms = free.peek().map_or(0, |Reverse(ms)| *ms);
        let ends_s = starts_ms as f64 / 1e3 + batch.estimate.run_s;
        let (usd, price) = (batch.estimate.usd().unwrap_or(0.0), batch.estimate.price);
        batch.refused = match (left_usd, deadline_s) {
            (_, Some(deadline_s)) if ends_s > deadline_s => Some(Refusal::Deadline { ends_s, deadline_s }),
            (Some(left_usd), _) if usd > left_usd => Some(Refusal::Budget { usd, price, left_usd }),
            _ => None,
        };
        if batch.refused.is_none() {
            left_usd = left_usd.map(|left| left - usd);
            if free.pop().is_some() {
                free.push(Reverse((ends_s * 1e3) as u64));
            }
        }
    }
}
