//! The **table** is what a bench prints: it fits 80 columns.

use std::fmt::Write;

use domain::result::{Flag, RequestCounts, TokenSource};
use domain::{Statistic, Summary};

use super::dataset_use::DatasetUse;
use super::document::BenchDocument;

/// Columns of a terminal.
const WIDTH: usize = 80;

/// The columns of the table.
pub(super) const COLUMNS: [(&str, Statistic); 5] = [
    ("mean", Statistic::Mean),
    ("p50", Statistic::P50),
    ("p90", Statistic::P90),
    ("p95", Statistic::P95),
    ("p99", Statistic::P99),
];

/// The findings as text.
#[must_use]
pub fn table(found: &BenchDocument) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_table(&mut text, found);
    text
}

fn write_table(out: &mut String, found: &BenchDocument) -> std::fmt::Result {
    if found.simulated() {
        writeln!(out, "SIMULATED: the server is the simulated engine; this says nothing of hardware")?;
    }
    let (server, label) = (format!("{} at {}", found.model, found.url), found.workload.label());
    let traffic = format!("{label}, seed {}", found.seed);
    let whole = server.chars().count() + 2 + traffic.chars().count();
    writeln!(out, "{server},{}{traffic}", if whole > WIDTH { '\n' } else { ' ' })?;
    writeln!(
        out,
        "{} requests ok, {} failed; window {:.1} s, outside it {:.1} s",
        found.counts.succeeded,
        found.counts.failures(),
        found.window_s,
        found.warm_up_s
    )?;
    for (reason, count) in &found.counts.failed {
        writeln!(out, "  {count} {}", crate::load::reason_name(*reason))?;
    }
    if let Some(waits) = waits_in_words(&found.counts) {
        writeln!(out, "  {waits}")?;
    }
    writeln!(out)?;
    write!(out, "{:<12}{:>8}", "ms", "count")?;
    for (name, _) in COLUMNS {
        write!(out, "{name:>11}")?;
    }
    writeln!(out)?;
    let mut starred = false;
    for (name, summary) in latencies(found) {
        starred |= write_row(out, name, summary)?;
    }
    if starred {
        writeln!(out, "* too few requests for a claim")?;
    }
    writeln!(out)?;
    write_rates(out, found)?;
    write_trust(out, found)
}

/// The latencies that were measured, by name.
pub(super) fn latencies(found: &BenchDocument) -> impl Iterator<Item = (&'static str, &Summary)> {
    let m = &found.metrics;
    let turns = found.by_turn.as_ref().map(|turns| (turns.first.as_ref(), turns.later.as_ref()));
    let (first, later) = turns.unwrap_or_default();
    let itl = if m.itl_multi_token { "ITL (events)" } else { "ITL" };
    let rows = [
        ("TTFT", m.ttft.as_ref()),
        ("TTFT turn 1", first.map(|of| &of.ttft)),
        ("TTFT later", later.map(|of| &of.ttft)),
        ("TTFO", m.ttfo.as_ref()),
        ("TPOT", m.tpot.as_ref()),
        (itl, m.itl.as_ref()),
        ("E2E", m.e2e.as_ref()),
        ("TTFT (sched)", m.ttft_sched.as_ref()),
    ];
    rows.into_iter().filter_map(|(name, summary)| Some((name, summary?)))
}

/// Writes a row; says whether a value is marked as no claim.
fn write_row(out: &mut String, name: &str, summary: &Summary) -> Result<bool, std::fmt::Error> {
    write!(out, "{name:<12}{:>8}", summary.count)?;
    for (_, statistic) in COLUMNS {
        let mark = if summary.insufficient_samples.contains(&statistic) { '*' } else { ' ' };
        write!(out, "{:>10}{mark}", number(summary.get(statistic)))?;
    }
    while out.ends_with(' ') {
        out.pop();
    }
    writeln!(out)?;
    Ok(COLUMNS.iter().any(|(_, s)| summary.insufficient_samples.contains(s)))
}

