//! The **window** is the part of a run that counts.
//!
//! It begins when the first measured request is sent, or later, where [`crate::steady_state`] says that the
//! load had settled, and ends when the last measured request ends; the runner keeps the load up until then.
//! At least half of the measured requests are in it: where as few are measured as are in flight, they are all
//! sent before the first token, the search takes that gap for a start-up transient, and a cut would leave next
//! to none. Such a run never settled and is kept whole.
//!
//! In an **open loop** the schedule is the measure: the window begins when the first measured request was *due*,
//! or later, where the number in flight had settled, and ends a mean gap after the last one was due. A server
//! that cannot keep up has ever more in flight, and so never settles. Answers that come after the window are
//! waited for, and their latencies count.
//!
//! Which requests and tokens belong to it:
//!
//! - **latencies** and counts: measured requests that were *sent* in the window; in an open loop, that were *due*
//!   in it, so that a client which lags behind does not lose those that waited longest. Long answers are not
//!   lost at its end;
//! - **request rates**: requests of any phase that *ended* in it;
//! - **tokens**: those whose content event *arrived* in it, from requests of any phase that did not fail.
//!   Requests that were under way at either end count for the part that lies inside; without them the
//!   throughput of a run of few requests would be too low by up to one request per slot.

use domain::result::TokenSource;

use crate::record::{Outcome, Phase, RequestRecord};
use crate::steady_state::{self, SteadyState};
use crate::timeline::ContentEvent;

/// Nanoseconds in a second.
const NS_PER_S: f64 = 1e9;
/// A batch of the steady-state search is at least this share of the run...
const MOST_BATCHES: f64 = 50.0;
/// ... and at most this one, so that there are enough to search.
const FEWEST_BATCHES: f64 = 10.0;

/// A part of a run, in nanoseconds since the run's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub start_ns: u64,
    /// Its last instant.
    pub end_ns: u64,
    /// Whether a steady state was found. If not, the whole measured part is kept.
    pub steady: bool,
    /// Which instant of a request must lie in it.
    pub selects: Selects,
}

/// An instant of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selects {
    /// When it was sent, or was due if it never was: in a closed loop.
    Sent,
    /// When it was due: in an open loop.
    Due,
}

/// Finds the window of a run, not after `until_ns`. None without a measured request, or when no time passed.
///
/// While a run goes on, `until_ns` is the instant before which every request that was sent has ended: after it the
/// tokens of those under way would be missing.
#[must_use]
pub fn find(records: &[RequestRecord], until_ns: u64) -> Option<Window> {
    let measured = || records.iter().filter(|r| r.phase == Phase::Measured);
    let start_ns = measured().map(sent_ns).min()?;
    let end_ns = measured().map(|r| r.t_end_ns).max()?.min(until_ns);
    if end_ns <= start_ns {
        return None;
    }
    let whole = Window { start_ns, end_ns, steady: false, selects: Selects::Sent };
    let interval_ns = interval_ns(&whole, records);
    Some(settled(whole, records, &whole.tokens_per_interval(records, interval_ns), interval_ns))
}

/// Finds the window of an open loop at a rate that holds, not after `until_ns` (see [`find`]). None without a measured
/// request, or when no time passed.
#[must_use]
pub fn find_open(records: &[RequestRecord], until_ns: u64) -> Option<Window> {
    let schedule = of_schedule(records)?;
    let whole = Window { end_ns: schedule.end_ns.min(until_ns), ..schedule };
    if whole.end_ns <= whole.start_ns {
        return None;
    }
    // The number in flight has no rhythm of prompts and answers, so that the finest intervals will do.
    let interval_ns = (whole.end_ns - whole.start_ns) as f64 / MOST_BATCHES / steady_state::BATCH as f64;
    Some(settled(whole, records, &whole.in_flight_per_interval(records, interval_ns), interval_ns))
}

