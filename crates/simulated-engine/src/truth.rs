//! The **truth** about a request is when the server received it and when it wrote each token: what a client
//! should report if it measured without error.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// One streamed request, as the server saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTruth {
    /// Its `x-request-id` header.
    pub request_id: Option<String>,
    /// When it had been received.
    pub received: Instant,
    /// When each token was handed to the connection.
    pub writes: Vec<Instant>,
    /// Whether all of its tokens were written.
    pub complete: bool,
}

/// The truth about every streamed request that has ended.
#[derive(Debug, Default)]
pub struct Truth {
    requests: Mutex<Vec<RequestTruth>>,
}

impl Truth {
    pub(crate) fn add(&self, request: RequestTruth) {
        // A panic elsewhere leaves the list whole: entries are only ever added.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// What is known so far, in the order in which the requests ended.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestTruth> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
