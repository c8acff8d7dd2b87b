//! **Rendering**: a snapshot as lines of text. No colours, no control codes.

use measurement::certificate::Thresholds;

use super::history::Snapshot;
use super::sparkline::sparkline;
use crate::load::failures_in_words;
use crate::load::progress::{Delays, Stage};

/// Share of the delays that may be long: the certificate looks at the 99th percentile.
const LONG_SHARE: f64 = 0.01;

/// The view, no line longer than `columns`.
pub(super) fn view(snapshot: &Snapshot, columns: usize) -> Vec<String> {
    let seconds = snapshot.elapsed.as_secs();
    let lines = [
        format!("{}{}, {seconds} s", label(snapshot), stage(snapshot)),
        rates(snapshot),
        plot("TTFT", &snapshot.ttft_ms, columns),
        plot("TPOT", &snapshot.tpot_ms, columns),
        errors(snapshot),
        client(snapshot),
    ];
    lines.map(|line| cut(line, columns)).to_vec()
}

/// All of it in one line.
pub(super) fn line(snapshot: &Snapshot) -> String {
    let latency = |name, values: &[Option<f64>]| {
        latest(values).map(|ms| format!("{name} {} ms", short(ms))).into_iter()
    };
    let mut parts = vec![format!("{}{} s: {}", label(snapshot), snapshot.elapsed.as_secs(), stage(snapshot))];
    parts.push(rates(snapshot));
    parts.extend(latency("TTFT", &snapshot.ttft_ms).chain(latency("TPOT", &snapshot.tpot_ms)));
    if !snapshot.counts.finished.failed.is_empty() {
        parts.push(errors(snapshot));
    }
    if limits(snapshot).next().is_some() {
        parts.push(client(snapshot));
    }
    parts.join(", ")
}

fn label(snapshot: &Snapshot) -> &'static str {
    if snapshot.simulated { "SIMULATED " } else { "" }
}

fn stage(snapshot: &Snapshot) -> String {
    let counts = &snapshot.counts;
    match counts.stage {
        Stage::Preparing => "preparing".to_owned(),
        Stage::WarmUp => "warm-up".to_owned(),
        // Too few of those that were asked for lie in a steady state, or intervals are too wide: it goes on.
        Stage::Measuring if counts.finished.measured > u64::from(counts.asked) => {
            format!("measuring, {} done, {} wanted in a steady state", counts.finished.measured, counts.asked)
        }
        Stage::Measuring => format!("measuring, {} of {} done", counts.finished.measured, counts.asked),
    }
}

fn rates(snapshot: &Snapshot) -> String {
    format!(
        "{} in flight, {} requests/s, {} output tokens/s",
        snapshot.counts.in_flight,
        short(snapshot.requests_per_s),
        short(snapshot.tokens_per_s)
    )
}

fn plot(name: &str, values: &[Option<f64>], columns: usize) -> String {
    let latest = latest(values).map_or_else(|| "-".to_owned(), short);
    let start = format!("{name} {latest:>6} ms ");
    let room = columns.saturating_sub(start.chars().count());
    start + &sparkline(values, room)
}

fn latest(values: &[Option<f64>]) -> Option<f64> {
    values.iter().rev().flatten().next().copied()
}

fn errors(snapshot: &Snapshot) -> String {
    let failed = &snapshot.counts.finished.failed;
    if failed.is_empty() {
        return "no errors".to_owned();
    }
    format!("errors: {}", failures_in_words(failed))
}

/// Whether this client can be trusted so far, as its certificate will judge it.
fn client(snapshot: &Snapshot) -> String {
    let limits: Vec<String> = limits(snapshot).collect();
    if !limits.is_empty() {
        return format!("client LIMITS: {}", limits.join(", "));
    }
    let (lag, stall) = (snapshot.counts.lag.longest_ms, snapshot.counts.stall.longest_ms);
    let cpu = snapshot.io_thread_cpu * 100.0;
    let ceiling = snapshot
        .ceiling_share
        .map_or_else(String::new, |share| format!(", {:.0} % of its ceiling", share * 100.0));
    format!("client ok: lag {} ms, stall {} ms, IO thread {cpu:.0} %{ceiling}", short(lag), short(stall))
}

