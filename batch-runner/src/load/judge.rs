//! The **judge** tells the timed path when enough has been measured. It works where records are decoded; all that
//! the timed path sees of it is a flag that it reads when it sends a request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use measurement::enough::{Need, is_enough};
use measurement::record::{Phase, RequestRecord};
use measurement::window::Window;

/// Requests between two judgements: this share of those so far, and at least so many, so that all judgements
/// together cost a small multiple of the last.
const SHARE: usize = 8;
const FEWEST: usize = 8;

/// Finds the window of a load, from its records and the instant up to which they are complete.
pub(super) type FindWindow = fn(&[RequestRecord], u64) -> Option<Window>;

/// Judges a run while it goes on.
#[derive(Debug)]
pub(super) struct Judge {
    need: Need,
    window: FindWindow,
    /// Raised when the run may end.
    enough: Arc<AtomicBool>,
    measured: usize,
    next: usize,
    horizon: Horizon,
    /// The window that has what is needed.
    accepted: Option<Window>,
}

impl Judge {
    pub(super) fn new(need: Need, window: FindWindow, enough: Arc<AtomicBool>) -> Self {
        Self {
            next: need.requests,
            need,
            window,
            enough,
            measured: 0,
            horizon: Horizon::default(),
            accepted: None,
        }
    }

    /// Another request has ended, the last of `records`.
    pub(super) fn ended(&mut self, records: &[RequestRecord]) {
        let Some(record) = records.last() else { return };
        self.horizon.ended(record.index, record.t_sched_ns);
        self.measured += usize::from(record.phase == Phase::Measured);
        if self.measured < self.next || self.accepted.is_some() {
            return;
        }
        self.next = self.measured + (self.measured / SHARE).max(FEWEST);
        let window = (self.window)(records, self.horizon.at_ns);
        self.accepted = window.filter(|window| is_enough(&self.need, window, records));
        if self.accepted.is_some() {
            self.enough.store(true, Ordering::Relaxed);
        }
    }

    /// The window for which the run was ended. One that is looked for anew when the last requests have come may begin
    /// elsewhere and hold fewer of them than are needed.
    pub(super) const fn accepted(&self) -> Option<Window> {
        self.accepted
    }
}

/// The instant before which every request that was due has ended. It stands still after a request that was dropped,
/// so that a run with drops goes on to its cap: it is limited by its client anyway.
#[derive(Debug, Default)]
struct Horizon {
    at_ns: u64,
    /// The first request that has not ended.
    first_open: u32,
    /// When those were due that ended and come after it.
    later: BTreeMap<u32, u64>,
}

impl Horizon {
    fn ended(&mut self, index: u32, t_sched_ns: u64) {
        self.later.insert(index, t_sched_ns);
        while let Some(due_ns) = self.later.remove(&self.first_open) {
            self.at_ns = due_ns;
            self.first_open += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::result::TokenSource;
    use measurement::record::Outcome;
    use measurement::timeline::Timeline;

    use super::*;

    /// A request that is sent at its index.
    fn record(index: u32) -> RequestRecord {
        RequestRecord {
            index,
            phase: Phase::Measured,
            turn: None,
            t_sched_ns: index.into(),
            t_send_ns: Some(index.into()),
            content: Timeline::new(&[u64::from(index) + 1], &[]),
            first_output: Some(0),
            t_end_ns: u64::from(index) + 1,
            retry_wait_ns: None,
            input_tokens: None,
            cached_input_tokens: 0,
            output_tokens: 1,
            token_source: TokenSource::ServerUsage,
            finish_reason: None,
            outcome: Outcome::Succeeded,
        }
    }

    #[test]
    fn the_window_that_ends_a_run_is_the_one_that_had_enough() {
        fn half(records: &[RequestRecord], until_ns: u64) -> Option<Window> {
            // What is found depends on what has come, as it does when a load has settled barely.
            let from = if records.len() > 20 { 15 } else { 2 };
            let selects = measurement::window::Selects::Sent;
            Some(Window { start_ns: from, end_ns: until_ns, steady: true, selects })
        }
        let enough = Arc::new(AtomicBool::new(false));
        let need = Need { requests: 8, tolerance: None, slo: domain::RequestSlo::default() };
        let mut judge = Judge::new(need, half, Arc::clone(&enough));
        let mut records = Vec::new();
        for index in 0..30 {
            records.push(record(index));
            judge.ended(&records);
        }
        assert!(enough.load(Ordering::Relaxed));
        assert_eq!(judge.accepted().map(|window| (window.start_ns, window.end_ns)), Some((2, 15)));
    }

    #[test]
    fn the_horizon_waits_for_the_slowest() {
        let mut horizon = Horizon::default();
        let at = [(1, 10), (2, 20), (0, 5), (4, 40)].map(|(index, due_ns)| {
            horizon.ended(index, due_ns);
            horizon.at_ns
        });
        assert_eq!(at, [0, 0, 20, 20]);
    }
}
