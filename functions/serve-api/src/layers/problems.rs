//! Every refusal is a **problem**: ours are written here, where the request's id is known, and those of the framework, such as a
//! path that is not UTF-8, become problems of their status.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::request_id::RequestId;
use crate::Problem;
use crate::problem::Kind;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What is read of a refusal of the framework: a line of text.
const LONGEST_TEXT: usize = 4096;

/// Writes problems.
pub async fn write(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if response.status().as_u16() >= 400 => {
            let kind = Kind::of_status(response.status());
            let body = std::mem::take(response.body_mut());
            let text = to_bytes(body, LONGEST_TEXT).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let detail = if text.is_empty() { kind.title().to_owned() } else { text.into_owned() };
            Problem::new(kind, detail)
        }
        None => return response,
    };
    let mut written = answer(&problem, &id);
    let mut headers = std::mem::take(response.headers_mut());
    headers.remove(header::CONTENT_LENGTH);
    headers.extend(std::mem::take(written.headers_mut()));
    *written.headers_mut() = headers;
    written
}

/// A problem as an answer, whole.
pub fn answer(problem: &Problem, request_id: &str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, PROBLEM), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (problem.kind.status(), headers, problem.written(request_id)).into_response()
}
