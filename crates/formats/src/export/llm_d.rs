//! Results as the **Benchmark Report of llm-d**, 0.2.1: one report for each result.
//!
//! A report has no place for the provenance, nor for much of what stands behind a result: the description says the
//! provenance, and the result itself is in the native part of the load, from where it can be taken in again.

use domain::framework::Parallelism;
use domain::imported::Definition;
use domain::known::{self, MODELS};
use domain::lengths::Spread;
use domain::untold::told;
use domain::{BenchmarkResult, Launch, Lengths, Load, ModelVersion, Provenance, Serving, Summary};
use serde_json::{Map, Value, json};

/// Where the whole result is in a report.
pub const DOCUMENT: &str = "/scenario/load/native/config/assay";

/// A result as a report.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn report(result: &BenchmarkResult) -> Result<Value, serde_json::Error> {
    let workload = &result.configuration.workload;
    let provenance = result.provenance;
    let mut time = json!({"start": result.measured_at.to_rfc3339()});
    if let Some(seconds) = told(result.charged.window_s) {
        time["duration"] = json!(format!("PT{seconds}S"));
    }
    let of_unmeasured = match provenance {
        Provenance::Measured => String::new(),
        other => format!(" ({})", other.meaning()),
    };
    let mut load = json!({
        // All numbers of the report are ours by quantity, whoever measured them.
        "tool": "assay",
        "tool_version": result.environment.runner_version,
        "source": if workload.variety.dataset.is_some() { "sampled" } else { "random" },
        "input_seq_len": sequence(workload.input_lengths()),
        "output_seq_len": sequence(workload.output_lengths()),
    });
    match &workload.load {
        Load::ClosedLoop { concurrency } => load["concurrency"] = json!(concurrency),
        Load::Batches { size } => load["concurrency"] = json!(size),
        Load::OpenLoop { rate_rps, .. } => load["rate_qps"] = json!(rate_rps.mean_rps()),
        Load::Trace { rate_rps, .. } => load["rate_qps"] = json!(rate_rps.rps()),
    }
    if let Some(conversation) = workload.variety.conversation {
        load["multi_turn"] = json!({"enabled": true, "max_turns": sequence(conversation.turns)});
    }
    Ok(json!({
        "version": "0.2.1",
        "run": {
            "uid": result.run_id,
            "eid": result.campaign,
            "time": time,
            "description": format!("{}: {provenance}{of_unmeasured}", result.configuration),
            "keywords": [provenance.name()],
        },
        "scenario": {
            "stack": [component(result)],
            "load": {
                "metadata": {"cfg_id": result.config_id, "description": workload.label()},
                "standardized": load,
                "native": {"config": {"assay": serde_json::to_value(result)?}},
            },
        },
        "results": {"request_performance": {"aggregate": aggregate(result)}},
    }))
}

fn sequence(lengths: Lengths) -> Value {
    let value = lengths.mean();
    match lengths.spread() {
        Spread::None => json!({"distribution": "fixed", "value": value}),
        Spread::Uniform { low, high } => {
            json!({"distribution": "uniform", "value": value, "min": low, "max": high})
        }
        Spread::Normal { deviation } => {
            json!({"distribution": "gaussian", "value": value, "std_dev": f64::from(deviation)})
        }
        Spread::LogNormal { deviation } => {
            json!({"distribution": "other", "value": value, "std_dev": f64::from(deviation)})
        }
    }
}

/// What answered.
fn component(result: &BenchmarkResult) -> Value {
    let serving = &result.configuration.serving;
    let version = result.environment.engine_version.as_deref().unwrap_or("unknown");
    let standardized = match serving {
        Serving::Launch(launch) => json!({
            "kind": "inference_engine",
            "tool": launch.framework.engine,
            "tool_version": version,
            "role": "replica",
            "replicas": 1,
            "model": {"name": repository(&launch.model)},
            "accelerator": {
                "model": launch.hardware.accelerator(),
                "count": launch.hardware.count(),
                "parallelism": parallelism(launch),
            },
        }),
        Serving::Hosted(hosted) => json!({
            "kind": "generic",
            "tool": hosted.provider.name(),
            "tool_version": version,
            "model": hosted.model,
        }),
    };
    json!({
        "metadata": {"label": serving.served_by().name(), "cfg_id": serving.id(), "description": serving.to_string()},
        "standardized": standardized,
        "native": {"args": {"command": result.environment.engine_command}},
    })
}

