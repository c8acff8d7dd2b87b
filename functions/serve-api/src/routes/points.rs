//! The **points** of a scatter plot.

use std::num::NonZeroUsize;

use axum::extract::State;
use axum::response::Response;
use catalog::PointsRequest;

use super::catalog_query::{filter, none_left, ranges};
use crate::answers::Asked;
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// Points when nobody says: all of a large catalogue.
pub const USUAL_POINTS: usize = 100_000;

/// Most points, beside those on fronts.
pub const MOST_POINTS: usize = 200_000;

/// `GET /v1/catalog/points?x=COLUMN&y=COLUMN`
pub async fn points(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let limit = parameters.number("limit", 1..=MOST_POINTS, USUAL_POINTS)?;
    let request = PointsRequest {
        x: parameters.needed("x")?,
        y: parameters.needed("y")?,
        limit: NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN),
        filter: filter(&mut parameters)?,
        ranges: ranges(&mut parameters)?,
    };
    none_left(parameters, "x, y, limit")?;
    asked.json(&context, move |snapshot, _| Ok(snapshot.points(&request))).await
}
