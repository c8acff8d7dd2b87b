//! A catalogue query as the parameters of a URL: `engine=vllm&max_ttft_p90_ms=300&sort=-output_tps&skip=100`.
//!
//! The fields of a filter have their own names; one that is given several times matches any of its values. A number of the catalogue is bounded by `min_` or `max_` with its name
//! and sorted by under `sort`, with a minus for the largest first. A parameter that does not exist is refused: a
//! misspelt filter that matches everything is a wrong answer. So is one that is repeated: nobody can tell which of two
//! values counts, and there would be no end to the work of one question.

use std::collections::BTreeSet;

use axum::extract::Query as Parameters;
use axum::extract::rejection::QueryRejection;
use axum::http::Uri;
use catalog::column::UnknownColumn;
use catalog::{Column, Filter, Query, Range, Sort};
use serde_json::{Map, Value};

use crate::Problem;

/// Entries of a page when the query does not say.
const USUAL_PAGE: usize = 100;

/// Most entries of a page.
const MAX_PAGE: usize = 1000;

/// Reads a query.
pub fn catalog_query(uri: &Uri) -> Result<Query, Problem> {
    let bad = |e: QueryRejection| Problem::bad_request(None, e.body_text());
    let Parameters(pairs) = Parameters::<Vec<(String, String)>>::try_from_uri(uri).map_err(bad)?;
    let mut query = Query { limit: USUAL_PAGE, ..Query::default() };
    let mut filter = Map::new();
    let mut seen = BTreeSet::new();
    for (name, value) in pairs {
        if !seen.insert(name.clone()) {
            let detail = format!("`{name}` is given more than once; give it once");
            return Err(Problem::bad_request(Some(name), detail));
        }
        let number = || value.parse().map_err(|_| not_a_number(&name, &value));
        if name == "skip" {
            query.skip = number()?;
        } else if name == "limit" {
            query.limit = number()?.min(MAX_PAGE);
        } else if name == "sort" {
            let (column, descending) = value.strip_prefix('-').map_or((&*value, false), |rest| (rest, true));
            query.sort = Some(Sort { column: column_named(&name, column)?, descending });
        } else if let Some(column) = name.strip_prefix("min_") {
            query
                .ranges
                .push(Range { min: bound(&name, &value)?, ..everywhere(column_named(&name, column)?) });
        } else if let Some(column) = name.strip_prefix("max_") {
            query
                .ranges
                .push(Range { max: bound(&name, &value)?, ..everywhere(column_named(&name, column)?) });
        } else {
            let number = name.ends_with("_tokens").then(|| value.parse::<u32>().ok()).flatten();
            let value = number.map_or_else(|| Value::from(value), Value::from);
            let stated = filter.remove(&name).map_or(value.clone(), |known| match known {
                Value::Array(values) => [values, vec![value]].concat().into(),
                one => vec![one, value].into(),
            });
            filter.insert(name, stated);
        }
    }
    query.filter = serde_json::from_value::<Filter>(Value::Object(filter))
        .map_err(|e| Problem::bad_request(None, e.to_string()))?;
    Ok(query)
}

const fn everywhere(column: Column) -> Range {
    Range { column, min: f64::NEG_INFINITY, max: f64::INFINITY }
}

fn column_named(parameter: &str, name: &str) -> Result<Column, Problem> {
    let bad = |e: UnknownColumn| Problem::bad_request(Some(parameter.to_owned()), e.to_string());
    name.parse().map_err(bad)
}

fn bound(parameter: &str, value: &str) -> Result<f64, Problem> {
    let number = value.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| not_a_number(parameter, value))
}

fn not_a_number(parameter: &str, value: &str) -> Problem {
    Problem::bad_request(
        Some(parameter.to_owned()),
        format!("`{parameter}` must be a number and is `{value}`"),
    )
}
