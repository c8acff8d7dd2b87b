//! A catalogue query as the parameters of a URL: `engine=vllm&engine=sglang&max_ttft_p90_ms=300&sort=-output_tps`.
//!
//! The fields of a filter have their own names; those that may have any of several values are given once for each. A
//! number of the catalogue is bounded by `min_` or `max_` with its name and sorted by under `sort`, with a minus for the
//! largest first.

use catalog::column::UnknownColumn;
use catalog::{Axis, Column, Filter, Range, Sort};
use serde_json::{Map, Value};

use crate::Problem;
use crate::parameters::Parameters;

/// Axes on which any of several values may be wanted.
pub const SEVERAL: [Axis; 6] =
    [Axis::Model, Axis::Quantisation, Axis::Accelerator, Axis::Hardware, Axis::Engine, Axis::EngineVersion];

/// What a result must match.
pub fn filter(parameters: &mut Parameters) -> Result<Filter, Problem> {
    let mut stated = Map::new();
    for axis in Axis::ALL {
        let name = axis.name();
        let value = if SEVERAL.contains(&axis) {
            let values = parameters.every(&name);
            if values.is_empty() { continue } else { Value::from(values) }
        } else {
            let Some(value) = parameters.one::<String>(&name)? else { continue };
            let number = name.ends_with("_tokens").then(|| value.parse::<u32>().ok()).flatten();
            number.map_or_else(|| Value::from(value), Value::from)
        };
        // Alone, so that the error is about this one.
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<Filter>(Value::Object(alone)).map_err(|e| Problem::bad_field(&name, e))?;
        stated.insert(name, value);
    }
    serde_json::from_value(Value::Object(stated)).map_err(|e| Problem::bad_request(None, e.to_string()))
}

/// Where its numbers must lie.
pub fn ranges(parameters: &mut Parameters) -> Result<Vec<Range>, Problem> {
    let mut ranges = Vec::new();
    for column in Column::all() {
        let everywhere = Range { column, min: f64::NEG_INFINITY, max: f64::INFINITY };
        if let Some(min) = bound(parameters, &format!("min_{column}"))? {
            ranges.push(Range { min, ..everywhere });
        }
        if let Some(max) = bound(parameters, &format!("max_{column}"))? {
            ranges.push(Range { max, ..everywhere });
        }
    }
    Ok(ranges)
}

/// What is sorted by.
pub fn sort(parameters: &mut Parameters) -> Result<Option<Sort>, Problem> {
    let Some(sort) = parameters.one::<String>("sort")? else { return Ok(None) };
    let (column, descending) = sort.strip_prefix('-').map_or((&*sort, false), |rest| (rest, true));
    let column = column.parse().map_err(|e| Problem::bad_field("sort", e))?;
    Ok(Some(Sort { column, descending }))
}

/// Refuses what is no part of a query, and says why.
pub fn none_left(parameters: Parameters, own: &str) -> Result<(), Problem> {
    if let Some(name) = parameters.next_name()
        && let Some(column) = name.strip_prefix("min_").or_else(|| name.strip_prefix("max_"))
    {
        return Err(Problem::bad_field(&name, UnknownColumn(column.to_owned())));
    }
    let axes = Axis::ALL.map(Axis::name).join(", ");
    parameters.none_left(&format!("it has {own}, {axes}, and min_ or max_ with the name of a number"))
}

fn bound(parameters: &mut Parameters, name: &str) -> Result<Option<f64>, Problem> {
    let Some(bound) = parameters.one::<f64>(name)? else { return Ok(None) };
    let finite = bound.is_finite().then_some(Some(bound));
    finite.ok_or_else(|| {
        Problem::bad_field(name, format_args!("`{name}` must be a finite number and is {bound}"))
    })
}
