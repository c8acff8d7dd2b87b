//! **GuideLLM's `benchmarks.json`**: one benchmark for each load. Each metric is told of the requests that succeeded, of the
//! others and of all; latencies of tokens are in ms, those of requests in s.
//!
//! Its `time_per_output_token_ms` includes the time to the first token, and a request without a first token counts as 0.

use chrono::DateTime;
use domain::imported::{Definition, ForeignFormat};
use domain::{Arrival, Load, RatePlan};

use super::{MS_PER_S, count, in_flight, number, original, rate, text, tokens};
use crate::node::{Node, Problem};
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

pub fn runs(root: &Node<'_>) -> Result<Vec<ForeignRun>, Problem> {
    root.need("benchmarks")?.list()?.iter().map(|benchmark| run(root, benchmark)).collect()
}

fn run(root: &Node<'_>, node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::Guidellm, node.path.clone());
    let metrics = node.need("metrics")?;
    let good = |name: &str| metrics.get(name).and_then(|metric| metric.get("successful"));
    run.tool_version = text(root.at(["metadata", "guidellm_version"]))?;
    let times = node.get("scheduler_metrics");
    let time = |name: &str| number(times.as_ref().and_then(|times| times.get(name)));
    if let (Some(begin), Some(end)) = (time("measure_start_time")?, time("measure_end_time")?) {
        if end <= begin {
            return Err(node.bad("ends before it begins; is `measure_end_time` right?"));
        }
        run.window_s = Some(end - begin);
        run.started_at = DateTime::from_timestamp_millis((begin * MS_PER_S) as i64);
    } else {
        run.window_s = number(node.get("duration"))?;
    }
    let of_backend = node.at(["config", "backend", "model"]);
    run.model = text(of_backend.or_else(|| root.at(["args", "model"])))?;
    run.seed = count(root.at(["args", "random_seed"]))?;
    load(node, &mut run)?;

    let totals = metrics.get("request_totals").or_else(|| node.at(["scheduler_metrics", "requests_made"]));
    let total = |name: &str| count(totals.as_ref().and_then(|totals| totals.get(name)));
    let succeeded = total("successful")?.or(count(good("request_latency").and_then(|of| of.get("count")))?);
    let Some(succeeded) = succeeded.filter(|succeeded| *succeeded > 0) else {
        return Err(node.bad("has no request that succeeded; it says nothing"));
    };
    run.succeeded = Some(succeeded);
    run.failed = total("errored")?;
    let length = |name: &str| -> Result<(Option<Length>, Option<u64>), Problem> {
        let Some(of) = good(name) else { return Ok((None, None)) };
        let mean = number(of.get("mean"))?;
        let deviation = number(of.get("std_dev"))?;
        let sum = number(of.get("total_sum"))?.or_else(|| Some(mean? * succeeded as f64));
        Ok((mean.map(|mean| Length { mean, deviation }), sum.and_then(tokens)))
    };
    (run.input, run.input_tokens) = length("prompt_token_count")?;
    (run.output, run.output_tokens) = length("output_token_count")?;
    // Its own rates are means of a distribution over time.
    if let (Some(seconds), Some(output)) = (run.window_s, run.output_tokens) {
        run.output_tps = Some(output as f64 / seconds);
        run.rps = Some(succeeded as f64 / seconds);
        run.total_tps = run.input_tokens.map(|input| (input + output) as f64 / seconds);
    } else {
        let mean = |name: &str| number(good(name).and_then(|of| of.get("mean")));
        run.output_tps = mean("output_tokens_per_second")?;
        run.rps = mean("requests_per_second")?;
    }
    for (name, quantity, factor) in [
        ("time_to_first_token_ms", Quantity::Ttft, 1.0),
        ("inter_token_latency_ms", Quantity::Tpot, 1.0),
        ("time_per_output_token_ms", Quantity::Other(Definition::E2ePerToken), 1.0),
        ("request_latency", Quantity::Other(Definition::E2eStreamEnd), MS_PER_S),
    ] {
        let Some(of) = good(name) else { continue };
        let values = count(of.get("count"))?.or(Some(succeeded));
        let Some(summary) = statistics::of(&of, factor, values)? else { continue };
        if quantity == Quantity::Ttft && summary.min == 0.0 {
            run.leave_out(
                &format!("metrics.{name}"),
                "has 0 for requests without a first token among its values",
            );
            continue;
        }
        run.add(quantity, Some(summary));
    }
    run.original = original(node, &["requests", "request_samples"]);
    for key in ["metadata", "args"] {
        if let Some(of_file) = root.get(key) {
            run.original.insert(format!("file.{key}"), of_file.value.clone());
        }
    }
    Ok(run)
}

fn load(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    let Some(strategy) = node.at(["config", "strategy"]).or_else(|| node.at(["args", "strategy"])) else {
        return Ok(());
    };
    let slots = || in_flight(strategy.get("streams").or_else(|| strategy.get("max_concurrency")));
    let closed =
        |slots: Option<std::num::NonZeroU32>| slots.map(|concurrency| Load::ClosedLoop { concurrency });
    let open = |arrival: Arrival| -> Result<Option<Load>, Problem> {
        Ok(rate(strategy.get("rate"))?
            .map(|rate| Load::OpenLoop { rate_rps: RatePlan::Steady(rate), arrival }))
    };
    run.load = match text(strategy.get("type_").or_else(|| strategy.get("type")))?.as_deref() {
        Some("synchronous") => closed(Some(std::num::NonZeroU32::MIN)).into(),
        Some("concurrent") => closed(slots()?).into(),
        Some("throughput") => match slots()? {
            Some(slots) => closed(Some(slots)).into(),
            None => Fact::said("as many requests in flight as there can be"),
        },
        Some("constant") => open(Arrival::Constant)?.into(),
        Some("poisson") => open(Arrival::Poisson)?.into(),
        Some(other) => Fact::said(format!("the strategy `{other}`")),
        None => Fact::unknown(),
    };
    Ok(())
}
