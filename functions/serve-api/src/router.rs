//! Which path is answered by what.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::{Context, handlers, openapi};

/// Largest request body: a spec with a thousand entries is under 200 kB.
const MAX_BODY_BYTES: usize = 1 << 20;

/// The whole API.
pub fn router(context: Context) -> Router {
    Router::new()
        .route("/healthz", get(handlers::healthz))
        .route("/openapi.json", get(openapi::document))
        .route("/v1/campaigns", get(handlers::list_campaigns).post(handlers::create_campaign))
        .route("/v1/campaigns/{id}", get(handlers::campaign))
        .route("/v1/campaigns/{id}/pause", post(handlers::pause))
        .route("/v1/campaigns/{id}/resume", post(handlers::resume))
        .route("/v1/campaigns/{id}/cancel", post(handlers::cancel))
        .route("/v1/campaigns/{id}/report", get(handlers::report_json))
        .route("/v1/campaigns/{id}/report.html", get(handlers::report_html))
        .route("/v1/campaigns/{id}/report.pdf", get(handlers::report_pdf))
        .route("/v1/catalog", get(handlers::catalog))
        .route("/v1/recommendations", post(handlers::recommendations))
        .route("/v1/estimates", post(handlers::estimates))
        .fallback(handlers::no_such_path)
        .method_not_allowed_fallback(handlers::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(context)
}
