//! A **prompt** is a sequence of random words, unique to its request, so that no prefix cache can
//! help, and a pure function of the seed and the request's index, so that a run can be repeated.

use std::sync::Arc;

use bytes::Bytes;
use domain::Workload;
use domain::workload::Protocol;
use http::{HeaderValue, Request, header};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::Vocabulary;
use super::calibration::Calibration;
use super::protocols::{self, Ask, Prompt};
use crate::api_key::ApiKey;
use crate::transport::Address;

/// The prompt of a request of a run (its seed and index): `words` words.
#[must_use]
pub fn prompt(protocol: Protocol, vocabulary: &Vocabulary, (seed, index): (u64, u64), words: u32) -> Prompt {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    let mut rng = StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    match protocol {
        Protocol::CompletionsTokens => Prompt::Tokens(vocabulary.tokens(&mut rng, words)),
        Protocol::Chat | Protocol::Completions | Protocol::Tgi | Protocol::Anthropic => {
            Prompt::Text(vocabulary.text(&mut rng, words))
        }
    }
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
    /// The server's key.
    pub key: Option<ApiKey>,
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
    pub fn make(&self, index: u32) -> Result<Request<Bytes>, http::Error> {
        let Workload { protocol, output_tokens, input_tokens, .. } = &self.workload;
        let words = self.calibration.words(input_tokens.get());
        let prompt = prompt(*protocol, &self.vocabulary, (self.seed, u64::from(index)), words);
        let ask = Ask { model: &self.model, prompt, output_tokens: output_tokens.get(), stream: true };
        let body = protocols::body(*protocol, ask).to_string();
        let mut request = Request::post(protocols::path(*protocol))
            .header(header::HOST, HeaderValue::try_from(self.address.authority())?)
            .header(header::ACCEPT, HeaderValue::from_static("text/event-stream"))
            .header("x-request-id", format!("assay-{:x}-{index}", self.seed))
            .body(Bytes::from(body))?;
        request.headers_mut().extend(protocols::headers(*protocol, self.key.as_ref()));
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_unique_and_repeatable() {
        let common = Vocabulary::common();
        let prompt = |seed, index, words| match prompt(Protocol::Chat, &common, (seed, index), words) {
            Prompt::Text(text) => text,
            Prompt::Tokens(_) => String::new(),
        };
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
}
