//! **AIPerf's `profile_export.jsonl`** has a record a line, one for each request: its instants, and its numbers under the names
//! of the summary (`aiperf.rs`), where `inter_chunk_latency` is a list of the request's gaps.
//!
//! Distributions are reckoned from all requests by our own definitions. The window is from the first request to the last end,
//! without the warm-up; requests that failed are in it, and their numbers nowhere.

use std::collections::BTreeMap;

use chrono::DateTime;
use domain::imported::{Definition, ForeignFormat};
use measurement::summary::{summarise, summarise_pooled};
use serde_json::{Map, Value, json};

use super::aiperf::to_ms;
use super::{MULTI_TOKEN, SEED, tokens};
use crate::node::{Node, Problem};
use crate::run::{Fact, ForeignRun, Length, Quantity};

/// Times that a request has one of, by name.
const TIMES: [(&str, Quantity); 5] = [
    ("request_latency", Quantity::E2e),
    ("time_to_first_token", Quantity::Ttft),
    ("time_to_first_output_token", Quantity::Ttfo),
    ("time_to_second_token", Quantity::Other(Definition::SecondToken)),
    ("inter_token_latency", Quantity::Tpot),
];

const GAPS: &str = "inter_chunk_latency";
const PER_USER: &str = "output_token_throughput_per_user";
const INPUT: &str = "input_sequence_length";
const OUTPUT: &str = "output_sequence_length";

/// How much longer than its request an answer may be, whose ends are taken from another clock.
const LONGER: f64 = 2.0;

/// What rounding may change.
const ROUNDING: f64 = 1e-6;

/// More tokens than any request has, and than anybody gets in a second.
const MOST: f64 = 1e12;

const MS_PER_NS: f64 = 1e-6;

/// Whether a file is of records.
pub fn is_one(file: &Value) -> bool {
    let first = file.as_array().map_or(Some(file), |list| list.iter().find(|item| !item.is_null()));
    first.is_some_and(is_record)
}

fn is_record(value: &Value) -> bool {
    let has = |pointer: &str| value.pointer(pointer).is_some();
    has("/metadata/benchmark_phase") && has("/metadata/request_start_ns") && has("/metrics")
}

/// The one run whose records these are.
pub fn run(root: &Node<'_>) -> Result<ForeignRun, Problem> {
    let records = if root.value.is_array() { root.list()? } else { vec![root.clone()] };
    let mut requests = Requests::default();
    for record in records.iter().filter(|record| !record.value.is_null()) {
        requests.add(record)?;
    }
    requests.run(root)
}

/// What was read of the requests so far.
#[derive(Default)]
struct Requests {
    warm_up: u64,
    succeeded: u64,
    failed: u64,
    /// From when to when each was under way, ns since 1970.
    under_way: Vec<(u64, u64)>,
    input: Vec<f64>,
    output: Vec<f64>,
    per_user: Vec<f64>,
    /// Those of [`TIMES`], ms.
    times: [Vec<f64>; TIMES.len()],
    /// Gaps of each request that has some, ms, and how many tokens it had.
    gaps: Vec<Vec<f64>>,
    tokens_with_gaps: f64,
    /// What the metadata of all have in common.
    common: Option<Map<String, Value>>,
    errors: BTreeMap<String, u64>,
    others: BTreeMap<String, Other>,
}

/// A number that is none of ours, of all requests.
#[derive(Default)]
struct Other {
    unit: Value,
    count: u64,
    sum: f64,
    least: Option<f64>,
    most: Option<f64>,
}

impl Requests {
    fn add(&mut self, record: &Node<'_>) -> Result<(), Problem> {
        let metadata = record.need("metadata")?;
        let phase = metadata.need("benchmark_phase")?;
        match phase.text()? {
            "profiling" => {}
            "warmup" => {
                self.warm_up += 1;
                return Ok(());
            }
            other => return Err(phase.bad(format!("is `{other}`, which is no phase that is known here"))),
        }
        for of_conversation in ["turn_index", "agent_depth"] {
            let Some(depth) = metadata.get(of_conversation) else { continue };
            if depth.count()? > 0 {
                return Err(depth.bad(
                    "is above 0: requests of conversations are compared with nothing here, since the file does not say \
                     how those go on; import runs of single requests",
                ));
            }
        }
        let (begin, end) = (metadata.need("request_start_ns")?, metadata.need("request_end_ns")?);
        let (began, ended) = (instant_ns(&begin)?, instant_ns(&end)?);
        if ended < began {
            return Err(end.bad("is before the request began"));
        }
        self.under_way.push((began, ended));
        self.have_in_common(&metadata);
        let error = record.get("error");
        let is_cancelled = metadata.get("was_cancelled").is_some_and(|flag| flag.value == &Value::Bool(true));
        if error.is_some() || is_cancelled {
            self.failed += 1;
            let kind = error.and_then(|error| error.get("type")?.value.as_str().map(str::to_owned));
            *self.errors.entry(kind.unwrap_or_else(|| "untold".to_owned())).or_default() += 1;
            return Ok(());
        }
        self.succeeded += 1;
        self.measured(&record.need("metrics")?, (ended - began) as f64 * MS_PER_NS)
    }

