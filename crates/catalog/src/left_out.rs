//! Which candidates a request's bounds leave, and which of the others comes closest.

use domain::SloBound;

use crate::request::RecommendationRequest;
use crate::response::{Closest, LeftOut, LeftOutReason, Limit, Relaxation};
use crate::snapshot::Snapshot;

/// Counts by reason, in the order in which reasons first appear.
#[derive(Debug, Default)]
pub(crate) struct Tally(Vec<LeftOut>);

impl Tally {
    pub(crate) fn add(&mut self, reason: LeftOutReason) {
        match self.0.iter_mut().find(|l| l.reason == reason) {
            Some(known) => known.count += 1,
            None => self.0.push(LeftOut { reason, count: 1 }),
        }
    }

    pub(crate) fn into_inner(self) -> Vec<LeftOut> {
        self.0
    }
}

/// The candidates among some rows.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Rows that may be ranked and meet every bound.
    pub(crate) rows: Vec<usize>,
    /// The others.
    pub(crate) left_out: Tally,
    /// Whether any row that may be ranked missed a bound.
    pub(crate) missed: bool,
    /// The row that misses the bounds by the least: its misses and the row.
    nearest: Option<(Miss, usize)>,
}

/// How far a row is from meeting the bounds; less is closer. Few bounds before small steps, since a bound that has to be
/// given up is worth more than one that is moved.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Miss {
    bounds: usize,
    worst_ratio: f64,
}

impl Candidates {
    /// Sorts rows into candidates and others.
    pub(crate) fn of(snapshot: &Snapshot, rows: &[usize], request: &RecommendationRequest) -> Self {
        let mut candidates = Self::default();
        for &row in rows {
            candidates.admit(snapshot, row, request);
        }
        candidates
    }

    fn admit(&mut self, snapshot: &Snapshot, row: usize, request: &RecommendationRequest) {
        if !snapshot.identities().get(row).is_some_and(|identity| identity.rankable) {
            self.left_out.add(LeftOutReason::ClientLimited);
            return;
        }
        let mut first = None;
        let mut miss = Miss { bounds: 0, worst_ratio: 1.0 };
        let mut known = true;
        for (limit, value) in values(snapshot, row, request) {
            let max = limit.max();
            if value.is_some_and(|v| v <= max) {
                continue;
            }
            first.get_or_insert(match (limit, value) {
                (Limit::UsdPerHour { .. }, None) => LeftOutReason::NoPrice,
                _ => LeftOutReason::LimitNotMet { limit },
            });
            miss.bounds += 1;
            match value {
                Some(v) => miss.worst_ratio = miss.worst_ratio.max(v / max),
                None => known = false,
            }
        }
        let Some(reason) = first else {
            self.rows.push(row);
            return;
        };
        self.missed = true;
        self.left_out.add(reason);
        if known && self.nearest.is_none_or(|(nearest, _)| miss < nearest) {
            self.nearest = Some((miss, row));
        }
    }

    /// What would have to be relaxed for the nearest of the others.
    pub(crate) fn closest(
        &self,
        snapshot: &Snapshot,
        request: &RecommendationRequest,
    ) -> Option<Box<Closest>> {
        let (_, row) = self.nearest?;
        let identity = snapshot.identities().get(row)?;
        let relax = values(snapshot, row, request)
            .filter_map(|(limit, value)| {
                Some(Relaxation { limit, needed: value.filter(|v| *v > limit.max())? })
            })
            .collect();
        Some(Box::new(Closest {
            config_id: identity.config_id.clone(),
            configuration: identity.configuration.clone(),
            relax,
        }))
    }
}

impl Limit {
    const fn max(&self) -> f64 {
        match self {
            Self::Latency { bound } => bound.max_ms,
            Self::UsdPerHour { max } => *max,
        }
    }
}

/// Every bound of a request with a row's value; none when it was not measured or has no price.
fn values<'a>(
    snapshot: &'a Snapshot,
    row: usize,
    request: &'a RecommendationRequest,
) -> impl Iterator<Item = (Limit, Option<f64>)> + 'a {
    let latencies = request.bounds.iter().map(move |&bound| {
        let SloBound { metric, statistic, .. } = bound;
        let value = snapshot.latency(row, metric, statistic);
        (Limit::Latency { bound }, crate::entry::present(value))
    });
    let price = request.max_usd_per_hour.map(|max| {
        let identity = snapshot.identities().get(row);
        (Limit::UsdPerHour { max }, identity.and_then(|i| i.usd_per_hour(request.price)))
    });
    latencies.chain(price)
}
