//! **Limits** are what a provider grants a key: requests and tokens in some time, told in the headers of every answer.
//!
//! | provider | headers | when there is as much as at first again |
//! |---|---|---|
//! | OpenAI | `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` | a duration: `6m0s`, `8.64s`, `20ms` |
//! | Anthropic | `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}` | an instant |
//!
//! A limit is of a minute, or of a day: how fast it comes back tells which. A budget that is refilled steadily needs
//! `window * used / limit` until it is full, so that `reset * limit / used` is the window.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Load, Workload};
use http::HeaderMap;

const MINUTE_S: f64 = 60.0;
const DAY_S: f64 = 86_400.0;

/// A window longer than this is taken for a day.
const LONGER_THAN_MINUTES_S: f64 = 3_600.0;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Requests.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
    /// Tokens of prompts.
    InputTokens,
    /// Tokens of answers.
    OutputTokens,
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::InputTokens => "input tokens",
            Self::OutputTokens => "output tokens",
        })
    }
}

/// One limit of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// What is limited.
    pub of: Of,
    /// How many in the window.
    pub most: u64,
    /// How many are left of it.
    pub remaining: u64,
    /// When all of them are there again.
    pub resets_in: Duration,
}

impl Limit {
    /// Seconds in which so many may be asked for.
    fn window_s(&self) -> f64 {
        let used = self.most.saturating_sub(self.remaining);
        let window_s = self.resets_in.as_secs_f64() * self.most as f64 / used as f64;
        if window_s.is_finite() && window_s > LONGER_THAN_MINUTES_S { DAY_S } else { MINUTE_S }
    }

    fn window_name(&self) -> &'static str {
        if self.window_s() > MINUTE_S { "day" } else { "minute" }
    }
}

/// What a run asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    /// Requests in all.
    pub requests: f64,
    /// Requests per second; none where it is not known before.
    pub rps: Option<f64>,
    /// Requests that are sent at once.
    pub at_once: f64,
    /// Tokens of a prompt, in the mean.
    pub input_tokens: f64,
    /// Tokens of an answer, in the mean.
    pub output_tokens: f64,
}

impl Demand {
    /// That of a workload; `e2e_s` is how long an answer takes, where that was seen.
    #[must_use]
    pub fn of(workload: &Workload, requests: u32, e2e_s: Option<f64>) -> Self {
        let turns = workload.variety.conversation.map_or(1.0, |of| f64::from(of.turns.mean().get()));
        let in_flight = workload.concurrency().map(|c| f64::from(c.get()));
        let rps = match &workload.load {
            Load::OpenLoop { rate_rps, .. } => Some(rate_rps.mean_rps() * turns),
            Load::Trace { rate_rps, .. } => Some(rate_rps.rps()),
            Load::ClosedLoop { .. } | Load::Batches { .. } => in_flight.zip(e2e_s).map(|(c, s)| c / s),
        };
        Self {
            requests: f64::from(requests),
            rps,
            at_once: in_flight.unwrap_or(1.0),
            input_tokens: workload.prompt_tokens() as f64,
            output_tokens: f64::from(workload.output_tokens.get()),
        }
    }

    /// Of what is limited, in one request.
    const fn of_each(&self, of: Of) -> f64 {
        match of {
            Of::Requests => 1.0,
            Of::Tokens => self.input_tokens + self.output_tokens,
            Of::InputTokens => self.input_tokens,
            Of::OutputTokens => self.output_tokens,
        }
    }
}

/// All limits that were told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits(pub Vec<Limit>);

impl Limits {
    /// Those of an answer's headers.
    #[must_use]
    pub fn of(headers: &HeaderMap, now: DateTime<Utc>) -> Self {
        let text = |name: String| headers.get(name)?.to_str().ok().map(str::trim);
        let number = |name: String| text(name)?.parse::<u64>().ok();
        let openai =
            [(Of::Requests, "requests"), (Of::Tokens, "tokens")].into_iter().filter_map(|(of, name)| {
                let most = number(format!("x-ratelimit-limit-{name}"))?;
                let remaining = number(format!("x-ratelimit-remaining-{name}"))?;
                let resets_in = duration(text(format!("x-ratelimit-reset-{name}"))?)?;
                Some(Limit { of, most, remaining, resets_in })
            });
        let kinds = [
            (Of::Requests, "requests"),
            (Of::Tokens, "tokens"),
            (Of::InputTokens, "input-tokens"),
            (Of::OutputTokens, "output-tokens"),
        ];
        let anthropic = kinds.into_iter().filter_map(|(of, name)| {
            let most = number(format!("anthropic-ratelimit-{name}-limit"))?;
            let remaining = number(format!("anthropic-ratelimit-{name}-remaining"))?;
            let at = DateTime::parse_from_rfc3339(text(format!("anthropic-ratelimit-{name}-reset"))?).ok()?;
            // An instant that has passed asks for nothing.
            let resets_in = (at.to_utc() - now).to_std().unwrap_or(Duration::ZERO);
            Some(Limit { of, most, remaining, resets_in })
        });
        Self(openai.chain(anthropic).collect())
    }

