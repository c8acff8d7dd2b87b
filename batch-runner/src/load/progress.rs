//! **Progress** is what can be told of a run while it is under way. It is for people who wait: the result is
//! computed from the records, never from this.
//!
//! The IO thread writes a few relaxed atomics for each request and each tick of its watch, and nothing for a token.
//! The decoder writes the rest, off the timed path.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

use domain::result::FailureReason;
use measurement::certificate::Thresholds;
use measurement::record::{Outcome, Phase, RequestRecord};

use super::timed::CpuReading;

/// A lag and a stall beyond which the certificate minds, ns.
const LONG_LAG_NS: u64 = (Thresholds::STANDARD.issue_lag_p99_ms * 1e6) as u64;
const LONG_STALL_NS: u64 = (Thresholds::STANDARD.loop_stall_p99_ms * 1e6) as u64;

/// A run under way.
#[derive(Debug)]
pub struct Progress {
    asked: NonZeroU32,
    sent: AtomicU64,
    ended: AtomicU64,
    measured_sent: AtomicU64,
    dropped: AtomicU64,
    lag: Worst,
    stall: Worst,
    at_ns: AtomicU64,
    io_thread_ns: AtomicU64,
    reads: AtomicU64,
    finished: Mutex<Finished>,
}

/// Delays of one kind.
#[derive(Debug, Default)]
struct Worst {
    /// Longest since it was last asked for, ns.
    longest_ns: AtomicU64,
    all: AtomicU64,
    long: AtomicU64,
}

impl Worst {
    fn add(&self, delay_ns: u64, limit_ns: u64, counts: bool) {
        self.longest_ns.fetch_max(delay_ns, Relaxed);
        if counts {
            self.all.fetch_add(1, Relaxed);
            if delay_ns > limit_ns {
                self.long.fetch_add(1, Relaxed);
            }
        }
    }

    fn take(&self) -> Delays {
        Delays {
            longest_ms: self.longest_ns.swap(0, Relaxed) as f64 / 1e6,
            all: self.all.load(Relaxed),
            long: self.long.load(Relaxed),
        }
    }
}

/// Delays of one kind, as they are told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Delays {
    /// The longest since the last look, ms.
    pub longest_ms: f64,
    /// Those since measuring began.
    pub all: u64,
    /// Those of them that were longer than the certificate's limit.
    pub long: u64,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing was sent: prompts are being sized.
    #[default]
    Preparing,
    /// No measured request was sent yet.
    WarmUp,
    /// Measured requests are under way.
    Measuring,
}

/// A sum of latencies.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Latencies {
    /// Their sum, ms.
    pub sum_ms: f64,
    /// How many.
    pub count: u64,
}

impl Latencies {
    fn add(&mut self, latency_ms: Option<f64>) {
        if let Some(ms) = latency_ms {
            self.sum_ms += ms;
            self.count += 1;
        }
    }

    /// Mean of those that came after `earlier`, ms. None when none did.
    #[must_use]
    pub fn mean_since(&self, earlier: &Self) -> Option<f64> {
        let count = self.count.checked_sub(earlier.count).filter(|n| *n > 0)?;
        Some((self.sum_ms - earlier.sum_ms) / count as f64)
    }
}

/// What has ended and was decoded, over the whole run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finished {
    /// Measured requests, whether they succeeded or not.
    pub measured: u64,
    /// Requests that succeeded.
    pub succeeded: u64,
    /// Their output tokens.
    pub output_tokens: u64,
    /// Their times to first token.
    pub ttft: Latencies,
    /// Their times per output token.
    pub tpot: Latencies,
    /// Requests that failed, by reason.
    pub failed: BTreeMap<FailureReason, u64>,
}

/// A look at a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Counts {
    /// Where it is.
    pub stage: Stage,
    /// Requests to measure.
    pub asked: u32,
    /// Requests in flight.
    pub in_flight: u64,
    /// What has ended.
    pub finished: Finished,
    /// Issue lags.
    pub lag: Delays,
    /// Stalls of the event loop.
    pub stall: Delays,
    /// Arrivals that were never sent.
    pub dropped: u64,
    /// When the IO thread last read the processor clocks, ns since the run's origin.
    pub at_ns: u64,
    /// Processor time that it had used by then, ns.
    pub io_thread_ns: u64,
    /// Reads of its sockets by then.
    pub reads: u64,
    /// Requests that have ended, whether they were decoded yet or not.
    pub ended: u64,
}

impl Progress {
    /// A run of so many measured requests that has not begun.
    #[must_use]
    pub fn new(asked: NonZeroU32) -> Self {
        Self {
            asked,
            sent: AtomicU64::default(),
            ended: AtomicU64::default(),
            measured_sent: AtomicU64::default(),
            dropped: AtomicU64::default(),
            lag: Worst::default(),
            stall: Worst::default(),
            at_ns: AtomicU64::default(),
            io_thread_ns: AtomicU64::default(),
            reads: AtomicU64::default(),
            finished: Mutex::default(),
        }
    }

    /// A request is about to be sent.
    pub(super) fn sent(&self, phase: Phase) {
        self.sent.fetch_add(1, Relaxed);
        if phase == Phase::Measured {
            self.measured_sent.fetch_add(1, Relaxed);
        }
    }

