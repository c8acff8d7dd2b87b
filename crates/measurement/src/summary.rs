//! A **summary** is a distribution in a few numbers: mean, standard deviation, percentiles, and how far
//! each can be trusted.
//!
//! A percentile is linearly interpolated between the two nearest order statistics: the value at rank
//! `p (n - 1)` of the sorted values counted from 0, as `numpy.percentile` does by default.
//!
//! The 95 % intervals of per-request values come from a seeded bootstrap whose cost is bounded: at most
//! [`RESAMPLES`] resamples of at most [`MAX_RESAMPLE_SIZE`] values; larger sets are resampled m out of n
//! and the deviations scaled by `sqrt(m / n)`. Gaps between tokens are not independent within a request, so
//! their intervals come from batch means over [`BATCHES`] groups of consecutive requests.

use std::collections::BTreeMap;

use domain::metrics::Interval;
use domain::{Statistic, Summary};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::student;

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 400;

/// Most values in one resample.
pub const MAX_RESAMPLE_SIZE: usize = 2_000;

/// Groups of batch means.
pub const BATCHES: usize = student::MOST_VALUES;

/// The statistics that get an interval.
pub(crate) const WITH_INTERVAL: [Statistic; 4] =
    [Statistic::Mean, Statistic::P50, Statistic::P90, Statistic::P99];

/// The percentile `p` (0 to 1) of sorted values. None of none.
#[must_use]
pub fn percentile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = p.clamp(0.0, 1.0) * last as f64;
    let below = rank.floor() as usize;
    let low = sorted[below.min(last)];
    let high = sorted[(below + 1).min(last)];
    Some(low + (high - low) * (rank - rank.floor()))
}

/// The percentile of sorted values and of so many more that have no end. None where it lies among those.
pub(crate) fn percentile_of_all(sorted: &[f64], endless: usize, p: f64) -> Option<f64> {
    let last = (sorted.len() + endless).checked_sub(1)?;
    let rank = p.clamp(0.0, 1.0) * last as f64;
    let (below, share) = (rank.floor() as usize, rank - rank.floor());
    let low = *sorted.get(below)?;
    if share > 0.0 { Some(low + (sorted.get(below + 1)? - low) * share) } else { Some(low) }
}

/// Summarises values that are independent of each other: one per request. None when there are none.
#[must_use]
pub fn summarise(mut values: Vec<f64>, seed: u64) -> Option<Summary> {
    values.sort_unstable_by(f64::total_cmp);
    let mut summary = point_estimates(&values, values.len() as u64)?;
    summary.ci95 = bootstrap(&values, &summary, seed);
    Some(summary)
}

/// Summarises values that belong to requests, pooled: each item holds one request's values, in the order of
/// sending. What may be claimed depends on the number of requests, not of values.
#[must_use]
pub fn summarise_pooled(requests: &[Vec<f64>]) -> Option<Summary> {
    let with_values: Vec<&Vec<f64>> = requests.iter().filter(|values| !values.is_empty()).collect();
    let mut pooled: Vec<f64> = with_values.iter().flat_map(|values| values.iter().copied()).collect();
    pooled.sort_unstable_by(f64::total_cmp);
    let mut summary = point_estimates(&pooled, with_values.len() as u64)?;
    summary.ci95 = batch_means(&with_values, &summary);
    Some(summary)
}

fn point_estimates(sorted: &[f64], independent: u64) -> Option<Summary> {
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let n = sorted.len() as f64;
    let mean = mean(sorted);
    let squares: f64 = sorted.iter().map(|v| (v - mean).powi(2)).sum();
    let std = if sorted.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
    let at = |p| percentile(sorted, p);
    Some(Summary {
        count: sorted.len() as u64,
        mean,
        std,
        min,
        max,
        p50: at(0.50)?,
        p90: at(0.90)?,
        p95: at(0.95)?,
        p99: at(0.99)?,
        ci95: BTreeMap::new(),
        insufficient_samples: insufficient(independent),
    })
}

