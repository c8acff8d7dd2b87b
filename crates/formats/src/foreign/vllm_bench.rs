//! **`vllm bench serve --save-result`**: one JSON object, or a list of them from a sweep. Latencies are in ms, and in s in
//! the lists of `--save-detailed`.
//!
//! Its first token is the first chunk with any `choices`, so that an empty one which tells the role counts. `batch-runner
//! bench` writes the same shape filled by our definitions, and says so in `tool`.

use chrono::NaiveDateTime;
use domain::imported::{Definition, ForeignFormat};
use domain::result::Flag;
use domain::workload::Protocol;
use domain::{Arrival, Burstiness, Load, Provenance, RatePlan};
use measurement::summary::{summarise, summarise_pooled};

use super::{MS_PER_S, MULTI_TOKEN, SEED, count, engine, in_flight, number, original, rate, text};
use crate::node::{Node, Problem};
use crate::run::{Fact, ForeignRun, Length, Quantity};
use crate::statistics;

/// Lists with one item for each request.
const LISTS: [&str; 9] = [
    "input_lens",
    "output_lens",
    "ttfts",
    "itls",
    "latencies",
    "start_times",
    "queue_times",
    "generated_texts",
    "errors",
];

/// What the mean of a list may differ from the mean beside it.
const SAME: f64 = 0.02;

pub fn run(node: &Node<'_>) -> Result<ForeignRun, Problem> {
    let mut run = ForeignRun::new(ForeignFormat::VllmBench, node.path.clone());
    let tool = text(node.get("tool"))?;
    let ours = tool.as_deref().and_then(|tool| tool.strip_prefix("assay batch-runner "));
    run.tool_version = ours.map(str::to_owned);
    if let Some(version) = ours {
        run.tool_version = Some(format!("by assay batch-runner {version}"));
        run.provenance = text(node.get("provenance"))?.and_then(|name| name.parse::<Provenance>().ok());
        if node.get("client_limited").is_some_and(|limited| limited.value.as_bool() == Some(true)) {
            run.flags.push(Flag::ClientLimited);
        }
        run.seed = count(node.get("seed"))?;
    }
    run.started_at = date(node)?;
    run.zone_untold = ours.is_none();
    run.model = text(node.get("model_id"))?;
    stated_by_metadata(node, &mut run)?;
    let backend = text(node.get("endpoint_type").or_else(|| node.get("backend")))?;
    run.protocol = backend.as_deref().and_then(|backend| match backend {
        "openai-chat" => Some(Protocol::Chat),
        "openai" | "vllm" | "sglang" | "lmdeploy" => Some(Protocol::Completions),
        "tgi" => Some(Protocol::Tgi),
        "anthropic" => Some(Protocol::Anthropic),
        _ => None,
    });
    if run.engine.known.is_none() {
        run.engine.said =
            backend.map(|backend| format!("the protocol `{backend}`, which several engines speak"));
    }
    load(node, &mut run)?;

    let succeeded = node.need("completed")?.count()?;
    if succeeded == 0 {
        return Err(node.bad("has no request that succeeded; it says nothing"));
    }
    run.succeeded = Some(succeeded);
    let asked = count(node.get("num_prompts"))?;
    run.failed = count(node.get("failed"))?.or_else(|| asked?.checked_sub(succeeded));
    run.window_s = Some(node.need("duration")?.number()?);
    run.input_tokens = Some(node.need("total_input_tokens")?.count()?);
    run.output_tokens = Some(node.need("total_output_tokens")?.count()?);
    run.output_tps = number(node.get("output_throughput"))?;
    run.total_tps = number(node.get("total_token_throughput"))?;
    run.rps = number(node.get("request_throughput"))?;
    let mean = |tokens: Option<u64>| tokens.map(|tokens| tokens as f64 / succeeded as f64);
    let length = |tokens, lens: &str| -> Result<Option<Length>, Problem> {
        let lens = node.get(lens).map(|list| list.numbers()).transpose()?;
        let deviation = lens.and_then(|lens| summarise(lens, SEED)).map(|summary| summary.std);
        Ok(mean(tokens).map(|mean| Length { mean, deviation }))
    };
    run.input = length(run.input_tokens, "input_lens")?;
    run.output = length(run.output_tokens, "output_lens")?;

    let ttft = if ours.is_some() { Quantity::Ttft } else { Quantity::Other(Definition::TtftFirstChunk) };
    let lists = Lists::read(node, succeeded)?;
    for (quantity, name) in
        [(ttft, "ttft"), (Quantity::Tpot, "tpot"), (Quantity::Itl, "itl"), (Quantity::E2e, "e2el")]
    {
        // Those of gaps are of all gaps, whose number is not told.
        let values = (quantity != Quantity::Itl).then_some(succeeded);
        let find = |statistic: &str| node.get(&format!("{statistic}_{name}_ms"));
        let told = statistics::summary(find, 1.0, values)?;
        let of_lists = lists.as_ref().and_then(|lists| lists.summary(name));
        if let (Some(told), Some(of_lists)) = (&told, &of_lists)
            && (told.mean - of_lists.mean).abs() > SAME * of_lists.mean.max(told.mean)
        {
            let field = format!("mean_{name}_ms");
            let place = node.get(&field).unwrap_or_else(|| node.clone());
            return Err(place.bad(format!(
                "is {}, and the lists beside it have a mean of {:.3} ms: is one of them in another unit?",
                told.mean, of_lists.mean
            )));
        }
        run.add(quantity, of_lists.or(told));
    }
    run.multi_token = lists.is_some_and(|lists| lists.has_several_tokens_an_event());
    if node.get("request_goodput").is_some() {
        run.leave_out("request_goodput", "is of bounds that the file does not say");
    }
    run.original = original(node, &LISTS);
    Ok(run)
}

