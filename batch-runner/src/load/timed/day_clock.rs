//! The **day clock** turns the time of day, which the kernel stamps packets with, into instants of the run.
//!
//! Both clocks run at the same pace; the time of day can be set while a run is under way, so they are compared time and
//! again.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use crate::load::nanos;

/// Longest time that a comparison may take: one in which the thread was interrupted tells nothing.
const LONGEST_LOOK: Duration = Duration::from_micros(10);
/// How often the first comparison is tried.
const TRIES: u32 = 64;

/// The time of day at the origin of a run.
#[derive(Debug)]
pub(super) struct DayClock {
    origin: Instant,
    /// Nanoseconds since the epoch. None until the clocks have been compared.
    at_origin_ns: Cell<Option<u64>>,
}

impl DayClock {
    pub(super) fn new(origin: Instant) -> Self {
        let clock = Self { origin, at_origin_ns: Cell::new(None) };
        for _ in 0..TRIES {
            clock.compare();
            if clock.at_origin_ns.get().is_some() {
                break;
            }
        }
        clock
    }

    /// Compares the clocks.
    pub(super) fn compare(&self) {
        let before = Instant::now();
        let day = SystemTime::now();
        let look = before.elapsed();
        if look > LONGEST_LOOK {
            return;
        }
        let since_origin = before.saturating_duration_since(self.origin) + look / 2;
        if let Ok(since_epoch) = day.duration_since(SystemTime::UNIX_EPOCH) {
            self.at_origin_ns.set(nanos(since_epoch).checked_sub(nanos(since_origin)));
        }
    }

    /// The instant of the run, ns, at a time of day. None before the run, and where the clocks cannot be compared.
    pub(super) fn instant_ns(&self, since_epoch: Duration) -> Option<u64> {
        nanos(since_epoch).checked_sub(self.at_origin_ns.get()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_becomes_an_instant() {
        let origin = Instant::now();
        let clock = DayClock::new(origin);
        let before = nanos(origin.elapsed());
        let day = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let after = nanos(origin.elapsed());
        let doubt = nanos(LONGEST_LOOK);
        let instant = clock.instant_ns(day).unwrap();
        assert!(
            (before.saturating_sub(doubt)..=after + doubt).contains(&instant),
            "{before} {instant} {after}"
        );
        assert_eq!(clock.instant_ns(Duration::from_secs(1)), None);
    }
}
