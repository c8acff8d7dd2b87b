//! The **day clock** turns the time of day, which the kernel stamps packets with, into instants of the run.
//!
//! Both clocks run at the same pace; the time of day can be set while a run is under way, so they are compared time and
//! again.
//!
//! Not every stamp tells when data could be read. Behind a packet that was lost the kernel holds back what came after it,
//! which has its stamp already. So a stamp counts only as far back as this thread may have read late, which the ticks of
//! the [watch](super::watch) tell.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime};

use super::watch::Tick;
use crate::load::nanos;

/// Longest time that a comparison may take: one in which the thread was interrupted tells nothing.
const LONGEST_LOOK: Duration = Duration::from_micros(10);
/// How far back a stamp counts at least, ns: two ticks.
const SLACK_NS: u64 = 10_000_000;
/// How often the first comparison is tried.
const TRIES: u32 = 64;

/// The time of day at the origin of a run.
#[derive(Debug)]
pub(super) struct DayClock {
    origin: Instant,
    /// Nanoseconds since the epoch. None until the clocks have been compared.
    at_origin_ns: Cell<Option<u64>>,
    /// The latest tick.
    tick: Cell<Tick>,
}

impl DayClock {
    pub(super) fn new(origin: Instant) -> Self {
        let clock = Self { origin, at_origin_ns: Cell::new(None), tick: Cell::default() };
        for _ in 0..TRIES {
            clock.compare();
            if clock.at_origin_ns.get().is_some() {
                break;
            }
        }
        clock
    }

    /// Compares the clocks.
    fn compare(&self) {
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

    /// The event loop ticked: the clocks are compared again.
    pub(super) fn ticked(&self, tick: Tick) {
        self.tick.set(tick);
        self.compare();
    }

    /// The instant of the run, ns, at which data arrived that has this time of day and is read now. None before the run,
    /// where the clocks cannot be compared, and where the data was held back.
    pub(super) fn arrival_ns(&self, since_epoch: Duration, now_ns: u64) -> Option<u64> {
        let arrived_ns = nanos(since_epoch).checked_sub(self.at_origin_ns.get()?)?;
        let Tick { at_ns, late_ns } = self.tick.get();
        // What is ready is read in the round after the one that finds it, at the latest.
        let late_ns = late_ns.max(now_ns.saturating_sub(at_ns)).saturating_mul(2) + SLACK_NS;
        (now_ns.saturating_sub(arrived_ns) <= late_ns).then_some(arrived_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn the_time_of_day_becomes_an_instant() {
        let origin = Instant::now();
        let clock = DayClock::new(origin);
        let before = nanos(origin.elapsed());
        let day = day();
        let after = nanos(origin.elapsed());
        let doubt = nanos(LONGEST_LOOK);
        let instant = clock.arrival_ns(day, after).unwrap();
        assert!(
            (before.saturating_sub(doubt)..=after + doubt).contains(&instant),
            "{before} {instant} {after}"
        );
        assert_eq!(clock.arrival_ns(Duration::from_secs(1), after), None);
    }

    #[test]
    fn a_stamp_counts_as_far_back_as_the_thread_was_busy() {
        const MS: u64 = 1_000_000;
        let clock = DayClock::new(Instant::now());
        let origin = Duration::from_nanos(clock.at_origin_ns.get().unwrap());
        let arrival = |late_ms: u64, behind_ms: u64| {
            clock.tick.set(Tick { at_ns: 1_000 * MS, late_ns: late_ms * MS });
            let now_ns = 1_001 * MS;
            let stamp = origin + Duration::from_nanos(now_ns) - Duration::from_millis(behind_ms);
            clock.arrival_ns(stamp, now_ns).is_some()
        };
        assert_eq!(
            [arrival(0, 11), arrival(0, 200), arrival(95, 200), arrival(90, 200)],
            [true, false, true, false]
        );
    }
}