/// The window of an open loop whose rate changes: the whole schedule. None without a measured request, or when no
/// time passed.
#[must_use]
pub fn of_schedule(records: &[RequestRecord]) -> Option<Window> {
    let measured = || records.iter().filter(|r| r.phase == Phase::Measured);
    let start_ns = measured().map(|r| r.t_sched_ns).min()?;
    let last_ns = measured().map(|r| r.t_sched_ns).max()?;
    let gaps = u64::try_from(measured().count()).ok()?.saturating_sub(1);
    let end_ns = match (last_ns - start_ns).checked_div(gaps) {
        Some(mean_gap) if mean_gap > 0 => last_ns + mean_gap,
        // One request, or all at once: until they are answered.
        _ => measured().map(|r| r.t_end_ns).max()?,
    };
    let whole = Window { start_ns, end_ns, steady: false, selects: Selects::Due };
    (end_ns > start_ns).then_some(whole)
}

/// Cuts off the start of a window where a series over its intervals had not settled.
fn settled(whole: Window, records: &[RequestRecord], series: &[f64], interval_ns: f64) -> Window {
    let SteadyState::From(cut) = steady_state::mser5(series) else { return whole };
    let start_ns = whole.start_ns + (cut as f64 * interval_ns) as u64;
    let settled = Window { start_ns, steady: true, ..whole };
    let keeps_half = 2 * settled.measured(records).count() >= whole.measured(records).count();
    if keeps_half { settled } else { whole }
}

/// Length of the search's intervals. A batch (five of them) covers a whole request where that is possible:
/// a shorter one would see the rhythm of prompts and answers, not the level of the load.
fn interval_ns(window: &Window, records: &[RequestRecord]) -> f64 {
    let length = (window.end_ns - window.start_ns) as f64;
    let (mut sum, mut count) = (0.0, 0.0);
    for e2e in records.iter().filter(|r| r.succeeded()).filter_map(RequestRecord::e2e_ms) {
        sum += e2e * 1e6;
        count += 1.0;
    }
    let request = if count > 0.0 { sum / count } else { 0.0 };
    let batch = request.max(length / MOST_BATCHES).min(length / FEWEST_BATCHES);
    batch / steady_state::BATCH as f64
}

impl Window {
    /// Its length, s.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.end_ns.saturating_sub(self.start_ns) as f64 / NS_PER_S
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub const fn contains(&self, at_ns: u64) -> bool {
        self.start_ns <= at_ns && at_ns <= self.end_ns
    }

    /// A zero for each of its whole intervals of a length; one at least.
    fn empty_series(&self, interval_ns: f64) -> Vec<f64> {
        let length = (self.end_ns - self.start_ns) as f64;
        // Rounded, since ten batches of five may come out as 49.999 intervals.
        vec![0.0; (length / interval_ns + 0.001).floor().max(1.0) as usize]
    }

    /// Mean number of requests in flight, from when they were due, in each interval.
    fn in_flight_per_interval(&self, records: &[RequestRecord], interval_ns: f64) -> Vec<f64> {
        let mut series = self.empty_series(interval_ns);
        for record in records {
            let from = record.t_sched_ns.saturating_sub(self.start_ns) as f64 / interval_ns;
            let to = record.t_end_ns.saturating_sub(self.start_ns) as f64 / interval_ns;
            for (interval, in_flight) in (from as usize..).zip(series.iter_mut().skip(from as usize)) {
                let begin = interval as f64;
                if begin >= to {
                    break;
                }
                *in_flight += to.min(begin + 1.0) - from.max(begin);
            }
        }
        series
    }

    /// Whether a request's latencies belong to it: a measured request that was sent, or in an open loop was due,
    /// in it.
    #[must_use]
    pub fn counts(&self, record: &RequestRecord) -> bool {
        let instant = match self.selects {
            Selects::Sent => sent_ns(record),
            Selects::Due => record.t_sched_ns,
        };
        record.phase == Phase::Measured && self.contains(instant)
    }

