//! Which candidates a request's bounds leave, and which of the others comes closest.

use domain::result::Flag;
use domain::{MetricId, SloBound, Statistic};

use crate::capacity::Planner;
use crate::request::RecommendationRequest;
use crate::response::{Closest, LeftOut, LeftOutReason, Limit, Relaxation};
use crate::{Column, MinAccuracy, NoRecommendation, Snapshot};

/// The candidates among some rows.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Rows that may be ranked and meet every bound.
    pub(crate) rows: Vec<usize>,
    /// The others, counted under the first reason that holds.
    pub(crate) left_out: Vec<LeftOut>,
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

/// A bound with where the values are that it bounds.
struct Bound<'a> {
    limit: Limit,
    /// What values are at most, or at least where they are accuracies.
    end: f64,
    values: Values<'a>,
}

enum Values<'a> {
    Column(&'a [f64]),
    Latency(LatencyOfAll<'a>),
    Accuracy {
        column: &'a [f64],
        caveats: &'a [u32],
        /// By the code of caveats, whether what was asked is what the bound is about.
        asked: Vec<bool>,
    },
}

/// A percentile over all finished requests, of which one that failed waits for ever.
struct LatencyOfAll<'a> {
    failed_share: &'a [f64],
    /// Where none failed.
    plain: &'a [f64],
    /// Where some did.
    of_all: &'a [f64],
    /// Where that was not told: percentiles of those that succeeded, each with the largest share that may have failed for
    /// it to be no less than that of all.
    above: Vec<(f64, &'a [f64])>,
}

impl<'a> LatencyOfAll<'a> {
    fn of(snapshot: &'a Snapshot, metric: MetricId, statistic: Statistic) -> Self {
        const SHARES: [(Statistic, f64); 3] =
            [(Statistic::P90, 0.90), (Statistic::P95, 0.95), (Statistic::P99, 0.99)];
        let plain = |statistic| snapshot.column(Column::Latency(metric, statistic));
        let own = match statistic {
            // A mean is of those that succeeded.
            Statistic::Mean => None,
            Statistic::P50 => Some(0.50),
            _ => SHARES.into_iter().find(|(known, _)| *known == statistic).map(|(_, share)| share),
        };
        let above = SHARES.into_iter().filter(|(_, share)| own.is_some_and(|own| own < *share));
        Self {
            failed_share: if own.is_some() { snapshot.column(Column::FailedShare) } else { &[] },
            plain: plain(statistic),
            of_all: snapshot.column(Column::OfAll(metric, statistic)),
            above: above
                .map(|(statistic, share)| (1.0 - own.unwrap_or(share) / share, plain(statistic)))
                .collect(),
        }
    }

    /// The value of a row: without end where more failed than may; `NaN` when it was not measured.
    fn value(&self, row: usize) -> f64 {
        let at = |column: &[f64]| column.get(row).copied().unwrap_or(f64::NAN);
        let failed = at(self.failed_share);
        // Unknown in results of other tools that do not count failures.
        if failed.is_nan() || failed <= 0.0 {
            return at(self.plain);
        }
        let of_all = at(self.of_all);
        if !of_all.is_nan() {
            return of_all;
        }
        let above = self.above.iter().find(|(most, _)| failed <= *most);
        above.map_or(f64::INFINITY, |(_, column)| at(column))
    }
}

impl<'a> Bound<'a> {
    /// Every bound of a request.
    fn all(
        snapshot: &'a Snapshot,
        rows: &[usize],
        request: &RecommendationRequest,
        planner: Option<&'a Planner<'a>>,
    ) -> Result<Vec<Self>, NoRecommendation> {
        let failed = snapshot.column(Column::FailedShare);
        let any_failed = rows.iter().any(|&row| failed.get(row).is_some_and(|share| *share > 0.0));
        let latencies = request.effective_bounds().into_iter().map(|bound| {
            let SloBound { metric, statistic, max_ms } = bound;
            let values = if any_failed {
                Values::Latency(LatencyOfAll::of(snapshot, metric, statistic))
            } else {
                Values::Column(snapshot.column(Column::Latency(metric, statistic)))
            };
            Self { limit: Limit::Latency { bound }, end: max_ms, values }
        });
        let accuracy = match &request.min_accuracy {
            None => None,
            Some(least) => {
                let &MinAccuracy { measure, at_least, .. } = least;
                let column = snapshot.column(measure.column());
                let (caveats, asked) = (snapshot.rows.caveats.codes(), least.asked(snapshot, rows)?);
                let values = Values::Accuracy { column, caveats, asked };
                Some(Self { limit: Limit::Accuracy { measure, at_least }, end: at_least, values })
            }
        };
        let hour = request.max_usd_per_hour.map(|max| {
            let values = Values::Column(snapshot.column(Column::UsdPerHour(request.price)));
            Self { limit: Limit::UsdPerHour { max }, end: max, values }
        });
        let month = request.max_usd_per_month.zip(planner).map(|(max, planner)| {
            let values = Values::Column(planner.usd_per_month());
            Self { limit: Limit::UsdPerMonth { max }, end: max, values }
        });
        Ok(latencies.chain(accuracy).chain(hour).chain(month).collect())
    }

    /// A row's value; `NaN` when it was not measured or has no price.
    fn value(&self, row: usize) -> f64 {
        match &self.values {
            Values::Column(column) => column.get(row).copied().unwrap_or(f64::NAN),
            Values::Latency(latency) => latency.value(row),
            Values::Accuracy { column, caveats, asked } => {
                let is_asked = caveats.get(row).and_then(|&code| asked.get(code as usize));
                let value = column.get(row).filter(|_| is_asked.is_some_and(|asked| *asked));
                value.copied().unwrap_or(f64::NAN)
            }
        }
    }

    const fn is_least(&self) -> bool {
        matches!(self.limit, Limit::Accuracy { .. })
    }

    /// Whether a value is as it must be; one that is not known is not.
    fn is_met(&self, value: f64) -> bool {
        if self.is_least() { value >= self.end } else { value <= self.end }
    }

    /// How many times as much as it may be a value is, or as little.
    fn ratio(&self, value: f64) -> f64 {
        if self.is_least() { self.end / value } else { value / self.end }
    }

    const fn reason(&self, known: bool) -> LeftOutReason {
        match self.limit {
            Limit::UsdPerHour { .. } | Limit::UsdPerMonth { .. } if !known => LeftOutReason::NoPrice,
            Limit::Accuracy { .. } if !known => LeftOutReason::AccuracyUnknown,
            limit => LeftOutReason::LimitNotMet { limit },
        }
    }
}

/// Whether each row meets all bounds: most do, and one bound after the other is asked fastest.
fn all_met(bounds: &[Bound<'_>], rows: &[usize]) -> Vec<bool> {
    let mut all = vec![true; rows.len()];
    for bound in bounds {
        match &bound.values {
            Values::Column(column) => {
                let value = |row: usize| column.get(row).copied().unwrap_or(f64::NAN);
                all.iter_mut().zip(rows).for_each(|(all, &row)| *all &= value(row) <= bound.end);
            }
            _ => all.iter_mut().zip(rows).for_each(|(all, &row)| *all &= bound.is_met(bound.value(row))),
        }
    }
    all
}

impl Candidates {
    /// Sorts rows into candidates and others.
    pub(crate) fn of(
        snapshot: &Snapshot,
        rows: &[usize],
        request: &RecommendationRequest,
        planner: Option<&Planner<'_>>,
    ) -> Result<Self, NoRecommendation> {
        let bounds = Bound::all(snapshot, rows, request, planner)?;
        let mut candidates = Self::default();
        let mut too_many_failed = 0;
        // By the code of caveats, and how many rows have those that are never ranked.
        let caveats = &snapshot.rows.caveats;
        let never: Vec<bool> = caveats.values().iter().map(|caveats| !caveats.rankable).collect();
        let mut never_ranked = vec![0_usize; never.len()];
        let max_share = request.max_failed_share();
        let failed_shares = snapshot.column(Column::FailedShare);
        let fits = all_met(&bounds, rows);
        // For each bound, how many rows miss it first: those without a value, and the others.
        let mut missed = vec![[0_usize; 2]; bounds.len()];
        candidates.rows.reserve(rows.len());
        for (&row, fits) in rows.iter().zip(fits) {
            let code = caveats.codes().get(row).map_or(usize::MAX, |&code| code as usize);
            if never.get(code).is_none_or(|never| *never) {
                if let Some(count) = never_ranked.get_mut(code) {
                    *count += 1;
                }
                continue;
            }
            // Unknown in results of other tools that do not count failures: that is no reason.
            if failed_shares.get(row).is_some_and(|share| *share > max_share) {
                too_many_failed += 1;
                continue;
            }
            if fits {
                candidates.rows.push(row);
                continue;
            }
            let mut first = None;
            let mut miss = Miss { bounds: 0, worst_ratio: 1.0 };
            let mut all_known = true;
            for (at, bound) in bounds.iter().enumerate() {
                let value = bound.value(row);
                if bound.is_met(value) {
                    continue;
                }
                let known = !value.is_nan();
                first.get_or_insert((at, known));
                all_known &= value.is_finite();
                miss.bounds += 1;
                miss.worst_ratio = miss.worst_ratio.max(bound.ratio(value));
            }
            let Some((at, known)) = first else { continue };
            missed[at][usize::from(known)] += 1;
            if all_known && candidates.nearest.is_none_or(|(nearest, _)| miss < nearest) {
                candidates.nearest = Some((miss, row));
            }
        }
        candidates.missed = missed.iter().flatten().any(|count| *count > 0);
        let with = |by_rate: bool| {
            let counted = caveats.values().iter().zip(&never_ranked);
            let of_kind = counted.filter(|(c, _)| c.flags.contains(&Flag::RateLimited) == by_rate);
            of_kind.map(|(_, count)| count).sum()
        };
        candidates.leave_out(LeftOutReason::ClientLimited, with(false));
        candidates.leave_out(LeftOutReason::RateLimited, with(true));
        candidates.leave_out(LeftOutReason::TooManyFailed { max_share }, too_many_failed);
        for (bound, [unknown, known]) in bounds.iter().zip(missed) {
            candidates.leave_out(bound.reason(false), unknown);
            candidates.leave_out(bound.reason(true), known);
        }
        Ok(candidates)
    }

    /// Counts rows under a reason.
    pub(crate) fn leave_out(&mut self, reason: LeftOutReason, count: usize) {
        match self.left_out.iter_mut().find(|l| l.reason == reason) {
            Some(known) => known.count += count,
            None if count > 0 => self.left_out.push(LeftOut { reason, count }),
            None => {}
        }
    }

    /// What would have to be relaxed: each bound alone with the others kept, and all that the nearest of the others misses.
    pub(crate) fn relaxed(
        &self,
        snapshot: &Snapshot,
        rows: &[usize],
        request: &RecommendationRequest,
        planner: Option<&Planner<'_>>,
    ) -> Result<(Vec<Relaxation>, Option<Box<Closest>>), NoRecommendation> {
        let bounds = Bound::all(snapshot, rows, request, planner)?;
        let relaxation = |bound: &Bound<'_>, row: usize| {
            let needed = bound.value(row);
            let config_id = snapshot.rows.config_ids.get(row)?.clone();
            Some(Relaxation { limit: bound.limit, needed, config_id })
        };
        let max_share = request.max_failed_share();
        // For each bound the row that misses nothing else, and it by the least.
        let mut alone: Vec<Option<(f64, usize)>> = vec![None; bounds.len()];
        for &row in rows.iter().filter(|&&row| snapshot.may_be_ranked(row, max_share)) {
            let mut missed = bounds.iter().enumerate().filter_map(|(at, bound)| {
                let value = bound.value(row);
                (!bound.is_met(value)).then_some((at, value))
            });
            let (Some((at, value)), None) = (missed.next(), missed.next()) else { continue };
            let ratio = bounds[at].ratio(value);
            if value.is_finite() && alone[at].is_none_or(|(least, _)| ratio < least) {
                alone[at] = Some((ratio, row));
            }
        }
        let alone =
            bounds.iter().zip(alone).filter_map(|(bound, found)| relaxation(bound, found?.1)).collect();
        let closest = self.nearest.and_then(|(_, row)| {
            let missed = bounds.iter().filter(|bound| !bound.is_met(bound.value(row)));
            Some(Box::new(Closest {
                config_id: snapshot.rows.config_ids.get(row)?.clone(),
                configuration: snapshot.configuration(row)?,
                relax: missed.filter_map(|bound| relaxation(bound, row)).collect(),
            }))
        });
        Ok((alone, closest))
    }
}
