//! The server's own measures for Prometheus.

use axum::extract::State;
use axum::response::Response;

use crate::answers::typed;
use crate::layers::measure::text;
use crate::{Context, Problem};

/// The media type of OpenMetrics.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `GET /metrics`
pub async fn metrics(State(context): State<Context>) -> Result<Response, Problem> {
    Ok(typed(OPEN_METRICS, text(&context).map_err(Problem::internal)?))
}
