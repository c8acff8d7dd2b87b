//! The **request id** names a request in its answer, in its problem and in our logs. Whoever asks may bring one.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

/// The header with it, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over.
const LONGEST: usize = 128;

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Gives every request its id.
pub async fn give(mut request: Request, next: Next) -> Response {
    let brought = request.headers().get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
    let id = brought.filter(|id| is_sane(id)).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// What may go into a header and a log without doing harm there.
fn is_sane(id: &str) -> bool {
    let sane =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/' | b'=' | b'+');
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(sane)
}
