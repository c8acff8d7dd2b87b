//! **AIPerf's `profile_export_aiperf.json`**, and GenAI-Perf's before it: every metric is an object with its unit.
//!
//! AIPerf's `inter_token_latency` is our time per output token, its `inter_chunk_latency` our gaps between events. What
//! GenAI-Perf counted as a first token it does not say.

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::imported::{Definition, ForeignFormat};
use domain::workload::Protocol;
use domain::{Arrival, Load, RatePlan};
use serde_json::Value;

use super::{count, in_flight, original, rate, text, tokens};
use crate::node::{Node, Problem};
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

pub fn run(node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::Aiperf, node.path.clone());
    let is_true = |key: &str| node.get(key).map(|flag| flag.value == &Value::Bool(true));
    if is_true("was_cancelled") == Some(true) || is_true("is_complete") == Some(false) {
        return Err(node.bad("was cancelled before its end; it says nothing of its load"));
    }
    run.tool_version = text(node.get("aiperf_version"))?;
    let is_aiperf = run.tool_version.is_some() || node.get("schema_version").is_some();
    (run.started_at, run.zone_untold) = started(node)?;
    config(node, &mut run)?;

    let value = |name: &str| -> Result<Option<f64>, Problem> {
        node.get(name).and_then(|metric| metric.get("avg")).map(|avg| avg.number()).transpose()
    };
    let whole = |number: Option<f64>| number.and_then(tokens);
    run.succeeded = whole(value("request_count")?);
    run.failed = whole(value("error_request_count")?);
    if run.succeeded == Some(0) {
        return Err(node.bad("has no request that succeeded; it says nothing"));
    }
    let length = |name: &str| -> Result<Option<Length>, Problem> {
        let Some(metric) = node.get(name) else { return Ok(None) };
        let deviation = metric.get("std").map(|std| std.number()).transpose()?;
        Ok(value(name)?.map(|mean| Length { mean, deviation }))
    };
    run.input = length("input_sequence_length")?;
    run.output = length("output_sequence_length")?;
    let sum = |length: Option<Length>| tokens(length?.mean * run.succeeded? as f64);
    (run.input_tokens, run.output_tokens) = (sum(run.input), sum(run.output));
    run.window_s =
        node.get("benchmark_duration").map(|duration| in_ms(&duration)).transpose()?.map(|ms| ms / 1e3);
    run.output_tps = value("output_token_throughput")?;
    run.total_tps = value("total_token_throughput")?;
    run.rps = value("request_throughput")?;
    let ttft = if is_aiperf { Quantity::Ttft } else { Quantity::Other(Definition::TtftUndefined) };
    for (name, quantity) in [
        ("time_to_first_token", ttft),
        ("time_to_first_output_token", Quantity::Ttfo),
        ("time_to_second_token", Quantity::Other(Definition::SecondToken)),
        ("inter_token_latency", Quantity::Tpot),
        ("inter_chunk_latency", Quantity::Itl),
        ("request_latency", Quantity::E2e),
    ] {
        let Some(metric) = node.get(name) else { continue };
        let factor = to_ms(&metric)?;
        // Pooled gaps are more than requests.
        let told = count(metric.get("count"))?;
        let values = if quantity == Quantity::Itl { told } else { told.or(run.succeeded) };
        let summary = statistics::of(&metric, factor, values)?;
        run.add(quantity, summary);
    }
    if let Some(per_user) = node.get("output_token_throughput_per_user") {
        let summary = statistics::of(&per_user, 1.0, count(per_user.get("count"))?.or(run.succeeded))?;
        run.add(Quantity::TpsPerUser, summary);
    }
    if node.get("goodput").is_some() {
        run.leave_out("goodput", "is of bounds that stand elsewhere");
    }
    run.original = original(node, &["records"]);
    Ok(run)
}

/// What the unit of a metric is in ms.
pub(super) fn to_ms(metric: &Node<'_>) -> Result<f64, Problem> {
    let unit = metric.need("unit")?;
    match unit.text()? {
        "ms" | "milliseconds" => Ok(1.0),
        "s" | "sec" | "seconds" => Ok(1e3),
        "us" | "microseconds" => Ok(1e-3),
        "ns" | "nanoseconds" => Ok(1e-6),
        other => Err(unit.bad(format!("is `{other}`, which is no unit of time that is known here"))),
    }
}

