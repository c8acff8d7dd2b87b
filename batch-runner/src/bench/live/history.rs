//! The **history** of a run, as far back as it is shown: recent looks, for rates, and the mean latencies of
//! short spans of time, for plots.

use std::collections::VecDeque;
use std::time::Duration;

use measurement::certificate::{Ceiling, Driven};

use crate::load::progress::{Counts, Latencies};

/// Time of one column of a plot.
const COLUMN: Duration = Duration::from_millis(500);
/// Columns that are kept: 30 s.
const MOST_COLUMNS: usize = 60;

/// What was seen of a run.
#[derive(Debug)]
pub(super) struct History {
    /// What rates are of.
    span: Duration,
    /// What the client can do on this host.
    ceiling: Option<Ceiling>,
    /// The looks of the last span, and one before it.
    looks: VecDeque<(Duration, Counts)>,
    ttft: Series,
    tpot: Series,
}

/// Mean latencies of one kind, ms.
#[derive(Debug, Default)]
struct Series {
    means: VecDeque<Option<f64>>,
    column: u128,
    before: Latencies,
}

impl Series {
    fn add(&mut self, at: Duration, latencies: Latencies) {
        let column = at.as_millis() / COLUMN.as_millis();
        if column > self.column {
            self.means.push_back(latencies.mean_since(&self.before));
            (self.column, self.before) = (column, latencies);
        }
        while self.means.len() > MOST_COLUMNS {
            self.means.pop_front();
        }
    }

    fn to_vec(&self) -> Vec<Option<f64>> {
        self.means.iter().copied().collect()
    }
}

/// What is shown of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Snapshot {
    /// Whether the simulated engine answers.
    pub simulated: bool,
    /// Time since the run was begun.
    pub elapsed: Duration,
    /// The latest look; its longest delays are those of the last span.
    pub counts: Counts,
    /// Requests that succeeded in a second.
    pub requests_per_s: f64,
    /// Output tokens of them in a second.
    pub tokens_per_s: f64,
    /// Processor time of the IO thread / wall time.
    pub io_thread_cpu: f64,
    /// Share of what the client can do on this host. None: it was not calibrated.
    pub ceiling_share: Option<f64>,
    /// Mean times to first token, oldest first, ms.
    pub ttft_ms: Vec<Option<f64>>,
    /// Mean times per output token, oldest first, ms.
    pub tpot_ms: Vec<Option<f64>>,
}

impl History {
    /// A run that has not begun, whose rates will be those of the last `span`.
    pub(super) fn new(span: Duration, ceiling: Option<Ceiling>) -> Self {
        let looks = VecDeque::from([(Duration::ZERO, Counts::default())]);
        Self { span, ceiling, looks, ttft: Series::default(), tpot: Series::default() }
    }

    /// The run looked like this at a time since its beginning.
    pub(super) fn add(&mut self, at: Duration, counts: Counts) {
        self.ttft.add(at, counts.finished.ttft);
        self.tpot.add(at, counts.finished.tpot);
        self.looks.push_back((at, counts));
        while self.looks.get(1).is_some_and(|(second, _)| *second + self.span <= at) {
            self.looks.pop_front();
        }
    }

    /// What is shown of it now.
    pub(super) fn snapshot(&self, simulated: bool) -> Snapshot {
        let (from, first) = self.looks.front().cloned().unwrap_or_default();
        let (elapsed, mut counts) = self.looks.back().cloned().unwrap_or_default();
        // The first look is of what was before the span.
        for (_, look) in self.looks.iter().skip(1) {
            counts.lag.longest_ms = counts.lag.longest_ms.max(look.lag.longest_ms);
            counts.stall.longest_ms = counts.stall.longest_ms.max(look.stall.longest_ms);
        }
        let rate = |of: fn(&Counts) -> u64| {
            let time = elapsed.saturating_sub(from).as_secs_f64();
            if time > 0.0 { of(&counts).saturating_sub(of(&first)) as f64 / time } else { 0.0 }
        };
        let wall_ns = counts.at_ns.saturating_sub(first.at_ns);
        let used_ns = counts.io_thread_ns.saturating_sub(first.io_thread_ns);
        Snapshot {
            simulated,
            elapsed,
            requests_per_s: rate(|counts| counts.finished.succeeded),
            tokens_per_s: rate(|counts| counts.finished.output_tokens),
            ceiling_share: self.ceiling.map(|ceiling| {
                ceiling.used_by(Driven {
                    reads_per_s: rate(|counts| counts.reads),
                    requests_per_s: rate(|counts| counts.ended),
                })
            }),
            io_thread_cpu: if wall_ns > 0 { used_ns as f64 / wall_ns as f64 } else { 0.0 },
            ttft_ms: self.ttft.to_vec(),
            tpot_ms: self.tpot.to_vec(),
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::progress::{Delays, Finished};

    fn counts(succeeded: u64, lag_ms: f64) -> Counts {
        let ttft = Latencies { sum_ms: succeeded as f64 * 20.0, count: succeeded };
        let finished = Finished { succeeded, output_tokens: succeeded * 10, ttft, ..Finished::default() };
        let lag = Delays { longest_ms: lag_ms, ..Delays::default() };
        Counts {
            finished,
            lag,
            at_ns: succeeded * 1000,
            io_thread_ns: succeeded * 250,
            reads: succeeded * 4,
            ended: succeeded,
            ..Counts::default()
        }
    }

    #[test]
    fn rates_and_delays_are_those_of_the_last_span() {
        let ceiling = Ceiling { events_per_s: 1000.0, requests_per_s: 500.0 };
        let mut history = History::new(Duration::from_secs(1), Some(ceiling));
        for n in 1..=20_u64 {
            let lag_ms = if n == 5 { 40.0 } else { n as f64 / 100.0 };
            history.add(Duration::from_millis(n * 250), counts(n * n, lag_ms));
        }
        let now = history.snapshot(false);
        assert_eq!(now.requests_per_s, f64::from(20 * 20 - 16 * 16));
        assert_eq!(now.tokens_per_s, now.requests_per_s * 10.0);
        assert_eq!((now.io_thread_cpu, now.counts.lag.longest_ms), (0.25, 0.2));
        // 4 reads and one request for each that succeeded.
        let share = now.requests_per_s * (4.0 / 1000.0 + 1.0 / 500.0);
        assert!(now.ceiling_share.is_some_and(|found| (found - share).abs() < 1e-9));
        assert_eq!(now.ttft_ms, [Some(20.0); 10]);
        assert_eq!(now.tpot_ms, [None; 10]);
    }

    #[test]
    fn a_run_that_has_not_begun_has_no_rates() {
        let now = History::new(Duration::from_secs(1), None).snapshot(true);
        assert_eq!((now.requests_per_s, now.tokens_per_s, now.io_thread_cpu), (0.0, 0.0, 0.0));
    }

    #[test]
    fn half_a_minute_is_kept() {
        let mut history = History::new(Duration::from_secs(1), None);
        for n in 1..1000 {
            history.add(Duration::from_millis(n * 250), counts(n, 0.0));
        }
        assert_eq!(history.snapshot(false).ttft_ms.len(), MOST_COLUMNS);
    }
}
