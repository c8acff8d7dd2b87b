//! The **TGI protocol**: `POST /generate_stream` of Hugging Face's Text Generation Inference.
//!
//! Each event is one token; the text of a special token (the end mark) is not content, and the text of a token
//! that is part of a character comes with a later one. The last event has `details`, with the prompt's length
//! in newer versions only. An error is `{"error": "...", "error_type": "..."}`.

use domain::result::FailureReason;
use serde::Deserialize;

use crate::answer::{Content, ErrorBody, Reader, Step, Text, has_text};

#[derive(Debug, Deserialize)]
struct StreamEvent<'a> {
    #[serde(borrow, default)]
    token: Option<Token<'a>>,
    #[serde(borrow, default)]
    details: Option<Details<'a>>,
    #[serde(borrow, default)]
    error: Option<ErrorBody<'a>>,
    #[serde(borrow, default)]
    error_type: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Token<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(default)]
    special: bool,
}

#[derive(Debug, Deserialize)]
struct Details<'a> {
    #[serde(borrow, default)]
    finish_reason: Option<Text<'a>>,
    #[serde(default)]
    generated_tokens: Option<u64>,
    #[serde(default)]
    input_length: Option<u64>,
}

/// Reads the data of one event.
pub(crate) fn take(reader: &mut Reader, data: &[u8], at_ns: u64) -> serde_json::Result<Step> {
    let event: StreamEvent<'_> = serde_json::from_slice(data)?;
    if let Some(error) = &event.error {
        let reason = match event.error_type.as_deref() {
            Some("overloaded") => FailureReason::Overloaded,
            _ => FailureReason::Server,
        };
        return Ok(reader.fail(reason, error.message()));
    }
    if let Some(token) = &event.token {
        let so_far = reader.completion_tokens.unwrap_or(0) + 1;
        reader.completion_tokens = Some(so_far);
        if !token.special && has_text(token.text.as_ref()) {
            reader.said(token.text.as_deref());
            reader.content(at_ns, Content::Output, Some(so_far));
        }
    }
    let Some(details) = event.details else { return Ok(Step::More) };
    reader.completion_tokens = details.generated_tokens.or(reader.completion_tokens);
    reader.prompt_tokens = details.input_length;
    reader.finish_reason = details.finish_reason.as_deref().map(str::to_owned);
    Ok(reader.done())
}

#[cfg(test)]
mod tests {
    use domain::result::TokenSource;
    use domain::workload::Protocol;

    use super::*;
    use crate::answer::{Answer, StreamEnd, read_stream};
    use crate::record::Outcome;
    use crate::sse::Recording;

    fn read(events: &[&str]) -> Answer {
        let mut recording = Recording::default();
        for (event, at_ns) in events.iter().zip(1..) {
            recording.push(format!("data:{event}\n\n").as_bytes(), at_ns);
        }
        read_stream(Protocol::Tgi, &recording, StreamEnd::Closed)
    }

    const HALF: &str = r#"{"index":1,"token":{"id":9,"text":"","logprob":-0.1,"special":false},"generated_text":null,"details":null}"#;
    const WHOLE: &str = r#"{"index":2,"token":{"id":8,"text":"é","logprob":-0.1,"special":false},"generated_text":null,"details":null}"#;
    const LAST: &str = r#"{"index":3,"token":{"id":2,"text":"</s>","logprob":-0.1,"special":true},"generated_text":"é","details":{"finish_reason":"eos_token","generated_tokens":3,"seed":null,"input_length":7}}"#;

    #[test]
    fn special_tokens_and_halves_of_characters_are_tokens_but_not_content() {
        let answer = read(&[HALF, WHOLE, LAST]);
        assert_eq!(answer.outcome, Outcome::Succeeded);
        assert_eq!((answer.content_ns, answer.content_tokens), (vec![2], vec![2]));
        assert_eq!((answer.input_tokens, answer.output_tokens), (Some(7), 3));
        assert_eq!(answer.token_source, TokenSource::ServerUsage);
        assert_eq!(answer.finish_reason.as_deref(), Some("eos_token"));
    }

    #[test]
    fn a_stream_without_details_is_cut_short() {
        let Outcome::Failed { reason, .. } = read(&[WHOLE]).outcome else { unreachable!() };
        assert_eq!(reason, FailureReason::Disconnected);
    }

    #[test]
    fn errors_are_told_by_their_type() {
        for (kind, expected) in
            [("generation", FailureReason::Server), ("overloaded", FailureReason::Overloaded)]
        {
            let error = format!(r#"{{"error":"no","error_type":"{kind}"}}"#);
            let detail = "no".to_owned();
            assert_eq!(read(&[WHOLE, &error]).outcome, Outcome::Failed { reason: expected, detail });
        }
    }
}
