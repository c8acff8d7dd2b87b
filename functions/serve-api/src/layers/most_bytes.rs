//! The **most bytes** that an answer may have where whoever carries it takes no more, as AWS Lambda does. It would turn a larger
//! one into an error of its own, which says nothing.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::Response;

use super::problems;
use super::request_id::RequestId;
use crate::Problem;
use crate::problem::Kind;

/// Largest answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostBytes(usize);

impl MostBytes {
    /// What AWS Lambda returns to whoever waits: 6 MiB, less headers
    /// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
    pub const OF_LAMBDA: Self = Self((6 << 20) - (64 << 10));

    /// So many.
    #[must_use]
    pub const fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Whether a body fits: it goes as a string of JSON, or in base64 where it is no text or compressed.
    #[must_use]
    pub fn fits(self, headers: &HeaderMap, body: &[u8]) -> bool {
        let as_text = body.iter().map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            ..0x20 => 6,
            _ => 1,
        });
        match is_text(headers) {
            true => as_text.sum::<usize>() <= self.0,
            false => body.len().div_ceil(3) * 4 <= self.0,
        }
    }
}

/// Whether a body goes as text, as `lambda_http` decides: by its type, unless it is compressed.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    !headers.contains_key(CONTENT_ENCODING)
        && (media_type.starts_with("text/")
            || ["application/json", "application/javascript", "application/xml"].contains(&media_type)
            || ["+json", "+xml", "+yaml"].iter().any(|suffix| media_type.ends_with(suffix)))
}

/// Answers with a problem instead of what is too large.
pub async fn keep(State(most): State<MostBytes>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let (head, body) = next.run(request).await.into_parts();
    let problem = match to_bytes(body, usize::MAX).await {
        Ok(body) if most.fits(&head.headers, &body) => return Response::from_parts(head, Body::from(body)),
        Ok(body) => too_large(body.len(), most),
        Err(error) => Problem::internal(error),
    };
    problems::answer(&problem, &id)
}

fn too_large(bytes: usize, most: MostBytes) -> Problem {
    let mb = |bytes: usize| bytes as f64 / 1e6;
    let detail = format!(
        "the answer has {:.1} MB, and at most {:.1} MB are carried here, or {:.1} MB of what is no text or compressed; ask for it \
         compressed (accept-encoding: gzip), or for less: with filters, or in pages of /v1/catalog",
        mb(bytes),
        mb(most.0),
        mb(most.0) * 0.75,
    );
    Problem::new(Kind::TooLarge, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(media_type: &'static str, is_compressed: bool) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
        if is_compressed {
            headers.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        }
        headers
    }

    #[test]
    fn what_is_written_longer_counts_as_it_is_written() {
        let most = MostBytes::new(400);
        for in_base64 in [headers("application/pdf", false), headers("application/json", true)] {
            // Not escaped, whatever it holds.
            assert!(most.fits(&in_base64, &[0; 300]) && !most.fits(&in_base64, &[0; 301]));
        }
        for text in ["application/json", "text/csv; charset=utf-8", "application/problem+json"] {
            let text = headers(text, false);
            assert!(most.fits(&text, &[b'a'; 400]) && !most.fits(&text, &[b'a'; 401]));
            assert!(most.fits(&text, &[b'"'; 200]) && !most.fits(&text, &[b'"'; 201]), "escaped");
        }
        assert!(!MostBytes::OF_LAMBDA.fits(&headers("text/csv", false), &vec![b'a'; 6 << 20]));
    }
}