fn in_ms(metric: &Node<'_>) -> Result<f64, Problem> {
    Ok(metric.need("avg")?.number()? * to_ms(metric)?)
}

/// When it began, and whether that is of a clock whose zone is not told.
fn started(node: &Node<'_>) -> Result<(Option<DateTime<Utc>>, bool), Problem> {
    let Some(start) = node.get("start_time") else { return Ok((None, false)) };
    let told = start.text()?;
    if let Ok(instant) = DateTime::parse_from_rfc3339(told) {
        return Ok((Some(instant.to_utc()), false));
    }
    let naive = told.parse::<NaiveDateTime>();
    naive
        .map(|naive| (Some(naive.and_utc()), true))
        .map_err(|_| start.bad("should be an instant of ISO 8601"))
}

fn config(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    let seed =
        node.at(["run_info", "random_seed"]).or_else(|| node.at(["input_config", "input", "random_seed"]));
    run.seed = count(seed)?;
    gpus(node, run)?;
    let Some(config) = node.get("input_config") else { return Ok(()) };
    let endpoint = config.get("endpoint");
    let names = [
        endpoint.as_ref().and_then(|endpoint| endpoint.get("model_names")),
        config.get("model_names"),
        config.get("model"),
        config.get("models"),
    ];
    if let Some(names) = names.into_iter().flatten().next() {
        let first = names.value.as_array().map_or(Some(names.value), |list| list.first());
        run.model = first.and_then(Value::as_str).map(str::to_owned);
    }
    run.protocol = match text(endpoint.and_then(|endpoint| endpoint.get("type")))?.as_deref() {
        Some("chat") => Some(Protocol::Chat),
        Some("completions") => Some(Protocol::Completions),
        _ => None,
    };
    let loadgen = config.get("loadgen");
    let of_load = |name: &str| loadgen.as_ref().and_then(|loadgen| loadgen.get(name));
    let stimulus = config.at(["perf_analyzer", "stimulus"]);
    let of_stimulus = |name: &str| stimulus.as_ref().and_then(|stimulus| stimulus.get(name));
    let slots = in_flight(of_load("concurrency").or_else(|| of_stimulus("concurrency")))?;
    let asked = rate(of_load("request_rate").or_else(|| of_stimulus("request_rate")))?;
    run.load = match (asked, slots) {
        (None, slots) => slots.map(|concurrency| Load::ClosedLoop { concurrency }).into(),
        (Some(_), Some(slots)) => Fact::said(format!(
            "a rate with at most {slots} requests in flight, which is neither of both loads"
        )),
        (Some(asked), None) => {
            match text(of_load("request_rate_mode").or_else(|| of_load("arrival_pattern")))?.as_deref() {
                Some("constant") => Fact::known(Load::OpenLoop {
                    rate_rps: RatePlan::Steady(asked),
                    arrival: Arrival::Constant,
                }),
                Some("poisson") => Fact::known(Load::OpenLoop {
                    rate_rps: RatePlan::Steady(asked),
                    arrival: Arrival::Poisson,
                }),
                _ => {
                    run.rate = Some(asked);
                    Fact::unknown()
                }
            }
        }
    };
    Ok(())
}

/// The GPUs that its telemetry saw. How many of them the engine had is not among it.
fn gpus(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    let items = |value: &'_ Value| -> Vec<Value> {
        match value {
            Value::Array(list) => list.clone(),
            Value::Object(map) => map.values().cloned().collect(),
            _ => Vec::new(),
        }
    };
    let Some(endpoints) = node.at(["telemetry_data", "endpoints"]) else { return Ok(()) };
    let gpus = items(endpoints.value)
        .iter()
        .filter_map(|endpoint| endpoint.get("gpus").map(items))
        .flatten()
        .collect::<Vec<_>>();
    let name = |gpu: &Value| {
        ["gpu_name", "model_name", "gpu_model_name"]
            .iter()
            .find_map(|key| gpu.get(key)?.as_str().map(str::to_owned))
    };
    run.gpus = gpus.iter().filter_map(name).collect();
    if let Some(first) = run.gpus.first() {
        let many = run.gpus.len();
        run.hardware = Fact::said(format!("that {many} GPUs were seen, the first of them {first}"));
    }
    Ok(())
}
