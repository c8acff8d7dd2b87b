//! **Arrivals** of an open loop: the schedule that follows from the rate, the process and the run's seed, or from
//! a trace.

use std::time::Duration;

use domain::{Arrival, RatePlan};
use traffic::{Schedule, trace};

use super::nanos;
use super::source::Trace;

/// Keeps the schedule's random numbers apart from the prompts'.
const SEED_SALT: u64 = 0xa771_4a15_0000_0000;

/// When requests are due, ns since the schedule's start, in order.
#[derive(Debug, Clone)]
pub(super) enum Arrivals {
    /// Drawn as they are needed.
    Drawn(Schedule),
    /// As they were recorded.
    Recorded(std::vec::IntoIter<u64>),
}

impl Arrivals {
    pub(super) fn at_rate(rate: &RatePlan, arrival: Arrival, seed: u64) -> Self {
        Self::Drawn(Schedule::new(arrival, rate, seed ^ SEED_SALT))
    }

    pub(super) fn of_trace(trace: &Trace) -> Self {
        let instants: Vec<u64> = trace::instants(&trace.requests, trace.speed).collect();
        Self::Recorded(instants.into_iter())
    }
}

impl Iterator for Arrivals {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        match self {
            Self::Drawn(schedule) => schedule.next(),
            Self::Recorded(instants) => instants.next(),
        }
    }
}

/// Requests that are sent before the measured ones: at a rate that holds those of the first second at least, while
/// connections are opened.
pub(super) fn warm_up(asked: u32, rate: &RatePlan) -> u32 {
    match rate {
        RatePlan::Steady(rate) => asked.max(rate.rps().ceil() as u32),
        RatePlan::Staged(_) => asked,
    }
}

/// Requests that are due within a time after the warm-up, or until the schedule ends.
#[must_use]
pub fn requests_within(
    rate: &RatePlan,
    arrival: Arrival,
    seed: u64,
    asked_warm_up: u32,
    time: Duration,
) -> u32 {
    let mut due = Arrivals::at_rate(rate, arrival, seed);
    let last_warm_up = (warm_up(asked_warm_up, rate) as usize).checked_sub(1);
    let begin = last_warm_up.and_then(|last| due.nth(last)).unwrap_or(0);
    let end = begin.saturating_add(nanos(time));
    let count = due.take_while(|due| *due <= end).take(u32::MAX as usize).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_holds_the_requests_that_are_due_in_it() {
        let within = |rate: &str, arrival, asked, s| {
            requests_within(&rate.parse().unwrap(), arrival, 1, asked, Duration::from_secs_f64(s))
        };
        assert_eq!(within("50", Arrival::Constant, 0, 10.0), 500);
        assert_eq!(within("50", Arrival::Constant, 1000, 1.0), 50);
        assert_eq!(within("50", Arrival::Constant, 0, 0.0), 0);
        let poisson = within("50", Arrival::Poisson, 0, 100.0);
        assert!((4700..5300).contains(&poisson), "{poisson}");
        // Those of the whole plan, except for the warm-up.
        assert_eq!(within("10:1s,0-100:2s", Arrival::Constant, 10, 1e9), 100);
    }
}