fn limits(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    let counts = &snapshot.counts;
    let limit = Thresholds::STANDARD;
    let long = |what: &str, delays: Delays, limit_ms: f64| {
        let share = delays.long as f64 / delays.all.max(1) as f64;
        (share > LONG_SHARE).then(|| format!("{:.0} % of {what} over {limit_ms} ms", share * 100.0))
    };
    let limits = [
        (counts.dropped > limit.dropped_arrivals).then(|| format!("{} arrivals dropped", counts.dropped)),
        long("issue lags", counts.lag, limit.issue_lag_p99_ms),
        long("stalls", counts.stall, limit.loop_stall_p99_ms),
        (snapshot.io_thread_cpu > limit.io_thread_cpu)
            .then(|| format!("IO thread at {:.0} %", snapshot.io_thread_cpu * 100.0)),
        snapshot
            .ceiling_share
            .filter(|share| *share > limit.ceiling_share)
            .map(|share| format!("{:.0} % of its ceiling", share * 100.0)),
    ];
    limits.into_iter().flatten()
}

/// A number with about three digits.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn cut(line: String, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line;
    }
    line.chars().take(columns.saturating_sub(1)).chain((columns > 0).then_some('…')).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use domain::result::FailureReason;
    use proptest::prelude::*;

    use super::*;
    use crate::load::progress::{Counts, Finished};

    fn snapshot() -> Snapshot {
        let failed = BTreeMap::from([(FailureReason::Timeout, 3), (FailureReason::Overloaded, 12)]);
        Snapshot {
            simulated: true,
            elapsed: Duration::from_millis(31_400),
            counts: Counts {
                stage: Stage::Measuring,
                asked: 200,
                in_flight: 16,
                finished: Finished { measured: 132, succeeded: 140, failed, ..Finished::default() },
                lag: Delays { longest_ms: 0.31, all: 140, long: 1 },
                stall: Delays { longest_ms: 1.2, all: 6000, long: 3 },
                ..Counts::default()
            },
            requests_per_s: 23.14,
            tokens_per_s: 1480.9,
            io_thread_cpu: 0.12,
            ceiling_share: Some(0.091),
            ttft_ms: (0..60).map(|n| (n % 7 > 0).then(|| 40.0 + f64::from(n % 9))).collect(),
            tpot_ms: (0..60).map(|n| Some(4.0 + f64::from(n % 5))).collect(),
        }
    }

    #[test]
    fn the_view_of_80_columns() {
        insta::assert_snapshot!(view(&snapshot(), 80).join("\n"), @r"
        SIMULATED measuring, 132 of 200 done, 31 s
        16 in flight, 23.1 requests/s, 1481 output tokens/s
        TTFT   45.0 ms  ▇▇████ █▇▇▇██ ███▇▇▇ █████▇ ▇█████ ▇▇▇███ ██▇▇▇█ ████▇▇ ███
        TPOT   8.00 ms ▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█
        errors: 12 overloaded, 3 timed out
        client ok: lag 0.31 ms, stall 1.20 ms, IO thread 12 %, 9 % of its ceiling
        ");
    }

    #[test]
    fn a_narrow_view_is_cut() {
        insta::assert_snapshot!(view(&snapshot(), 40).join("\n"), @r"
        SIMULATED measuring, 132 of 200 done, 3…
        16 in flight, 23.1 requests/s, 1481 out…
        TTFT   45.0 ms  ▇▇▇███ ██▇▇▇█ ████▇▇ ███
        TPOT   8.00 ms ▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█▄▅▆▇█
        errors: 12 overloaded, 3 timed out
        client ok: lag 0.31 ms, stall 1.20 ms, …
        ");
    }

    #[test]
    fn the_plain_line_has_no_control_codes() {
        let text = line(&snapshot());
        assert!(!text.chars().any(char::is_control));
        insta::assert_snapshot!(
            text,
            @"SIMULATED 31 s: measuring, 132 of 200 done, 16 in flight, 23.1 requests/s, 1481 output tokens/s, TTFT 45.0 ms, TPOT 8.00 ms, errors: 12 overloaded, 3 timed out"
        );
    }

    #[test]
    fn a_client_that_would_limit_says_why() {
        let mut limited = snapshot();
        limited.counts.lag.long = 7;
        limited.counts.dropped = 2;
        limited.io_thread_cpu = 0.97;
        limited.ceiling_share = Some(0.93);
        assert_eq!(
            client(&limited),
            "client LIMITS: 2 arrivals dropped, 5 % of issue lags over 10 ms, IO thread at 97 %, 93 % of its ceiling"
        );
        assert!(line(&limited).ends_with(&client(&limited)));
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_the_terminal(
            columns in 0_usize..100, count in 0..u64::MAX, value in prop::num::f64::POSITIVE, held in 0_usize..60,
        ) {
            let mut wide = snapshot();
            wide.counts.in_flight = count;
            wide.counts.finished.failed.insert(FailureReason::Connect, count);
            (wide.requests_per_s, wide.ttft_ms) = (value, vec![Some(value); held]);
            for line in view(&wide, columns) {
                prop_assert!(line.chars().count() <= columns, "{line}");
            }
        }
    }
}
