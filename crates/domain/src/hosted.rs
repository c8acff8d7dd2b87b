//! A **hosted model** is served by somebody else, who sells it by the token: it has no hardware, no precision that anybody
//! told, and no engine that could be started.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ModelName;
use crate::workload::Protocol;

/// Tokens that a price is for.
const MTOK: f64 = 1e6;

/// Who serves a hosted model, which says which protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// OpenAI, and gateways that speak its protocol.
    Openai,
    /// Anthropic, and gateways that speak its protocol.
    Anthropic,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 2] = [Self::Openai, Self::Anthropic];

    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// Where it is, without `/v1`.
    #[must_use]
    pub const fn url(self) -> &'static str {
        match self {
            Self::Openai => "https://api.openai.com",
            Self::Anthropic => "https://api.anthropic.com",
        }
    }

    /// The environment variable that its own libraries read the key from.
    #[must_use]
    pub const fn key_variable(self) -> &'static str {
        match self {
            Self::Openai => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
        }
    }

    /// The protocol that carries a workload's requests to it. `chat` is the messages endpoint of whoever serves, so that
    /// the same traffic is comparable wherever it goes. None where it has no such endpoint.
    #[must_use]
    pub const fn wire_protocol(self, asked: Protocol) -> Option<Protocol> {
        match (self, asked) {
            (Self::Openai, Protocol::Chat) => Some(Protocol::Chat),
            (Self::Anthropic, Protocol::Chat | Protocol::Anthropic) => Some(Protocol::Anthropic),
            _ => None,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A model of a provider. All of it is part of a configuration's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Hosted {
    /// The model.
    pub model: ModelName,
    /// Who serves it.
    pub provider: Provider,
}

impl fmt::Display for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hosted by {}", self.model, self.provider)
    }
}

/// USD for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// Of a prompt.
    pub input: f64,
    /// Of a prompt, where a prompt cache answers them; that of other input where there is no such rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
    /// Of an answer.
    pub output: f64,
}

impl TokenPrice {
    /// All prices are finite and not below zero, and answers cost something.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let usable = |usd: f64| usd.is_finite() && usd >= 0.0;
        usable(self.input) && usable(self.cached()) && usable(self.output) && self.output > 0.0
    }

    /// Of input that a prompt cache answers.
    #[must_use]
    pub fn cached(&self) -> f64 {
        self.cached_input.unwrap_or(self.input)
    }

    /// USD of some tokens.
    #[must_use]
    pub fn usd(&self, tokens: &TokensSold) -> f64 {
        let TokensSold { input, cached_input, output } = *tokens;
        let fresh = input.saturating_sub(cached_input) as f64;
        (fresh * self.input + cached_input as f64 * self.cached() + output as f64 * self.output) / MTOK
    }
}

/// Tokens that are paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokensSold {
    /// Of prompts.
    pub input: u64,
    /// Of these, those that a prompt cache answered.
    #[serde(default)]
    pub cached_input: u64,
    /// Of answers, reasoning included.
    pub output: u64,
}

impl std::ops::AddAssign for TokensSold {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.cached_input += other.cached_input;
        self.output += other.output;
    }
}

/// What a hosted model costs, and since when that is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRate {
    /// USD for a million tokens.
    pub usd_per_mtok: TokenPrice,
    /// The day on which the provider's list was read. Absent where a spec stated the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<NaiveDate>,
}

/// Where the key of a provider is kept: `env:OPENAI_API_KEY`, or `aws-sm:NAME` for AWS Secrets Manager. It names the key
/// and never holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum KeySource {
    /// An environment variable of the runner.
    Variable(String),
    /// A secret of AWS Secrets Manager, by its name or ARN.
    Secret(String),
}

/// A text that names no place of a key. It may be the key itself, and is not repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("names no place of a key: write env:VARIABLE or aws-sm:NAME, and never the key itself")]
pub struct BadKeySource;

impl FromStr for KeySource {
    type Err = BadKeySource;

    fn from_str(text: &str) -> Result<Self, BadKeySource> {
        let (kind, name) = text.split_once(':').ok_or(BadKeySource)?;
        let usable = |more: &[char]| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || more.contains(&c))
        };
        match kind {
            "env" if usable(&[]) => Ok(Self::Variable(name.to_owned())),
            "aws-sm" if usable(&['/', '+', '=', '.', '@', '-', ':']) => Ok(Self::Secret(name.to_owned())),
            _ => Err(BadKeySource),
        }
    }
}

impl TryFrom<String> for KeySource {
    type Error = BadKeySource;
    fn try_from(text: String) -> Result<Self, BadKeySource> {
        text.parse()
    }
}

impl From<KeySource> for String {
    fn from(source: KeySource) -> Self {
        source.to_string()
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::Secret(name) => write!(f, "aws-sm:{name}"),
        }
    }
}

/// How the runner gets to a hosted model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostedEndpoint {
    /// Base URL, without `/v1`.
    pub url: String,
    /// Where its key is kept.
    pub key: KeySource,
    /// The model's name there, when it differs from ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_their_prices() {
        let price = TokenPrice { input: 2.5, cached_input: Some(1.25), output: 10.0 };
        let tokens = TokensSold { input: 1_000_000, cached_input: 400_000, output: 100_000 };
        assert!((price.usd(&tokens) - (0.6 * 2.5 + 0.4 * 1.25 + 1.0)).abs() < 1e-12);
        let uncached = TokenPrice { cached_input: None, ..price };
        assert!((uncached.usd(&tokens) - 3.5).abs() < 1e-12);
        assert!(!TokenPrice { output: 0.0, ..price }.is_valid());
        assert!(!TokenPrice { input: f64::NAN, ..price }.is_valid());
    }

    #[test]
    fn a_key_is_named_and_never_repeated() {
        for text in ["env:OPENAI_API_KEY", "aws-sm:prod/openai-key"] {
            assert_eq!(text.parse::<KeySource>().unwrap().to_string(), text);
        }
        for bad in ["", "sk-proj-s3cret", "env:", "env:A B", "env:sk-s3cret", "vault:x"] {
            let refused = bad.parse::<KeySource>().unwrap_err().to_string();
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }

    #[test]
    fn the_same_traffic_goes_to_either_provider() {
        assert_eq!(Provider::Openai.wire_protocol(Protocol::Chat), Some(Protocol::Chat));
        assert_eq!(Provider::Anthropic.wire_protocol(Protocol::Chat), Some(Protocol::Anthropic));
        assert_eq!(Provider::Openai.wire_protocol(Protocol::Anthropic), None);
        assert_eq!(Provider::Anthropic.wire_protocol(Protocol::Completions), None);
    }
}
