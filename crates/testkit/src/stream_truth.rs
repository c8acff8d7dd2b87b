//! The **truth** about a stream is when its request had arrived and when each piece of its answer left.

use std::time::Instant;

/// What an engine did for one streamed request.
#[derive(Debug, Clone)]
pub struct StreamTruth {
    /// The request's `x-request-id`.
    pub request_id: Option<String>,
    /// When it had arrived.
    pub received: Instant,
    /// When each piece of the body was handed to the socket.
    pub writes: Vec<Instant>,
}
