//! A **script** is what is written to a stream, step by step.

use std::time::Duration;

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The head of the answer: status and headers.
    Head(u16, Vec<(&'static str, &'static str)>),
    /// A piece of the body.
    Data(Vec<u8>),
    /// Bytes as they are, over HTTP/1.1 only.
    Raw(Vec<u8>),
    /// Wait.
    Pause(Duration),
    /// End the answer as HTTP says.
    End,
    /// Break the answer off.
    Break,
}

/// The head of an event stream.
#[must_use]
pub fn head() -> Step {
    Step::Head(200, vec![("content-type", "text/event-stream")])
}

/// A wait.
#[must_use]
pub const fn pause(ms: u64) -> Step {
    Step::Pause(Duration::from_millis(ms))
}

/// A server-sent event.
#[must_use]
pub fn event(data: &str) -> Step {
    Step::Data(format!("data: {data}\n\n").into_bytes())
}

/// A chunk of a chat: what has been added to the answer, as JSON.
#[must_use]
pub fn delta(delta: &str) -> Step {
    event(&format!(r#"{{"choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#))
}

/// A chunk of a chat with some text.
#[must_use]
pub fn text(content: &str) -> Step {
    delta(&format!(r#"{{"content":"{content}"}}"#))
}

/// A chunk of a chat with usage alone.
#[must_use]
pub fn usage(prompt: u32, completion: u32) -> Step {
    let usage = format!(r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion}}}"#);
    event(&format!(r#"{{"choices":[],"usage":{usage}}}"#))
}

/// Usage, `[DONE]` and the end.
#[must_use]
pub fn ending(prompt: u32, completion: u32) -> Vec<Step> {
    vec![usage(prompt, completion), event("[DONE]"), Step::End]
}

/// A good answer of two tokens, 5 ms apart, to a prompt of 20.
#[must_use]
pub fn good() -> Vec<Step> {
    [vec![head(), text("a"), pause(5), text("b")], ending(20, 2)].concat()
}

/// A whole answer with a status and a JSON body.
#[must_use]
pub fn whole(status: u16, body: &str) -> Vec<Step> {
    let head = Step::Head(status, vec![("content-type", "application/json")]);
    vec![head, Step::Data(body.as_bytes().to_vec()), Step::End]
}