fn write_rates(out: &mut String, found: &BenchDocument) -> std::fmt::Result {
    let m = &found.metrics;
    let per_user =
        m.tps_per_user.as_ref().map_or_else(String::new, |s| format!(", {} per user", number(s.mean)));
    writeln!(
        out,
        "throughput  {} output tokens/s ({} with input){per_user}, {} req/s",
        number(m.output_tps),
        number(m.total_tps),
        number(m.rps)
    )?;
    if let Some(per_gpu) = m.tps_per_gpu {
        writeln!(out, "per GPU     {} output tokens/s on each of {}", number(per_gpu), found.gpu_count)?;
    }
    if let (Some(goodput), Some(attainment)) = (m.goodput, m.attainment) {
        writeln!(
            out,
            "goodput     {} req/s; {:.1} % of requests meet the SLO",
            number(goodput),
            attainment * 100.0
        )?;
    }
    if let Some(turns) = &found.by_turn {
        let broken_off = match turns.broken_off {
            0 => String::new(),
            n => format!(", {n} broken off"),
        };
        writeln!(out, "turns       of {} conversations{broken_off}", turns.conversations)?;
    }
    let counted = match found.token_source {
        TokenSource::ServerUsage => "the server",
        TokenSource::ContentEvents => "events, since the server did not",
        TokenSource::OtherTool => "another tool",
    };
    let mean = |tokens: Option<f64>| tokens.map_or_else(|| "?".to_owned(), number);
    writeln!(
        out,
        "tokens      {} in, {} out per request, counted by {counted}",
        mean(found.counts.mean_input_tokens()),
        mean(found.counts.mean_output_tokens())
    )?;
    match found.counts.input_uncounted {
        0 => Ok(()),
        count => {
            writeln!(out, "            nobody counted the prompts of {count}: guessed in the rate with input")
        }
    }
}

/// How long slots waited because the server asked for it.
pub(super) fn waits_in_words(counts: &RequestCounts) -> Option<String> {
    let (waits, seconds) = (counts.retry_waits, counts.retry_wait_ms as f64 / 1e3);
    (waits > 0).then(|| format!("slots waited {} s after {waits} refusals (Retry-After)", number(seconds)))
}

fn write_trust(out: &mut String, found: &BenchDocument) -> std::fmt::Result {
    let c = &found.certificate;
    let verdict = if c.is_client_limited() { "LIMITED" } else { "ok" };
    writeln!(
        out,
        "client      {verdict}: lag p99 {} ms, stall p99 {} ms, IO thread {:.0} % busy",
        number(c.issue_lag_p99_ms),
        number(c.loop_stall_p99_ms),
        c.io_thread_cpu * 100.0
    )?;
    match &c.capacity {
        Some(capacity) => writeln!(
            out,
            "ceiling     {:.0} % used: {} of {} events/s, {} of {} req/s",
            capacity.used * 100.0,
            number(capacity.events_per_s),
            number(capacity.most_events_per_s),
            number(capacity.requests_per_s),
            number(capacity.most_requests_per_s)
        )?,
        None => writeln!(out, "ceiling     not known: this client was not calibrated, or the run too short")?,
    }
    if let Some(limit) = c.socket_limit {
        writeln!(out, "sockets     {} open at most, {limit} allowed", c.open_sockets)?;
    }
    if let (Some(requested), Some(achieved)) = (c.requested_rps, c.achieved_rps) {
        let (sent, due) = (number(achieved), number(requested));
        writeln!(out, "arrivals    {sent} req/s sent, {due} due, {} dropped", c.dropped_arrivals)?;
    }
    for violation in &c.violations {
        writeln!(out, "            {violation}")?;
    }
    for flag in found.flags.iter().filter(|f| **f != Flag::ClientLimited) {
        writeln!(out, "note        {}", flag_in_words(*flag))?;
    }
    if let Some(warning) = found.dataset_use.and_then(DatasetUse::warning) {
        writeln!(out, "note        {warning}")?;
    }
    Ok(())
}

pub(super) const fn flag_in_words(flag: Flag) -> &'static str {
    match flag {
        Flag::ClientLimited => "this client was the bottleneck",
        Flag::RateLimited => "a rate limit refused requests, so that the load was not the one asked for",
        Flag::NotSteady => "no steady state in the first half: measure more, or at a lower rate",
        Flag::NotConverged => "intervals are wider than --tolerance: raise --max-requests",
        Flag::OutputLengthOff => "answers are off the length asked for by more than 5 %",
        Flag::InputLengthOff => "prompts are off the length asked for, or nobody counted them",
        Flag::SomeFailed => "some requests failed and are in no latency",
        Flag::HardwareUnverified => "the hardware was not verified",
        Flag::OtherDefinition => "some number is by the definition of another tool",
    }
}

/// A number with about four digits.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => format!("{value:.0}"),
        v if v >= 100.0 => format!("{value:.1}"),
        v if v >= 10.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
