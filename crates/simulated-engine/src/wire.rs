//! What a token looks like on the **wire**.
//!
//! - OpenAI, in the shape of vLLM's: for a chat a role chunk that comes with the first token, a chunk for each
//!   token, the finish reason on the last of them, usage in a chunk of its own when it was asked for, `[DONE]`.
//! - TGI: an event for each token, with the whole text and the counts on the last of them.
//! - Anthropic: the message and its block begin with the first token and end with the last.

use std::fmt::{Result, Write};

use crate::api::Kind;
use crate::stream::StreamPlan;

/// A token of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub text: &'static str,
    /// From 0.
    pub nth: u32,
    pub last: bool,
}

/// Writes what the server sends for a token.
pub(crate) fn write(out: &mut String, plan: &StreamPlan, word: Word) -> Result {
    match plan.asked.kind {
        Kind::Chat => openai(out, plan, word, true),
        Kind::Completions => openai(out, plan, word, false),
        Kind::Tgi => tgi(out, plan, word),
        Kind::Anthropic => anthropic(out, plan, word),
    }
}

fn openai(out: &mut String, plan: &StreamPlan, word: Word, chat: bool) -> Result {
    let StreamPlan { id, model, created, asked, .. } = plan;
    let object = if chat { "chat.completion.chunk" } else { "text_completion" };
    let head = format!(r#"data: {{"id":"{id}","object":"{object}","created":{created},"model":{model}"#);
    let Word { text, nth, last } = word;
    if chat && nth == 0 {
        write!(
            out,
            r#"{head},"choices":[{{"index":0,"delta":{{"role":"assistant","content":""}},"logprobs":null,"finish_reason":null}}]}}"#
        )?;
        out.push_str("\n\n");
    }
    let finish = if last { format!("\"{}\"", asked.finish_reason) } else { "null".to_owned() };
    if chat {
        write!(
            out,
            r#"{head},"choices":[{{"index":0,"delta":{{"content":" {text}"}},"logprobs":null,"finish_reason":{finish}}}]}}"#
        )?;
    } else {
        write!(
            out,
            r#"{head},"choices":[{{"index":0,"text":" {text}","logprobs":null,"finish_reason":{finish},"stop_reason":null}}]}}"#
        )?;
    }
    out.push_str("\n\n");
    if last {
        if asked.include_usage {
            let (prompt, completion) = (asked.prompt_tokens, nth + 1);
            let total = prompt + completion;
            write!(
                out,
                r#"{head},"choices":[],"usage":{{"prompt_tokens":{prompt},"total_tokens":{total},"completion_tokens":{completion}}}}}"#
            )?;
            out.push_str("\n\n");
        }
        out.push_str("data: [DONE]\n\n");
    }
    Ok(())
}

fn tgi(out: &mut String, plan: &StreamPlan, word: Word) -> Result {
    let Word { text, nth, last } = word;
    let index = nth + 1;
    write!(
        out,
        r#"data:{{"index":{index},"token":{{"id":{nth},"text":" {text}","logprob":-1.0,"special":false}},"#
    )?;
    if last {
        let reason = if plan.asked.finish_reason == "length" { "length" } else { "eos_token" };
        let input = plan.asked.prompt_tokens;
        write!(
            out,
            r#""generated_text":"","details":{{"finish_reason":"{reason}","generated_tokens":{index},"seed":null,"input_length":{input}}}}}"#
        )?;
    } else {
        out.push_str(r#""generated_text":null,"details":null}"#);
    }
    out.push_str("\n\n");
    Ok(())
}

fn anthropic(out: &mut String, plan: &StreamPlan, word: Word) -> Result {
    let StreamPlan { id, model, asked, .. } = plan;
    let mut event = |kind: &str, fields: std::fmt::Arguments<'_>| {
        write!(out, "event: {kind}\ndata: {{\"type\":\"{kind}\"{fields}}}\n\n")
    };
    if word.nth == 0 {
        let input = asked.prompt_tokens;
        event(
            "message_start",
            format_args!(
                r#","message":{{"id":"{id}","type":"message","role":"assistant","content":[],"model":{model},"stop_reason":null,"stop_sequence":null,"usage":{{"input_tokens":{input},"output_tokens":0}}}}"#
            ),
        )?;
        event(
            "content_block_start",
            format_args!(r#","index":0,"content_block":{{"type":"text","text":""}}"#),
        )?;
    }
    let text = word.text;
    event(
        "content_block_delta",
        format_args!(r#","index":0,"delta":{{"type":"text_delta","text":" {text}"}}"#),
    )?;
    if word.last {
        let (reason, output) = (asked.stop_reason(), word.nth + 1);
        event("content_block_stop", format_args!(r#","index":0"#))?;
        event(
            "message_delta",
            format_args!(
                r#","delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":{output}}}"#
            ),
        )?;
        event("message_stop", format_args!(""))?;
    }
    Ok(())
}
