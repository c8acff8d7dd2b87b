//! The **Benchmark Report of llm-d**, 0.2 and 0.2.1: the one format across tools. Every distribution has its units; which
//! quantity stands behind a name depends on the tool that measured, which the report names.

use chrono::DateTime;
use domain::imported::{Definition, ForeignFormat};
use domain::{Hardware, Load};

use super::product::accelerator;
use super::{count, engine, number, original, rate, text, tokens};
use crate::node::{Node, Problem};
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

pub fn run(node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::LlmD, node.path.clone());
    let version = node.need("version")?;
    if !matches!(version.text()?, "0.2" | "0.2.0" | "0.2.1") {
        return Err(version.bad("is of another version; 0.2 and 0.2.1 are read"));
    }
    if let Some(start) = node.at(["run", "time", "start"]) {
        let instant = DateTime::parse_from_rfc3339(start.text()?);
        run.started_at = Some(instant.map_err(|_| start.bad("should be an instant of RFC 3339"))?.to_utc());
    }
    stack(node, &mut run)?;
    let load = node.at(["scenario", "load", "standardized"]);
    let of_load = |key: &str| load.as_ref().and_then(|load| load.get(key));
    let tool = text(of_load("tool"))?.unwrap_or_default();
    run.tool_version = text(of_load("tool_version"))?.map(|version| format!("{tool} {version}"));
    run.load = match of_load("concurrency").map(|slots| slots.count()).transpose()? {
        Some(slots) => {
            let slots = u32::try_from(slots).ok().and_then(std::num::NonZeroU32::new);
            slots.map(|concurrency| Load::ClosedLoop { concurrency }).into()
        }
        None => Fact::unknown(),
    };
    run.rate = rate(of_load("rate_qps"))?;
    let asked = |key: &str| -> Result<Option<Length>, Problem> {
        let Some(length) = of_load(key) else { return Ok(None) };
        let mean = length.need("value")?.number()?;
        Ok(Some(Length { mean, deviation: number(length.get("std_dev"))? }))
    };
    (run.input, run.output) = (asked("input_seq_len")?, asked("output_seq_len")?);

    let results = node.need("results")?;
    let aggregate = results.need("request_performance")?.need("aggregate")?;
    let requests = aggregate.get("requests");
    let of_requests = |key: &str| requests.as_ref().and_then(|requests| requests.get(key));
    let (total, failed) = (count(of_requests("total"))?, count(of_requests("failures"))?);
    run.failed = failed;
    let cut = count(of_requests("incomplete"))?.unwrap_or(0);
    run.succeeded = total.and_then(|total| total.checked_sub(failed.unwrap_or(0) + cut));
    if run.succeeded == Some(0) {
        return Err(node.bad("has no request that succeeded; it says nothing"));
    }
    let measured = |key: &str| -> Result<Option<Length>, Problem> {
        let Some(length) = of_requests(key) else { return Ok(None) };
        Ok(Some(Length { mean: length.need("mean")?.number()?, deviation: number(length.get("stddev"))? }))
    };
    let (input, output) = (measured("input_length")?, measured("output_length")?);
    let sum = |length: Option<Length>| tokens(length?.mean * run.succeeded? as f64);
    (run.input_tokens, run.output_tokens) = (sum(input), sum(output));
    (run.input, run.output) = (run.input.or(input), run.output.or(output));
    let rate_of = |key: &str| -> Result<Option<f64>, Problem> {
        let Some(rate) = aggregate.at(["throughput", key]) else { return Ok(None) };
        expect(&rate, if key == "request_rate" { "queries/s" } else { "tokens/s" })?;
        rate.need("mean")?.number().map(Some)
    };
    run.output_tps = rate_of("output_token_rate")?;
    run.total_tps = rate_of("total_token_rate")?;
    run.rps = rate_of("request_rate")?;
    run.window_s = seconds(node)?;
    if let Some(latency) = aggregate.get("latency") {
        for (name, quantity) in quantities(&tool) {
            let Some(of) = latency.get(name) else { continue };
            let values = (name != "inter_token_latency").then_some(run.succeeded).flatten();
            let summary = statistics::of(&of, to_ms(&of)?, values)?;
            run.add(quantity, summary);
        }
    }
    run.original = original(node, &[]);
    Ok(run)
}

