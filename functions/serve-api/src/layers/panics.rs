//! A **panic** ends one request and not the server.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::Problem;
use crate::problem::Kind;

/// What whoever asked is told. What went wrong is in the log, which the panic wrote itself.
pub fn problem(_: Box<dyn Any + Send>) -> Response {
    Problem::new(Kind::Internal, "this should not happen; tell us with the request's id".to_owned())
        .into_response()
}