    /// A request has ended; `lag_ns` is its issue lag, unless it was never sent.
    pub(super) fn ended(&self, phase: Phase, lag_ns: Option<u64>) {
        self.ended.fetch_add(1, Relaxed);
        if let Some(lag_ns) = lag_ns {
            self.lag.add(lag_ns, LONG_LAG_NS, phase == Phase::Measured);
        }
    }

    /// A measured request was due and is not sent.
    pub(super) fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// The event loop woke up so late.
    pub(super) fn stalled(&self, late_ns: u64) {
        let measuring = self.measured_sent.load(Relaxed) > 0;
        self.stall.add(late_ns, LONG_STALL_NS, measuring);
    }

    /// The IO thread read the processor clocks.
    pub(super) fn used(&self, reading: &CpuReading) {
        self.at_ns.store(reading.at_ns, Relaxed);
        self.io_thread_ns.store(reading.thread_ns, Relaxed);
        self.reads.store(reading.reads, Relaxed);
    }

    /// A request was decoded.
    pub(super) fn decoded(&self, record: &RequestRecord) {
        let mut finished = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        match &record.outcome {
            Outcome::Succeeded => {
                finished.succeeded += 1;
                finished.output_tokens += record.output_tokens;
                finished.ttft.add(record.ttft_ms());
                finished.tpot.add(record.tpot_ms());
            }
            Outcome::Failed { reason, .. } => *finished.failed.entry(*reason).or_default() += 1,
            Outcome::Cut => return,
        }
        finished.measured += u64::from(record.phase == Phase::Measured);
    }

    /// Looks at the run. The longest delays are those since the last look.
    #[must_use]
    pub fn look(&self) -> Counts {
        // In this order: what ends in between is not counted as in flight less than nothing.
        let ended = self.ended.load(Relaxed);
        let sent = self.sent.load(Relaxed);
        Counts {
            stage: match (sent, self.measured_sent.load(Relaxed)) {
                (0, _) => Stage::Preparing,
                (_, 0) => Stage::WarmUp,
                _ => Stage::Measuring,
            },
            asked: self.asked.get(),
            in_flight: sent.saturating_sub(ended),
            finished: self.finished.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            lag: self.lag.take(),
            stall: self.stall.take(),
            dropped: self.dropped.load(Relaxed),
            at_ns: self.at_ns.load(Relaxed),
            io_thread_ns: self.io_thread_ns.load(Relaxed),
            reads: self.reads.load(Relaxed),
            ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::result::TokenSource;
    use measurement::timeline::Timeline;

    use super::*;

    fn record(phase: Phase, outcome: Outcome) -> RequestRecord {
        RequestRecord {
            index: 0,
            phase,
            turn: None,
            t_sched_ns: 0,
            t_send_ns: Some(0),
            content: Timeline::new(&[30_000_000, 40_000_000], &[]),
            first_output: Some(0),
            t_end_ns: 40_000_000,
            retry_wait_ns: None,
            input_tokens: None,
            cached_input_tokens: 0,
            output_tokens: 2,
            token_source: TokenSource::ServerUsage,
            finish_reason: None,
            outcome,
        }
    }

    #[test]
    fn a_run_prepares_warms_up_and_measures() {
        let progress = Progress::new(NonZeroU32::MIN);
        assert_eq!(progress.look().stage, Stage::Preparing);
        progress.sent(Phase::WarmUp);
        assert_eq!((progress.look().stage, progress.look().in_flight), (Stage::WarmUp, 1));
        progress.ended(Phase::WarmUp, None);
        progress.sent(Phase::Measured);
        assert_eq!((progress.look().stage, progress.look().in_flight), (Stage::Measuring, 1));
    }

    #[test]
    fn the_longest_delay_is_that_since_the_last_look_and_only_measured_ones_are_judged() {
        let progress = Progress::new(NonZeroU32::MIN);
        progress.ended(Phase::WarmUp, Some(LONG_LAG_NS + 1));
        progress.stalled(LONG_STALL_NS + 1);
        let first = progress.look();
        assert!(first.lag.longest_ms > 10.0 && first.stall.longest_ms > 10.0);
        assert_eq!((first.lag.all, first.stall.long), (0, 0));
        progress.sent(Phase::Measured);
        progress.ended(Phase::Measured, Some(LONG_LAG_NS));
        progress.stalled(LONG_STALL_NS + 1);
        let second = progress.look();
        assert_eq!((second.lag.longest_ms, second.lag.all, second.lag.long), (10.0, 1, 0));
        assert_eq!((second.stall.all, second.stall.long), (1, 1));
        assert_eq!(progress.look().lag.longest_ms, 0.0);
    }

    #[test]
    fn latencies_are_of_what_succeeded_and_failures_have_a_reason() {
        let progress = Progress::new(NonZeroU32::MIN);
        let before = progress.look().finished;
        progress.decoded(&record(Phase::Measured, Outcome::Succeeded));
        let failed = Outcome::Failed { reason: FailureReason::Timeout, detail: String::new() };
        progress.decoded(&record(Phase::WarmUp, failed));
        progress.decoded(&record(Phase::Measured, Outcome::Cut));
        let after = progress.look().finished;
        assert_eq!((after.measured, after.succeeded, after.output_tokens), (1, 1, 2));
        assert_eq!(after.ttft.mean_since(&before.ttft), Some(30.0));
        assert_eq!(after.tpot.mean_since(&before.tpot), Some(10.0));
        assert_eq!(after.tpot.mean_since(&after.tpot), None);
        assert_eq!(after.failed, BTreeMap::from([(FailureReason::Timeout, 1)]));
    }
}
