//! The formats of **other tools**, one file each: what of it is which quantity.

mod aiperf;
mod aiperf_records;
mod guidellm;
mod inference_benchmarker;
mod inference_perf;
mod inferencex;
mod llm_d;
mod product;
mod vllm_bench;

use domain::imported::ForeignFormat;
use domain::{Engine, Rate};
use serde_json::{Map, Value};

use crate::node::{Node, Problem};
use crate::reading::LeftOut;
use crate::run::ForeignRun;

/// Milliseconds in a second.
const MS_PER_S: f64 = 1e3;

/// Tokens an event from which on events are said to carry several, as our own generator has it.
const MULTI_TOKEN: f64 = 1.01;

/// Seed of the intervals that follow from single requests.
const SEED: u64 = 0;

/// The runs of a file, and what in it is none.
pub type Runs = (Vec<ForeignRun>, Vec<LeftOut>);

/// The format, by what no other has.
pub fn format_of(file: &Value) -> Option<ForeignFormat> {
    let first = file.as_array().map_or(Some(file), |list| list.iter().find(|item| !item.is_null()))?;
    let has = |key: &str| first.get(key).is_some_and(|value| !value.is_null());
    let first_of = |key: &str| first.get(key).and_then(Value::as_array).and_then(|list| list.first());
    if has("tput_per_gpu") && has("hw") {
        return Some(ForeignFormat::Inferencex);
    }
    if has("total_token_throughput") && has("request_throughput") {
        return Some(ForeignFormat::VllmBench);
    }
    if first_of("benchmarks").is_some_and(|benchmark| benchmark.get("metrics").is_some()) {
        return Some(ForeignFormat::Guidellm);
    }
    if has("successes") && has("load_summary") {
        return Some(ForeignFormat::InferencePerf);
    }
    if first_of("results").is_some_and(|result| result.get("executor_type").is_some()) {
        return Some(ForeignFormat::InferenceBenchmarker);
    }
    if has("version") && first.get("results").is_some_and(Value::is_object) && (has("scenario") || has("run"))
    {
        return Some(ForeignFormat::LlmD);
    }
    let aiperf = aiperf_records::is_one(first)
        || has("aiperf_version")
        || has("input_config") && has("request_latency");
    aiperf.then_some(ForeignFormat::Aiperf)
}

/// Reads a file of a format.
pub fn runs(format: ForeignFormat, root: &Node<'_>) -> Result<Runs, Problem> {
    let mut left_out = Vec::new();
    let one_by_one = |read: fn(&Node<'_>) -> Result<ForeignRun, Problem>| {
        let items = if root.value.is_array() { root.list()? } else { vec![root.clone()] };
        // A line may be blank.
        items.iter().filter(|item| !item.value.is_null()).map(read).collect::<Result<Vec<_>, Problem>>()
    };
    let runs = match format {
        ForeignFormat::VllmBench => one_by_one(vllm_bench::run)?,
        ForeignFormat::Guidellm => guidellm::runs(root)?,
        ForeignFormat::Aiperf if aiperf_records::is_one(root.value) => vec![aiperf_records::run(root)?],
        ForeignFormat::Aiperf => one_by_one(aiperf::run)?,
        ForeignFormat::InferencePerf => one_by_one(inference_perf::run)?,
        ForeignFormat::Inferencex => inferencex::runs(root, &mut left_out)?,
        ForeignFormat::LlmD => one_by_one(llm_d::run)?,
        ForeignFormat::InferenceBenchmarker => inference_benchmarker::runs(root, &mut left_out)?,
    };
    Ok((runs, left_out))
}

/// What a file says of a run, without the lists of single requests.
fn original(node: &Node<'_>, lists: &[&str]) -> Map<String, Value> {
    let fields = node.value.as_object().into_iter().flatten();
    fields
        .filter(|(key, _)| !lists.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// A text, where there is one.
fn text(node: Option<Node<'_>>) -> Result<Option<String>, Problem> {
    node.map(|node| node.text().map(str::to_owned)).transpose()
}

/// A number, where there is one.
fn number(node: Option<Node<'_>>) -> Result<Option<f64>, Problem> {
    node.map(|node| node.number()).transpose()
}

/// A whole number, where there is one.
fn count(node: Option<Node<'_>>) -> Result<Option<u64>, Problem> {
    node.map(|node| node.count()).transpose()
}

/// A number of tokens that was reckoned; none beyond what can be counted.
fn tokens(number: f64) -> Option<u64> {
    (0.0..9e15).contains(&number).then_some(number.round() as u64)
}

/// A rate, where there is one.
fn rate(node: Option<Node<'_>>) -> Result<Option<Rate>, Problem> {
    node.map(|node| Rate::try_from(node.number()?).map_err(|e| node.bad(e.to_string()))).transpose()
}

/// A number of requests in flight, where there is one.
fn in_flight(node: Option<Node<'_>>) -> Result<Option<std::num::NonZeroU32>, Problem> {
    let Some(node) = node else { return Ok(None) };
    let count = u32::try_from(node.count()?).ok().and_then(std::num::NonZeroU32::new);
    count.map(Some).ok_or_else(|| node.bad("should be a number of requests in flight"))
}

/// An engine by its name.
fn engine(name: &str) -> Option<Engine> {
    let name = name.to_ascii_lowercase();
    Engine::ALL.into_iter().find(|engine| engine.name() == name)
}

/// The version that the tag of an image says, such as `vllm/vllm-openai:v0.11.0`.
fn version_of_image(image: &str) -> Option<String> {
    let (_, tag) = image.rsplit_once(':')?;
    let version = tag.strip_prefix('v').unwrap_or(tag);
    let dotted = version.split_once('.').is_some_and(|(major, _)| major.bytes().all(|b| b.is_ascii_digit()));
    (dotted && !version.contains('/')).then(|| version.to_owned())
}
