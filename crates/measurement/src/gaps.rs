//! **Gaps** are the times between consecutive content events of an answer. They are pooled over requests, and there are
//! as many as events, so that their distribution is found by going through them several times instead of holding
//! them; it is exact all the same.

use std::collections::BTreeMap;

use domain::metrics::Interval;
use domain::{Statistic, Summary};

use crate::ranks::{MOST_HELD, at_ranks};
use crate::record::RequestRecord;
use crate::summary::{BATCHES, WITH_INTERVAL, insufficient, interval_of_batches};

/// Nanoseconds in a millisecond.
const NS_PER_MS: f64 = 1e6;

/// Summarises the gaps of requests in the order of sending, ms. None when there are none.
///
/// What may be claimed depends on the number of requests, not of gaps: within one request they are not independent.
#[must_use]
pub fn summarise_gaps(requests: &[&RequestRecord]) -> Option<Summary> {
    summarise(requests, MOST_HELD)
}

fn summarise(requests: &[&RequestRecord], most_held: usize) -> Option<Summary> {
    let requests: Vec<&RequestRecord> = requests.iter().copied().filter(|r| r.content.len() > 1).collect();
    let pooled = Pool { requests: &requests, most_held };
    let Moments { count, mean_ms, std_ms, min_ms, max_ms } = pooled.moments()?;
    let [p50, p90, p95, p99] = pooled.percentiles([0.50, 0.90, 0.95, 0.99]);
    let mut summary = Summary {
        count,
        mean: mean_ms,
        std: std_ms,
        min: min_ms,
        max: max_ms,
        p50,
        p90,
        p95,
        p99,
        ci95: BTreeMap::new(),
        insufficient_samples: insufficient(requests.len() as u64),
    };
    summary.ci95 = intervals(&requests, most_held, &summary);
    Some(summary)
}

/// The spread of each statistic over groups of consecutive requests, around its pooled value.
fn intervals(
    requests: &[&RequestRecord],
    most_held: usize,
    summary: &Summary,
) -> BTreeMap<Statistic, Interval> {
    if requests.len() < BATCHES {
        return BTreeMap::new();
    }
    let of = |group: usize| group * requests.len() / BATCHES;
    let groups: Vec<[f64; 4]> = (0..BATCHES)
        .map(|group| {
            let pool = Pool { requests: &requests[of(group)..of(group + 1)], most_held };
            let [p50, p90, p99] = pool.percentiles([0.50, 0.90, 0.99]);
            [pool.moments().map_or(0.0, |moments| moments.mean_ms), p50, p90, p99]
        })
        .collect();
    let claimed = WITH_INTERVAL.into_iter().enumerate();
    let claimed = claimed.filter(|(_, statistic)| !summary.insufficient_samples.contains(statistic));
    claimed
        .map(|(at, statistic)| {
            let values: Vec<f64> = groups.iter().map(|group| group[at]).collect();
            (statistic, interval_of_batches(&values, summary.get(statistic)))
        })
        .collect()
}

/// The gaps of some requests.
struct Pool<'a> {
    requests: &'a [&'a RequestRecord],
    most_held: usize,
}

struct Moments {
    count: u64,
    mean_ms: f64,
    std_ms: f64,
    min_ms: f64,
    max_ms: f64,
}

impl Pool<'_> {
    fn gaps_ns(&self) -> impl Iterator<Item = u64> {
        self.requests.iter().flat_map(|request| request.content.gaps_ns())
    }

    fn moments(&self) -> Option<Moments> {
        let (mut count, mut sum_ns, mut min_ns, mut max_ns) = (0_u64, 0_u128, u64::MAX, 0_u64);
        // Welford's running mean and squares.
        let (mut mean, mut squares) = (0.0, 0.0);
        for gap_ns in self.gaps_ns() {
            count += 1;
            sum_ns += u128::from(gap_ns);
            (min_ns, max_ns) = (min_ns.min(gap_ns), max_ns.max(gap_ns));
            let delta = gap_ns as f64 - mean;
            mean += delta / count as f64;
            squares += delta * (gap_ns as f64 - mean);
        }
        let others = count.checked_sub(1)?;
        let variance = if others > 0 { squares / others as f64 } else { 0.0 };
        Some(Moments {
            count,
            mean_ms: sum_ns as f64 / count as f64 / NS_PER_MS,
            std_ms: variance.sqrt() / NS_PER_MS,
            min_ms: min_ns as f64 / NS_PER_MS,
            max_ms: max_ns as f64 / NS_PER_MS,
        })
    }

    /// Percentiles as [`crate::summary::percentile`] defines them, ms.
    fn percentiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let count: u64 = self.requests.iter().map(|request| request.content.len() as u64 - 1).sum();
        let last = count.saturating_sub(1);
        let places = shares.map(|share| share * last as f64);
        let ranks: Vec<u64> = places
            .iter()
            .flat_map(|place| [place.floor() as u64, last.min(place.floor() as u64 + 1)])
            .collect();
        let found = at_ranks(|| self.gaps_ns(), count, &ranks, self.most_held);
        let mut pairs = found.chunks_exact(2);
        places.map(|place| {
            let [low, high] = pairs.next().map_or([0.0; 2], |pair| [pair[0] as f64, pair[1] as f64]);
            (low + (high - low) * place.fract()) / NS_PER_MS
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::sample;
    use crate::summary::summarise_pooled;

    fn records() -> impl Strategy<Value = Vec<RequestRecord>> {
        let answer = prop::collection::vec(0..60_u64, 0..30);
        prop::collection::vec(answer, 0..60).prop_map(|answers| {
            let record = |(index, gaps): (usize, Vec<u64>)| {
                let mut at_ms = 0;
                let content: Vec<u64> = gaps
                    .into_iter()
                    .map(|gap| {
                        at_ms += gap;
                        at_ms
                    })
                    .collect();
                sample(index as u32, 0, &content)
            };
            answers.into_iter().enumerate().map(record).collect()
        })
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * a.abs().max(1.0)
    }

    proptest! {
        #[test]
        fn the_distribution_is_that_of_all_gaps_held_at_once(records in records(), most_held in 1..200_usize) {
            let all: Vec<&RequestRecord> = records.iter().collect();
            let found = summarise(&all, most_held);
            prop_assert_eq!(&found, &summarise_gaps(&all));
            let held: Vec<Vec<f64>> =
                records.iter().map(|r| r.content.gaps_ns().map(|ns| ns as f64 / 1e6).collect()).collect();
            match (found, summarise_pooled(&held)) {
                (None, None) => {}
                (Some(found), Some(expected)) => {
                    prop_assert_eq!(found.count, expected.count);
                    prop_assert_eq!(&found.insufficient_samples, &expected.insufficient_samples);
                    prop_assert!(close(found.std, expected.std) && close(found.max, expected.max));
                    for statistic in Statistic::ALL {
                        prop_assert!(close(found.get(statistic), expected.get(statistic)), "{statistic:?}");
                        let interval = |summary: &Summary| summary.ci95.get(&statistic).map(|i| (i.low, i.high));
                        match (interval(&found), interval(&expected)) {
                            (None, None) => {}
                            (Some(a), Some(b)) => prop_assert!(close(a.0, b.0) && close(a.1, b.1)),
                            (a, b) => prop_assert!(false, "{a:?} {b:?}"),
                        }
                    }
                }
                (a, b) => prop_assert!(false, "{a:?} {b:?}"),
            }
        }
    }
}
