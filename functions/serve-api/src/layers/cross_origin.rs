//! Pages of **other origins** may ask where they are named; a browser refuses them otherwise.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use super::request_id::X_REQUEST_ID;

/// How long a browser remembers that it may.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// What it says to the pages of some origins. None without any.
pub fn layer(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let name = HeaderName::from_static;
    let sent = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::IF_NONE_MATCH,
        name("last-event-id"),
        name("x-api-key"),
        X_REQUEST_ID,
    ];
    let read = [
        header::ETAG,
        header::LOCATION,
        header::RETRY_AFTER,
        header::WARNING,
        name("ratelimit-limit"),
        name("ratelimit-remaining"),
        name("ratelimit-reset"),
        name("x-catalog"),
        name("x-results-revision"),
        X_REQUEST_ID,
    ];
    let layer = CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(sent)
        .expose_headers(read)
        .max_age(REMEMBERED);
    (!origins.is_empty()).then_some(layer)
}
