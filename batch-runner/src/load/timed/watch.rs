//! The **watch** that the timed path keeps over itself: how late its event loop wakes up, and how much
//! processor time it and the whole process use.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::time::MissedTickBehavior;

use super::Shared;
use crate::load::nanos;

/// Time between ticks.
const TICK: Duration = Duration::from_millis(5);
/// Ticks between readings of the processor clocks.
const TICKS_PER_READING: usize = 4;

/// A tick of the event loop.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::load) struct Tick {
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
    /// When measured requests of an open loop were due that were never sent.
    pub dropped_ns: Vec<u64>,
}

/// Ticks until it is dropped.
pub(super) async fn tick(shared: Rc<Shared>, observations: Rc<RefCell<Observations>>) {
    let mut interval = tokio::time::interval(TICK);
    // A late tick moves those after it: each says how late the loop was, not how late it has been in sum.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0_usize.. {
        let due = interval.tick().await.into_std();
        let now = Instant::now();
        let at_ns = nanos(now.saturating_duration_since(shared.origin));
        let mut observations = observations.borrow_mut();
        let late_ns = nanos(now.saturating_duration_since(due));
        let tick = Tick { at_ns, late_ns };
        observations.ticks.push(tick);
        shared.progress.stalled(late_ns);
        shared.clock.ticked(tick);
        if n % TICKS_PER_READING == 0 {
            let reading = read_clocks(at_ns, shared.reads.get());
            observations.cpu.push(reading);
            shared.progress.used(&reading);
        }
    }
}

fn read_clocks(at_ns: u64, reads: u64) -> CpuReading {
    let read = |clock| {
        let time = clock_gettime(clock);
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
    };
    let (thread_ns, process_ns) = (read(ClockId::ThreadCPUTime), read(ClockId::ProcessCPUTime));
    CpuReading { at_ns, thread_ns, process_ns, reads }
}
