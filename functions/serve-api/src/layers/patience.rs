//! There is an end to our **patience**: a body that does not come and an answer that is not found give their place up.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::Problem;
use crate::problem::Kind;

/// Until an answer begins.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers in time or with a problem.
pub async fn bound(request: Request, next: Next) -> Response {
    timeout(PATIENCE, next.run(request)).await.unwrap_or_else(|_| {
        let detail =
            format!("no answer within {} s: the body did not come, or a store is slow", PATIENCE.as_secs());
        Problem::new(Kind::TookTooLong, detail).into_response()
    })
}
