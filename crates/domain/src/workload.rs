//! A **workload** is the traffic a configuration is measured under: what the requests look like and how
//! they arrive.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Arrival, Rate, UseCase};

/// Requests that an engine is made ready to serve at once under an open loop, where nobody knows the number
/// before. What comes on top of them waits in the engine.
const OPEN_LOOP_SLOTS: u32 = 32;

/// How requests arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Load {
    /// A fixed number of requests in flight; each is followed at once by the next.
    ClosedLoop {
        /// Requests in flight.
        concurrency: NonZeroU32,
    },
    /// Requests come when they come, whether or not earlier ones have been answered.
    OpenLoop {
        /// Requests per second.
        rate_rps: Rate,
        /// How they follow each other.
        arrival: Arrival,
    },
}

impl std::fmt::Display for Load {
    /// `c16`, or `50/s poisson`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ClosedLoop { concurrency } => write!(f, "c{concurrency}"),
            Self::OpenLoop { rate_rps, arrival } => write!(f, "{rate_rps}/s {arrival}"),
        }
    }
}

/// Which endpoint carries the requests.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `POST /v1/chat/completions`
    #[default]
    Chat,
    /// `POST /v1/completions`
    Completions,
    /// `POST /v1/completions` with the prompt as token ids, so that the server does not tokenise. The runner needs the
    /// model's tokenizer.
    CompletionsTokens,
    /// `POST /generate_stream` of Hugging Face's Text Generation Inference.
    Tgi,
    /// `POST /v1/messages` of Anthropic.
    Anthropic,
}

/// One workload. Everything here changes what is measured and so is part of a configuration's id; how
/// long it is measured (requests, trials) is not, and is in [`crate::TrialPlan`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Tokens of a prompt, as the server counts them.
    pub input_tokens: NonZeroU32,
    /// Tokens asked for in an answer.
    pub output_tokens: NonZeroU32,
    /// How requests arrive.
    pub load: Load,
    /// Which endpoint carries them.
    #[serde(default)]
    pub protocol: Protocol,
}

impl Workload {
    /// Requests in flight in a closed loop.
    #[must_use]
    pub const fn concurrency(&self) -> Option<NonZeroU32> {
        match self.load {
            Load::ClosedLoop { concurrency } => Some(concurrency),
            Load::OpenLoop { .. } => None,
        }
    }

    /// Requests that the server must be able to serve at once.
    #[must_use]
    pub const fn slots(&self) -> u32 {
        match self.load {
            Load::ClosedLoop { concurrency } => concurrency.get(),
            Load::OpenLoop { .. } => OPEN_LOOP_SLOTS,
        }
    }

    /// Tokens that one request holds in the KV cache when it ends.
    #[must_use]
    pub const fn tokens_per_request(&self) -> u64 {
        self.input_tokens.get() as u64 + self.output_tokens.get() as u64
    }

    /// `128>64 c16`: input, output and load, for tables.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}>{} {}", self.input_tokens, self.output_tokens, self.load)
    }
}