    /// Why a load would surpass a limit, in words with the mend. None when none is known that it surpasses.
    #[must_use]
    pub fn surpassed_by(&self, demand: &Demand) -> Option<String> {
        self.0.iter().find_map(|limit| {
            let each = demand.of_each(limit.of);
            let per_window = demand.rps.map_or(0.0, |rps| rps * each * limit.window_s()).max(demand.at_once * each);
            (per_window > limit.most as f64).then(|| {
                format!(
                    "it would take {per_window:.0} {} per {}, and the key is granted {}: lower the load, or have the limit \
                     raised",
                    limit.of,
                    limit.window_name(),
                    limit.most
                )
            })
        })
    }

    /// How long to wait until a run of so much does not begin on what others left of a limit. Zero when it can begin.
    #[must_use]
    pub fn wait_for(&self, demand: &Demand) -> Duration {
        let short = |limit: &&Limit| {
            let of_run = demand.requests * demand.of_each(limit.of);
            // What comes back meanwhile helps, but a run begins with what one window of its load takes.
            let of_window =
                demand.rps.map_or(of_run, |rps| rps * demand.of_each(limit.of) * limit.window_s());
            (limit.remaining as f64) < of_run.min(of_window).min(limit.most as f64 * 0.99)
        };
        self.0.iter().filter(short).map(|limit| limit.resets_in).max().unwrap_or_default()
    }
}

/// Reads `1s`, `6m0s`, `8.64s`, `20ms`, `1h2m3s` or plain seconds.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let (number, unit) = rest.split_at(digits);
        let length = unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at(length);
        let of_unit = match unit {
            "" | "s" => 1.0,
            "ms" => 1e-3,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => DAY_S,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * of_unit;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn told(pairs: &[(&'static str, &str)]) -> Limits {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Limits::of(&headers, DateTime::parse_from_rfc3339("2025-08-21T12:40:00Z").unwrap().to_utc())
    }

    #[test]
    fn both_providers_are_understood() {
        let openai = told(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6ms"),
        ]);
        assert_eq!(openai.0.len(), 2);
        assert_eq!((openai.0[0].most, openai.0[0].resets_in), (60, Duration::from_secs(1)));
        let anthropic = told(&[
            ("anthropic-ratelimit-output-tokens-limit", "16000"),
            ("anthropic-ratelimit-output-tokens-remaining", "12000"),
            ("anthropic-ratelimit-output-tokens-reset", "2025-08-21T12:40:15Z"),
            ("anthropic-ratelimit-requests-limit", "many"),
        ]);
        let limit = Limit {
            of: Of::OutputTokens,
            most: 16_000,
            remaining: 12_000,
            resets_in: Duration::from_secs(15),
        };
        assert_eq!(anthropic.0, [limit]);
        assert_eq!(told(&[("content-type", "application/json")]), Limits::default());
    }

    #[test]
    fn durations_have_units() {
        for (text, ms) in [
            ("1s", Some(1_000)),
            ("6m0s", Some(360_000)),
            ("8.64s", Some(8_640)),
            ("20ms", Some(20)),
            ("1h1m1.5s", Some(3_661_500)),
            ("7", Some(7_000)),
            ("", None),
            ("soon", None),
            ("3w", None),
        ] {
            assert_eq!(duration(text), ms.map(Duration::from_millis), "{text}");
        }
    }

    /// One of 10,000 comes back after 8.64 s: all of them after a day.
    #[test]
    fn a_limit_of_a_day_is_told_from_one_of_a_minute() {
        let limit = |most, remaining, resets_in_ms| Limit {
            of: Of::Requests,
            most,
            remaining,
            resets_in: Duration::from_millis(resets_in_ms),
        };
        assert_eq!(limit(10_000, 9_999, 8_640).window_name(), "day");
        assert_eq!(limit(60, 59, 1_000).window_name(), "minute");
        assert_eq!(limit(500, 500, 0).window_name(), "minute");
    }

    fn demand(rps: Option<f64>, at_once: f64) -> Demand {
        Demand { requests: 100.0, rps, at_once, input_tokens: 300.0, output_tokens: 100.0 }
    }

    #[test]
    fn a_load_beyond_a_limit_is_told_before_it_is_sent() {
        let limits = Limits(vec![Limit {
            of: Of::Tokens,
            most: 30_000,
            remaining: 30_000,
            resets_in: Duration::ZERO,
        }]);
        // 400 tokens each: 75 requests in a minute.
        assert_eq!(limits.surpassed_by(&demand(Some(1.2), 1.0)), None);
        let told = limits.surpassed_by(&demand(Some(2.0), 1.0)).unwrap();
        assert!(
            told.starts_with("it would take 48000 tokens per minute, and the key is granted 30000"),
            "{told}"
        );
        assert_eq!(limits.surpassed_by(&demand(None, 75.0)), None);
        assert!(limits.surpassed_by(&demand(None, 76.0)).is_some());
    }

    #[test]
    fn a_run_waits_for_what_was_used_up() {
        let left = |remaining| {
            Limits(vec![Limit { of: Of::Requests, most: 200, remaining, resets_in: Duration::from_secs(40) }])
        };
        assert_eq!(left(150).wait_for(&demand(None, 1.0)), Duration::ZERO);
        assert_eq!(left(99).wait_for(&demand(None, 1.0)), Duration::from_secs(40));
        // Half a request per second takes 30 of them in a minute.
        assert_eq!(left(40).wait_for(&demand(Some(0.5), 1.0)), Duration::ZERO);
        assert_eq!(left(20).wait_for(&demand(Some(0.5), 1.0)), Duration::from_secs(40));
    }
}
