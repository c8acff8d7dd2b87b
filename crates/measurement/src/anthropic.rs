//! The **Anthropic protocol**: `POST /v1/messages`, as Anthropic speaks it and as vLLM and llama.cpp do.
//!
//! Text, thinking and the input of tools come in `content_block_delta` events; a signature is not content. The
//! name of a tool comes with the start of its block. Usage comes in two parts: the prompt's in
//! `message_start`, of which tokens that were read from or written to a cache are counted apart, and the
//! answer's in `message_delta`. Servers differ in which part they repeat or correct, so the latest counts.

use domain::result::FailureReason;
use serde::Deserialize;

use crate::answer::{Content, Reader, Step, Text, has_text};

#[derive(Debug, Deserialize)]
struct StreamEvent<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Text<'a>>,
    #[serde(default)]
    message: Option<Message>,
    #[serde(borrow, default)]
    content_block: Option<Piece<'a>>,
    #[serde(borrow, default)]
    delta: Option<Piece<'a>>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(borrow, default)]
    error: Option<Failure<'a>>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    usage: Option<Usage>,
}

/// The start of a block, a piece of it, or what `message_delta` changes.
#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    thinking: Option<Text<'a>>,
    #[serde(borrow, default)]
    partial_json: Option<Text<'a>>,
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
    #[serde(borrow, default)]
    stop_reason: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Failure<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    message: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Usage {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
}

impl Usage {
    /// The whole prompt, whatever a cache knew of it.
    fn prompt_tokens(self) -> Option<u64> {
        let cached =
            self.cache_creation_input_tokens.unwrap_or(0) + self.cache_read_input_tokens.unwrap_or(0);
        Some(self.input_tokens? + cached)
    }
}

impl Piece<'_> {
    fn content(&self) -> Option<Content> {
        if [&self.text, &self.partial_json, &self.name].iter().any(|text| has_text(text.as_ref())) {
            return Some(Content::Output);
        }
        has_text(self.thinking.as_ref()).then_some(Content::Reasoning)
    }
}

/// Reads the data of one event.
pub(crate) fn take(reader: &mut Reader, data: &[u8], at_ns: u64) -> serde_json::Result<Step> {
    // Some servers that translate from the OpenAI protocol add its mark.
    if data == b"[DONE]" {
        return Ok(Step::Stop);
    }
    let event: StreamEvent<'_> = serde_json::from_slice(data)?;
    match event.kind.as_deref() {
        Some("message_start") => {
            let usage = event.message.and_then(|message| message.usage);
            reader.prompt_tokens = usage.and_then(Usage::prompt_tokens);
            reader.cached_tokens = usage.and_then(|usage| usage.cache_read_input_tokens);
        }
        Some("content_block_start" | "content_block_delta") => {
            let piece = event.content_block.as_ref().or(event.delta.as_ref());
            if let Some(content) = piece.and_then(Piece::content) {
                reader.said(piece.and_then(|piece| piece.text.as_deref()));
                reader.content(at_ns, content, None);
            }
        }
        Some("message_delta") => {
            if let Some(usage) = event.usage {
                reader.prompt_tokens = usage.prompt_tokens().or(reader.prompt_tokens);
                reader.cached_tokens = usage.cache_read_input_tokens.or(reader.cached_tokens);
                reader.completion_tokens = usage.output_tokens.or(reader.completion_tokens);
            }
            if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                reader.finish_reason = Some(reason.to_string());
            }
        }
        Some("message_stop") => return Ok(reader.done()),
        // `ping`, the end of a block, and what is yet to be invented.
        _ => {
            if let Some(error) = &event.error {
                let reason = match error.kind.as_deref() {
                    Some("overloaded_error") => FailureReason::Overloaded,
                    Some("rate_limit_error") => FailureReason::RateLimited,
                    _ => FailureReason::Server,
                };
                return Ok(
                    reader.fail(reason, error.message.as_deref().unwrap_or("an error without a message"))
                );
            }
        }
    }
    Ok(Step::More)
}

/// Prompt tokens in an answer that was not streamed.
pub(crate) fn prompt_tokens(body: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Message>(body).ok()?.usage?.prompt_tokens()
}

#[cfg(test)]
mod tests {
    use domain::workload::Protocol;

    use super::*;
    use crate::answer::{Answer, StreamEnd, read_stream};
    use crate::record::Outcome;
    use crate::sse::Recording;

    fn read(events: &[&str]) -> Answer {
        let mut recording = Recording::default();
        for (event, at_ns) in events.iter().zip(1..) {
            recording.push(format!("event: x\ndata: {event}\n\n").as_bytes(), at_ns);
        }
        read_stream(Protocol::Anthropic, &recording, StreamEnd::Closed)
    }

    const START: &str = r#"{"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":4,"cache_creation_input_tokens":2,"cache_read_input_tokens":10,"output_tokens":1}}}"#;
    const TEXT: &str =
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}"#;
    const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}"#;
    const STOP: &str = r#"{"type":"message_stop"}"#;

    #[test]
    fn thinking_is_reasoning_and_tools_are_output() {
        let answer = read(&[
            START,
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Eq"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            TEXT,
            r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}"#,
            END,
            STOP,
        ]);
        assert_eq!(answer.outcome, Outcome::Succeeded);
        assert_eq!((answer.content_ns, answer.first_output), (vec![4, 7, 8, 10], Some(1)));
        assert_eq!((answer.input_tokens, answer.output_tokens), (Some(16), 9));
        assert_eq!(answer.cached_input_tokens, 10);
        assert_eq!(answer.finish_reason.as_deref(), Some("tool_use"));
    }

    #[test]
    fn a_refusal_is_no_answer() {
        let refused = END.replace("tool_use", "refusal");
        let detail = "the model declined to answer".to_owned();
        let declined = Outcome::Failed { reason: FailureReason::Declined, detail };
        assert_eq!(read(&[START, TEXT, &refused, STOP]).outcome, declined);
        assert_eq!(read(&[START, &refused, STOP]).outcome, declined);
    }

    #[test]
    fn the_latest_usage_counts() {
        let late = r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"input_tokens":30,"output_tokens":2}}"#;
        let answer = read(&[START, TEXT, late, STOP, "[DONE]"]);
        assert_eq!((answer.input_tokens, answer.output_tokens), (Some(30), 2));
    }

    #[test]
    fn errors_are_told_by_their_type() {
        for (kind, expected) in [
            ("overloaded_error", FailureReason::Overloaded),
            ("rate_limit_error", FailureReason::RateLimited),
            ("api_error", FailureReason::Server),
        ] {
            let error = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"no"}}}}"#);
            let detail = "no".to_owned();
            assert_eq!(read(&[START, TEXT, &error]).outcome, Outcome::Failed { reason: expected, detail });
        }
    }

    #[test]
    fn the_prompt_of_a_whole_answer_is_counted() {
        let body = br#"{"type":"message","usage":{"cache_read_input_tokens":18,"input_tokens":1,"output_tokens":1}}"#;
        assert_eq!(prompt_tokens(body), Some(19));
    }
}
