//! **InferenceX' `agg_*.json`**: one object, or a list of them, all latencies in s.
//!
//! `tput_per_gpu` counts input as well. `intvty` is one over a statistic of the time per token, which is no statistic of its
//! inverse: it only tells whether the unit is right. It does not say how many requests there were, so that no percentile is
//! a claim.

use domain::imported::{Definition, ForeignFormat};
use domain::{Hardware, Load, Quantisation};
use serde_json::Value;

use super::product::accelerator;
use super::{MS_PER_S, engine, in_flight, number, original, text, version_of_image};
use crate::node::{Node, Problem};
use crate::reading::LeftOut;
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

/// What rounding may change of one over a time.
const ROUNDING: f64 = 0.01;

pub fn runs(root: &Node<'_>, left_out: &mut Vec<LeftOut>) -> Result<Vec<ForeignRun>, Problem> {
    let items = if root.value.is_array() { root.list()? } else { vec![root.clone()] };
    let mut runs = Vec::new();
    for node in items {
        match unlike_ours(&node)? {
            Some(reason) => left_out.push(LeftOut { place: node.path.to_string(), reason }),
            None => runs.push(run(&node)?),
        }
    }
    Ok(runs)
}

/// Why a run is none of a configuration that is known here.
fn unlike_ours(node: &Node<'_>) -> Result<Option<String>, Problem> {
    let is_set = |key: &str| {
        node.get(key).is_some_and(|value| match value.value {
            Value::Bool(set) => *set,
            Value::String(text) => !matches!(&*text.to_ascii_lowercase(), "" | "none" | "off" | "false"),
            _ => false,
        })
    };
    if let Some(key) = ["spec_decoding", "mtp"].into_iter().find(|key| is_set(key)) {
        return Ok(Some(format!("is of speculative decoding (`{key}`), which no configuration here has")));
    }
    if let Some(key) = ["disagg", "is_multinode"].into_iter().find(|key| is_set(key)) {
        return Ok(Some(format!("is of several servers (`{key}`), which no configuration here has")));
    }
    let hw = node.need("hw")?.text()?;
    if accelerator(hw).is_none() && !hw.to_ascii_lowercase().starts_with("a100") {
        return Ok(Some(format!("ran on `{hw}`, which is no hardware that is known here")));
    }
    let framework = node.need("framework")?.text()?;
    if engine(framework).is_none() {
        return Ok(Some(format!("ran on `{framework}`, which is no engine that is known here")));
    }
    let precision = node.need("precision")?.text()?;
    if quantisation(precision).is_none() {
        return Ok(Some(format!("is of the precision `{precision}`, which is none that is known here")));
    }
    Ok(None)
}

fn quantisation(name: &str) -> Option<Quantisation> {
    match &*name.to_ascii_lowercase() {
        "bf16" | "fp16" => Some(Quantisation::Fp16),
        "fp8" => Some(Quantisation::Fp8),
        "int8" => Some(Quantisation::Int8),
        "int4" => Some(Quantisation::Int4),
        _ => None,
    }
}

fn run(node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::Inferencex, node.path.clone());
    run.model = text(node.get("model"))?;
    run.engine = engine(node.need("framework")?.text()?).into();
    run.quantisation = quantisation(node.need("precision")?.text()?).into();
    run.engine_version = text(node.get("image"))?.as_deref().and_then(version_of_image);
    let whole = |key: &str| node.get(key).map(|size| size.count()).transpose();
    let gpus = whole("tp")?.unwrap_or(1).saturating_mul(whole("pp")?.unwrap_or(1));
    let hw = node.need("hw")?.text()?;
    run.hardware = match accelerator(hw) {
        Some(accelerator) => match u32::try_from(gpus).ok().and_then(|gpus| Hardware::new(accelerator, gpus))
        {
            Some(hardware) => Fact::known(hardware),
            None => Fact::said(format!("{gpus} GPUs, of which there is no hardware config")),
        },
        None => Fact::said(format!("`{hw}`, which there is with several memories, {gpus} of them")),
    };
    for key in ["ep", "pp"] {
        if let Some(size) = whole(key)?.filter(|size| *size > 1) {
            run.engine_args.push(format!("{key}={size}"));
        }
    }
    if node
        .get("dp_attention")
        .is_some_and(|dp| dp.value == &Value::Bool(true) || dp.value.as_str() == Some("true"))
    {
        run.engine_args.push("dp_attention".to_owned());
    }
    run.load = in_flight(node.get("conc"))?.map(|concurrency| Load::ClosedLoop { concurrency }).into();
    let length = |key: &str| -> Result<Option<Length>, Problem> {
        Ok(number(node.get(key))?.map(|mean| Length { mean, deviation: None }))
    };
    (run.input, run.output) = (length("isl")?, length("osl")?);
    let of_all = |per_gpu: f64| per_gpu * gpus as f64;
    let both = number(node.get("tput_per_gpu"))?;
    run.other_numbers.extend(both.map(|both| (Definition::TotalTpsPerGpu, both)));
    run.total_tps = both.map(of_all);
    run.output_tps = number(node.get("output_tput_per_gpu"))?.map(of_all);
    for (name, quantity) in [
        ("ttft", Quantity::Other(Definition::TtftFirstChunk)),
        ("tpot", Quantity::Tpot),
        ("itl", Quantity::Itl),
        ("e2el", Quantity::E2e),
    ] {
        let find = |statistic: &str| node.get(&format!("{statistic}_{name}"));
        let summary = statistics::summary(find, MS_PER_S, None)?;
        run.add(quantity, summary);
    }
    for statistic in ["mean", "median"] {
        let Some(inverse) = node.get(&format!("{statistic}_intvty")) else { continue };
        let Some(tpot) = number(node.get(&format!("{statistic}_tpot")))? else { continue };
        let product = inverse.number()? * tpot;
        if (product - 1.0).abs() > ROUNDING {
            return Err(inverse.bad(format!(
                "times `{statistic}_tpot` is {product:.4}, and should be 1: is the time per token in another unit?"
            )));
        }
    }
    let valid = node.get("power_valid").is_some_and(|valid| valid.value == &Value::Bool(true));
    if valid {
        run.energy_per_tok = number(node.get("joules_per_output_token"))?;
    } else if node.get("joules_per_output_token").is_some() {
        run.leave_out("joules_per_output_token", "is not said to be valid (`power_valid`)");
    }
    run.original = original(node, &[]);
    Ok(run)
}