/// The statistics for which so many independent values are too few.
pub(crate) fn insufficient(independent: u64) -> Vec<Statistic> {
    Statistic::ALL.into_iter().filter(|s| independent < s.samples_needed()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn statistic_of(sorted: &[f64], statistic: Statistic) -> Option<f64> {
    match statistic {
        Statistic::Mean => (!sorted.is_empty()).then(|| mean(sorted)),
        Statistic::P50 => percentile(sorted, 0.50),
        Statistic::P90 => percentile(sorted, 0.90),
        Statistic::P95 => percentile(sorted, 0.95),
        Statistic::P99 => percentile(sorted, 0.99),
    }
}

/// Percentile bootstrap. A statistic with too few samples gets no interval: one would claim too much.
fn bootstrap(sorted: &[f64], summary: &Summary, seed: u64) -> BTreeMap<Statistic, Interval> {
    let wanted: Vec<Statistic> =
        WITH_INTERVAL.into_iter().filter(|s| !summary.insufficient_samples.contains(s)).collect();
    if wanted.is_empty() {
        return BTreeMap::new();
    }
    let size = sorted.len().min(MAX_RESAMPLE_SIZE);
    let scale = (size as f64 / sorted.len() as f64).sqrt();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut replicates: Vec<Vec<f64>> = wanted.iter().map(|_| Vec::with_capacity(RESAMPLES)).collect();
    let mut indices = vec![0_usize; size];
    let mut resample = vec![0.0; size];
    for _ in 0..RESAMPLES {
        // Indices into sorted values: sorting them sorts the resample.
        indices.fill_with(|| rng.random_range(0..sorted.len()));
        indices.sort_unstable();
        for (value, &index) in resample.iter_mut().zip(&indices) {
            *value = sorted[index];
        }
        for (values, &statistic) in replicates.iter_mut().zip(&wanted) {
            values.extend(statistic_of(&resample, statistic));
        }
    }
    let mut intervals = BTreeMap::new();
    for (mut values, statistic) in replicates.into_iter().zip(wanted) {
        values.sort_unstable_by(f64::total_cmp);
        let center = summary.get(statistic);
        let end = |p| percentile(&values, p).map(|v| center + (v - center) * scale);
        if let (Some(low), Some(high)) = (end(0.025), end(0.975)) {
            intervals.insert(statistic, Interval { low, high });
        }
    }
    intervals
}

/// The spread of a statistic over groups of consecutive requests, around its pooled value.
fn batch_means(requests: &[&Vec<f64>], summary: &Summary) -> BTreeMap<Statistic, Interval> {
    if requests.len() < BATCHES {
        return BTreeMap::new();
    }
    let groups: Vec<Vec<f64>> = (0..BATCHES)
        .map(|g| {
            let of = |g: usize| g * requests.len() / BATCHES;
            let mut group: Vec<f64> =
                requests[of(g)..of(g + 1)].iter().flat_map(|values| values.iter().copied()).collect();
            group.sort_unstable_by(f64::total_cmp);
            group
        })
        .collect();
    let mut intervals = BTreeMap::new();
    for statistic in WITH_INTERVAL {
        if summary.insufficient_samples.contains(&statistic) {
            continue;
        }
        let values: Vec<f64> = groups.iter().filter_map(|group| statistic_of(group, statistic)).collect();
        intervals.insert(statistic, interval_of_batches(&values, summary.get(statistic)));
    }
    intervals
}

/// The interval around a pooled value that follows from the values of [`BATCHES`] groups.
pub(crate) fn interval_of_batches(values: &[f64], pooled: f64) -> Interval {
    let half = student::mean_and_half_width(values).map_or(0.0, |(_, half)| half);
    Interval { low: (pooled - half).max(0.0), high: pooled + half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_of_all_is_that_of_the_values_and_of_infinite_ones() {
        let values: Vec<f64> = (1..=95).map(f64::from).collect();
        // 95 values and 5 failures: the 90th percentile of a hundred is at rank 89.1.
        assert!((percentile_of_all(&values, 5, 0.90).unwrap() - 90.1).abs() < 1e-9);
        assert_eq!(percentile_of_all(&values, 5, 0.95), None, "half way to one that failed");
        assert_eq!(percentile_of_all(&values, 0, 0.99), percentile(&values, 0.99));
        assert_eq!(percentile_of_all(&values, 1000, 0.50), None);
        assert_eq!(percentile_of_all(&[], 3, 0.5), None);
    }

    #[test]
    fn known_values_as_numpy_gives_them() {
        // numpy.percentile([1, 2, 3, 4, 10], [50, 90, 95, 99]) = 3, 7.6, 8.8, 9.76; std(ddof=1) = 3.5355339
        let s = summarise(vec![10.0, 1.0, 4.0, 2.0, 3.0], 1).unwrap();
        assert_eq!((s.count, s.mean, s.min, s.max, s.p50), (5, 4.0, 1.0, 10.0, 3.0));
        for (value, expected) in [(s.p90, 7.6), (s.p95, 8.8), (s.p99, 9.76), (s.std, 3.535_533_905_932_738)] {
            assert!((value - expected).abs() < 1e-9, "{value} {expected}");
        }
    }

    #[test]
    fn one_value_has_no_spread_and_none_has_no_summary() {
        let s = summarise(vec![5.0], 1).unwrap();
        assert_eq!((s.std, s.p99, s.mean), (0.0, 5.0, 5.0));
        assert_eq!(s.insufficient_samples, Statistic::ALL);
        assert!(s.ci95.is_empty());
        assert!(summarise(Vec::new(), 1).is_none());
        assert!(summarise_pooled(&[Vec::new()]).is_none());
    }

    #[test]
    fn a_claim_needs_its_samples() {
        let s = summarise((0..130).map(f64::from).collect(), 1).unwrap();
        assert_eq!(s.insufficient_samples, [Statistic::P99]);
        assert_eq!(
            s.ci95.keys().copied().collect::<Vec<_>>(),
            [Statistic::Mean, Statistic::P50, Statistic::P90]
        );
        let pooled = summarise_pooled(&vec![vec![1.0; 100]; 30]).unwrap();
        assert_eq!((pooled.count, pooled.insufficient_samples.len()), (3000, 3));
    }

    #[test]
    fn the_interval_of_the_mean_is_as_wide_as_theory_says() {
        // Uniform 0..1: standard error sqrt(1/12/n), with n below and above the resampling cap.
        for n in [1_000_u32, 40_000] {
            let mut rng = StdRng::seed_from_u64(7);
            let s = summarise((0..n).map(|_| rng.random::<f64>()).collect(), 3).unwrap();
            let ci = s.ci95[&Statistic::Mean];
            let expected = 2.0 * 1.96 * (1.0 / 12.0 / f64::from(n)).sqrt();
            let ratio = (ci.high - ci.low) / expected;
            assert!((0.8..1.2).contains(&ratio), "{n} {ratio}");
            assert!(ci.low < s.mean && s.mean < ci.high);
        }
    }

    #[test]
    fn pooled_intervals_follow_the_requests_not_the_values() {
        // Every request is constant, so 100 values of a request say no more than one.
        let mut rng = StdRng::seed_from_u64(5);
        let requests: Vec<Vec<f64>> = (0..400).map(|_| vec![10.0 + rng.random::<f64>(); 100]).collect();
        let ci = summarise_pooled(&requests).unwrap().ci95[&Statistic::Mean];
        let expected = 2.0 * 1.96 * (1.0 / 12.0 / 400.0_f64).sqrt();
        let ratio = (ci.high - ci.low) / expected;
        assert!((0.6..1.6).contains(&ratio), "{ratio}");
    }
}
