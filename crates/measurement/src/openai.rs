//! The **OpenAI streaming protocol** as servers really speak it, for chat and for completions.
//!
//! A *content event* carries non-empty text, reasoning text or tool-call text. Role-only chunks, empty and
//! `null` deltas, usage-only chunks, keep-alives and `[DONE]` are not content. What differs between servers
//! and is understood here: usage in a chunk of its own (vLLM), on the last choices chunk (llama.cpp) or on
//! every chunk (continuous usage, which tells the tokens of each event); `reasoning_content` and
//! `reasoning`; errors in the middle of a stream as `{"error": {...}}` or `{"object": "error", ...}`
//! (SGLang).

mod wire;

use domain::result::{FailureReason, TokenSource};

use crate::record::Outcome;
use crate::sse::Recording;

use wire::Chunk;

/// Longest server message that is kept, in characters.
const MAX_DETAIL: usize = 300;

/// How the body of a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEnd {
    /// The server ended it as HTTP says.
    Closed,
    /// The connection broke.
    Broken,
}

/// What a stream said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When each content event arrived, ns.
    pub content_ns: Vec<u64>,
    /// Tokens of each content event, when usage was continuous; else empty.
    pub content_tokens: Vec<u32>,
    /// The first content event that is not reasoning.
    pub first_output: Option<u32>,
    /// Prompt tokens, from usage.
    pub input_tokens: Option<u64>,
    /// Answer tokens.
    pub output_tokens: u64,
    /// Who counted `output_tokens`.
    pub token_source: TokenSource,
    /// Why the server stopped.
    pub finish_reason: Option<String>,
    /// Whether the whole answer arrived.
    pub outcome: Outcome,
}

/// Prompt and answer tokens, as the server counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}

/// Reads a recorded stream.
#[must_use]
pub fn read_stream(recording: &Recording, end: StreamEnd) -> Answer {
    let mut reader = Reader::default();
    for event in recording.events() {
        if reader.take(&event.data, event.at_ns, event.terminated) == Step::Stop {
            break;
        }
    }
    reader.finish(end, recording)
}

/// The usage in an answer that was not streamed.
#[must_use]
pub fn usage_of_answer(body: &[u8]) -> Option<Usage> {
    let chunk: Chunk<'_> = serde_json::from_slice(body).ok()?;
    chunk.usage.as_ref().and_then(wire::Usage::complete)
}

/// The message in an error body: OpenAI's and SGLang's forms, else its start.
#[must_use]
pub fn error_message(body: &[u8]) -> String {
    let parsed = serde_json::from_slice::<Chunk<'_>>(body).ok().and_then(|chunk| chunk.error_message());
    shorten(&parsed.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned()))
}

/// The reason for an error status: 429 and 503 mean that the server refused for load.
#[must_use]
pub const fn reason_of_status(status: u16) -> FailureReason {
    match status {
        429 | 503 => FailureReason::Overloaded,
        _ => FailureReason::Server,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    More,
    Stop,
}

#[derive(Debug, Default)]
struct Reader {
    content_ns: Vec<u64>,
    /// `completion_tokens` as known at each content event; emptied for good at the first that lacks it.
    cumulative: Vec<u64>,
    first_output: Option<u32>,
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    finish_reason: Option<String>,
    done: bool,
    failure: Option<(FailureReason, String)>,
}

impl Reader {
    fn take(&mut self, data: &[u8], at_ns: u64, terminated: bool) -> Step {
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.done = true;
            return Step::Stop;
        }
        if data.is_empty() {
            return Step::More;
        }
        let chunk: Chunk<'_> = match serde_json::from_slice(data) {
            Ok(chunk) => chunk,
            // The last event was cut short: the stream's end says what happened.
            Err(_) if !terminated => return Step::Stop,
            Err(error) => {
                let text = String::from_utf8_lossy(data);
                self.failure =
                    Some((FailureReason::Malformed, shorten(&format!("not a chunk ({error}): {text}"))));
                return Step::Stop;
            }
        };
        if let Some(message) = chunk.error_message() {
            self.failure = Some((FailureReason::Server, shorten(&message)));
            return Step::Stop;
        }
        let usage = chunk.usage.as_ref();
        if let Some(usage) = usage {
            self.prompt_tokens = usage.prompt_tokens.or(self.prompt_tokens);
            self.completion_tokens = usage.completion_tokens.or(self.completion_tokens);
        }
        let Some(choice) = chunk.choices.as_deref().and_then(<[_]>::first) else { return Step::More };
        if let Some(reason) = &choice.finish_reason {
            self.finish_reason = Some(reason.to_string());
        }
        let output = choice.has_output();
        if output || choice.has_reasoning() {
            if output && self.first_output.is_none() {
                self.first_output = u32::try_from(self.content_ns.len()).ok();
            }
            if let Some(tokens) = usage.and_then(|u| u.completion_tokens) {
                self.cumulative.push(tokens);
            }
            self.content_ns.push(at_ns);
        }
        Step::More
    }

    fn finish(self, end: StreamEnd, recording: &Recording) -> Answer {
        let content_tokens = self.tokens_per_event();
        let (output_tokens, token_source) = match self.completion_tokens {
            Some(tokens) => (tokens, TokenSource::ServerUsage),
            None => (self.content_ns.len() as u64, TokenSource::ContentEvents),
        };
        let outcome = self.outcome(end, recording);
        Answer {
            content_ns: self.content_ns,
            content_tokens,
            first_output: self.first_output,
            input_tokens: self.prompt_tokens,
            output_tokens,
            token_source,
            finish_reason: self.finish_reason,
            outcome,
        }
    }

    /// Usage on every content event tells its tokens; usage on only some tells nothing about the others.
    fn tokens_per_event(&self) -> Vec<u32> {
        if self.cumulative.len() != self.content_ns.len() {
            return Vec::new();
        }
        let mut before = 0;
        self.cumulative
            .iter()
            .map(|&total| {
                let here = total.saturating_sub(before);
                before = total.max(before);
                u32::try_from(here).unwrap_or(u32::MAX)
            })
            .collect()
    }

    fn outcome(&self, end: StreamEnd, recording: &Recording) -> Outcome {
        let failed = |reason, detail: String| Outcome::Failed { reason, detail };
        if let Some((reason, detail)) = &self.failure {
            return failed(*reason, detail.clone());
        }
        let events = self.content_ns.len();
        let complete = self.done || (end == StreamEnd::Closed && self.finish_reason.is_some());
        if !complete {
            let bytes = recording.bytes();
            if end == StreamEnd::Closed && events == 0 && !bytes.trim_ascii().is_empty() {
                let told = serde_json::from_slice::<Chunk<'_>>(bytes).ok().and_then(|c| c.error_message());
                return match told {
                    Some(message) => failed(FailureReason::Server, shorten(&message)),
                    None if recording.events().next().is_none() => failed(
                        FailureReason::Malformed,
                        shorten(&format!("not an event stream: {}", String::from_utf8_lossy(bytes))),
                    ),
                    None => failed(FailureReason::Empty, "the stream ended before any content".to_owned()),
                };
            }
            if end == StreamEnd::Closed && events == 0 {
                return failed(FailureReason::Empty, "the answer has no body".to_owned());
            }
            let detail = format!("the stream broke off after {events} content events");
            return failed(FailureReason::Disconnected, detail);
        }
        if events == 0 {
            return failed(FailureReason::Empty, "the stream ended without content".to_owned());
        }
        Outcome::Succeeded
    }
}

fn shorten(text: &str) -> String {
    let one_line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_DETAIL).collect();
    one_line.trim().to_owned()
}

#[cfg(test)]
mod tests;
