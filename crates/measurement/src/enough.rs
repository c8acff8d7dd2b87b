//! **Enough** is when a run may end: so many requests lie in a steady state, and the intervals around what is
//! claimed are narrow.
//!
//! Convergence is judged by batch means over consecutive requests, which unlike a bootstrap see that requests
//! sent together are alike. Only metrics that an SLO bounds must converge; without an SLO time to first token and
//! time per output token.

use domain::{RequestSlo, Statistic};

use crate::record::RequestRecord;
use crate::summary::summarise_pooled;
use crate::window::Window;

/// The statistics whose intervals are looked at, where there are requests enough for one.
const CLAIMED: [Statistic; 2] = [Statistic::Mean, Statistic::P90];

/// What a run needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// Requests in the steady state.
    pub requests: usize,
    /// Widest half of a 95 % interval, as a share of its value. None: any will do.
    pub tolerance: Option<f64>,
    /// Which metrics must converge.
    pub slo: RequestSlo,
}

/// Whether the window of a run has what is needed.
#[must_use]
pub fn is_enough(need: &Need, window: &Window, records: &[RequestRecord]) -> bool {
    window.steady && window.measured(records).count() >= need.requests && has_converged(need, window, records)
}

/// Whether the intervals in a window are as narrow as is needed.
#[must_use]
pub fn has_converged(need: &Need, window: &Window, records: &[RequestRecord]) -> bool {
    let Some(tolerance) = need.tolerance else { return true };
    let mut good: Vec<&RequestRecord> = window.measured(records).filter(|r| r.succeeded()).collect();
    good.sort_unstable_by_key(|r| r.index);
    claimed(&need.slo).into_iter().all(|value| {
        let values: Vec<Vec<f64>> = good.iter().filter_map(|r| value(r)).map(|value| vec![value]).collect();
        // A metric that no request has is no claim.
        let Some(summary) = summarise_pooled(&values) else { return true };
        let narrow = |interval: &domain::metrics::Interval, statistic| {
            (interval.high - interval.low) / 2.0 <= tolerance * summary.get(statistic)
        };
        let known =
            |statistic| summary.ci95.get(&statistic).is_none_or(|interval| narrow(interval, statistic));
        summary.ci95.contains_key(&Statistic::Mean) && CLAIMED.into_iter().all(known)
    })
}

type Value = fn(&RequestRecord) -> Option<f64>;

fn claimed(slo: &RequestSlo) -> Vec<Value> {
    let any = slo.is_empty();
    let bounded: [(bool, Value); 3] = [
        (any || slo.ttft.is_some(), RequestRecord::ttft_ms),
        (any || slo.tpot.is_some(), RequestRecord::tpot_ms),
        (slo.e2e.is_some(), RequestRecord::e2e_ms),
    ];
    bounded.into_iter().filter_map(|(claimed, value)| claimed.then_some(value)).collect()
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::record::sample;
    use crate::window::Selects;

    /// Requests whose time to first token is drawn from two values by `odd`.
    fn run(count: u32, odd: impl Fn(u32) -> bool) -> Vec<RequestRecord> {
        let one = |i: u32| {
            let (sent, first) = (u64::from(i) * 10, if odd(i) { 90 } else { 10 });
            sample(i, sent, &[sent + first, sent + first + 10, sent + first + 20])
        };
        (0..count).map(one).collect()
    }

    fn window(steady: bool) -> Window {
        Window { start_ns: 0, end_ns: u64::MAX, steady, selects: Selects::Sent }
    }

    fn need(requests: usize, tolerance: Option<f64>) -> Need {
        Need { requests, tolerance, slo: RequestSlo::default() }
    }

    #[test]
    fn requests_count_only_in_a_steady_state() {
        let records = run(50, |_| false);
        assert!(is_enough(&need(50, None), &window(true), &records));
        assert!(!is_enough(&need(51, None), &window(true), &records));
        assert!(!is_enough(&need(50, None), &window(false), &records));
    }

    #[test]
    fn intervals_narrow_with_the_requests() {
        let mut rng = StdRng::seed_from_u64(1);
        let odd: Vec<bool> = (0..4_000).map(|_| rng.random()).collect();
        let noisy = |i: u32| odd[i as usize];
        let converges = |count| has_converged(&need(1, Some(0.1)), &window(true), &run(count, noisy));
        assert!(!converges(100) && converges(4_000));
        // Too few for any interval.
        assert!(!has_converged(&need(1, Some(0.1)), &window(true), &run(10, |_| false)));
        assert!(has_converged(&need(1, Some(0.1)), &window(true), &run(40, |_| false)));
    }

    #[test]
    fn requests_that_are_alike_in_time_do_not_converge_as_if_they_were_not() {
        let waves = run(4_000, |i| (i / 200) % 2 == 0);
        assert!(!has_converged(&need(1, Some(0.1)), &window(true), &waves));
    }

    #[test]
    fn only_what_an_slo_bounds_must_converge() {
        let waves = run(4_000, |i| (i / 200) % 2 == 0);
        let slo = RequestSlo { tpot: Some("20ms".parse().unwrap()), ..RequestSlo::default() };
        let need = Need { slo, ..need(1, Some(0.1)) };
        assert!(has_converged(&need, &window(true), &waves));
    }
}
