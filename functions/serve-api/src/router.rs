//! Which path is answered by what.

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};
use axum::{Router, middleware};

use crate::layers::{problems, request_id};
use crate::routes::{
    campaigns, catalog, compare, configurations, download, events, health, known, plan, points,
    recommendations, reports,
};
use crate::{Context, openapi};

/// Largest request body: a spec with a thousand entries is under 200 kB.
const MAX_BODY_BYTES: usize = 1 << 20;

/// The whole API.
pub fn router(context: Context) -> Router {
    paths()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(health::no_such_path)
        .method_not_allowed_fallback(health::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(problems::write))
        .layer(middleware::from_fn(request_id::give))
        .with_state(context)
}

/// Every path with what answers it.
pub(crate) fn paths() -> Vec<(&'static str, MethodRouter<Context>)> {
    vec![
        ("/healthz", get(health::healthz)),
        ("/readyz", get(health::readyz)),
        ("/openapi.json", get(openapi::document)),
        ("/v1/catalog", get(catalog::page)),
        ("/v1/catalog.csv", get(download::csv)),
        ("/v1/catalog.parquet", get(download::parquet)),
        ("/v1/catalog/points", get(points::points)),
        ("/v1/configurations/{config_id}", get(configurations::configuration)),
        ("/v1/configurations/{config_id}/history", get(configurations::history)),
        ("/v1/compare", get(compare::compare)),
        ("/v1/models", get(known::models)),
        ("/v1/hardware", get(known::hardware)),
        ("/v1/frameworks", get(known::frameworks)),
        ("/v1/use-cases", get(known::use_cases)),
        ("/v1/recommendations", post(recommendations::recommendations)),
        ("/v1/estimates", post(recommendations::estimates)),
        ("/v1/campaigns", get(campaigns::list).post(campaigns::create)),
        ("/v1/campaigns/plan", post(plan::plan)),
        ("/v1/campaigns/{id}", get(campaigns::campaign)),
        ("/v1/campaigns/{id}/events", get(events::events)),
        ("/v1/campaigns/{id}/pause", post(campaigns::pause)),
        ("/v1/campaigns/{id}/resume", post(campaigns::resume)),
        ("/v1/campaigns/{id}/cancel", post(campaigns::cancel)),
        ("/v1/campaigns/{id}/report", get(reports::json)),
        ("/v1/campaigns/{id}/report.html", get(reports::html)),
        ("/v1/campaigns/{id}/report.pdf", get(reports::pdf)),
    ]
}
