//! Which path is answered by what.

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::layers::{problems, request_id};
use crate::routes::{
    campaigns, catalog, configurations, events, health, known, plan, recommendations, reports,
};
use crate::{Context, openapi};

/// Largest request body: a spec with a thousand entries is under 200 kB.
const MAX_BODY_BYTES: usize = 1 << 20;

/// The whole API.
pub fn router(context: Context) -> Router {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/openapi.json", get(openapi::document))
        .route("/v1/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/v1/campaigns/plan", post(plan::plan))
        .route("/v1/campaigns/{id}", get(campaigns::campaign))
        .route("/v1/campaigns/{id}/events", get(events::events))
        .route("/v1/campaigns/{id}/pause", post(campaigns::pause))
        .route("/v1/campaigns/{id}/resume", post(campaigns::resume))
        .route("/v1/campaigns/{id}/cancel", post(campaigns::cancel))
        .route("/v1/campaigns/{id}/report", get(reports::json))
        .route("/v1/campaigns/{id}/report.html", get(reports::html))
        .route("/v1/campaigns/{id}/report.pdf", get(reports::pdf))
        .route("/v1/catalog", get(catalog::page))
        .route("/v1/configurations/{config_id}", get(configurations::configuration))
        .route("/v1/configurations/{config_id}/history", get(configurations::history))
        .route("/v1/models", get(known::models))
        .route("/v1/hardware", get(known::hardware))
        .route("/v1/frameworks", get(known::frameworks))
        .route("/v1/use-cases", get(known::use_cases))
        .route("/v1/recommendations", post(recommendations::recommendations))
        .route("/v1/estimates", post(recommendations::estimates))
        .fallback(health::no_such_path)
        .method_not_allowed_fallback(health::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(problems::write))
        .layer(middleware::from_fn(request_id::give))
        .with_state(context)
}