    /// Reads the numbers of a request that took so many ms from its beginning to its end.
    fn measured(&mut self, metrics: &Node<'_>, took_ms: f64) -> Result<(), Problem> {
        let latency = metrics.need("request_latency")?;
        let latency_ms = in_ms(&latency)?;
        if latency_ms > took_ms * LONGER + 1.0 {
            return Err(latency.bad(format!(
                "is {latency_ms:.3} ms, and the request took {took_ms:.3} ms from its beginning to its end: is one of \
                 them in another unit?"
            )));
        }
        // Each is a part of the whole.
        let part = |metric: &Node<'_>, ms: f64| match ms <= latency_ms * (1.0 + ROUNDING) {
            true => Ok(ms),
            false => Err(metric.bad(format!("is {ms:.3} ms, and all of it {latency_ms:.3} ms"))),
        };
        for ((name, _), values) in TIMES.iter().zip(&mut self.times) {
            let Some(metric) = metrics.get(name) else { continue };
            values.push(part(&metric, in_ms(&metric)?)?);
        }
        let answer = in_unit(&metrics.need(OUTPUT)?, "tokens")?;
        self.output.push(answer);
        self.input.extend(metrics.get(INPUT).map(|input| in_unit(&input, "tokens")).transpose()?);
        let per_user = metrics.get(PER_USER).map(|speed| in_unit(&speed, "tokens/sec/user"));
        self.per_user.extend(per_user.transpose()?);
        if let Some(gaps) = metrics.get(GAPS) {
            let to_ms = to_ms(&gaps)?;
            let ms = gaps.need("value")?.numbers()?.into_iter().map(|gap| part(&gaps, gap * to_ms));
            let gaps = ms.collect::<Result<Vec<f64>, Problem>>()?;
            if !gaps.is_empty() {
                self.gaps.push(gaps);
                self.tokens_with_gaps += answer;
            }
        }
        self.note_others(metrics);
        Ok(())
    }

    fn have_in_common(&mut self, metadata: &Node<'_>) {
        match &mut self.common {
            Some(common) => common.retain(|key, value| metadata.value.get(key.as_str()) == Some(value)),
            None => self.common = metadata.value.as_object().cloned(),
        }
    }

    fn note_others(&mut self, metrics: &Node<'_>) {
        let ours = |name: &str| {
            [GAPS, PER_USER, INPUT, OUTPUT].contains(&name) || TIMES.iter().any(|(time, _)| *time == name)
        };
        for (name, metric) in metrics.value.as_object().into_iter().flatten() {
            let number = metric.get("value").and_then(Value::as_f64);
            let Some(number) = number.filter(|_| !ours(name)) else { continue };
            if !self.others.contains_key(name) {
                self.others.insert(name.clone(), Other::default());
            }
            let Some(other) = self.others.get_mut(name) else { continue };
            other.unit = metric.get("unit").cloned().unwrap_or_default();
            other.count += 1;
            other.sum += number;
            other.least = Some(other.least.map_or(number, |least| least.min(number)));
            other.most = Some(other.most.map_or(number, |most| most.max(number)));
        }
    }

    fn run(self, root: &Node<'_>) -> Result<ForeignRun, Problem> {
        let (began, ended) = self
            .under_way
            .iter()
            .copied()
            .reduce(|(began, ended), (begin, end)| (began.min(begin), ended.max(end)))
            .filter(|_| self.succeeded > 0)
            .ok_or_else(|| root.bad("has no request that succeeded; it says nothing"))?;
        let window_s = (ended - began) as f64 * 1e-9;
        if window_s <= 0.0 {
            return Err(root.bad("has requests that take no time; it says nothing of its load"));
        }
        let mut run = ForeignRun::new(ForeignFormat::Aiperf, root.path.clone());
        run.original = self.original();
        run.started_at = i64::try_from(began).ok().map(DateTime::from_timestamp_nanos);
        run.window_s = Some(window_s);
        (run.succeeded, run.failed) = (Some(self.succeeded), Some(self.failed));
        let most = most_at_once(&self.under_way);
        run.most_in_flight = Some(most);
        run.load = Fact::said(format!(
            "that at most {most} requests were in flight at once, and not whether that was asked for"
        ));
        let length = |lengths: &[f64]| {
            let summary = summarise(lengths.to_vec(), SEED)?;
            Some(Length { mean: summary.mean, deviation: Some(summary.std) })
        };
        let all = |values: &[f64]| values.len() as u64 == self.succeeded;
        if all(&self.input) {
            run.input = length(&self.input);
            run.input_tokens = tokens(self.input.iter().sum());
        } else if !self.input.is_empty() {
            run.leave_out(INPUT, "is told of some requests alone");
        }
        run.output = length(&self.output);
        let answers: f64 = self.output.iter().sum();
        run.output_tokens = tokens(answers);
        run.output_tps = Some(answers / window_s);
        run.total_tps = run.input_tokens.map(|prompts| (prompts as f64 + answers) / window_s);
        run.rps = Some(self.succeeded as f64 / window_s);
        for ((name, quantity), values) in TIMES.into_iter().zip(self.times) {
            // Reasoning may fill an answer, and one token has none after it; but every answer has a first token.
            if quantity == Quantity::Ttft && !values.is_empty() && values.len() as u64 != self.succeeded {
                run.leave_out(name, "is told of some requests alone");
                continue;
            }
            run.add(quantity, summarise(values, SEED));
        }
        run.add(Quantity::TpsPerUser, summarise(self.per_user, SEED));
        run.add(Quantity::Itl, summarise_pooled(&self.gaps));
        let events: usize = self.gaps.iter().map(|gaps| gaps.len() + 1).sum();
        run.multi_token = self.tokens_with_gaps > events as f64 * MULTI_TOKEN;
        Ok(run)
    }

    /// What the file says beside the numbers that are ours, without its single requests.
    fn original(&self) -> Map<String, Value> {
        let others = self.others.iter().map(|(name, other)| {
            let mean = other.sum / other.count as f64;
            let told = json!({
                "unit": other.unit, "count": other.count, "avg": mean, "min": other.least, "max": other.most,
            });
            (name.clone(), told)
        });
        let requests = json!({"profiling": self.succeeded + self.failed, "warmup": self.warm_up});
        [
            ("records", requests),
            ("errors", json!(self.errors)),
            ("metadata", Value::Object(self.common.clone().unwrap_or_default())),
            ("metrics", Value::Object(others.collect())),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
    }
}

