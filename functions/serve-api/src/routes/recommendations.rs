//! What to run: **recommendations** from what was measured, and **estimates** of traffic that was not.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::{EstimateRequest, NoRecommendation, RecommendationRequest, Snapshot};
use chrono::Utc;
use domain::content_hash::content_hash;
use domain::known::PRICES_HASH;
use store::TtlClass;

use crate::answers::{Body, json_bytes, json_of, read_json, with_freshness, worked_out};
use crate::problem::Kind;
use crate::snapshot::Served;
use crate::{Context, Problem};

/// `200` with a ranking, `422` when nothing fits: then the problem says what would have to be relaxed.
pub async fn recommendations(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let request: RecommendationRequest = read_json(&body?)?;
    let served = context.snapshot.get().await?;
    let question = content_hash(&request).map_err(Problem::internal)?;
    let snapshot = served.snapshot.clone();
    let make = || async move { worked_out(move || recommend(&snapshot, &request)).await? };
    let answer = context.hot.answer(&hot_key(&served, &question), TtlClass::Hot, Utc::now(), make).await?;
    Ok(with_freshness(&served, json_bytes(&answer)))
}

fn recommend(snapshot: &Snapshot, request: &RecommendationRequest) -> Result<Vec<u8>, Problem> {
    json_of(&catalog::recommend(snapshot, request).map_err(|none| refused(&none))?)
}

/// `200` with what traffic that was not measured would yield, `422` when nothing near it was.
pub async fn estimates(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let request: EstimateRequest = read_json(&body?)?;
    let served = context.snapshot.get().await?;
    let snapshot = served.snapshot.clone();
    let estimates = worked_out(move || snapshot.estimates(&request)).await?.map_err(|none| refused(&none))?;
    Ok(with_freshness(&served, Json(estimates).into_response()))
}

/// Why there is no answer, as a problem.
fn refused(none: &NoRecommendation) -> Problem {
    if let NoRecommendation::BadRequest { field, .. } = none {
        return Problem::bad_field(field, none);
    }
    let more = serde_json::to_value(none).ok().map(Box::new);
    Problem { more, ..Problem::new(Kind::NoRecommendation, none.to_string()) }
}

/// The version and the prices belong to the key: with others the answer may be another.
fn hot_key(served: &Served, question: &str) -> String {
    let Served { revision, fingerprint, .. } = served;
    let prices = &*PRICES_HASH;
    format!("recommendation:{}:{prices}:{revision}:{fingerprint}:{question}", env!("CARGO_PKG_VERSION"))
}
