//! The **API**: what a request asks for, checked as vLLM checks it, and the answers that are no streams.

use http::StatusCode;
use rand::Rng;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{OWNER, SimulationConfig, tokens};

/// Shortest and longest answer of a request that lets the model decide.
const NATURAL_LENGTH: std::ops::RangeInclusive<u32> = 16..=512;
/// `max_tokens` of a completion that does not state it.
const COMPLETION_DEFAULT_TOKENS: u32 = 16;

/// The endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Chat,
    Completions,
    Tgi,
    Anthropic,
}

impl Kind {
    pub(crate) const fn id_prefix(self) -> &'static str {
        match self {
            Self::Chat => "chatcmpl",
            Self::Completions | Self::Tgi => "cmpl",
            Self::Anthropic => "msg",
        }
    }

    /// Whether its prompt is a conversation, which a template turns into text.
    const fn is_chat(self) -> bool {
        matches!(self, Self::Chat | Self::Anthropic)
    }
}

/// A request in TGI's shape.
#[derive(Debug, Deserialize)]
struct TgiBody {
    inputs: Option<String>,
    #[serde(default)]
    parameters: TgiParameters,
}

#[derive(Debug, Default, Deserialize)]
struct TgiParameters {
    max_new_tokens: Option<i64>,
}

impl From<TgiBody> for Body {
    fn from(body: TgiBody) -> Self {
        Self {
            model: None,
            messages: Vec::new(),
            prompt: body.inputs.map(Prompt::Text),
            stream: true,
            stream_options: None,
            max_tokens: body.parameters.max_new_tokens,
            max_completion_tokens: None,
            min_tokens: 0,
            ignore_eos: false,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Body {
    model: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
    prompt: Option<Prompt>,
    #[serde(default)]
    stream: bool,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<i64>,
    max_completion_tokens: Option<i64>,
    #[serde(default)]
    min_tokens: u32,
    #[serde(default)]
    ignore_eos: bool,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Prompt {
    Text(String),
    Texts(Vec<String>),
    Tokens(Vec<u32>),
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

/// What a checked request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub kind: Kind,
    pub prompt_tokens: u32,
    pub answer_tokens: u32,
    pub finish_reason: &'static str,
    pub stream: bool,
    pub include_usage: bool,
}

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub message: String,
    pub kind: &'static str,
    pub param: Option<&'static str>,
}

impl ApiError {
    fn bad_request(message: String, param: Option<&'static str>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message, kind: "BadRequestError", param }
    }

    /// The answer to an unknown path.
    pub(crate) fn not_found() -> Self {
        let message = "Not Found".to_owned();
        Self { status: StatusCode::NOT_FOUND, message, kind: "NotFoundError", param: None }
    }

    /// The answer of a fault.
    pub(crate) fn scripted() -> Self {
        let message = "scripted error (--error-every)".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message, kind: "InternalServerError", param: None }
    }

    /// Its body, in vLLM's form.
    pub(crate) fn body(&self) -> Value {
        json!({"error": {
            "message": self.message, "type": self.kind, "param": self.param, "code": self.status.as_u16(),
        }})
    }
}

/// Checks a request.
pub(crate) fn parse(
    kind: Kind,
    body: &[u8],
    config: &SimulationConfig,
    rng: &mut StdRng,
) -> Result<Asked, ApiError> {
    let body = match kind {
        Kind::Tgi => serde_json::from_slice::<TgiBody>(body).map(Body::from),
        Kind::Chat | Kind::Completions | Kind::Anthropic => serde_json::from_slice(body),
    }
    .map_err(|e| ApiError::bad_request(format!("bad JSON: {e}"), None))?;
    let served = &config.served_model_name;
    if let Some(model) = body.model.as_ref().filter(|model| *model != served) {
        return Err(ApiError {
            status: StatusCode::NOT_FOUND,
            message: format!("The model `{model}` does not exist. Valid aliases: {served}."),
            kind: "NotFoundError",
            param: Some("model"),
        });
    }
    let prompt_tokens = match (kind.is_chat(), &body.prompt) {
        (true, _) if body.messages.is_empty() => {
            return Err(ApiError::bad_request("messages must not be empty".to_owned(), Some("messages")));
        }
        (true, _) => tokens::CHAT_TEMPLATE_TOKENS + body.messages.iter().map(Message::tokens).sum::<u32>(),
        (false, Some(prompt)) => prompt.tokens(),
        (false, None) => {
            return Err(ApiError::bad_request("prompt is missing".to_owned(), Some("prompt")));
        }
    };
    let context = config.context_tokens.get();
    let room = context.saturating_sub(prompt_tokens);
    let max_tokens = match (body.max_completion_tokens.or(body.max_tokens), kind) {
        (Some(asked), _) if asked < 1 => {
            let message =
                format!("max_tokens must be at least 1, got {asked}. (parameter=max_tokens, value={asked})");
            return Err(ApiError::bad_request(message, Some("max_tokens")));
        }
        (Some(asked), _) => u32::try_from(asked).unwrap_or(u32::MAX),
        (None, Kind::Chat | Kind::Anthropic) => room.max(1),
        (None, Kind::Completions | Kind::Tgi) => COMPLETION_DEFAULT_TOKENS,
    };
    if max_tokens > room {
        let message = format!(
            "This model's maximum context length is {context} tokens. However, you requested {max_tokens} output tokens and your prompt contains {prompt_tokens} input tokens."
        );
        return Err(ApiError::bad_request(message, Some("max_tokens")));
    }
    let natural = rng.random_range(NATURAL_LENGTH).max(body.min_tokens);
    let stops = !body.ignore_eos && natural < max_tokens;
    Ok(Asked {
        kind,
        prompt_tokens,
        answer_tokens: if stops { natural } else { max_tokens },
        finish_reason: if stops { "stop" } else { "length" },
        stream: body.stream,
        include_usage: body.stream_options.is_some_and(|o| o.include_usage),
    })
}

impl Asked {
    /// The finish reason in Anthropic's words.
    pub(crate) fn stop_reason(&self) -> &'static str {
        if self.finish_reason == "length" { "max_tokens" } else { "end_turn" }
    }
}

impl Message {
    fn tokens(&self) -> u32 {
        match &self.content {
            None => 0,
            Some(Content::Text(text)) => tokens::count(text),
            Some(Content::Parts(parts)) => parts.iter().map(|p| tokens::count(&p.text)).sum(),
        }
    }
}

impl Prompt {
    fn tokens(&self) -> u32 {
        match self {
            Self::Text(text) => tokens::count(text),
            Self::Texts(texts) => texts.iter().map(|text| tokens::count(text)).sum(),
            Self::Tokens(tokens) => u32::try_from(tokens.len()).unwrap_or(u32::MAX),
        }
    }
}

/// `GET /v1/models`
pub(crate) fn models(config: &SimulationConfig, created: u64) -> Value {
    json!({"object": "list", "data": [{
        "id": config.served_model_name, "object": "model", "created": created, "owned_by": OWNER,
        "root": config.served_model_name, "parent": null, "max_model_len": config.context_tokens,
    }]})
}

/// A whole answer.
pub(crate) fn answer(asked: &Asked, id: &str, model: &str, created: u64, text: &str) -> Value {
    let usage = json!({
        "prompt_tokens": asked.prompt_tokens,
        "total_tokens": asked.prompt_tokens + asked.answer_tokens,
        "completion_tokens": asked.answer_tokens,
    });
    let (object, choice) = match asked.kind {
        Kind::Anthropic => {
            let content = json!([{"type": "text", "text": text}]);
            let usage = json!({"input_tokens": asked.prompt_tokens, "output_tokens": asked.answer_tokens});
            return json!({"id": id, "type": "message", "role": "assistant", "content": content, "model": model,
                "stop_reason": asked.stop_reason(), "stop_sequence": null, "usage": usage});
        }
        Kind::Chat => (
            "chat.completion",
            json!({"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": null,
                   "finish_reason": asked.finish_reason, "stop_reason": null}),
        ),
        // TGI's answers are all streams.
        Kind::Completions | Kind::Tgi => (
            "text_completion",
            json!({"index": 0, "text": text, "logprobs": null, "finish_reason": asked.finish_reason,
                   "stop_reason": null}),
        ),
    };
    json!({"id": id, "object": object, "created": created, "model": model, "choices": [choice], "usage": usage})
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn check(kind: Kind, body: &Value) -> Result<Asked, ApiError> {
        let config =
            SimulationConfig { context_tokens: 100.try_into().unwrap(), ..SimulationConfig::default() };
        parse(kind, body.to_string().as_bytes(), &config, &mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn prompts_are_counted_in_every_form() {
        let chat = json!({"messages": [{"role": "user", "content": "a b c"},
            {"role": "user", "content": [{"type": "text", "text": "d e"}]}], "max_tokens": 1});
        assert_eq!(check(Kind::Chat, &chat).unwrap().prompt_tokens, 5 + tokens::CHAT_TEMPLATE_TOKENS);
        for (prompt, n) in [(json!("a b"), 2), (json!(["a b", "c"]), 3), (json!([1, 2, 3, 4]), 4)] {
            let asked = check(Kind::Completions, &json!({"prompt": prompt, "max_tokens": 1})).unwrap();
            assert_eq!(asked.prompt_tokens, n);
        }
    }

    #[test]
    fn lengths_are_held_when_the_end_mark_is_ignored_or_forbidden() {
        let ask = |more: Value| {
            let mut body = json!({"prompt": "a", "max_tokens": 99});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            check(Kind::Completions, &body).unwrap().answer_tokens
        };
        assert_eq!(ask(json!({"ignore_eos": true})), 99);
        assert_eq!(ask(json!({"min_tokens": 99})), 99);
        assert_eq!(check(Kind::Completions, &json!({"prompt": "a"})).unwrap().answer_tokens, 16);
    }

    #[test]
    fn wrong_requests_are_refused_as_vllm_does() {
        let bad = [
            (json!({"prompt": "a", "max_tokens": -1}), "max_tokens must be at least 1, got -1"),
            (json!({"prompt": "a", "max_tokens": 100}), "maximum context length is 100 tokens"),
            (json!({"max_tokens": 1}), "prompt is missing"),
        ];
        for (body, words) in bad {
            let error = check(Kind::Completions, &body).unwrap_err();
            assert_eq!(error.status, StatusCode::BAD_REQUEST);
            assert!(error.message.contains(words), "{}", error.message);
        }
        let error = check(Kind::Completions, &json!({"model": "nope", "prompt": "a"})).unwrap_err();
        let expected = json!({"error": {"message": "The model `nope` does not exist. Valid aliases: simulated.",
            "type": "NotFoundError", "param": "model", "code": 404}});
        assert_eq!(error.body(), expected);
    }
}
