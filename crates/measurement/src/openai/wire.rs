//! The **wire** shapes: only the fields that are used, so that what servers add is skipped unread.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::answer::{ErrorBody, Text, has_text};

/// A chunk of a stream, or a whole answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Chunk<'a> {
    #[serde(borrow, default)]
    pub choices: Option<Vec<Choice<'a>>>,
    #[serde(default)]
    pub usage: Option<Usage>,
    #[serde(borrow, default)]
    error: Option<ErrorBody<'a>>,
    #[serde(borrow, default)]
    object: Option<Text<'a>>,
    #[serde(borrow, default)]
    message: Option<Loose<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice<'a> {
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub finish_reason: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<Text<'a>>,
    #[serde(borrow, default)]
    reasoning_content: Option<Text<'a>>,
    #[serde(borrow, default)]
    reasoning: Option<Text<'a>>,
    #[serde(borrow, default)]
    refusal: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow, default)]
    function: Option<ToolFunction<'a>>,
}

#[derive(Debug, Deserialize)]
struct ToolFunction<'a> {
    #[serde(borrow, default)]
    name: Option<Text<'a>>,
    #[serde(borrow, default)]
    arguments: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Usage {
    #[serde(default)]
    pub prompt_tokens: Option<u64>,
    #[serde(default)]
    pub completion_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

impl Usage {
    /// Prompt tokens that a prompt cache answered.
    pub(super) fn cached_tokens(&self) -> Option<u64> {
        self.prompt_tokens_details.as_ref()?.cached_tokens
    }
}

/// A field that is text in an error and may be anything elsewhere.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Loose<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Other(IgnoredAny),
}

impl Chunk<'_> {
    /// What went wrong, when this is an error and not a chunk.
    pub(crate) fn error_message(&self) -> Option<String> {
        if let Some(error) = &self.error {
            return Some(error.message().to_owned());
        }
        (self.object.as_deref() == Some("error")).then(|| match &self.message {
            Some(Loose::Text(text)) => text.to_string(),
            Some(Loose::Other(_)) | None => "an error without a message".to_owned(),
        })
    }
}

impl Choice<'_> {
    /// Whether it carries text of the answer or of a tool call.
    pub(super) fn has_output(&self) -> bool {
        has_text(self.text.as_ref())
            || self.delta.as_ref().is_some_and(|delta| {
                has_text(delta.content.as_ref())
                    || has_text(delta.refusal.as_ref())
                    || delta.tool_calls.iter().flatten().any(ToolCall::has_text)
            })
    }

    /// Whether it carries a refusal.
    pub(super) fn declines(&self) -> bool {
        self.delta.as_ref().is_some_and(|delta| has_text(delta.refusal.as_ref()))
    }

    /// The text that it adds to the answer.
    pub(super) fn said(&self) -> Option<&Text<'_>> {
        self.text.as_ref().or_else(|| self.delta.as_ref()?.content.as_ref())
    }

    /// The same, where it stands in the event as it is.
    pub(super) fn text_as_sent(&self) -> Option<&str> {
        self.said().and_then(Text::as_sent).filter(|text| !text.is_empty())
    }

    /// Whether it carries reasoning.
    pub(super) fn has_reasoning(&self) -> bool {
        self.delta
            .as_ref()
            .is_some_and(|d| has_text(d.reasoning_content.as_ref()) || has_text(d.reasoning.as_ref()))
    }
}

impl ToolCall<'_> {
    fn has_text(&self) -> bool {
        self.function.as_ref().is_some_and(|f| has_text(f.name.as_ref()) || has_text(f.arguments.as_ref()))
    }
}
