//! The CSV of an exploration has a row for each run.

use std::io::{self, Write};

use serde::Serialize;

use crate::bench::explore::document::{Axis, ExplorationDocument, ProbeFindings};
use crate::bench::explore::note;

/// A run at one load. What is empty is not known: most requests failed.
#[derive(Serialize)]
struct Row<'a> {
    provenance: &'static str,
    axis: Axis,
    load: f64,
    finished: u64,
    good: u64,
    attainment: f64,
    attainment_low: f64,
    attainment_high: f64,
    ttft_p50_ms: Option<f64>,
    ttft_p90_ms: Option<f64>,
    ttft_p99_ms: Option<f64>,
    tpot_p50_ms: Option<f64>,
    tpot_p90_ms: Option<f64>,
    tpot_p99_ms: Option<f64>,
    e2e_p50_ms: Option<f64>,
    e2e_p90_ms: Option<f64>,
    e2e_p99_ms: Option<f64>,
    rps: Option<f64>,
    output_tps: Option<f64>,
    total_tps: Option<f64>,
    tps_per_gpu: Option<f64>,
    goodput: Option<f64>,
    client_ceiling_used: Option<f64>,
    window_s: Option<f64>,
    seed: Option<u64>,
    note: &'static str,
    failure: Option<&'a str>,
    /// Whether an error ended it before every load was tried.
    incomplete: bool,
}

pub(in crate::bench::output) fn write(
    explored: &ExplorationDocument,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    for probe in &explored.probes {
        rows.serialize(row(explored, probe)).map_err(io::Error::other)?;
    }
    rows.flush()
}

fn row<'a>(explored: &ExplorationDocument, probe: &'a ProbeFindings) -> Row<'a> {
    let m = probe.found.as_ref().map(|found| &found.metrics);
    let tpot = m.and_then(|m| m.tpot.as_ref());
    Row {
        provenance: explored.provenance.name(),
        axis: explored.axis,
        load: probe.load,
        finished: probe.finished,
        good: probe.good,
        attainment: probe.attainment,
        attainment_low: probe.attainment_low,
        attainment_high: probe.attainment_high,
        ttft_p50_ms: m.and_then(|m| m.ttft.as_ref()).map(|s| s.p50),
        ttft_p90_ms: m.and_then(|m| m.ttft.as_ref()).map(|s| s.p90),
        ttft_p99_ms: m.and_then(|m| m.ttft.as_ref()).map(|s| s.p99),
        tpot_p50_ms: tpot.map(|tpot| tpot.p50),
        tpot_p90_ms: tpot.map(|tpot| tpot.p90),
        tpot_p99_ms: tpot.map(|tpot| tpot.p99),
        e2e_p50_ms: m.and_then(|m| m.e2e.as_ref()).map(|s| s.p50),
        e2e_p90_ms: m.and_then(|m| m.e2e.as_ref()).map(|s| s.p90),
        e2e_p99_ms: m.and_then(|m| m.e2e.as_ref()).map(|s| s.p99),
        rps: m.map(|m| m.rps),
        output_tps: m.map(|m| m.output_tps),
        total_tps: m.map(|m| m.total_tps),
        tps_per_gpu: m.and_then(|m| m.tps_per_gpu),
        goodput: m.and_then(|m| m.goodput),
        client_ceiling_used: probe.found.as_ref().and_then(|f| f.certificate.capacity).map(|c| c.used),
        window_s: probe.found.as_ref().map(|found| found.window_s),
        seed: probe.found.as_ref().map(|found| found.seed),
        note: note(probe),
        failure: probe.failure.as_deref(),
        incomplete: explored.incomplete.is_some(),
    }
}
