//! What a token looks like on the **wire**: vLLM's chunks, each in one HTTP/1.1 chunk, a token per chunk.

/// The API that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Chat,
    Completions,
}

/// Where a token is in its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub first: bool,
    pub last: bool,
}

/// What is said at the end of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub prompt: u32,
    pub completion: u32,
}

/// Name of the model.
pub(super) const MODEL: &str = "simulated";

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
const ROLE: &str =
    r#"{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}"#;

/// Writes a token: the head of the answer and the role before the first, usage where it was asked for and the end
/// after the last.
pub(super) fn write(out: &mut Vec<u8>, api: Api, place: Place, usage: Option<Usage>) {
    if place.first {
        out.extend_from_slice(HEAD.as_bytes());
        if api == Api::Chat {
            chunk(out, api, ROLE, "null");
        }
    }
    let finish = if place.last { r#""length""# } else { "null" };
    let choice = match api {
        Api::Chat => {
            format!(r#"{{"index":0,"delta":{{"content":" word"}},"logprobs":null,"finish_reason":{finish}}}"#)
        }
        Api::Completions => format!(
            r#"{{"index":0,"text":" word","logprobs":null,"finish_reason":{finish},"stop_reason":null}}"#
        ),
    };
    chunk(out, api, &choice, "null");
    if place.last {
        if let Some(Usage { prompt, completion }) = usage {
            let total = prompt + completion;
            let usage = format!(
                r#"{{"prompt_tokens":{prompt},"total_tokens":{total},"completion_tokens":{completion}}}"#
            );
            chunk(out, api, "", &usage);
        }
        framed(out, "data: [DONE]\n\n");
        out.extend_from_slice(b"0\r\n\r\n");
    }
}

fn chunk(out: &mut Vec<u8>, api: Api, choice: &str, usage: &str) {
    let (id, object) = match api {
        Api::Chat => ("chatcmpl-8ab3cf2d5c8a4c0f", "chat.completion.chunk"),
        Api::Completions => ("cmpl-8ab3cf2d5c8a4c0f", "text_completion"),
    };
    let event = format!(
        "data: {{\"id\":\"{id}\",\"object\":\"{object}\",\"created\":1764000000,\"model\":\"{MODEL}\",\"choices\":[{choice}],\"usage\":{usage}}}\n\n"
    );
    framed(out, &event);
}

fn framed(out: &mut Vec<u8>, event: &str) {
    out.extend_from_slice(format!("{:x}\r\n", event.len()).as_bytes());
    out.extend_from_slice(event.as_bytes());
    out.extend_from_slice(b"\r\n");
}
