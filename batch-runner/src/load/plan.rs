//! The **plan** of a load: which phase the next request belongs to, when the run is over, and when there is no
//! point in going on.
//!
//! Measuring begins once every worker has started and the warm-up requests have been sent; when as many
//! measured requests as asked for have been sent, further ones only keep the load up, and when the last
//! measured one has ended, so has the run. Where more may be measured than were asked for, they are until somebody
//! says that it is enough. An open loop has no workers: its warm-up is over when so many have
//! been due. Where there are conversations, measuring waits until early and late turns are mixed as in the long run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::result::FailureReason;
use measurement::record::Phase;

use super::FailuresInARow;

/// Failures in a row, on every worker, after which a run is given up.
const MOST_FAILURES_IN_A_ROW: u32 = 3;

/// Failures in a row of an open loop after which a run is given up, on top of those that were in flight.
const MOST_FAILURES_OPEN: u32 = 30;

/// Why the load stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The last measured request has ended.
    Finished,
    /// Everything failed so many times in a row; the last failure was this one.
    Failing(FailureReason, FailuresInARow),
    /// The caller asked.
    Cancelled,
}

/// Conversations of a run.
#[derive(Debug, Clone, Copy, Default)]
struct Mixing {
    begun: u32,
    over: u32,
}

/// The state of a run. It lives on the IO thread.
#[derive(Debug)]
pub(super) struct Plan {
    warm_up_left: u32,
    /// Conversations so far, until their turns are mixed.
    mixing: Option<Mixing>,
    workers_to_start: u32,
    measured_left: u32,
    /// Further ones, until `enough` is raised.
    more_left: u32,
    enough: Arc<AtomicBool>,
    measured_open: u32,
    next_index: u32,
    /// Of each worker; of all requests together in an open loop.
    failures_in_a_row: Vec<u32>,
    most_failures: u32,
    failures: fn(u32) -> FailuresInARow,
}

impl Plan {
    pub(super) fn new(workers: u32, warm_up: u32, requests: u32) -> Self {
        Self {
            warm_up_left: warm_up,
            mixing: None,
            workers_to_start: workers,
            measured_left: requests,
            more_left: 0,
            enough: Arc::default(),
            measured_open: 0,
            next_index: 0,
            failures_in_a_row: vec![0; workers as usize],
            most_failures: MOST_FAILURES_IN_A_ROW,
            failures: FailuresInARow::OnEverySlot,
        }
    }

    /// Measures so many requests more, until `enough` is raised.
    pub(super) fn with_more(self, more: u32, enough: Arc<AtomicBool>) -> Self {
        Self { more_left: more, enough, ..self }
    }

    /// Waits until as many conversations are over as are under way: at first all are in their first turns, whose prompts
    /// are short.
    pub(super) fn with_mixing(self) -> Self {
        Self { mixing: Some(Mixing::default()), ..self }
    }

    /// A conversation begins.
    pub(super) fn began(&mut self) {
        if let Some(mixing) = &mut self.mixing {
            mixing.begun += 1;
        }
    }

    /// A conversation is over, with its last turn or before.
    pub(super) fn over(&mut self) {
        if let Some(mixing) = &mut self.mixing {
            mixing.over += 1;
        }
        if self.mixing.is_some_and(|mixing| 2 * mixing.over >= mixing.begun) {
            self.mixed();
        }
    }

    /// Waits for no more conversations.
    pub(super) fn mixed(&mut self) {
        self.mixing = None;
    }

    /// Whether every request that was to be measured has been sent.
    fn all_sent(&self) -> bool {
        self.measured_left == 0 && (self.more_left == 0 || self.enough.load(Ordering::Relaxed))
    }

    /// The plan of an open loop.
    pub(super) fn open(warm_up: u32, requests: u32) -> Self {
        Self {
            failures_in_a_row: vec![0],
            most_failures: MOST_FAILURES_OPEN,
            failures: FailuresInARow::OfAll,
            ..Self::new(0, warm_up, requests)
        }
    }

