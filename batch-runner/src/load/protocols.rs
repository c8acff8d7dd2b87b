//! A **protocol** is where a request goes and how it is written: path, headers, body.

use domain::workload::Protocol;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Value, json};

use crate::api_key::ApiKey;

/// The version of the Anthropic protocol that is spoken.
const ANTHROPIC_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The prompt of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Text.
    Text(String),
    /// Tokens, which the server does not have to find.
    Tokens(Vec<u32>),
}

impl Prompt {
    /// This one and another after it; a text is set apart from the one before by a space.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Tokens(mut ids), Self::Tokens(more)) => {
                ids.extend(more);
                Self::Tokens(ids)
            }
            (Self::Text(text), Self::Text(more)) => Self::Text(text + " " + &more),
            // One vocabulary does not make both.
            (_, next) => next,
        }
    }
}

/// What was said in a turn of a conversation that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The user's message.
    pub message: String,
    /// The server's answer.
    pub answer: String,
}

/// How much of an endpoint's protocol is understood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Engines take more than the protocol has, so that an answer's length can be forced.
    #[default]
    Engine,
    /// Hosted services refuse what they do not know, and newer models even a temperature. Their answers end where the model
    /// ends them, so that a long one is asked for in words.
    Hosted,
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask<'a> {
    /// The model's name.
    pub model: &'a str,
    /// What was said before; of text prompts only.
    pub before: &'a [Said],
    /// The prompt.
    pub prompt: Prompt,
    /// Length of the answer.
    pub output_tokens: u32,
    /// Whether the answer is to come token by token.
    pub stream: bool,
    /// What is understood there.
    pub dialect: Dialect,
}

/// The path of a protocol's endpoint.
#[must_use]
pub const fn path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Chat => "/v1/chat/completions",
        Protocol::Completions | Protocol::CompletionsTokens => "/v1/completions",
        Protocol::Tgi => "/generate_stream",
        Protocol::Anthropic => "/v1/messages",
    }
}

/// The headers of a protocol, the key among them.
#[must_use]
pub fn headers(protocol: Protocol, key: Option<&ApiKey>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    match protocol {
        Protocol::Chat | Protocol::Completions | Protocol::CompletionsTokens | Protocol::Tgi => {
            headers.extend(key.map(|key| (header::AUTHORIZATION, key.bearer())));
        }
        Protocol::Anthropic => {
            headers.insert(HeaderName::from_static("anthropic-version"), ANTHROPIC_VERSION);
            headers.extend(key.map(|key| (HeaderName::from_static("x-api-key"), key.plain())));
        }
    }
    headers
}

