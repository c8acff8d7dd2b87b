//! Configurations **side by side**.

use axum::extract::State;
use axum::response::Response;
use catalog::{CompareError, CompareRequest, PriceKind};
use domain::ConfigId;

use crate::answers::Asked;
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// `GET /v1/compare?id=A&id=B`
pub async fn compare(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let ids = parameters.every("id").into_iter().map(|id| id.parse::<ConfigId>());
    let request = CompareRequest {
        ids: ids.collect::<Result<_, _>>().map_err(|e| Problem::bad_field("id", e))?,
        price: parameters.one("price")?.unwrap_or(PriceKind::Spot),
        provenance: parameters.one("provenance")?,
    };
    parameters.none_left("it has id (2 to 10 times), price and provenance")?;
    let refused = |error: CompareError| match error {
        CompareError::Unknown(_) | CompareError::Provenance { .. } => {
            Problem { field: Some("id".to_owned()), ..Problem::not_found(error.to_string()) }
        }
        CompareError::Count(_) | CompareError::Twice(_) => Problem::bad_field("id", error),
    };
    asked.json(&context, move |snapshot, _| snapshot.compare(&request).map_err(refused)).await
}