    /// In an open loop, so many are in flight now: a server that dies fails them all at once.
    pub(super) fn in_flight(&mut self, count: u32) {
        self.most_failures = self.most_failures.max(MOST_FAILURES_OPEN.saturating_add(count));
    }

    /// A request that was due was not sent. Says whether the load should stop.
    pub(super) fn dropped(&mut self, phase: Phase) -> Option<Stop> {
        if phase == Phase::Measured {
            self.measured_open -= 1;
        }
        self.finished()
    }

    /// Nothing more will be due. Says whether the load should stop.
    pub(super) fn no_more(&mut self) -> Option<Stop> {
        self.measured_left = 0;
        self.more_left = 0;
        self.finished()
    }

    fn finished(&self) -> Option<Stop> {
        (self.measured_open == 0 && self.all_sent()).then_some(Stop::Finished)
    }

    /// Index and phase of the next request. A worker's first request is told by `first`.
    pub(super) fn next(&mut self, first: bool) -> (u32, Phase) {
        let ramping = self.workers_to_start > 0;
        if first {
            self.workers_to_start = self.workers_to_start.saturating_sub(1);
        }
        let warming = self.warm_up_left > 0;
        let phase = if ramping || warming || self.mixing.is_some() {
            Phase::WarmUp
        } else if !self.all_sent() {
            Phase::Measured
        } else {
            Phase::KeepUp
        };
        match phase {
            Phase::WarmUp => self.warm_up_left = self.warm_up_left.saturating_sub(1),
            Phase::Measured => {
                if self.measured_left > 0 {
                    self.measured_left -= 1;
                } else {
                    self.more_left -= 1;
                }
                self.measured_open += 1;
            }
            Phase::KeepUp => {}
        }
        let index = self.next_index;
        self.next_index += 1;
        (index, phase)
    }

