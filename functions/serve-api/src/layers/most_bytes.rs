//! The **most bytes** that an answer may have where whoever carries it takes no more, as AWS Lambda does. It would turn a larger
//! one into an error of its own, which says nothing.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
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

    /// Whether a body fits, however it is written: it goes as a string of JSON, in base64 where it is no text.
    #[must_use]
    pub fn fits(self, body: &[u8]) -> bool {
        if body.len() > self.0 {
            return false;
        }
        let as_text = body.iter().map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
            ..0x20 => 6,
            _ => 1,
        });
        body.len().div_ceil(3) * 4 <= self.0 && as_text.sum::<usize>() <= self.0
    }
}

/// Answers with a problem instead of what is too large.
pub async fn keep(State(most): State<MostBytes>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let (head, body) = next.run(request).await.into_parts();
    let problem = match to_bytes(body, usize::MAX).await {
        Ok(body) if most.fits(&body) => return Response::from_parts(head, Body::from(body)),
        Ok(body) => too_large(body.len(), most),
        Err(error) => Problem::internal(error),
    };
    problems::answer(&problem, &id)
}

fn too_large(bytes: usize, most: MostBytes) -> Problem {
    let mb = |bytes: usize| bytes as f64 / 1e6;
    let detail = format!(
        "the answer has {:.1} MB, of which at most {:.1} MB are carried here; ask for it compressed (accept-encoding: gzip), or for \
         less: with filters, or in pages of /v1/catalog",
        mb(bytes),
        mb(most.0) * 0.75,
    );
    Problem::new(Kind::TooLarge, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_longer_counts_as_it_is_written() {
        let most = MostBytes::new(400);
        assert!(most.fits(&[b'a'; 300]) && !most.fits(&[b'a'; 301]), "in base64");
        assert!(most.fits(&[b'"'; 200]) && !most.fits(&[b'"'; 201]), "escaped");
        assert!(!MostBytes::OF_LAMBDA.fits(&vec![b'a'; 6 << 20]));
        assert!(MostBytes::OF_LAMBDA.fits(&vec![b'a'; 4 << 20]));
    }
}