    /// The measured requests whose latencies belong to it.
    pub fn measured<'a>(&self, records: &'a [RequestRecord]) -> impl Iterator<Item = &'a RequestRecord> {
        let window = *self;
        records.iter().filter(move |r| window.counts(r))
    }

    /// The requests of any phase that ended in it, well or not.
    pub fn ended<'a>(&self, records: &'a [RequestRecord]) -> impl Iterator<Item = &'a RequestRecord> {
        let window = *self;
        records.iter().filter(move |r| r.outcome != Outcome::Cut && window.contains(r.t_end_ns))
    }

    /// The content events of a request that arrived in it. A timeline that lies outside is not even looked into.
    fn events<'a>(&self, record: &'a RequestRecord) -> impl Iterator<Item = ContentEvent> + 'a {
        let window = *self;
        let ends = record.content.first_ns().zip(record.content.last_ns());
        let overlaps = ends.is_some_and(|(first, last)| first <= window.end_ns && window.start_ns <= last);
        let events = overlaps.then(|| record.content.events());
        events.into_iter().flatten().filter(move |event| window.contains(event.at_ns))
    }

    /// Output tokens that arrived in it.
    #[must_use]
    pub fn output_tokens(&self, records: &[RequestRecord]) -> f64 {
        let weights = EventWeights::of(records);
        let of_record = |record: &RequestRecord| -> f64 {
            self.events(record).map(|event| weights.tokens(record, event)).sum()
        };
        records.iter().filter(|r| !failed(r)).map(of_record).sum()
    }

    /// Output tokens that arrived in each of its whole intervals of a length.
    #[must_use]
    pub fn tokens_per_interval(&self, records: &[RequestRecord], interval_ns: f64) -> Vec<f64> {
        let mut series = self.empty_series(interval_ns);
        let weights = EventWeights::of(records);
        for record in records.iter().filter(|r| !failed(r)) {
            for event in self.events(record) {
                let interval = ((event.at_ns - self.start_ns) as f64 / interval_ns) as usize;
                if let Some(tokens) = series.get_mut(interval) {
                    *tokens += weights.tokens(record, event);
                }
            }
        }
        series
    }

    /// Prompt tokens of the requests whose first token arrived in it. For those whose prompt the server did not count
    /// stands what was asked for, and `unknown` outside conversations.
    #[must_use]
    pub fn input_tokens(&self, records: &[RequestRecord], unknown: f64) -> f64 {
        let answered =
            records.iter().filter(|r| !failed(r) && r.t_first_ns().is_some_and(|t| self.contains(t)));
        let asked = |record: &RequestRecord| record.turn.and_then(|turn| turn.asked_input_tokens);
        answered.map(|r| r.input_tokens.or_else(|| asked(r)).map_or(unknown, |tokens| tokens as f64)).sum()
    }
}

/// When a request was sent, or due if it never was.
fn sent_ns(record: &RequestRecord) -> u64 {
    record.t_send_ns.unwrap_or(record.t_sched_ns)
}

const fn failed(record: &RequestRecord) -> bool {
    matches!(record.outcome, Outcome::Failed { .. })
}

/// How many tokens an event stands for.
struct EventWeights {
    /// Of requests that ended before the server counted: the mean of those it did count.
    uncounted: f64,
}

impl EventWeights {
    fn of(records: &[RequestRecord]) -> Self {
        let counted =
            || records.iter().filter(|r| r.succeeded() && r.token_source == TokenSource::ServerUsage);
        let tokens: u64 = counted().map(|r| r.output_tokens).sum();
        let events: usize = counted().map(|r| r.content.len()).sum();
        Self { uncounted: if events > 0 { tokens as f64 / events as f64 } else { 1.0 } }
    }