/// `20261124-055217`, of a clock whose zone is not told.
fn date(node: &Node<'_>) -> Result<Option<chrono::DateTime<chrono::Utc>>, Problem> {
    let Some(date) = node.get("date") else { return Ok(None) };
    let read = NaiveDateTime::parse_from_str(date.text()?, "%Y%m%d-%H%M%S");
    read.map(|date| Some(date.and_utc())).map_err(|_| date.bad("should be a date such as 20261124-055217"))
}

/// What `--metadata` said under our names.
fn stated_by_metadata(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    if let Some(hardware) = node.get("hardware") {
        run.hardware = hardware.text()?.parse().map_or_else(|_| Fact::unknown(), Fact::known);
    }
    if let Some(name) = node.get("engine") {
        run.engine = engine(name.text()?).into();
    }
    if let Some(precision) = node.get("quantisation") {
        run.quantisation =
            serde_json::from_value(precision.value.clone()).map_or_else(|_| Fact::unknown(), Fact::known);
    }
    if let Some(use_case) = node.get("use_case") {
        run.use_case = use_case.text()?.parse().ok();
    }
    run.engine_version = text(node.get("engine_version"))?;
    Ok(())
}

fn load(node: &Node<'_>, run: &mut ForeignRun) -> Result<(), Problem> {
    if node.get("ramp_up_strategy").is_some() {
        run.load = Fact::said("a rate that ramps up, which is no load that is compared here");
        return Ok(());
    }
    let slots = in_flight(node.get("max_concurrency"))?;
    let asked = node.get("request_rate");
    let endless = asked.as_ref().is_none_or(|rate| rate.value.as_str() == Some("inf"));
    run.load = match (endless, slots) {
        (true, Some(concurrency)) => Fact::known(Load::ClosedLoop { concurrency }),
        // All of them are sent at once, and no others after them.
        (true, None) => match in_flight(node.get("num_prompts"))? {
            Some(size) => Fact::known(Load::Batches { size }),
            None => Fact::unknown(),
        },
        (false, Some(slots)) => Fact::said(format!(
            "a rate with at most {slots} requests in flight, which is neither of both loads"
        )),
        (false, None) => {
            let shape = number(node.get("burstiness"))?.unwrap_or(1.0);
            let arrival = if shape == 1.0 {
                Arrival::Poisson
            } else {
                let bad = |e: domain::arrival::BadBurstiness| node.bad(e.to_string());
                Arrival::Gamma(Burstiness::try_from(shape).map_err(bad)?)
            };
            let rate = rate(asked)?.map(RatePlan::Steady);
            rate.map(|rate_rps| Load::OpenLoop { rate_rps, arrival }).into()
        }
    };
    Ok(())
}

/// What `--save-detailed` adds, of the requests that succeeded, in ms.
struct Lists {
    ttft: Vec<f64>,
    gaps: Vec<Vec<f64>>,
    output: Vec<f64>,
}

impl Lists {
    fn read(node: &Node<'_>, succeeded: u64) -> Result<Option<Self>, Problem> {
        let (Some(ttfts), Some(itls), Some(lens)) =
            (node.get("ttfts"), node.get("itls"), node.get("output_lens"))
        else {
            return Ok(None);
        };
        let (ttft, output) = (ttfts.numbers()?, lens.numbers()?);
        let gaps = itls.list()?.iter().map(Node::numbers).collect::<Result<Vec<_>, Problem>>()?;
        if ttft.len() != output.len() || gaps.len() != output.len() {
            return Err(ttfts.bad(format!(
                "has {} items, `itls` {} and `output_lens` {}; they should be of the same requests",
                ttft.len(),
                gaps.len(),
                output.len()
            )));
        }
        // A request that failed has 0 for its answer.
        let good: Vec<bool> = output.iter().map(|tokens| *tokens > 0.0).collect();
        if good.iter().filter(|good| **good).count() as u64 != succeeded {
            return Ok(None);
        }
        fn keep<T>(values: Vec<T>, good: &[bool]) -> Vec<T> {
            values.into_iter().zip(good).filter(|(_, good)| **good).map(|(value, _)| value).collect()
        }
        let ms = |values: Vec<f64>| values.into_iter().map(|s| s * MS_PER_S).collect::<Vec<f64>>();
        Ok(Some(Self {
            ttft: ms(keep(ttft, &good)),
            gaps: keep(gaps, &good).into_iter().map(ms).collect(),
            output: keep(output, &good),
        }))
    }

    fn has_several_tokens_an_event(&self) -> bool {
        let events: usize = self.gaps.iter().map(|gaps| gaps.len() + 1).sum();
        self.output.iter().sum::<f64>() > events as f64 * MULTI_TOKEN
    }

    fn summary(&self, name: &str) -> Option<domain::Summary> {
        let decode = self.gaps.iter().map(|gaps| gaps.iter().sum::<f64>());
        match name {
            "ttft" => summarise(self.ttft.clone(), SEED),
            "itl" => summarise_pooled(&self.gaps),
            "e2el" => summarise(decode.zip(&self.ttft).map(|(decode, ttft)| ttft + decode).collect(), SEED),
            "tpot" => {
                let longer = decode.zip(&self.output).filter(|(_, tokens)| **tokens > 1.0);
                summarise(longer.map(|(decode, tokens)| decode / (tokens - 1.0)).collect(), SEED)
            }
            _ => None,
        }
    }
}
