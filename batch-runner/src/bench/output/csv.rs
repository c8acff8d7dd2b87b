//! The **CSV** of a bench has a row for each request, with the latencies that follow from its instants.

pub(super) mod loads;

use std::io::{self, Write};

use measurement::record::{Phase, RequestRecord};
use serde::Serialize;

use super::{Ending, Findings};
use crate::bench::document::seconds;

/// A request. Instants are in seconds since the start of the run; what is empty is not known.
#[derive(Serialize)]
struct Row<'a> {
    provenance: &'static str,
    index: u32,
    phase: Phase,
    /// Its conversation, from 0, and which of its turns, from 1.
    conversation: Option<u32>,
    turn: Option<u32>,
    /// Whether it counts: one of the requests to measure, sent in the window.
    in_window: bool,
    outcome: &'static str,
    failure: Option<&'static str>,
    t_sched_s: f64,
    t_send_s: Option<f64>,
    t_first_s: Option<f64>,
    t_output_s: Option<f64>,
    t_last_s: Option<f64>,
    t_end_s: f64,
    retry_wait_s: Option<f64>,
    input_tokens: Option<u64>,
    output_tokens: u64,
    content_events: usize,
    token_source: domain::result::TokenSource,
    ttft_ms: Option<f64>,
    ttfo_ms: Option<f64>,
    tpot_ms: Option<f64>,
    e2e_ms: Option<f64>,
    ttft_sched_ms: Option<f64>,
    e2e_sched_ms: Option<f64>,
    issue_lag_ms: Option<f64>,
    finish_reason: Option<&'a str>,
    detail: Option<&'a str>,
}

pub(super) fn write(findings: &Findings<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    for record in &findings.measured.records {
        rows.serialize(row(findings, record)).map_err(io::Error::other)?;
    }
    rows.flush()
}

fn row<'a>(findings: &Findings<'_>, record: &'a RequestRecord) -> Row<'a> {
    let Ending { outcome, failure, detail } = Ending::of(record);
    Row {
        provenance: findings.document.provenance.name(),
        index: record.index,
        phase: record.phase,
        conversation: record.turn.map(|turn| turn.conversation),
        turn: record.turn.map(|turn| turn.turn),
        in_window: findings.measured.window.counts(record),
        outcome,
        failure,
        t_sched_s: seconds(record.t_sched_ns),
        t_send_s: record.t_send_ns.map(seconds),
        t_first_s: record.t_first_ns().map(seconds),
        t_output_s: record.t_output_ns().map(seconds),
        t_last_s: record.t_last_ns().map(seconds),
        t_end_s: seconds(record.t_end_ns),
        retry_wait_s: record.retry_wait_ns.map(seconds),
        input_tokens: record.input_tokens,
        output_tokens: record.output_tokens,
        content_events: record.content.len(),
        token_source: record.token_source,
        ttft_ms: record.ttft_ms(),
        ttfo_ms: record.ttfo_ms(),
        tpot_ms: record.tpot_ms(),
        e2e_ms: record.e2e_ms(),
        ttft_sched_ms: record.ttft_sched_ms(),
        e2e_sched_ms: record.e2e_sched_ms(),
        issue_lag_ms: record.issue_lag_ms(),
        finish_reason: record.finish_reason.as_deref(),
        detail,
    }
}
