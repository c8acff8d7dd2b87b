//! An **answer** is what a stream said: when its content arrived, how many tokens it was, and how it ended.
//!
//! A *content event* carries non-empty text, reasoning text or tool-call text. Everything else that servers
//! send (roles, usage, keep-alives, marks of the end) is not content. Each protocol has a module of its own,
//! which reads one event at a time into the same reader.

use std::borrow::Cow;

use domain::result::{FailureReason, TokenSource};
use domain::workload::Protocol;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::record::Outcome;
use crate::sse::Recording;
use crate::{anthropic, openai, tgi};

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
    /// Tokens of each content event, where the server told; else empty.
    pub content_tokens: Vec<u32>,
    /// The first content event that is not reasoning.
    pub first_output: Option<u32>,
    /// Prompt tokens, from usage.
    pub input_tokens: Option<u64>,
    /// Of these, those that a prompt cache answered; 0 where the server does not tell.
    pub cached_input_tokens: u64,
    /// Answer tokens.
    pub output_tokens: u64,
    /// Who counted `output_tokens`.
    pub token_source: TokenSource,
    /// Why the server stopped.
    pub finish_reason: Option<String>,
    /// Whether the whole answer arrived.
    pub outcome: Outcome,
}

/// Reads a recorded stream.
#[must_use]
pub fn read_stream(protocol: Protocol, recording: &Recording, end: StreamEnd) -> Answer {
    let mut reader = Reader::default();
    reader.read(protocol, recording);
    reader.finish(end, recording)
}

/// Reads a recorded stream and what it said: the text of the answer, without reasoning and tools.
#[must_use]
pub fn read_text(protocol: Protocol, recording: &Recording, end: StreamEnd) -> (Answer, String) {
    let mut reader = Reader { text: Some(String::new()), ..Reader::default() };
    reader.read(protocol, recording);
    let text = reader.text.take().unwrap_or_default();
    (reader.finish(end, recording), text)
}

/// Prompt tokens that an answer that was not streamed tells. TGI tells them in streams only.
#[must_use]
pub fn prompt_tokens(protocol: Protocol, body: &[u8]) -> Option<u64> {
    match protocol {
        Protocol::Chat | Protocol::Completions | Protocol::CompletionsTokens => openai::prompt_tokens(body),
        Protocol::Anthropic => anthropic::prompt_tokens(body),
        Protocol::Tgi => {
            let mut recording = Recording::default();
            recording.push(body, 0);
            read_stream(protocol, &recording, StreamEnd::Closed).input_tokens
        }
    }
}

/// The message in an error body in any protocol's form, else the body's start.
#[must_use]
pub fn error_message(body: &[u8]) -> String {
    shorten(&told_error(body).unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned()))
}

/// The reason for an error status: 503 and Anthropic's 529 mean that the server refused for load, 429 that we asked for more
/// than it grants us.
#[must_use]
pub const fn reason_of_status(status: u16) -> FailureReason {
    match status {
        429 => FailureReason::RateLimited,
        503 | 529 => FailureReason::Overloaded,
        _ => FailureReason::Server,
    }
}

/// Whether there is more to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    More,
    Stop,
}

/// What a content event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Output,
    Reasoning,
}

/// What is known of an answer after some of its events.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    content_ns: Vec<u64>,
    /// Answer tokens as known at each content event; usage on only some of them tells nothing of the others.
    cumulative: Vec<u64>,
    first_output: Option<u32>,
    pub prompt_tokens: Option<u64>,
    pub cached_tokens: Option<u64>,
    pub completion_tokens: Option<u64>,
    pub finish_reason: Option<String>,
    pub template: openai::Template,
    /// What was said, where somebody wants to know.
    text: Option<String>,
    done: bool,
    /// The model said that it will not answer.
    pub declined: bool,
    failure: Option<(FailureReason, String)>,
}

impl Reader {
    fn read(&mut self, protocol: Protocol, recording: &Recording) {
        let take = match protocol {
            Protocol::Chat | Protocol::Completions | Protocol::CompletionsTokens => openai::take,
            Protocol::Tgi => tgi::take,
            Protocol::Anthropic => anthropic::take,
        };
        for event in recording.events() {
            let data = event.data.trim_ascii();
            if data.is_empty() {
                continue;
            }
            match take(self, data, event.at_ns) {
                Ok(Step::More) => {}
                Ok(Step::Stop) => break,
                // The last event was cut short: the stream's end says what happened.
                Err(_) if !event.terminated => break,
                Err(error) => {
                    let text = String::from_utf8_lossy(data);
                    self.fail(FailureReason::Malformed, &format!("not a chunk ({error}): {text}"));
                    break;
                }
            }
        }
    }

