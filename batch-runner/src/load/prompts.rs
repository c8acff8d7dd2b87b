//! A **prompt** is a sequence of random common words, unique to its request, so that no prefix cache can
//! help, and a pure function of the seed and the request's index, so that a run can be repeated.

use bytes::Bytes;
use domain::Workload;
use domain::workload::Protocol;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::control::Address;

/// Common short words: most tokenizers know each as one token.
const WORDS: [&str; 128] = [
    "the", "and", "for", "with", "this", "that", "from", "have", "will", "your", "more", "about", "when",
    "there", "what", "some", "time", "very", "also", "just", "into", "over", "after", "think", "back",
    "year", "make", "work", "even", "good", "only", "other", "first", "last", "long", "great", "little",
    "own", "old", "right", "big", "high", "small", "large", "next", "early", "young", "few", "public", "bad",
    "same", "able", "world", "life", "hand", "part", "child", "eye", "woman", "place", "week", "case",
    "point", "home", "water", "room", "mother", "area", "money", "story", "fact", "month", "lot", "study",
    "book", "job", "word", "side", "kind", "head", "house", "friend", "father", "power", "hour", "game",
    "line", "end", "member", "law", "car", "city", "name", "team", "minute", "idea", "body", "back", "face",
    "level", "office", "door", "health", "person", "art", "war", "party", "result", "change", "morning",
    "reason", "girl", "guy", "moment", "air", "teacher", "force", "order", "run", "move", "like", "live",
    "hold", "bring", "write", "sit", "stand", "lose",
];

/// The prompt of a request: `words` words.
#[must_use]
pub fn prompt(seed: u64, index: u64, words: u32) -> String {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    let mut rng = StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut text = String::with_capacity(6 * words as usize);
    for n in 0..words {
        if n > 0 {
            text.push(' ');
        }
        text.push_str(WORDS[rng.random_range(0..WORDS.len())]);
    }
    text
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
    /// Words of a prompt.
    pub words: u32,
    /// Seed of the run.
    pub seed: u64,
}

impl RequestMaker {
    /// The request with an index, ready to be sent. Its `x-request-id` is `assay-<seed>-<index>`.
    ///
    /// # Errors
    /// When the host cannot be written in a header.
    pub fn make(&self, index: u32) -> Result<Request<Full<Bytes>>, http::Error> {
        let Workload { protocol, output_tokens, .. } = &self.workload;
        let prompt = prompt(self.seed, u64::from(index), self.words);
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
