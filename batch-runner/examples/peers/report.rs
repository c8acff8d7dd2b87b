//! What each client **reports**, by quantity and not by name: `tpot` is the mean gap of a request, `itl` a single
//! gap. What a client does not publish is missing.

use std::path::Path;

use anyhow::Context;
use batch_runner::bench::document::BenchDocument;
use serde_json::Value;

use crate::truth::Latencies;

pub(crate) fn ours(folder: &Path) -> anyhow::Result<Latencies> {
    let document: BenchDocument = serde_json::from_value(json(&folder.join("result.json"))?)?;
    let m = document.metrics;
    Ok(Latencies {
        ttft_p50: m.ttft.as_ref().map(|ttft| ttft.p50),
        ttft_p99: m.ttft.as_ref().map(|ttft| ttft.p99),
        tpot_p99: m.tpot.map(|s| s.p99),
        itl_p99: m.itl.map(|s| s.p99),
    })
}

/// The indices of our requests that are in the result.
pub(crate) fn our_requests(folder: &Path) -> anyhow::Result<Vec<u32>> {
    let mut rows = csv::Reader::from_path(folder.join("rows.csv"))?;
    let headers = rows.headers()?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name).context("a column is missing");
    let (index, in_window, outcome) = (column("index")?, column("in_window")?, column("outcome")?);
    let mut indices = Vec::new();
    for row in rows.records() {
        let row = row?;
        if &row[in_window] == "true" && &row[outcome] == "succeeded" {
            indices.push(row[index].parse()?);
        }
    }
    Ok(indices)
}

pub(crate) fn bare(folder: &Path) -> anyhow::Result<Latencies> {
    Ok(serde_json::from_value(json(&folder.join("result.json"))?)?)
}

pub(crate) fn vllm(folder: &Path) -> anyhow::Result<Latencies> {
    let report = json(&folder.join("result.json"))?;
    let at = |name: &str| report[name].as_f64();
    Ok(Latencies {
        ttft_p50: at("p50_ttft_ms"),
        ttft_p99: at("p99_ttft_ms"),
        tpot_p99: at("p99_tpot_ms"),
        itl_p99: at("p99_itl_ms"),
    })
}

/// Its inter-token latency is our `tpot`, its inter-chunk latency our `itl`.
pub(crate) fn aiperf(folder: &Path) -> anyhow::Result<Latencies> {
    let report = json(&folder.join("profile_export_aiperf.json"))?;
    let at = |name: &str, statistic: &str| report[name][statistic].as_f64();
    Ok(Latencies {
        ttft_p50: at("time_to_first_token", "p50"),
        ttft_p99: at("time_to_first_token", "p99"),
        tpot_p99: at("inter_token_latency", "p99"),
        itl_p99: at("inter_chunk_latency", "p99"),
    })
}

pub(crate) fn inference_perf(folder: &Path) -> anyhow::Result<Latencies> {
    let report = json(&folder.join("summary_lifecycle_metrics.json"))?;
    let ms =
        |name: &str, statistic: &str| Some(report["successes"]["latency"][name][statistic].as_f64()? * 1e3);
    Ok(Latencies {
        ttft_p50: ms("time_to_first_token", "median"),
        ttft_p99: ms("time_to_first_token", "p99"),
        tpot_p99: ms("time_per_output_token", "p99"),
        itl_p99: ms("inter_token_latency", "p99"),
    })
}

/// Its inter-token latency is our `tpot`; it publishes no gaps.
pub(crate) fn guidellm(folder: &Path) -> anyhow::Result<Latencies> {
    let report = json(&folder.join("result.json"))?;
    let metrics = &report["benchmarks"][0]["metrics"];
    let at = |name: &str, p: &str| metrics[name]["successful"]["percentiles"][p].as_f64();
    Ok(Latencies {
        ttft_p50: at("time_to_first_token_ms", "p50"),
        ttft_p99: at("time_to_first_token_ms", "p99"),
        tpot_p99: at("inter_token_latency_ms", "p99"),
        itl_p99: None,
    })
}

fn json(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("{} is missing", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", path.display()))
}
