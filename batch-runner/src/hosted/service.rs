//! A **service** is where a hosted model answers. Before each run it is asked a small question, whose answer tells the version
//! that answers, and how much the key may ask for.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::result::SIMULATED_OWNER;
use domain::workload::Protocol;
use domain::{Hosted, HostedEndpoint, HostedPlan, KeySource, Provenance, Provider, TokensSold};
use http::{HeaderMap, Request, StatusCode};
use measurement::answer;
use serde::Deserialize;

use super::Limits;
use crate::api_key::ApiKey;
use crate::control::{self, Answer, ControlError};
use crate::load::protocols::{self, Ask, Dialect, Prompt};
use crate::load::retry_after;
use crate::transport::{Address, AddressError};

/// Longest that the question may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Longest answer to it, in tokens: some models refuse to answer in fewer.
const ANSWER_TOKENS: u32 = 16;

/// How OpenAI names that an account has no money left. It comes as a rate limit, and no wait helps.
const NO_QUOTA: &str = "insufficient_quota";

/// A service, opened with its key.
#[derive(Debug, Clone)]
pub struct Service {
    /// The model.
    pub hosted: Hosted,
    /// Where it is.
    pub address: Address,
    /// Its key.
    pub key: ApiKey,
    /// Where that is kept.
    key_source: KeySource,
    /// The model's name there.
    pub model: String,
}

/// What a question told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What answered: the model's name with its date, and the fingerprint of its system where there is one.
    pub version: Option<String>,
    /// What the key may ask for.
    pub limits: Limits,
    /// What it cost.
    pub tokens: TokensSold,
}

/// Why the question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The URL.
    #[error("the address of {0} cannot be used")]
    Address(Hosted, #[source] AddressError),
    /// No answer.
    #[error("{url} cannot be reached: check the network, and `hosted.url` in the spec")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: ControlError,
    },
    /// The key is wrong, or may not use the model.
    #[error("{url} refuses the key in {key} (HTTP {status}): put a valid one there that may use {model}")]
    Key {
        /// The address.
        url: String,
        /// Where the key is kept.
        key: KeySource,
        /// Its answer.
        status: u16,
        /// The model.
        model: String,
    },
    /// The account has no money left.
    #[error("the account of the key in {0} has no quota left: add credit to it")]
    NoQuota(KeySource),
    /// The question itself is wrong.
    #[error("{url} refuses a question to {model} (HTTP {status}: {said}): check the model's name")]
    Question {
        /// The address.
        url: String,
        /// The model.
        model: String,
        /// Its answer.
        status: u16,
        /// In its words.
        said: String,
    },
    /// Too much was asked for, or it is overloaded.
    #[error("{url} asks to wait (HTTP {status}: {said})")]
    Busy {
        /// The address.
        url: String,
        /// Its answer.
        status: u16,
        /// In its words.
        said: String,
        /// How long, where it says so.
        wait: Option<Duration>,
    },
}

#[derive(Deserialize, Default)]
struct Body {
    model: Option<String>,
    system_fingerprint: Option<String>,
    #[serde(default)]
    usage: Usage,
    #[serde(default)]
    error: Error,
}

#[derive(Deserialize, Default)]
struct Usage {
    completion_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Error {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    owned_by: Option<String>,
}

impl Service {
    /// The service of a plan. Nothing is sent yet.
    ///
    /// # Errors
    /// When its address cannot be used.
    pub fn new(plan: &HostedPlan, key: ApiKey) -> Result<Self, ServiceError> {
        let HostedEndpoint { url, key: key_source, served_model } = &plan.endpoint;
        let address = Address::parse(url).map_err(|e| ServiceError::Address(plan.hosted.clone(), e))?;
        let model = served_model.clone().unwrap_or_else(|| plan.hosted.model.to_string());
        Ok(Self { hosted: plan.hosted.clone(), address, key, key_source: key_source.clone(), model })
    }

    /// The protocol that it speaks.
    const fn protocol(&self) -> Protocol {
        match self.hosted.provider {
            Provider::Openai => Protocol::Chat,
            Provider::Anthropic => Protocol::Anthropic,
        }
    }

    /// Under what its results are stored: whoever signs as the simulated engine yields simulated ones. A provider need not
    /// have a list of its models.
    pub async fn provenance(&self) -> Provenance {
        let mut request = Request::get("/v1/models");
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.headers());
        }
        let told = control::ask(&self.address, request, Bytes::new(), LIMIT).await;
        let models = told.and_then(Answer::success).and_then(|answer| answer.json::<Models>());
        let owners = models.map(|models| models.data).unwrap_or_default().into_iter();
        match owners.filter_map(|model| model.owned_by).any(|owner| owner == SIMULATED_OWNER) {
            true => Provenance::Simulated,
            false => Provenance::Measured,
        }
    }

    fn headers(&self) -> HeaderMap {
        protocols::headers(self.protocol(), Some(&self.key))
    }

    /// Asks the question.
    ///
    /// # Errors
    /// When it is not answered, with what to do about it.
    pub async fn ask(&self, now: DateTime<Utc>) -> Result<Told, ServiceError> {
        let protocol = self.protocol();
        let ask = Ask {
            model: &self.model,
            before: &[],
            prompt: Prompt::Text("Say yes.".to_owned()),
            output_tokens: ANSWER_TOKENS,
            stream: false,
            dialect: Dialect::Hosted,
        };
        let body = Bytes::from(protocols::body(protocol, ask).to_string());
        let asked =
            control::post(&self.address, protocols::path(protocol), self.headers(), body, LIMIT).await;
        let answer = asked.map_err(|source| ServiceError::Unreachable { url: self.address.url(), source })?;
        let told: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
        if !answer.status.is_success() {
            return Err(self.refused(&answer, &told, now));
        }
        let version = told.model.map(|model| match told.system_fingerprint {
            Some(fingerprint) => format!("{model} {fingerprint}"),
            None => model,
        });
        let tokens = TokensSold {
            input: answer::prompt_tokens(protocol, &answer.body).unwrap_or(0),
            cached_input: 0,
            output: told.usage.completion_tokens.or(told.usage.output_tokens).unwrap_or(0),
        };
        Ok(Told { version, limits: Limits::of(&answer.headers, now), tokens })
    }

    fn refused(&self, answer: &Answer, told: &Body, now: DateTime<Utc>) -> ServiceError {
        let (url, model, status) = (self.address.url(), self.model.clone(), answer.status.as_u16());
        let mut said = answer::error_message(&answer.body);
        self.key.redact(&mut said);
        match answer.status {
            // What it says of a key may hold a part of it.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ServiceError::Key { url, key: self.key_source.clone(), status, model }
            }
            _ if told.error.code.as_deref() == Some(NO_QUOTA) => {
                ServiceError::NoQuota(self.key_source.clone())
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                ServiceError::Busy { url, status, said, wait: wait(answer, now) }
            }
            _ if answer.status.is_client_error() => ServiceError::Question { url, model, status, said },
            _ => ServiceError::Busy { url, status, said, wait: wait(answer, now) },
        }
    }
}

/// How long an answer asks to be left alone: as it says, else until what it has used up is there again.
fn wait(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    let told = answer.headers.get(http::header::RETRY_AFTER);
    let told = told.and_then(|value| retry_after::read(value.as_bytes(), now));
    let used_up = || {
        let limits = Limits::of(&answer.headers, now).0.into_iter();
        limits.filter(|limit| limit.remaining == 0).map(|limit| limit.resets_in).max()
    };
    told.or_else(used_up)
}
