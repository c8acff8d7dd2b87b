//! Which path is answered by what.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post};

use crate::access::Scope;
use crate::layers::{self, access::needs};
use crate::routes::{
    campaigns, catalog, compare, configurations, download, events, health, imports, known, metrics, plan,
    points, rankings, recommendations, reports,
};
use crate::{Context, openapi};

/// The whole API.
pub fn router(context: Context) -> Router {
    let router = paths()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(health::no_such_path)
        .method_not_allowed_fallback(health::no_such_method);
    layers::around(router, &context).with_state(context)
}

/// Every path with what answers it.
pub(crate) fn paths() -> Vec<(&'static str, MethodRouter<Context>)> {
    let read = |methods| needs(Scope::Read, methods);
    let run = |methods| needs(Scope::Run, methods);
    vec![
        ("/healthz", get(health::healthz)),
        ("/readyz", get(health::readyz)),
        ("/openapi.json", get(openapi::document)),
        ("/metrics", read(get(metrics::metrics))),
        ("/v1/catalog", read(get(catalog::page))),
        ("/v1/catalog.csv", read(get(download::csv))),
        ("/v1/catalog.parquet", read(get(download::parquet))),
        ("/v1/catalog/points", read(get(points::points))),
        ("/v1/configurations/{config_id}", read(get(configurations::configuration))),
        ("/v1/configurations/{config_id}/history", read(get(configurations::history))),
        ("/v1/compare", read(get(compare::compare))),
        ("/v1/models", read(get(known::models))),
        ("/v1/hardware", read(get(known::hardware))),
        ("/v1/frameworks", read(get(known::frameworks))),
        ("/v1/use-cases", read(get(known::use_cases))),
        ("/v1/rankings", read(get(rankings::rankings))),
        ("/v1/recommendations", read(post(recommendations::recommendations))),
        ("/v1/estimates", read(post(recommendations::estimates))),
        ("/v1/imports", run(post(imports::import)).layer(DefaultBodyLimit::max(imports::MOST_BYTES))),
        ("/v1/campaigns", read(get(campaigns::list)).merge(run(post(campaigns::create)))),
        ("/v1/campaigns/plan", read(post(plan::plan))),
        ("/v1/campaigns/{id}", read(get(campaigns::campaign))),
        ("/v1/campaigns/{id}/events", read(get(events::events))),
        ("/v1/campaigns/{id}/pause", run(post(campaigns::pause))),
        ("/v1/campaigns/{id}/resume", run(post(campaigns::resume))),
        ("/v1/campaigns/{id}/cancel", run(post(campaigns::cancel))),
        ("/v1/campaigns/{id}/report", read(get(reports::json))),
        ("/v1/campaigns/{id}/report.html", read(get(reports::html))),
        ("/v1/campaigns/{id}/report.pdf", read(get(reports::pdf))),
    ]
}