    /// A request of `worker` has ended. Says whether the load should stop.
    pub(super) fn ended(
        &mut self,
        worker: usize,
        phase: Phase,
        failed: Option<FailureReason>,
    ) -> Option<Stop> {
        if phase == Phase::Measured {
            self.measured_open -= 1;
        }
        let in_a_row = self.failures_in_a_row.get_mut(worker)?;
        *in_a_row = if failed.is_some() { *in_a_row + 1 } else { 0 };
        if let Some(reason) = failed
            && self.failures_in_a_row.iter().all(|n| *n >= self.most_failures)
        {
            return Some(Stop::Failing(reason, (self.failures)(self.most_failures)));
        }
        self.finished()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measuring_waits_for_every_worker_and_the_warm_up() {
        let mut plan = Plan::new(2, 1, 2);
        assert_eq!(plan.next(true), (0, Phase::WarmUp));
        assert_eq!(plan.ended(0, Phase::WarmUp, None), None);
        assert_eq!(plan.next(false).1, Phase::WarmUp);
        assert_eq!(plan.next(true).1, Phase::WarmUp);
        assert_eq!(plan.next(false), (3, Phase::Measured));
        assert_eq!(plan.next(false).1, Phase::Measured);
        assert_eq!(plan.next(false).1, Phase::KeepUp);
        assert_eq!(plan.ended(0, Phase::Measured, None), None);
        assert_eq!(plan.ended(1, Phase::KeepUp, None), None);
        assert_eq!(plan.ended(0, Phase::Measured, None), Some(Stop::Finished));
    }

    #[test]
    fn a_long_warm_up_is_counted_over_all_workers() {
        let mut plan = Plan::new(2, 5, 1);
        let phases: Vec<Phase> =
            [true, true, false, false, false, false].map(|first| plan.next(first).1).to_vec();
        assert_eq!(phases.iter().filter(|p| **p == Phase::WarmUp).count(), 5);
        assert_eq!(phases[5], Phase::Measured);
    }

    #[test]
    fn measuring_waits_until_as_many_conversations_are_over_as_are_under_way() {
        let mut plan = Plan::open(0, 2).with_mixing();
        for _ in 0..4 {
            plan.began();
            assert_eq!(plan.next(false).1, Phase::WarmUp);
        }
        plan.over();
        assert_eq!(plan.next(false).1, Phase::WarmUp);
        plan.over();
        // Never again, however many begin.
        plan.began();
        assert_eq!(plan.next(false).1, Phase::Measured);
        let mut plan = Plan::open(0, 2).with_mixing();
        plan.began();
        plan.mixed();
        assert_eq!(plan.next(false).1, Phase::Measured);
    }

    #[test]
    fn more_are_measured_until_it_is_enough() {
        let enough = Arc::new(AtomicBool::new(false));
        let mut plan = Plan::open(0, 1).with_more(3, Arc::clone(&enough));
        assert_eq!([plan.next(false).1, plan.next(false).1], [Phase::Measured; 2]);
        assert_eq!(plan.ended(0, Phase::Measured, None), None);
        // Nothing is in flight, but it is not enough.
        assert_eq!(plan.ended(0, Phase::Measured, None), None);
        assert_eq!(plan.next(false).1, Phase::Measured);
        enough.store(true, Ordering::Relaxed);
        assert_eq!(plan.next(false).1, Phase::KeepUp);
        assert_eq!(plan.ended(0, Phase::Measured, None), Some(Stop::Finished));
    }

    #[test]
    fn no_more_are_measured_than_may_be() {
        let mut plan = Plan::open(0, 1).with_more(1, Arc::default());
        let phases = [plan.next(false).1, plan.next(false).1, plan.next(false).1];
        assert_eq!(phases, [Phase::Measured, Phase::Measured, Phase::KeepUp]);
        assert_eq!(plan.ended(0, Phase::Measured, None), None);
        assert_eq!(plan.ended(0, Phase::Measured, None), Some(Stop::Finished));
    }

    #[test]
    fn an_open_loop_ends_with_its_last_measured_request_also_when_that_is_dropped() {
        let mut plan = Plan::open(1, 2);
        let phases: Vec<Phase> = (0..4).map(|_| plan.next(false).1).collect();
        assert_eq!(phases, [Phase::WarmUp, Phase::Measured, Phase::Measured, Phase::KeepUp]);
        assert_eq!(plan.ended(0, Phase::Measured, None), None);
        assert_eq!(plan.dropped(Phase::KeepUp), None);
        assert_eq!(plan.dropped(Phase::Measured), Some(Stop::Finished));
    }

    #[test]
    fn an_open_loop_is_given_up_when_more_fail_than_were_in_flight() {
        let mut plan = Plan::open(0, 1000);
        plan.in_flight(5);
        plan.in_flight(3);
        let gone = Some(FailureReason::Connect);
        for _ in 0..34 {
            assert_eq!(plan.ended(0, Phase::WarmUp, gone), None);
        }
        let given_up = Stop::Failing(FailureReason::Connect, FailuresInARow::OfAll(35));
        assert_eq!(plan.ended(0, Phase::WarmUp, gone), Some(given_up));
    }

    #[test]
    fn a_run_is_given_up_when_every_worker_keeps_failing() {
        let mut plan = Plan::new(2, 0, 100);
        let gone = Some(FailureReason::Connect);
        let mut verdicts = Vec::new();
        for _ in 0..3 {
            for worker in 0..2 {
                plan.next(false);
                verdicts.push(plan.ended(worker, Phase::WarmUp, gone));
            }
        }
        assert_eq!(verdicts[..5], [None; 5]);
        let given_up = Stop::Failing(FailureReason::Connect, FailuresInARow::OnEverySlot(3));
        assert_eq!(verdicts[5], Some(given_up));
        assert_eq!(plan.ended(0, Phase::WarmUp, None), None);
        assert_eq!(plan.ended(1, Phase::WarmUp, gone), None);
    }
}