/// The most that were under way at once.
fn most_at_once(under_way: &[(u64, u64)]) -> u64 {
    // One that ends when another begins is not beside it; one of no length, such as a refused connection, beside none.
    let lasting = under_way.iter().filter(|(begin, end)| begin < end);
    let mut changes: Vec<(u64, bool)> =
        lasting.flat_map(|(begin, end)| [(*begin, true), (*end, false)]).collect();
    changes.sort_unstable();
    let (mut now, mut most) = (0_u64, 0);
    for (_, begins) in changes {
        now = if begins { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    most
}

/// A time since 1970 in ns, of which a floating-point number has not all digits.
fn instant_ns(node: &Node<'_>) -> Result<u64, Problem> {
    let ns = node.value.as_u64().filter(|ns| i64::try_from(*ns).is_ok());
    ns.ok_or_else(|| node.bad("should be a whole number of ns since 1970"))
}

fn in_ms(metric: &Node<'_>) -> Result<f64, Problem> {
    Ok(metric.need("value")?.number()? * to_ms(metric)?)
}

fn in_unit(metric: &Node<'_>, known: &str) -> Result<f64, Problem> {
    let unit = metric.need("unit")?;
    match unit.text()? {
        told if told == known => {
            let value = metric.need("value")?;
            let number = value.number()?;
            if number > MOST { Err(value.bad(format!("is {number}, which cannot be"))) } else { Ok(number) }
        }
        other => Err(unit.bad(format!("is `{other}`, and should be `{known}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_beside_those_that_last_while_they_do() {
        assert_eq!(most_at_once(&[(0, 10), (5, 15), (10, 20)]), 2);
        // Refused at once, before all else.
        assert_eq!(most_at_once(&[(3, 3), (3, 3), (3, 3), (5, 15), (10, 20)]), 2);
        assert_eq!(most_at_once(&[(3, 3)]), 0);
    }
}