/// How the model is shared out: by tensors over all accelerators, as engines are started that can, unless an argument says
/// another way. A report takes what is absent for 1.
fn parallelism(launch: &Launch) -> Value {
    let by_tensors = known::engine_facts(launch.framework.engine).parallelism.contains(&Parallelism::Tensor);
    let otherwise =
        launch.framework.args.iter().any(|arg| arg.contains("parallel") || arg.starts_with("pp="));
    if by_tensors && !otherwise { json!({"tp": launch.hardware.count()}) } else { json!({}) }
}

/// The repository with the weights, where it is known, else the model's name.
fn repository(model: &ModelVersion) -> String {
    let known = MODELS.get(&model.model).and_then(|known| known.weights(model.quantisation));
    known.map_or_else(|| model.model.to_string(), str::to_owned)
}

fn aggregate(result: &BenchmarkResult) -> Value {
    let metrics = &result.metrics;
    // What was measured by another definition is none of ours here.
    let ours = |names: &[Definition]| {
        let accepted = result.imported.as_ref().map_or(&[][..], |imported| &imported.accepted);
        !accepted.iter().any(|definition| names.contains(definition))
    };
    let ttfts = [Definition::TtftFirstChunk, Definition::TtftFirstOutput, Definition::TtftUndefined];
    let mut latency = Map::new();
    for (name, units, summary) in [
        ("time_to_first_token", "ms", metrics.ttft.as_ref().filter(|_| ours(&ttfts))),
        (
            "time_per_output_token",
            "ms/token",
            metrics.tpot.as_ref().filter(|_| ours(&[Definition::TokenGapUndefined])),
        ),
        // Gaps between events with several tokens are none between tokens.
        ("inter_token_latency", "ms/token", metrics.itl.as_ref().filter(|_| !metrics.itl_multi_token)),
        ("request_latency", "ms", metrics.e2e.as_ref().filter(|_| ours(&[Definition::E2eStreamEnd]))),
    ] {
        latency.extend(summary.and_then(|summary| Some((name.to_owned(), statistics(units, summary)?))));
    }
    let mut throughput = Map::new();
    let input = told(metrics.total_tps).map(|total| total - metrics.output_tps);
    for (name, units, number) in [
        ("input_token_rate", "tokens/s", input),
        ("output_token_rate", "tokens/s", told(metrics.output_tps)),
        ("total_token_rate", "tokens/s", told(metrics.total_tps)),
        ("request_rate", "queries/s", told(metrics.rps)),
    ] {
        throughput.extend(number.map(|mean| (name.to_owned(), json!({"units": units, "mean": mean}))));
    }
    let mut aggregate = json!({"latency": latency, "throughput": throughput});
    let counts = &result.counts;
    if counts.failed_share().is_some() {
        let mut requests =
            json!({"total": counts.succeeded + counts.failures(), "failures": counts.failures()});
        for (name, mean) in
            [("input_length", counts.mean_input_tokens()), ("output_length", counts.mean_output_tokens())]
        {
            if let Some(mean) = mean {
                requests[name] = json!({"units": "count", "mean": mean});
            }
        }
        aggregate["requests"] = requests;
    }
    aggregate
}

/// A distribution; None without the mean, which a report must have.
fn statistics(units: &str, summary: &Summary) -> Option<Value> {
    told(summary.mean)?;
    let mut statistics = Map::new();
    statistics.insert("units".to_owned(), json!(units));
    for (name, number) in [
        ("mean", summary.mean),
        ("stddev", summary.std),
        ("min", summary.min),
        ("p50", summary.p50),
        ("p90", summary.p90),
        ("p95", summary.p95),
        ("p99", summary.p99),
        ("max", summary.max),
    ] {
        statistics.extend(told(number).map(|number| (name.to_owned(), json!(number))));
    }
    Some(Value::Object(statistics))
}