/// Which quantities a tool's names stand for.
fn quantities(tool: &str) -> Vec<(&'static str, Quantity)> {
    use Definition::{
        E2ePerToken, E2eStreamEnd, ItlPerToken, TokenGapUndefined, TtftFirstChunk, TtftFirstOutput,
        TtftUndefined,
    };
    use Quantity::{E2e, Itl, Other, Tpot, Ttft};
    let (ttft, tpot, itl, e2e) = match tool {
        "assay" | "aiperf" => (Ttft, Tpot, Itl, E2e),
        "vllm-benchmark" | "inferencemax" => (Other(TtftFirstChunk), Tpot, Itl, E2e),
        "inference-perf" => (Other(TtftFirstOutput), Tpot, Other(ItlPerToken), Other(E2eStreamEnd)),
        // Its converter puts the time per token that includes the first under the first name, and ours under the second.
        "guidellm" => (Ttft, Other(E2ePerToken), Tpot, Other(E2eStreamEnd)),
        _ => (Other(TtftUndefined), Other(TokenGapUndefined), Other(ItlPerToken), Other(E2eStreamEnd)),
    };
    vec![
        ("time_to_first_token", ttft),
        ("time_per_output_token", tpot),
        ("inter_token_latency", itl),
        ("request_latency", e2e),
        ("normalized_time_per_output_token", Other(E2ePerToken)),
    ]
}

fn expect(of: &Node<'_>, expected: &str) -> Result<(), Problem> {
    let units = of.need("units")?;
    match units.text()? {
        told if told == expected => Ok(()),
        other => Err(units.bad(format!("is `{other}`, and should be `{expected}`"))),
    }
}

/// What the units of a latency are in ms.
fn to_ms(of: &Node<'_>) -> Result<f64, Problem> {
    let units = of.need("units")?;
    match units.text()? {
        "s" | "s/token" => Ok(1e3),
        "ms" | "ms/token" => Ok(1.0),
        other => Err(units.bad(format!("is `{other}`, which is no unit of a latency that is known here"))),
    }
}

/// How long it took.
fn seconds(node: &Node<'_>) -> Result<Option<f64>, Problem> {
    let Some(duration) = node.at(["run", "time", "duration"]) else { return Ok(None) };
    if duration.value.is_number() {
        return duration.number().map(Some);
    }
    // ISO 8601, of which days and what is above them are no length of a run.
    let told = duration.text()?;
    let mut seconds = 0.0;
    let mut rest =
        told.strip_prefix("PT").ok_or_else(|| duration.bad("should be a duration such as PT60S"))?;
    for (unit, factor) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number: f64 =
                number.parse().map_err(|_| duration.bad("should be a duration such as PT60S"))?;
            seconds += number * factor;
            rest = after;
        }
    }
    if rest.is_empty() && seconds > 0.0 {
        Ok(Some(seconds))
    } else {
        Err(duration.bad("should be a duration such as PT60S"))
    }
}

/// The one engine that answered.
fn stack(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    let Some(stack) = node.at(["scenario", "stack"]) else { return Ok(()) };
    let standardized: Vec<Node<'_>> =
        stack.list()?.iter().filter_map(|component| component.get("standardized")).collect();
    let engines: Vec<&Node<'_>> = standardized.iter().filter(|of| of.get("accelerator").is_some()).collect();
    let [only] = engines.as_slice() else {
        if engines.is_empty() {
            return Ok(());
        }
        return Err(stack.bad(format!("has {} engines, and a configuration here has one", engines.len())));
    };
    if count(only.get("replicas"))?.is_some_and(|replicas| replicas > 1) {
        return Err(only.bad("has several replicas, and a configuration here has one"));
    }
    run.model = text(only.at(["model", "name"]))?;
    run.engine = match text(only.get("tool"))? {
        Some(tool) => engine(&tool).map_or_else(|| Fact::said(format!("`{tool}`")), Fact::known),
        None => Fact::unknown(),
    };
    run.engine_version = text(only.get("tool_version"))?
        .filter(|version| !version.is_empty() && version != "unknown")
        .map(|version| super::version_of_image(&version).unwrap_or(version));
    let hardware = only.need("accelerator")?;
    let (model, gpus) = (hardware.need("model")?.text()?, hardware.need("count")?.count()?);
    let known =
        accelerator(model).zip(u32::try_from(gpus).ok()).and_then(|(of, gpus)| Hardware::new(of, gpus));
    run.hardware = match known {
        Some(hardware) => Fact::known(hardware),
        None if model.eq_ignore_ascii_case("cpu") => Fact::known(Hardware::CPU),
        None => Fact::said(format!("{gpus} of `{model}`")),
    };
    Ok(())
}
