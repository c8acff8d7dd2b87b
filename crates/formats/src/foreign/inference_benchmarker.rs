//! **Hugging Face's inference-benchmarker**: a result for each executor, latencies in ms.
//!
//! It takes a default of zero where a request has no first token, and does not say which gaps its inter-token latency is of;
//! its warm-up is among the results.

use chrono::DateTime;
use domain::imported::{Definition, ForeignFormat};
use domain::{Arrival, Load, RatePlan};

use super::{count, in_flight, number, original, rate, text};
use crate::node::{Node, Problem};
use crate::reading::LeftOut;
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

pub fn runs(root: &Node<'_>, left_out: &mut Vec<LeftOut>) -> Result<Vec<ForeignRun>, Problem> {
    let mut runs = Vec::new();
    for node in root.need("results")?.list()? {
        let succeeded = count(node.get("successful_requests"))?.unwrap_or(0);
        let reason = match text(node.get("id"))?.as_deref() {
            Some("warmup") => "is the warm-up",
            _ if succeeded == 0 => "has no request that succeeded",
            _ => {
                runs.push(run(root, &node, succeeded)?);
                continue;
            }
        };
        left_out.push(LeftOut { place: node.path.to_string(), reason: reason.to_owned() });
    }
    Ok(runs)
}

fn run(root: &Node<'_>, node: &Node<'_>, succeeded: u64) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::InferenceBenchmarker, node.path.clone());
    run.succeeded = Some(succeeded);
    run.failed = count(node.get("failed_requests"))?;
    let models = [
        root.at(["config", "model_name"]),
        root.at(["config", "model"]),
        root.get("model_name"),
        root.get("model"),
    ];
    run.model = text(models.into_iter().flatten().next())?;
    if let Some(start) = root.get("start_time") {
        let instant = DateTime::parse_from_rfc3339(start.text()?);
        run.started_at = Some(instant.map_err(|_| start.bad("should be an instant of RFC 3339"))?.to_utc());
    }
    let config = node.get("config");
    let of_config = |key: &str| config.as_ref().and_then(|config| config.get(key));
    run.load = match text(node.get("executor_type"))?.as_deref() {
        Some("ConstantVUs") => {
            in_flight(of_config("max_vus"))?.map(|concurrency| Load::ClosedLoop { concurrency }).into()
        }
        Some("ConstantArrivalRate") => {
            let asked = rate(of_config("rate"))?.map(RatePlan::Steady);
            asked.map(|rate_rps| Load::OpenLoop { rate_rps, arrival: Arrival::Constant }).into()
        }
        Some(other) => Fact::said(format!("the executor `{other}`")),
        None => Fact::unknown(),
    };
    run.window_s = number(node.get("duration_ms"))?.map(|ms| ms / 1e3);
    run.output_tokens = count(node.get("total_tokens"))?;
    run.input_tokens = count(node.get("total_tokens_sent"))?;
    let length = |tokens: Option<u64>| {
        tokens.map(|tokens| Length { mean: tokens as f64 / succeeded as f64, deviation: None })
    };
    (run.input, run.output) = (length(run.input_tokens), length(run.output_tokens));
    run.output_tps = number(node.get("token_throughput_secs"))?;
    run.rps = number(node.get("successful_request_rate").or_else(|| node.get("request_rate")))?;
    for (name, quantity) in [
        ("time_to_first_token_ms", Quantity::Other(Definition::TtftUndefined)),
        ("inter_token_latency_ms", Quantity::Other(Definition::TokenGapUndefined)),
        ("e2e_latency_ms", Quantity::Other(Definition::E2eStreamEnd)),
    ] {
        if let Some(of) = node.get(name) {
            let summary = statistics::of(&of, 1.0, Some(succeeded))?;
            run.add(quantity, summary);
        }
    }
    run.original = original(node, &[]);
    for key in ["config", "system"] {
        if let Some(of_file) = root.get(key) {
            run.original.insert(format!("file.{key}"), of_file.value.clone());
        }
    }
    Ok(run)
}
