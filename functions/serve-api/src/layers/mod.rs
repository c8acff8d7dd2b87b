//! The **layers** around every route: what is done to a request before it is answered and to its answer after that.

pub mod access;
mod cross_origin;
pub mod measure;
pub mod most_bytes;
mod panics;
mod patience;
pub mod problems;
pub mod rate_limit;
pub mod request_id;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::Context;

/// Largest request body: a spec with a thousand entries is under 200 kB.
const MAX_BODY_BYTES: usize = 1 << 20;

/// All of them, the innermost first.
pub fn around(router: Router<Context>, context: &Context) -> Router<Context> {
    let settings = &context.settings;
    let mut router = router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(patience::bound))
        .layer(CatchPanicLayer::custom(panics::problem));
    if let Some(limit) = settings.rate_limit.clone() {
        router = router.layer(from_fn_with_state(limit, rate_limit::limit));
    }
    router = router
        .layer(from_fn_with_state(settings.access.clone(), access::know))
        .layer(from_fn(problems::write))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    if let Some(most) = settings.most_bytes {
        router = router.layer(from_fn_with_state(most, most_bytes::keep));
    }
    if let Some(cors) = cross_origin::layer(&settings.origins) {
        router = router.layer(cors);
    }
    router.layer(from_fn_with_state(context.measures.clone(), measure::note)).layer(from_fn(request_id::give))
}
