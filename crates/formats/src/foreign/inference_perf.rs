//! **inference-perf's `stage_N_lifecycle_metrics.json`**: one stage of a run, all latencies in s.
//!
//! Its first token is the first chunk with text that is no reasoning, its gaps give each token of a chunk the chunk's instant,
//! and its request ends with the stream.

use domain::Load;
use domain::imported::{Definition, ForeignFormat};
use domain::result::Flag;

use super::{MS_PER_S, count, in_flight, number, original, rate, tokens};
use crate::node::{Node, Problem};
use crate::run::{ForeignRun, Length, Quantity};
use crate::statistics;

/// Less than this share of the rate that was asked for was sent: the client could not keep up.
const KEPT_UP: f64 = 0.95;

pub fn run(node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::InferencePerf, node.path.clone());
    let successes = node.need("successes")?;
    let succeeded = successes.need("count")?.count()?;
    if succeeded == 0 {
        return Err(node.bad("has no request that succeeded; it says nothing"));
    }
    run.succeeded = Some(succeeded);
    run.failed = count(node.at(["failures", "count"]))?;
    run.window_s = number(node.get("benchmark_time_seconds"))?;
    let summary = node.need("load_summary")?;
    run.load =
        in_flight(summary.get("concurrency"))?.map(|concurrency| Load::ClosedLoop { concurrency }).into();
    run.rate = rate(summary.get("requested_rate"))?;
    let achieved = number(summary.get("achieved_rate"))?;
    if let (Some(asked), Some(achieved)) = (run.rate, achieved)
        && run.load.known.is_none()
        && achieved < KEPT_UP * asked.rps()
    {
        run.flags.push(Flag::ClientLimited);
    }
    let length = |names: [&str; 2]| -> Result<(Option<Length>, Option<u64>), Problem> {
        let Some(of) = names.into_iter().find_map(|name| successes.get(name)) else {
            return Ok((None, None));
        };
        let mean = number(of.get("mean"))?;
        let sum = number(of.get("total"))?;
        let mean = mean.or_else(|| Some(sum? / succeeded as f64));
        let sum = sum.or_else(|| Some(mean? * succeeded as f64));
        Ok((mean.map(|mean| Length { mean, deviation: None }), sum.and_then(tokens)))
    };
    (run.input, run.input_tokens) = length(["prompt_tokens", "prompt_len"])?;
    (run.output, run.output_tokens) = length(["output_tokens", "output_len"])?;
    let throughput = |name: &str| number(successes.at(["throughput", name]));
    run.output_tps = throughput("output_tokens_per_sec")?;
    run.rps = throughput("requests_per_sec")?;
    run.total_tps = throughput("total_tokens_per_sec")?
        .or(throughput("input_tokens_per_sec")?.zip(run.output_tps).map(|(input, output)| input + output));
    if let Some(latency) = successes.get("latency") {
        for (name, quantity) in [
            ("time_to_first_token", Quantity::Other(Definition::TtftFirstOutput)),
            ("time_per_output_token", Quantity::Tpot),
            ("inter_token_latency", Quantity::Other(Definition::ItlPerToken)),
            ("normalized_time_per_output_token", Quantity::Other(Definition::E2ePerToken)),
            ("request_latency", Quantity::Other(Definition::E2eStreamEnd)),
        ] {
            let Some(of) = latency.get(name) else { continue };
            let values = (name != "inter_token_latency").then_some(succeeded);
            let summary = statistics::of(&of, MS_PER_S, values)?;
            if name == "time_to_first_token" {
                // By its definition it is our time to the first output token.
                run.add(Quantity::Ttfo, summary.clone());
            }
            run.add(quantity, summary);
        }
    }
    if successes.get("goodput_metrics").is_some() {
        run.leave_out("successes.goodput_metrics", "is of bounds that stand elsewhere");
    }
    run.original = original(node, &[]);
    Ok(run)
}
