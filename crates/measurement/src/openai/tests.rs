use domain::result::{FailureReason, TokenSource};
use domain::workload::Protocol;
use proptest::prelude::*;

use super::{prompt_tokens, take};
use crate::answer::{self, Answer, Reader, StreamEnd};
use crate::record::Outcome;
use crate::sse::Recording;

fn read_stream(recording: &Recording, end: StreamEnd) -> Answer {
    answer::read_stream(Protocol::Chat, recording, end)
}

/// A stream whose Nth event arrives at N ms.
fn read(events: &[&str], end: StreamEnd) -> Answer {
    let mut recording = Recording::default();
    for (n, event) in events.iter().enumerate() {
        recording.push(format!("data: {event}\n\n").as_bytes(), n as u64 * 1_000_000);
    }
    read_stream(&recording, end)
}

fn chat(delta: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

fn reason(answer: &Answer) -> Option<FailureReason> {
    match &answer.outcome {
        Outcome::Failed { reason, .. } => Some(*reason),
        Outcome::Succeeded | Outcome::Cut => None,
    }
}

#[test]
fn only_text_is_content() {
    let deltas = [
        r#"{"role":"assistant","content":""}"#,
        r#"{"role":"assistant","content":null}"#,
        "{}",
        r#"{"content":"a"}"#,
        r#"{"tool_calls":[]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}"#,
    ];
    let events: Vec<String> = deltas.iter().map(|d| chat(d)).collect();
    let mut events: Vec<&str> = events.iter().map(String::as_str).collect();
    events.extend([r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#, "[DONE]"]);
    let answer = read(&events, StreamEnd::Closed);
    assert_eq!(answer.outcome, Outcome::Succeeded);
    assert_eq!(answer.content_ns, [3_000_000, 5_000_000, 6_000_000]);
    assert_eq!((answer.input_tokens, answer.output_tokens), (Some(5), 7));
    assert_eq!(answer.token_source, TokenSource::ServerUsage);
    assert!(answer.content_tokens.is_empty());
}

#[test]
fn reasoning_is_content_but_not_output() {
    for field in ["reasoning_content", "reasoning"] {
        let events = [
            chat(&format!(r#"{{"{field}":"hm"}}"#)),
            chat(&format!(r#"{{"{field}":"hm","content":null}}"#)),
            chat(r#"{"content":"yes"}"#),
        ];
        let answer = read(&[&events[0], &events[1], &events[2], "[DONE]"], StreamEnd::Closed);
        assert_eq!((answer.content_ns.len(), answer.first_output), (3, Some(2)), "{field}");
        assert_eq!((answer.output_tokens, answer.token_source), (3, TokenSource::ContentEvents));
    }
}

#[test]
fn an_error_in_the_stream_fails_the_request_in_every_form() {
    for error in [
        r#"{"error":{"message":"out of memory","code":500}}"#,
        r#"{"error":"out of memory"}"#,
        r#"{"object":"error","message":"out of memory","type":"x","code":500}"#,
    ] {
        let answer = read(&[&chat(r#"{"content":"a"}"#), error, "[DONE]"], StreamEnd::Closed);
        let detail = "out of memory".to_owned();
        assert_eq!(answer.outcome, Outcome::Failed { reason: FailureReason::Server, detail }, "{error}");
    }
}

#[test]
fn a_null_error_is_none() {
    let events = [r#"{"error":null,"choices":[{"text":"a","finish_reason":"stop"}]}"#];
    assert_eq!(read(&events, StreamEnd::Closed).outcome, Outcome::Succeeded);
}

#[test]
fn a_stream_is_whole_with_done_or_with_a_finish_reason() {
    let content = chat(r#"{"content":"a"}"#);
    let finish = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    let disconnected = Some(FailureReason::Disconnected);
    assert_eq!(reason(&read(&[&content, "[DONE]"], StreamEnd::Broken)), None);
    assert_eq!(reason(&read(&[&content, finish], StreamEnd::Closed)), None);
    assert_eq!(reason(&read(&[&content, finish], StreamEnd::Broken)), disconnected);
    assert_eq!(reason(&read(&[&content], StreamEnd::Closed)), disconnected);
    assert_eq!(reason(&read(&[finish, "[DONE]"], StreamEnd::Closed)), Some(FailureReason::Empty));
    assert_eq!(reason(&read(&[], StreamEnd::Closed)), Some(FailureReason::Empty));
    assert_eq!(reason(&read(&[], StreamEnd::Broken)), disconnected);
    assert_eq!(reason(&read(&["{oops"], StreamEnd::Closed)), Some(FailureReason::Malformed));
}

#[test]
fn bodies_that_are_no_stream_are_told_apart() {
    for (body, expected) in [
        ("<html>hello</html>", FailureReason::Malformed),
        (r#"{"error":{"message":"no"}}"#, FailureReason::Server),
    ] {
        let mut recording = Recording::default();
        recording.push(body.as_bytes(), 1);
        assert_eq!(reason(&read_stream(&recording, StreamEnd::Closed)), Some(expected), "{body}");
    }
}

#[test]
fn a_chunk_cut_short_is_a_disconnection() {
    let mut recording = Recording::default();
    recording.push(b"data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: {\"choi", 1);
    let answer = read_stream(&recording, StreamEnd::Broken);
    assert_eq!((reason(&answer), answer.content_ns.len()), (Some(FailureReason::Disconnected), 1));
}

#[test]
fn continuous_usage_gives_the_tokens_of_each_event() {
    let chunk = |text: &str, n: u32| {
        format!(
            r#"{{"choices":[{{"text":"{text}"}}],"usage":{{"prompt_tokens":3,"completion_tokens":{n}}}}}"#
        )
    };
    let (a, b, c) = (chunk("ab", 2), chunk("", 3), chunk("cde", 6));
    let answer = read(&[&a, &b, &c, "[DONE]"], StreamEnd::Closed);
    assert_eq!((answer.content_tokens, answer.output_tokens), (vec![2, 4], 6));
}

#[test]
fn the_usage_of_a_whole_answer_is_read() {
    let body = br#"{"choices":[{"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":15,"total_tokens":23,"completion_tokens":8}}"#;
    assert_eq!((prompt_tokens(body), prompt_tokens(b"{}")), (Some(15), None));
}

/// Events as servers write them: a text in one of several shapes, plain or in need of escapes.
fn event() -> impl Strategy<Value = serde_json::Value> {
    let texts = ["", " the", "x", "é\u{1f600}", "\"", "a\\b", "line\nline", "\u{7}"];
    let text = proptest::sample::select(texts.to_vec());
    (text, 0..5_usize).prop_map(|(text, shape)| match shape {
        0 | 1 => {
            serde_json::json!({"id": "a", "choices": [{"delta": {"content": text}, "finish_reason": null}]})
        }
        2 => serde_json::json!({"id": "a", "choices": [{"text": text, "logprobs": null}]}),
        3 => serde_json::json!({"id": "a", "choices": [{"delta": {"reasoning": text}}]}),
        _ => serde_json::json!({"id": "a", "choices": [{"text": text}], "usage": {"completion_tokens": 7}}),
    })
}

proptest! {
    #[test]
    fn what_came_before_does_not_change_what_an_event_says(events in prop::collection::vec(event(), 0..40)) {
        let texts: Vec<String> = events.iter().map(ToString::to_string).collect();
        let mut events: Vec<&str> = texts.iter().map(String::as_str).collect();
        let alone: Vec<bool> =
            events.iter().map(|event| !read(&[event, "[DONE]"], StreamEnd::Closed).content_ns.is_empty()).collect();
        events.push("[DONE]");
        let together = read(&events, StreamEnd::Closed);
        let expected: Vec<u64> =
            alone.iter().enumerate().filter(|(_, said)| **said).map(|(n, _)| n as u64 * 1_000_000).collect();
        prop_assert_eq!(together.content_ns, expected);
    }
}

#[test]
fn an_event_that_differs_in_its_text_alone_is_not_read_as_json() {
    let event = |text: &str| chat(&format!(r#"{{"content":"{text}"}}"#));
    let mut reader = Reader::default();
    take(&mut reader, event("a").as_bytes(), 1).unwrap();
    assert_eq!(reader.template.text_of(event("bc").as_bytes()), Some("bc"));
    assert_eq!(reader.template.text_of(event("").as_bytes()), None);
}