    fn tokens(&self, record: &RequestRecord, event: ContentEvent) -> f64 {
        if let Some(tokens) = event.tokens {
            return f64::from(tokens);
        }
        match (&record.outcome, record.token_source) {
            (Outcome::Succeeded, TokenSource::ServerUsage) => {
                record.output_tokens as f64 / record.content.len() as f64
            }
            (Outcome::Succeeded, TokenSource::ContentEvents | TokenSource::OtherTool) => 1.0,
            (Outcome::Cut | Outcome::Failed { .. }, _) => self.uncounted,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::sample;
    use crate::timeline::Timeline;

    /// Requests of 200 ms to the first of 100 tokens, which come every 10 ms.
    fn sent_at(sends_ms: impl IntoIterator<Item = u64>) -> Vec<RequestRecord> {
        let answer = |send: u64| (0..100).map(|token| send + 200 + token * 10).collect::<Vec<u64>>();
        let sends = sends_ms.into_iter().enumerate();
        sends.map(|(index, send)| sample(index as u32, send, &answer(send))).collect()
    }

    /// `slots` slots that each send 10-token answers of 100 ms back to back for `rounds` rounds.
    fn closed_loop(slots: u32, rounds: u32) -> Vec<RequestRecord> {
        let mut records = Vec::new();
        for round in 0..rounds {
            for slot in 0..slots {
                let start = u64::from(round) * 100 + u64::from(slot) * 100 / u64::from(slots);
                let content: Vec<u64> = (1..=10).map(|i| start + i * 10 - 1).collect();
                records.push(sample(records.len() as u32, start, &content));
            }
        }
        records
    }

    #[test]
    fn throughput_of_a_steady_closed_loop_is_what_the_server_gave() {
        let mut records = closed_loop(4, 40);
        for r in &mut records {
            r.phase = match r.index / 4 {
                0..5 => Phase::WarmUp,
                5..35 => Phase::Measured,
                _ => Phase::KeepUp,
            };
        }
        records.last_mut().unwrap().outcome = Outcome::Cut;
        let window = find(&records, u64::MAX).unwrap();
        assert!(window.steady);
        let tps = window.output_tokens(&records) / window.seconds();
        assert!((tps - 400.0).abs() < 4.0, "{tps}");
        let rps = window.ended(&records).count() as f64 / window.seconds();
        assert!((rps - 40.0).abs() < 0.5, "{rps}");
    }

    #[test]
    fn a_slow_start_is_cut_off() {
        let mut records = closed_loop(4, 100);
        for r in &mut records {
            r.t_send_ns = r.t_send_ns.map(|t| t + 1_000_000_000);
            r.t_end_ns += 1_000_000_000;
            let later: Vec<u64> = r.content.instants_ns().map(|t| t + 1_000_000_000).collect();
            r.content = Timeline::new(&later, &[]);
        }
        records.push(sample(10_000, 0, &[900, 950, 1000]));
        let window = find(&records, u64::MAX).unwrap();
        assert!(window.steady && window.start_ns >= 900_000_000, "{window:?}");
        assert!(window.measured(&records).all(|r| r.index != 10_000));
    }

    #[test]
    fn few_requests_are_kept_whole_and_none_have_no_window() {
        let records = [sample(0, 0, &[50, 60]), sample(1, 0, &[50, 70])];
        let window = find(&records, u64::MAX).unwrap();
        assert_eq!((window.start_ns, window.end_ns), (0, 70_000_000));
        assert_eq!(window.measured(&records).count(), 2);
        assert!(find(&[], u64::MAX).is_none());
    }

    #[test]
    fn as_many_requests_as_are_in_flight_are_kept_whole() {
        for records in [sent_at(0..8), sent_at((0..16).map(|i| i * 20))] {
            let window = find(&records, u64::MAX).unwrap();
            assert!(!window.steady && window.start_ns == 0, "{window:?}");
            assert_eq!(window.measured(&records).count(), records.len());
        }
    }

    /// Requests that are due every 10 ms and take as long as told, by their number.
    fn open_loop(count: u32, takes_ms: impl Fn(u64) -> u64) -> Vec<RequestRecord> {
        let sent = (0..count).map(|i| {
            let due = 10 * u64::from(i) + 1;
            sample(i, due, &[due + takes_ms(u64::from(i)) - 1, due + takes_ms(u64::from(i))])
        });
        sent.collect()
    }

    #[test]
    fn the_window_of_an_open_loop_is_the_schedules() {
        let mut records = open_loop(400, |i| 50 + i % 7);
        let window = find_open(&records, u64::MAX).unwrap();
        assert!(window.steady);
        assert_eq!(window.end_ns, 4_000_000_000);
        let rps = window.measured(&records).count() as f64 / window.seconds();
        assert!((rps - 100.0).abs() < 0.5, "{rps}");
        // A request that the client sent late still belongs to it.
        let kept = window.measured(&records).count();
        records[399].t_send_ns = Some(5_000_000_000);
        records[399].t_end_ns = 6_000_000_000;
        assert_eq!(find_open(&records, u64::MAX).unwrap().measured(&records).count(), kept);
    }

    #[test]
    fn a_start_with_few_in_flight_is_cut_off_and_a_queue_that_grows_never_settles() {
        let warming = find_open(&open_loop(600, |i| 1000.min(100 + 20 * i)), u64::MAX).unwrap();
        assert!(warming.steady && warming.start_ns >= 400_000_000, "{warming:?}");
        let growing = find_open(&open_loop(600, |i| 50 + 20 * i), u64::MAX).unwrap();
        assert!(!growing.steady, "{growing:?}");
    }

    #[test]
    fn one_request_and_requests_at_once_have_a_window() {
        assert_eq!(find_open(&[sample(0, 1, &[5])], u64::MAX).unwrap().seconds(), 0.005);
        let at_once = [sample(0, 1, &[5]), sample(1, 1, &[9])];
        assert_eq!(find_open(&at_once, u64::MAX).unwrap().measured(&at_once).count(), 2);
        assert!(find_open(&[], u64::MAX).is_none());
    }

    /// Up to 60 requests of any phase and outcome, sent all at once or up to 3 s apart.
    fn any_run() -> impl Strategy<Value = Vec<RequestRecord>> {
        (1..3000_u64).prop_flat_map(|spread_ms| prop::collection::vec(any_request(spread_ms), 1..60))
    }

    fn any_request(spread_ms: u64) -> impl Strategy<Value = RequestRecord> {
        let phase = prop_oneof![
            1 => Just(Phase::WarmUp),
            4 => Just(Phase::Measured),
            1 => Just(Phase::KeepUp),
        ];
        let reason = domain::result::FailureReason::Timeout;
        let outcome = prop_oneof![
            8 => Just(Outcome::Succeeded),
            1 => Just(Outcome::Cut),
            1 => Just(Outcome::Failed { reason, detail: String::new() }),
        ];
        let (ttft_ms, gap_ms, tokens) = (1..500_u64, 0..30_u64, 0..80_u64);
        (phase, outcome, 0..spread_ms, ttft_ms, gap_ms, tokens).prop_map(
            |(phase, outcome, send, ttft, gap, tokens)| {
                let content: Vec<u64> = (0..tokens).map(|token| send + ttft + token * gap).collect();
                RequestRecord { phase, outcome, ..sample(0, send, &content) }
            },
        )
    }

    proptest! {
        #[test]
        fn at_least_half_of_the_measured_requests_are_in_the_window(records in any_run()) {
            let measured = records.iter().filter(|r| r.phase == Phase::Measured).count();
            for window in [find(&records, u64::MAX), find_open(&records, u64::MAX)].into_iter().flatten() {
                let kept = window.measured(&records).count();
                prop_assert!(kept > 0 && 2 * kept >= measured, "{kept} of {measured}: {window:?}");
                prop_assert!(window.steady || kept == measured, "{kept} of {measured}: {window:?}");
            }
        }
    }

    #[test]
    fn tokens_of_failed_requests_do_not_count_and_uncounted_ones_are_estimated() {
        let mut records = vec![sample(0, 0, &[10, 20]), sample(1, 0, &[10, 20]), sample(2, 0, &[10, 20])];
        records[0].output_tokens = 8;
        records[1].outcome = Outcome::Cut;
        records[2].outcome =
            Outcome::Failed { reason: domain::result::FailureReason::Timeout, detail: String::new() };
        let window = Window { start_ns: 0, end_ns: 20_000_000, steady: true, selects: Selects::Sent };
        assert_eq!(window.output_tokens(&records), 16.0);
        assert_eq!(window.input_tokens(&records, 0.0), 20.0);
    }
}
