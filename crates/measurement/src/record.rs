//! A **record** is what is kept of one request: its instants, its tokens and how it ended. Records are what
//! metrics are computed from, and are stored beside the result so that they can be computed again.

use domain::RequestSlo;
use domain::result::{FailureReason, TokenSource};
use serde::{Deserialize, Serialize};

use crate::timeline::Timeline;

/// Nanoseconds in a millisecond.
const NS_PER_MS: f64 = 1e6;

/// Which part of the run a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Sent before the measurement, while the load was building up.
    WarmUp,
    /// One of the requests that were asked for.
    Measured,
    /// Sent only to keep the load up until the last measured request had ended.
    KeepUp,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The whole answer arrived.
    Succeeded,
    /// It did not.
    Failed {
        /// Why.
        reason: FailureReason,
        /// In words: a status, the server's message.
        detail: String,
    },
    /// We broke it off because the run was over. It neither succeeded nor failed.
    Cut,
}

/// Where a request stands in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The conversation, from 0 in the order of their beginnings.
    pub conversation: u32,
    /// Which of its turns, from 1.
    pub turn: u32,
    /// Turns that it was to have.
    pub turns: u32,
    /// Tokens of its prompt that were asked for: what was said before, as it was counted, and a new message. None when
    /// that was text, whose tokens nobody knew before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_input_tokens: Option<u64>,
}

impl Turn {
    /// Whether none was to come after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.turn >= self.turns
    }
}

/// One request. Instants are in nanoseconds since the start of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Order of sending, from 0.
    pub index: u32,
    /// Its part of the run.
    pub phase: Phase,
    /// Where it stands in a conversation. None: it stands alone.
    #[serde(flatten)]
    pub turn: Option<Turn>,
    /// When it was due: in a closed loop, when its slot became free; of a later turn, when the time to think was over.
    pub t_sched_ns: u64,
    /// When its first byte was handed to the socket. None when it never got that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t_send_ns: Option<u64>,
    /// Its content events.
    #[serde(flatten)]
    pub content: Timeline,
    /// Which content event was the first that is not reasoning. None without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_output: Option<u32>,
    /// When the stream was closed.
    pub t_end_ns: u64,
    /// How long its slot was to wait then before it sent again, as the server had asked, ns. In a closed loop only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_wait_ns: Option<u64>,
    /// Tokens of the prompt, where the server told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Of these, those that a prompt cache answered; 0 where the server does not tell.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cached_input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// Who counted `output_tokens`.
    pub token_source: TokenSource,
    /// Why the server stopped, in its words: `length`, `stop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl RequestRecord {
    /// `t_first`: the first content event, ns.
    #[must_use]
    pub fn t_first_ns(&self) -> Option<u64> {
        self.content.first_ns()
    }

    /// `t_output`: the first content event that is not reasoning, ns.
    #[must_use]
    pub fn t_output_ns(&self) -> Option<u64> {
        match self.first_output? {
            0 => self.content.first_ns(),
            event => self.content.instants_ns().nth(event as usize),
        }
    }

    /// `t_last`: the last content event, ns.
    #[must_use]
    pub fn t_last_ns(&self) -> Option<u64> {
        self.content.last_ns()
    }

    /// Whether the whole answer arrived.
    #[must_use]
    pub const fn succeeded(&self) -> bool {
        matches!(self.outcome, Outcome::Succeeded)
    }

    /// Whether the model reasoned before it answered.
    #[must_use]
    pub const fn reasoned(&self) -> bool {
        !matches!(self.first_output, Some(0))
    }

    /// Time to first token, ms.
    #[must_use]
    pub fn ttft_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_send_ns?, self.t_first_ns()?))
    }

    /// Time to first output token, ms.
    #[must_use]
    pub fn ttfo_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_send_ns?, self.t_output_ns()?))
    }

    /// End-to-end latency, ms.
    #[must_use]
    pub fn e2e_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_send_ns?, self.t_last_ns()?))
    }

    /// Time to first token from the scheduled instant, ms.
    #[must_use]
    pub fn ttft_sched_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_sched_ns, self.t_first_ns()?))
    }

    /// End-to-end latency from the scheduled instant, ms.
    #[must_use]
    pub fn e2e_sched_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_sched_ns, self.t_last_ns()?))
    }

    /// How late it was sent, ms.
    #[must_use]
    pub fn issue_lag_ms(&self) -> Option<f64> {
        Some(ms_between(self.t_sched_ns, self.t_send_ns?))
    }

    /// Time per output token, ms: the time after the first content event over the tokens after it.
    #[must_use]
    pub fn tpot_ms(&self) -> Option<f64> {
        // An answer in one event had all of its tokens in the first.
        let first = self.t_first_ns().filter(|_| self.content.len() > 1)?;
        let in_first = u64::from(self.content.first_tokens().unwrap_or(1).max(1));
        let later = self.output_tokens.checked_sub(in_first).filter(|n| *n > 0)?;
        Some(ms_between(first, self.t_last_ns()?) / later as f64)
    }

    /// The gaps between consecutive content events, ms.
    pub fn gaps_ms(&self) -> impl Iterator<Item = f64> + '_ {
        self.content.gaps_ns().map(|gap_ns| gap_ns as f64 / NS_PER_MS)
    }

    /// Whether it meets every stated bound. A failed request and a missing metric do not.
    #[must_use]
    pub fn meets(&self, slo: &RequestSlo) -> bool {
        let within = |bound: Option<domain::duration::WrittenDuration>, value: Option<f64>| {
            bound.is_none_or(|bound| value.is_some_and(|v| v <= bound.as_ms()))
        };
        self.succeeded()
            && within(slo.ttft, self.ttft_ms())
            && within(slo.tpot, self.tpot_ms())
            && within(slo.e2e, self.e2e_ms())
    }
}

