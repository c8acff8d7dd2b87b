//! The **OpenAI streaming protocol** as servers really speak it, for chat and for completions.
//!
//! What differs between servers and is understood here: role-only chunks, empty and `null` deltas; usage in a
//! chunk of its own (vLLM), on the last choices chunk (llama.cpp) or on every chunk (continuous usage, which
//! tells the tokens of each event); `reasoning_content` and `reasoning`; errors in the middle of a stream as
//! `{"error": {...}}` or `{"object": "error", ...}` (SGLang).

mod template;
mod wire;

use domain::result::FailureReason;

use crate::answer::{Content, Reader, Step};

pub(crate) use template::Template;
pub(crate) use wire::Chunk;

/// Reads the data of one event.
pub(crate) fn take(reader: &mut Reader, data: &[u8], at_ns: u64) -> serde_json::Result<Step> {
    if data == b"[DONE]" {
        return Ok(reader.done());
    }
    if let Some(text) = reader.template.text_of(data) {
        reader.said(Some(text));
        reader.content(at_ns, Content::Output, None);
        return Ok(Step::More);
    }
    let chunk: Chunk<'_> = serde_json::from_slice(data)?;
    if let Some(message) = chunk.error_message() {
        return Ok(reader.fail(FailureReason::Server, &message));
    }
    let usage = chunk.usage.as_ref();
    if let Some(usage) = usage {
        reader.prompt_tokens = usage.prompt_tokens.or(reader.prompt_tokens);
        reader.cached_tokens = usage.cached_tokens().or(reader.cached_tokens);
        reader.completion_tokens = usage.completion_tokens.or(reader.completion_tokens);
    }
    let Some(choice) = chunk.choices.as_deref().and_then(<[_]>::first) else { return Ok(Step::More) };
    if let Some(reason) = &choice.finish_reason {
        reader.finish_reason = Some(reason.to_string());
    }
    reader.declined |= choice.declines();
    let content = match (choice.has_output(), choice.has_reasoning()) {
        (true, _) => Content::Output,
        (false, true) => Content::Reasoning,
        (false, false) => return Ok(Step::More),
    };
    if let Some(text) = choice.text_as_sent()
        && usage.is_none()
        && choice.finish_reason.is_none()
    {
        reader.template.set(data, text);
    }
    reader.said(choice.said().map(std::ops::Deref::deref));
    reader.content(at_ns, content, usage.and_then(|u| u.completion_tokens));
    Ok(Step::More)
}

/// Prompt tokens in an answer that was not streamed.
pub(crate) fn prompt_tokens(body: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Chunk<'_>>(body).ok()?.usage?.prompt_tokens
}

#[cfg(test)]
mod tests;
