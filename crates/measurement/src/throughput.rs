//! How far a **throughput** can be trusted: the 95 % interval of output tokens per second over a window.
//!
//! By batch means (Schmeiser, *Batch Size Effects in the Analysis of Simulation Output*, Operations Research 30(3),
//! 1982): the window is cut into batches of equal length, the tokens per second of each are one value, and the mean of
//! these values has an interval of Student's t. Neighbouring seconds are alike, since the tokens of a request come one
//! after another and requests that are sent together end together. So a batch is as long as a request takes on average,
//! at least: then most of what is in one batch has nothing to do with the one before. There are 20 batches at most, as
//! more narrow the interval little, and where fewer than five fit no interval is told.
//!
//! It says how far the mean would move if the same server were measured for as long again. What another start or another
//! hour changes is only seen between repeats ([`crate::repeats`]).

use domain::metrics::Interval;

use crate::record::RequestRecord;
use crate::student;
use crate::window::Window;

/// Fewest batches of which an interval is told.
const FEWEST_BATCHES: usize = 5;
/// Nanoseconds in a second.
const NS_PER_S: f64 = 1e9;

/// The interval around `output_tps`, the tokens per second of a window. None where the window is too short for one.
#[must_use]
pub fn interval(window: &Window, records: &[RequestRecord], output_tps: f64) -> Option<Interval> {
    let length_ns = window.seconds() * NS_PER_S;
    let batches = ((length_ns / request_ns(records)?) as usize).min(student::MOST_VALUES);
    if batches < FEWEST_BATCHES {
        return None;
    }
    let batch_ns = length_ns / batches as f64;
    let tokens = window.tokens_per_interval(records, batch_ns);
    let per_second: Vec<f64> = tokens.into_iter().map(|tokens| tokens / batch_ns * NS_PER_S).collect();
    let (_, half) = student::mean_and_half_width(&per_second)?;
    Some(Interval { low: (output_tps - half).max(0.0), high: output_tps + half })
}

/// How long a request takes on average. None when none succeeded.
fn request_ns(records: &[RequestRecord]) -> Option<f64> {
    let lengths: Vec<f64> =
        records.iter().filter(|r| r.succeeded()).filter_map(RequestRecord::e2e_ms).collect();
    (!lengths.is_empty()).then(|| 1e6 * lengths.iter().sum::<f64>() / lengths.len() as f64)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::record::sample;
    use crate::window::Selects;

    fn window(ms: u64) -> Window {
        Window { start_ns: 0, end_ns: ms * 1_000_000, steady: true, selects: Selects::Sent }
    }

    /// One slot: requests of ten tokens back to back, each with a pace of its own, until the window ends.
    fn one_slot(seed: u64, until_ms: u64, pace_ms: impl Fn(&mut StdRng) -> u64) -> Vec<RequestRecord> {
        let mut rng = StdRng::seed_from_u64(seed);
        let (mut records, mut at) = (Vec::new(), 0);
        while at < until_ms {
            let pace = pace_ms(&mut rng);
            let content: Vec<u64> = (1..=10).map(|token| at + token * pace).collect();
            records.push(sample(records.len() as u32, at, &content));
            at += 10 * pace;
        }
        records
    }

    fn of(records: &[RequestRecord], window: &Window) -> (f64, Option<Interval>) {
        let tps = window.output_tokens(records) / window.seconds();
        (tps, interval(window, records, tps))
    }

    /// 95 of 100 intervals should hold the truth: the mean pace is 15 ms a token.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let window = window(60_000);
        let held = (0..200).filter(|seed| {
            let records = one_slot(*seed, 60_000, |rng| rng.random_range(10..=20));
            let (_, interval) = of(&records, &window);
            let interval = interval.unwrap();
            (interval.low..interval.high).contains(&(1000.0 / 15.0))
        });
        let held = held.count();
        assert!((180..=198).contains(&held), "{held} of 200");
    }

    #[test]
    fn what_is_even_has_a_narrow_interval_and_what_is_short_has_none() {
        let records = one_slot(1, 10_000, |_| 10);
        let (tps, interval) = of(&records, &window(10_000));
        let interval = interval.unwrap();
        assert!(interval.high - interval.low < 0.02 * tps && interval.low <= tps && tps <= interval.high);
        // A request takes 100 ms.
        assert!(of(&records, &window(490)).1.is_none());
        assert!(of(&records, &window(510)).1.is_some());
        assert!(super::interval(&window(1_000), &[], 1.0).is_none());
    }
}
