//! **Arrivals** of an open loop: the schedule that follows from the rate, the process and the run's seed.

use std::time::Duration;

use domain::{Arrival, Rate};
use traffic::{RatePlan, Schedule};

/// Keeps the schedule's random numbers apart from the prompts'.
const SEED_SALT: u64 = 0xa771_4a15_0000_0000;

/// When requests are due.
pub(super) fn schedule(rate: Rate, arrival: Arrival, seed: u64) -> Schedule {
    Schedule::new(arrival, &RatePlan::steady(rate), seed ^ SEED_SALT)
}

/// Requests that are sent before the measured ones: those of the first second at least, while connections are
/// opened.
pub(super) fn warm_up(asked: u32, rate: Rate) -> u32 {
    asked.max(rate.rps().ceil() as u32)
}

/// Requests that are due within a time after the warm-up.
#[must_use]
pub fn requests_within(rate: Rate, arrival: Arrival, seed: u64, asked_warm_up: u32, time: Duration) -> u32 {
    let mut due = schedule(rate, arrival, seed).skip(warm_up(asked_warm_up, rate).saturating_sub(1) as usize);
    let begin = due.next().unwrap_or(0);
    let end = begin.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    let count = due.take_while(|due| *due <= end).take(u32::MAX as usize).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_holds_the_requests_that_are_due_in_it() {
        let rate = Rate::try_from(50.0).unwrap();
        let seconds = |s| Duration::from_secs(s);
        assert_eq!(requests_within(rate, Arrival::Constant, 1, 0, seconds(10)), 500);
        assert_eq!(requests_within(rate, Arrival::Constant, 1, 1000, seconds(1)), 50);
        assert_eq!(requests_within(rate, Arrival::Constant, 1, 0, Duration::from_millis(1)), 0);
        let poisson = requests_within(rate, Arrival::Poisson, 1, 0, seconds(100));
        assert!((4700..5300).contains(&poisson), "{poisson}");
    }
}
