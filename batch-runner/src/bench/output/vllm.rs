//! The **vLLM shape** is what `vllm bench serve --save-result --save-detailed` writes, for tools that read it.
//!
//! It is filled by quantity, not by name: `ttft` is the first content event, where vLLM's own client also counts an
//! empty role chunk; `duration` is the window, and the throughputs are the window's, so that they count the parts
//! of requests that overlap its ends. The arrays have the measured requests of the window in the order of
//! sending; a failed one has an error and, as in vLLM's own files, 0 for its lengths and latencies. Texts are
//! not kept, so there is no `generated_texts`; tokens are not counted by a tokenizer of ours, so `tokenizer_id` is
//! null.

use std::io::{self, Write};

use domain::workload::Protocol;
use domain::{Arrival, Load, Summary};
use measurement::record::{Outcome, RequestRecord};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Findings;
use crate::bench::document::seconds;

/// Nanoseconds in a second.
const NS_PER_S: f64 = 1e9;

pub(super) fn write(findings: &Findings<'_>, out: &mut impl Write) -> io::Result<()> {
    let measured: Vec<&RequestRecord> =
        findings.measured.window.measured(&findings.measured.records).collect();
    serde_json::to_writer(&mut *out, &Whole { result: result(findings, &measured), itls: Gaps(&measured) })?;
    out.write_all(b"\n")
}

/// The file.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    result: Map<String, Value>,
    itls: Gaps<'a>,
}

/// The gaps of each request, s. There are as many as events, so that they are written as they are gone through.
struct Gaps<'a>(&'a [&'a RequestRecord]);

impl Serialize for Gaps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|record| GapsOf(record)))
    }
}

struct GapsOf<'a>(&'a RequestRecord);

impl Serialize for GapsOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let good = self.0.succeeded().then(|| self.0.gaps_ms());
        serializer.collect_seq(good.into_iter().flatten().map(|ms| ms / 1e3))
    }
}

fn result(findings: &Findings<'_>, measured: &[&RequestRecord]) -> Map<String, Value> {
    let found = findings.document;
    let backend = match found.workload.protocol {
        Protocol::Chat => "openai-chat",
        Protocol::Completions | Protocol::CompletionsTokens => "openai",
        Protocol::Tgi => "tgi",
        Protocol::Anthropic => "anthropic",
    };
    // vLLM's own client knows gamma arrivals only, of which Poisson is one.
    let (rate, burstiness) = match &found.workload.load {
        Load::ClosedLoop { .. } | Load::Batches { .. } => (json!("inf"), json!(1.0)),
        Load::Trace { rate_rps, .. } => (json!(rate_rps), Value::Null),
        Load::OpenLoop { rate_rps, arrival } => {
            // Of conversations the rate is not that of requests.
            let rate = found.workload.variety.conversation.map_or(json!(rate_rps), |conversation| {
                json!(rate_rps.mean_rps() * f64::from(conversation.turns.mean().get()))
            });
            let burstiness = match arrival {
                Arrival::Poisson => json!(1.0),
                Arrival::Gamma(burstiness) => json!(burstiness),
                Arrival::Constant | Arrival::Bursts(_) => Value::Null,
            };
            (rate, burstiness)
        }
    };
    let m = &found.metrics;
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("date", found.started_at.format("%Y%m%d-%H%M%S").to_string().into());
    put("endpoint_type", backend.into());
    put("backend", backend.into());
    put("label", Value::Null);
    put("model_id", found.model.as_str().into());
    put("tokenizer_id", Value::Null);
    put("num_prompts", found.requests.into());
    put("provenance", found.provenance.name().into());
    put("tool", format!("assay batch-runner {}", found.environment.runner_version).into());
    put("tool_revision", json!(found.environment.runner_revision));
    put("seed", found.seed.into());
    put("client_limited", found.certificate.is_client_limited().into());
    put("request_rate", rate);
    put("burstiness", burstiness);
    put("max_concurrency", json!(found.workload.concurrency()));
    put("duration", found.window_s.into());
    put("completed", found.counts.succeeded.into());
    put("failed", found.counts.failures().into());
    put("total_input_tokens", found.counts.input_tokens.into());
    put("total_output_tokens", found.counts.output_tokens.into());
    put("request_throughput", m.rps.into());
    put("request_goodput", json!(m.goodput));
    put("output_throughput", m.output_tps.into());
    put("total_token_throughput", m.total_tps.into());
    let records = &findings.measured.records;
    let per_second = findings.measured.window.tokens_per_interval(records, NS_PER_S);
    let most = per_second.into_iter().reduce(f64::max).unwrap_or(m.output_tps);
    put("max_output_tokens_per_s", most.into());
    put("max_concurrent_requests", most_at_once(findings).into());
    for (name, summary) in [
        ("ttft", m.ttft.as_ref()),
        ("tpot", m.tpot.as_ref()),
        ("itl", m.itl.as_ref()),
        ("e2el", m.e2e.as_ref()),
    ] {
        if let Some(summary) = summary {
            statistics(name, summary, &mut put);
        }
    }
    arrays(measured, &mut put);
    result
}

fn statistics(name: &str, summary: &Summary, put: &mut impl FnMut(&str, Value) -> Option<Value>) {
    let values = [
        ("mean", summary.mean),
        ("median", summary.p50),
        ("std", summary.std),
        ("p50", summary.p50),
        ("p90", summary.p90),
        ("p95", summary.p95),
        ("p99", summary.p99),
    ];
    for (statistic, ms) in values {
        put(&format!("{statistic}_{name}_ms"), ms.into());
    }
}

fn arrays(measured: &[&RequestRecord], put: &mut impl FnMut(&str, Value) -> Option<Value>) {
    let all = |value: &dyn Fn(&RequestRecord) -> Value| -> Value {
        measured.iter().map(|record| value(record)).collect()
    };
    let good = |record: &RequestRecord, value: Value| if record.succeeded() { value } else { 0.into() };
    put("input_lens", all(&|r| json!(r.input_tokens)));
    put("output_lens", all(&|r| good(r, r.output_tokens.into())));
    put("ttfts", all(&|r| good(r, json!(r.ttft_ms().map(|ms| ms / 1e3)))));
    put("start_times", all(&|r| seconds(r.t_send_ns.unwrap_or(r.t_sched_ns)).into()));
    put(
        "errors",
        all(&|r| match &r.outcome {
            Outcome::Succeeded => "".into(),
            Outcome::Failed { reason, detail } => {
                format!("{}: {detail}", crate::load::reason_name(*reason)).into()
            }
            Outcome::Cut => "cut off at the end of the run".into(),
        }),
    );
}

/// Most requests that were under way at once in the window.
fn most_at_once(findings: &Findings<'_>) -> usize {
    let mut changes: Vec<(u64, isize)> = Vec::new();
    for record in &findings.measured.records {
        let Some(sent) = record.t_send_ns else { continue };
        changes.extend([(sent, 1), (record.t_end_ns, -1)]);
    }
    // At the same instant, ends come before beginnings.
    changes.sort_unstable();
    let (mut now, mut most) = (0_isize, 0_isize);
    for (at_ns, change) in changes {
        now += change;
        if findings.measured.window.contains(at_ns) {
            most = most.max(now);
        }
    }
    most.unsigned_abs()
}
