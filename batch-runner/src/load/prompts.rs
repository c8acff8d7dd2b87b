//! A **prompt** is a sequence of random words, unique to its request, so that no prefix cache can
//! help, and a pure function of the seed and the request's index, so that a run can be repeated.

use std::sync::Arc;

use bytes::Bytes;
use domain::Workload;
use domain::workload::Protocol;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::Vocabulary;
use super::calibration::Calibration;
use crate::control::Address;

/// The prompt of a request: `words` words.
#[must_use]
pub fn prompt(vocabulary: &Vocabulary, seed: u64, index: u64, words: u32) -> String {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    let mut rng = StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    vocabulary.text(&mut rng, words)
}

/// The path of a protocol's endpoint.
#[must_use]
pub const fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Chat => "/v1/chat/completions",
        Protocol::Completions => "/v1/completions",
    }
}

/// The body of a request, without what makes it a stream. The answer's length is forced where the server
/// can do that: `min_tokens` and `ignore_eos` are each understood by some.
#[must_use]
pub fn body(protocol: Protocol, model: &str, prompt: &str, output_tokens: u32) -> Value {
    let mut body = json!({
        "model": model,
        "max_tokens": output_tokens,
        "min_tokens": output_tokens,
        "ignore_eos": true,
        "temperature": 0,
    });
    match protocol {
        Protocol::Chat => body["messages"] = json!([{"role": "user", "content": prompt}]),
        Protocol::Completions => body["prompt"] = json!(prompt),
    }
    body
}

/// Makes the requests of a run.
#[derive(Debug, Clone)]
pub struct RequestMaker {
    /// Where they go.
    pub address: Address,
    /// The model's name.
    pub model: String,
    /// What is asked.
    pub workload: Workload,
    /// What prompts are made of.
    pub vocabulary: Arc<Vocabulary>,
    /// How many words they have.
    pub calibration: Calibration,
    /// Seed of the run.
    pub seed: u64,
}

impl RequestMaker {
    /// The request with an index, ready to be sent. Its `x-request-id` is `assay-<seed>-<index>`.
    ///
    /// # Errors
    /// When the host cannot be written in a header.
    pub fn make(&self, index: u32) -> Result<Request<Full<Bytes>>, http::Error> {
        let Workload { protocol, output_tokens, input_tokens, .. } = &self.workload;
        let words = self.calibration.words(input_tokens.get());
        let prompt = prompt(&self.vocabulary, self.seed, u64::from(index), words);
        let mut body = body(*protocol, &self.model, &prompt, output_tokens.get());
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
        Request::post(path(*protocol))
            .header(header::HOST, HeaderValue::try_from(self.address.authority())?)
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(header::ACCEPT, HeaderValue::from_static("text/event-stream"))
            .header("x-request-id", format!("assay-{:x}-{index}", self.seed))
            .body(Full::new(Bytes::from(body.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_unique_and_repeatable() {
        let common = Vocabulary::common();
        let prompt = |seed, index, words| prompt(&common, seed, index, words);
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..4 {
            for index in 0..100 {
                let text = prompt(seed, index, 20);
                assert_eq!(text.split(' ').count(), 20);
                assert_eq!(text, prompt(seed, index, 20));
                assert!(seen.insert(text));
            }
        }
        assert_eq!(prompt(1, 1, 0), "");
    }

    #[test]
    fn bodies_ask_for_the_length() {
        let chat = body(Protocol::Chat, "m", "a b", 7);
        assert_eq!(chat["messages"][0]["content"], "a b");
        assert_eq!(
            (&chat["max_tokens"], &chat["min_tokens"], &chat["ignore_eos"]),
            (&json!(7), &json!(7), &json!(true))
        );
        assert_eq!(body(Protocol::Completions, "m", "a b", 7)["prompt"], "a b");
    }
}
