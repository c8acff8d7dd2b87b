//! A **workload** is the traffic a configuration is measured under: what the requests look like and how
//! they arrive.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::UseCase;

/// How requests arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Load {
    /// A fixed number of requests in flight; each is followed at once by the next.
    ClosedLoop {
        /// Requests in flight.
        concurrency: NonZeroU32,
    },
}

/// Which endpoint of the OpenAI protocol carries the requests.
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
    /// Requests in flight at most.
    #[must_use]
    pub const fn concurrency(&self) -> u32 {
        match self.load {
            Load::ClosedLoop { concurrency } => concurrency.get(),
        }
    }

    /// Tokens that one request holds in the KV cache when it ends.
    #[must_use]
    pub const fn tokens_per_request(&self) -> u64 {
        self.input_tokens.get() as u64 + self.output_tokens.get() as u64
    }

    /// `128>64 c16`: input, output and concurrency, for tables.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}>{} c{}", self.input_tokens, self.output_tokens, self.concurrency())
    }
}