    /// A piece of the answer's text.
    pub(crate) fn said(&mut self, piece: Option<&str>) {
        if let (Some(text), Some(piece)) = (&mut self.text, piece) {
            text.push_str(piece);
        }
    }

    /// A content event; `tokens_so_far` are those of the answer with it, where the server tells.
    pub(crate) fn content(&mut self, at_ns: u64, content: Content, tokens_so_far: Option<u64>) {
        if content == Content::Output && self.first_output.is_none() {
            self.first_output = u32::try_from(self.content_ns.len()).ok();
        }
        self.cumulative.extend(tokens_so_far);
        self.content_ns.push(at_ns);
    }

    /// The server said that this was all.
    pub(crate) const fn done(&mut self) -> Step {
        self.done = true;
        Step::Stop
    }

    /// The server said that it failed.
    pub(crate) fn fail(&mut self, reason: FailureReason, message: &str) -> Step {
        self.failure = Some((reason, shorten(message)));
        Step::Stop
    }

    fn finish(mut self, end: StreamEnd, recording: &Recording) -> Answer {
        // It is kept to the end of the run, with those of all other requests.
        self.content_ns.shrink_to_fit();
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
            cached_input_tokens: self.cached_tokens.unwrap_or(0),
            output_tokens,
            token_source,
            finish_reason: self.finish_reason,
            outcome,
        }
    }

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
                return match told_error(bytes) {
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
        if self.declined || self.finish_reason.as_deref().is_some_and(is_refusal) {
            return failed(FailureReason::Declined, "the model declined to answer".to_owned());
        }
        if events == 0 {
            return failed(FailureReason::Empty, "the stream ended without content".to_owned());
        }
        Outcome::Succeeded
    }
}

/// Whether an answer ended with this because the model, or what watches over it, declined: `refusal` of Anthropic,
/// `content_filter` of OpenAI. Such an answer is not of the length asked for, and as fast as it happens to be.
fn is_refusal(finish_reason: &str) -> bool {
    matches!(finish_reason, "refusal" | "content_filter")
}

/// The value of `error` in any protocol's form: an object with a message, or text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum ErrorBody<'a> {
    Told {
        #[serde(borrow)]
        message: Cow<'a, str>,
    },
    Text(#[serde(borrow)] Cow<'a, str>),
    Other(IgnoredAny),
}

impl ErrorBody<'_> {
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Told { message } | Self::Text(message) => message,
            Self::Other(_) => "an error without a message",
        }
    }
}

fn told_error(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<openai::Chunk<'_>>(body).ok().and_then(|chunk| chunk.error_message())
}

fn shorten(text: &str) -> String {
    let one_line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_DETAIL).collect();
    one_line.trim().to_owned()
}

/// A text of an event, as it stands there where nothing in it is escaped. (In an `Option`, a `Cow` alone would always be
/// copied.)
#[derive(Debug, Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> Text<'a> {
    /// It, where it is a part of what was read.
    pub(crate) fn as_sent(&self) -> Option<&'a str> {
        match self.0 {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }
}

pub(crate) fn has_text(text: Option<&Text<'_>>) -> bool {
    text.is_some_and(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_and_statuses_are_named() {
        for (body, message) in [
            (r#"{"error":{"message":"The model `nope` does not exist.","code":404}}"#, "The model `nope`"),
            (r#"{"error":"Model is overloaded","error_type":"overloaded"}"#, "Model is overloaded"),
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, "Overloaded"),
            ("Bad Gateway\n", "Bad Gateway"),
        ] {
            let told = error_message(body.as_bytes());
            assert!(told.starts_with(message) && !told.contains('{'), "{told}");
        }
        assert_eq!([503, 529].map(reason_of_status), [FailureReason::Overloaded; 2]);
        assert_eq!(reason_of_status(429), FailureReason::RateLimited);
        assert_eq!(reason_of_status(500), FailureReason::Server);
    }
}