/// The body of a request. The answer's length is forced where the protocol can do that.
#[must_use]
pub fn body(protocol: Protocol, ask: Ask<'_>) -> Value {
    let Ask { model, before, prompt, output_tokens, stream, dialect } = ask;
    let prompt = match prompt {
        Prompt::Text(text) => Value::from(worded(text, output_tokens, dialect)),
        Prompt::Tokens(ids) => Value::from(ids),
    };
    let mut body = match protocol {
        // `max_tokens` is refused by newer models, and this is understood by all.
        Protocol::Chat if dialect == Dialect::Hosted => {
            json!({"model": model, "max_completion_tokens": output_tokens})
        }
        // `min_tokens` and `ignore_eos` are each understood by some servers.
        Protocol::Chat | Protocol::Completions | Protocol::CompletionsTokens => json!({
            "model": model,
            "max_tokens": output_tokens,
            "min_tokens": output_tokens,
            "ignore_eos": true,
            "temperature": 0,
        }),
        Protocol::Tgi => json!({
            "parameters": {"max_new_tokens": output_tokens, "do_sample": false, "details": true},
        }),
        // Anthropic refuses what it does not know.
        Protocol::Anthropic => json!({"model": model, "max_tokens": output_tokens}),
    };
    match protocol {
        Protocol::Chat | Protocol::Anthropic => {
            body["messages"] = messages(before, prompt);
        }
        Protocol::Completions | Protocol::CompletionsTokens => body["prompt"] = continued(before, prompt),
        Protocol::Tgi => body["inputs"] = continued(before, prompt),
    }
    if stream && protocol != Protocol::Tgi {
        body["stream"] = json!(true);
    }
    if stream && matches!(protocol, Protocol::Chat | Protocol::Completions | Protocol::CompletionsTokens) {
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

/// A message that asks for an answer of the length, where that cannot be forced. A word is a token or more, so that the answer
/// is cut off at its length.
fn worded(mut text: String, output_tokens: u32, dialect: Dialect) -> String {
    if dialect == Dialect::Hosted {
        text.push_str(&format!(
            "\n\nWrite a story of at least {output_tokens} words in which these words occur. Write on until you have as many."
        ));
    }
    text
}

/// The messages of a conversation.
fn messages(before: &[Said], prompt: Value) -> Value {
    let message = |role: &str, content: Value| json!({"role": role, "content": content});
    let said = before.iter().flat_map(|said| {
        [message("user", said.message.as_str().into()), message("assistant", said.answer.as_str().into())]
    });
    said.chain([message("user", prompt)]).collect()
}

/// The text of a conversation: an answer follows its prompt as the server wrote it.
fn continued(before: &[Said], prompt: Value) -> Value {
    match prompt {
        Value::String(last) if !before.is_empty() => {
            let said = before.iter().flat_map(|said| [said.message.as_str(), &said.answer, " "]);
            Value::from(said.chain([last.as_str()]).collect::<String>())
        }
        single => single,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(protocol: Protocol, prompt: Prompt) -> Value {
        body(
            protocol,
            Ask { model: "m", before: &[], prompt, output_tokens: 7, stream: true, dialect: Dialect::Engine },
        )
    }

    fn text() -> Prompt {
        Prompt::Text("a b".to_owned())
    }

    #[test]
    fn bodies_ask_for_the_length_and_the_stream() {
        let chat = asked(Protocol::Chat, text());
        assert_eq!(chat["messages"][0]["content"], "a b");
        assert_eq!((&chat["max_tokens"], &chat["min_tokens"]), (&json!(7), &json!(7)));
        assert_eq!(
            (&chat["ignore_eos"], &chat["stream_options"]["include_usage"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(asked(Protocol::Completions, text())["prompt"], "a b");
        assert_eq!(asked(Protocol::CompletionsTokens, Prompt::Tokens(vec![4, 2]))["prompt"], json!([4, 2]));
        let expected = json!({"parameters": {"max_new_tokens": 7, "do_sample": false, "details": true}, "inputs": "a b"});
        assert_eq!(asked(Protocol::Tgi, text()), expected);
        let expected = json!({"model": "m", "max_tokens": 7, "messages": [{"role": "user", "content": "a b"}],
            "stream": true});
        assert_eq!(asked(Protocol::Anthropic, text()), expected);
    }

    /// Hosted services answer 400 to what they do not know.
    #[test]
    fn hosted_services_get_nothing_that_they_refuse() {
        let ask = |protocol| {
            let prompt = Prompt::Text("a b".to_owned());
            let ask = Ask {
                model: "m",
                before: &[],
                prompt,
                output_tokens: 7,
                stream: true,
                dialect: Dialect::Hosted,
            };
            body(protocol, ask)
        };
        let fields = |body: &Value| -> Vec<String> {
            let mut names: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
            names.sort_unstable();
            names
        };
        let openai = ask(Protocol::Chat);
        assert_eq!(
            fields(&openai),
            ["max_completion_tokens", "messages", "model", "stream", "stream_options"]
        );
        let text = openai["messages"][0]["content"].as_str().unwrap();
        assert!(text.starts_with("a b\n\nWrite a story of at least 7 words"), "{text}");
        assert_eq!(fields(&ask(Protocol::Anthropic)), ["max_tokens", "messages", "model", "stream"]);
    }

    #[test]
    fn what_was_said_before_is_sent_again() {
        let said =
            |message: &str, answer: &str| Said { message: message.to_owned(), answer: answer.to_owned() };
        let before = [said("a b", "c"), said("d", " e")];
        let ask = |protocol| {
            body(
                protocol,
                Ask {
                    model: "m",
                    before: &before,
                    prompt: text(),
                    output_tokens: 7,
                    stream: true,
                    dialect: Dialect::Engine,
                },
            )
        };
        for protocol in [Protocol::Chat, Protocol::Anthropic] {
            let messages = ask(protocol)["messages"].clone();
            let told: Vec<(&str, &str)> = messages
                .as_array()
                .unwrap()
                .iter()
                .map(|message| (message["role"].as_str().unwrap(), message["content"].as_str().unwrap()))
                .collect();
            assert_eq!(
                told,
                [("user", "a b"), ("assistant", "c"), ("user", "d"), ("assistant", " e"), ("user", "a b")]
            );
        }
        assert_eq!(ask(Protocol::Completions)["prompt"], "a bc d e a b");
        assert_eq!(ask(Protocol::Tgi)["inputs"], "a bc d e a b");
    }

    #[test]
    fn each_protocol_has_its_own_header_for_the_key() {
        let key = ApiKey::new("s3cret").unwrap();
        let chat = headers(Protocol::Chat, Some(&key));
        assert_eq!(chat[header::AUTHORIZATION], "Bearer s3cret");
        let anthropic = headers(Protocol::Anthropic, Some(&key));
        assert_eq!(
            (&anthropic["x-api-key"], &anthropic["anthropic-version"]),
            (&HeaderValue::from_static("s3cret"), &ANTHROPIC_VERSION)
        );
        assert!(!format!("{chat:?} {anthropic:?} {key:?}").contains("s3cret"));
        assert_eq!(headers(Protocol::Tgi, None).len(), 1);
    }
}