fn ms_between(from_ns: u64, to_ns: u64) -> f64 {
    to_ns.saturating_sub(from_ns) as f64 / NS_PER_MS
}

/// A record for tests: content events at the given instants (ms), sent at `send_ms`.
#[cfg(test)]
pub(crate) fn sample(index: u32, send_ms: u64, content_ms: &[u64]) -> RequestRecord {
    let ns = |ms: u64| ms * 1_000_000;
    RequestRecord {
        index,
        phase: Phase::Measured,
        turn: None,
        t_sched_ns: ns(send_ms.saturating_sub(1)),
        t_send_ns: Some(ns(send_ms)),
        content: Timeline::new(&content_ms.iter().map(|ms| ns(*ms)).collect::<Vec<_>>(), &[]),
        first_output: Some(0),
        t_end_ns: ns(content_ms.last().copied().unwrap_or(send_ms)),
        retry_wait_ns: None,
        input_tokens: Some(10),
        cached_input_tokens: 0,
        output_tokens: content_ms.len() as u64,
        token_source: TokenSource::ServerUsage,
        finish_reason: Some("length".to_owned()),
        outcome: Outcome::Succeeded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_follow_the_definitions() {
        let r = sample(0, 100, &[150, 170, 190]);
        assert_eq!(r.ttft_ms(), Some(50.0));
        assert_eq!(r.ttft_sched_ms(), Some(51.0));
        assert_eq!(r.e2e_ms(), Some(90.0));
        assert_eq!(r.tpot_ms(), Some(20.0));
        assert_eq!(r.gaps_ms().collect::<Vec<_>>(), [20.0, 20.0]);
        assert_eq!(r.issue_lag_ms(), Some(1.0));
    }

    #[test]
    fn tpot_counts_tokens_not_events() {
        let mut r = sample(0, 0, &[10, 50]);
        r.output_tokens = 8;
        assert_eq!(r.tpot_ms(), Some(40.0 / 7.0));
        r.content = Timeline::new(&[10_000_000, 50_000_000], &[4, 4]);
        assert_eq!(r.tpot_ms(), Some(10.0));
        r.output_tokens = 4;
        assert_eq!(r.tpot_ms(), None);
    }

    #[test]
    fn reasoning_moves_the_first_output_token() {
        let mut r = sample(0, 0, &[10, 20, 30]);
        r.first_output = Some(2);
        assert_eq!((r.ttft_ms(), r.ttfo_ms()), (Some(10.0), Some(30.0)));
        r.first_output = None;
        assert_eq!(r.ttfo_ms(), None);
    }

    #[test]
    fn a_missing_metric_and_a_failure_fail_the_slo() {
        let slo = RequestSlo { tpot: Some("25ms".parse().unwrap()), ..RequestSlo::default() };
        assert!(sample(0, 0, &[10, 30]).meets(&slo));
        assert!(!sample(0, 0, &[10]).meets(&slo));
        let mut failed = sample(0, 0, &[10, 30]);
        failed.outcome = Outcome::Failed { reason: FailureReason::Timeout, detail: String::new() };
        assert!(!failed.meets(&RequestSlo::default()));
    }

    #[test]
    fn a_record_survives_its_json() {
        let mut r = sample(3, 5, &[9, 12]);
        r.outcome = Outcome::Failed { reason: FailureReason::Server, detail: "HTTP 500".to_owned() };
        for turn in [None, Some(Turn { conversation: 7, turn: 2, turns: 3, asked_input_tokens: None })] {
            r.turn = turn;
            let json = serde_json::to_string(&r).unwrap();
            assert!(json.contains(r#""content_ns":[9000000,12000000],"first_output":0"#), "{json}");
            assert_eq!(serde_json::from_str::<RequestRecord>(&json).unwrap(), r);
        }
    }
}
