//! The **watch** that the timed path keeps over itself: how late its event loop wakes up, and how much
//! processor time it and the whole process use.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use measurement::record::Turn;
use measurement::window::Window;
use rustix::time::{ClockId, clock_gettime};
use tokio::time::MissedTickBehavior;

use super::Shared;
use crate::load::nanos;

/// Time between ticks, ns.
const TICK_NS: u64 = 5_000_000;
/// Ticks between readings of the processor clocks.
const TICKS_PER_READING: usize = 4;

/// A tick of the event loop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::load) struct Tick {
    /// When it was due; of what the day clock is told, when it came.
    pub at_ns: u64,
    pub late_ns: u64,
}

/// A reading of the processor clocks.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct CpuReading {
    pub at_ns: u64,
    pub thread_ns: u64,
    pub process_ns: u64,
    /// Reads of sockets so far.
    pub reads: u64,
}

/// What the IO thread saw of itself.
#[derive(Debug, Default)]
pub(in crate::load) struct Observations {
    pub ticks: Vec<Tick>,
    pub cpu: Vec<CpuReading>,
    pub most_sockets: u32,
    /// Measured requests of an open loop that were due and never sent.
    pub dropped: Vec<Dropped>,
}

impl Observations {
    /// Those that were due in the window.
    pub(in crate::load) fn dropped_in(&self, window: &Window) -> impl Iterator<Item = &Dropped> {
        self.dropped.iter().filter(|dropped| window.contains(dropped.due_ns))
    }
}

/// A request that was due and never sent.
#[derive(Debug, Clone, Copy)]
pub(in crate::load) struct Dropped {
    pub due_ns: u64,
    /// Where it stood in a conversation.
    pub turn: Option<Turn>,
}

/// Ticks until it is dropped.
pub(super) async fn tick(shared: Rc<Shared>, observations: Rc<RefCell<Observations>>) {
    let mut interval = tokio::time::interval(Duration::from_nanos(TICK_NS));
    // A late tick moves those after it; those that it swallowed are told with it.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0_usize.. {
        let due = interval.tick().await.into_std();
        let at_ns = shared.now();
        let mut observations = observations.borrow_mut();
        let due_ns = nanos(due.saturating_duration_since(shared.origin));
        for tick in ticks_until(at_ns, due_ns) {
            observations.ticks.push(tick);
            shared.progress.stalled(tick.late_ns);
        }
        shared.clock.ticked(Tick { at_ns, late_ns: at_ns.saturating_sub(due_ns) });
        if n % TICKS_PER_READING == 0 {
            let reading = read_clocks(at_ns, shared.reads.get());
            observations.cpu.push(reading);
            shared.progress.used(&reading);
        }
    }
}

/// The tick that was due then and those that it swallowed by being late: a stall delays all that was due meanwhile, and
/// as one tick of many it would be in no percentile, however long.
fn ticks_until(now_ns: u64, due_ns: u64) -> impl Iterator<Item = Tick> {
    let due = (0..).map(move |n| due_ns + n * TICK_NS);
    due.take_while(move |at_ns| *at_ns <= now_ns.max(due_ns))
        .map(move |at_ns| Tick { at_ns, late_ns: now_ns.saturating_sub(at_ns) })
}

fn read_clocks(at_ns: u64, reads: u64) -> CpuReading {
    let read = |clock| {
        let time = clock_gettime(clock);
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
    };
    let (thread_ns, process_ns) = (read(ClockId::ThreadCPUTime), read(ClockId::ProcessCPUTime));
    CpuReading { at_ns, thread_ns, process_ns, reads }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn late_ms(now_ms: u64, due_ms: u64) -> Vec<(u64, u64)> {
        let ticks = ticks_until(now_ms * 1_000_000, due_ms * 1_000_000);
        ticks.map(|tick| (tick.at_ns / 1_000_000, tick.late_ns / 1_000_000)).collect()
    }

    #[test]
    fn a_late_tick_counts_as_all_that_it_swallowed() {
        assert_eq!(late_ms(100, 100), [(100, 0)]);
        assert_eq!(late_ms(104, 100), [(100, 4)]);
        assert_eq!(late_ms(117, 100), [(100, 17), (105, 12), (110, 7), (115, 2)]);
        // Clocks that are read one after the other never lose a tick.
        assert_eq!(late_ms(99, 100), [(100, 0)]);
    }

    #[test]
    fn a_second_of_stall_in_a_minute_is_in_the_p99() {
        let quiet = (0..11_800).map(|_| Tick { at_ns: 0, late_ns: 100_000 });
        let stall = ticks_until(1_000_000_000, 0);
        let mut late: Vec<f64> = quiet.chain(stall).map(|tick| tick.late_ns as f64 / 1e6).collect();
        late.sort_unstable_by(f64::total_cmp);
        assert!(measurement::summary::percentile(&late, 0.99).unwrap() > 300.0);
    }
}
