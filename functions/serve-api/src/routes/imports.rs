//! **Imports**: a file with results of another store or of another tool, taken in as `assay import` does.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use formats::{BadFile, Stated};
use serde_json::{Map, Value, json};

use crate::answers::{Asked, Body, worked_out};
use crate::parameters::Parameters;
use crate::problem::Kind;
use crate::{Context, Problem};

/// Largest file over HTTP.
pub const MOST_BYTES: usize = formats::MAX_FOREIGN_BYTES as usize;

/// What the file does not say itself, each a parameter of its own.
pub const STATED: [&str; 14] = [
    "format",
    "model",
    "quantisation",
    "hardware",
    "engine",
    "engine_version",
    "use_case",
    "input_tokens",
    "output_tokens",
    "concurrency",
    "arrival",
    "protocol",
    "measured_at",
    "accept",
];

/// `201` when something new was taken in, `200` when it was there already or something must be stated first, `422` when the
/// file cannot be used: then nothing of it is stored.
pub async fn import(State(context): State<Context>, asked: Asked, body: Body) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let name: Option<String> = parameters.one("name")?;
    let stated = stated(&mut parameters)?;
    parameters.none_left(&format!("it has name, {}", STATED.join(", ")))?;
    let file = body?;
    let read = worked_out(move || formats::read(name.as_deref(), &file, &stated, Utc::now()));
    let reading = read.await?.map_err(refused)?;
    let already = store::imports::insert(context.results.as_ref(), &reading.results).await?;
    let report = reading.report(&already);
    let new = !report.taken.is_empty();
    if new {
        context.publishing.imported().await?;
    }
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(report)).into_response())
}

/// What is stated about the file.
fn stated(parameters: &mut Parameters) -> Result<Stated, Problem> {
    let mut stated = Map::new();
    for name in STATED {
        let Some(text) = parameters.one::<String>(name)?.filter(|text| !text.is_empty()) else { continue };
        let is_text = matches!(name, "engine_version" | "measured_at" | "accept");
        let number = text.parse::<u32>().ok().filter(|_| !is_text);
        let value = number.map_or_else(|| Value::from(text), Value::from);
        // Alone, so that the error is about this one.
        let alone = Map::from_iter([(name.to_owned(), value.clone())]);
        serde_json::from_value::<Stated>(Value::Object(alone)).map_err(|e| Problem::bad_field(name, e))?;
        stated.insert(name.to_owned(), value);
    }
    serde_json::from_value(Value::Object(stated)).map_err(|e| Problem::bad_request(None, e.to_string()))
}

fn refused(bad: BadFile) -> Problem {
    let more = bad.line.map(|line| Box::new(json!({ "line": line })));
    Problem { more, field: Some(bad.field.clone()), ..Problem::new(Kind::CannotImport, bad.to_string()) }
}
