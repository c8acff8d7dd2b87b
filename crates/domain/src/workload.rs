//! A **workload** is the traffic a configuration is measured under: what the requests look like and how
//! they arrive.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conversation::{longest_prompt_tokens, mean_prompt_tokens};
use crate::lengths::Spread;
use crate::{Arrival, Conversation, Lengths, Rate, RatePlan, UseCase};

/// Requests that an engine is made ready to serve at once under an open loop, where nobody knows the number
/// before. What comes on top of them waits in the engine.
const OPEN_LOOP_SLOTS: u32 = 32;

/// How requests arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Load {
    /// A fixed number of requests in flight; each is followed at once by the next.
    ClosedLoop {
        /// Requests in flight.
        concurrency: NonZeroU32,
    },
    /// Requests come when they come, whether or not earlier ones have been answered.
    OpenLoop {
        /// Requests per second, over time.
        rate_rps: RatePlan,
        /// How they follow each other.
        arrival: Arrival,
    },
    /// Requests come as in a trace, whether or not earlier ones have been answered.
    Trace {
        /// The trace.
        trace: DataFile,
        /// Mean requests per second at the pace at which it is replayed.
        rate_rps: Rate,
    },
    /// So many requests at once; the next ones when all of them have ended.
    Batches {
        /// Requests in a batch.
        size: NonZeroU32,
    },
}

/// A file that requests are taken from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct DataFile {
    /// Its name without folders, for people.
    pub name: String,
    /// Hash of its content ([`crate::content_hash::hash_bytes`]).
    pub hash: String,
}

impl std::fmt::Display for Load {
    /// `c16`, `50/s poisson`, `trace a.csv 3/s` or `batches of 8`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ClosedLoop { concurrency } => write!(f, "c{concurrency}"),
            Self::OpenLoop { rate_rps, arrival } => write!(f, "{rate_rps}/s {arrival}"),
            Self::Trace { trace, rate_rps } => write!(f, "trace {} {:.3}/s", trace.name, rate_rps.rps()),
            Self::Batches { size } => write!(f, "batches of {size}"),
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

impl Protocol {
    /// The name in specs and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "completions",
            Self::CompletionsTokens => "completions-tokens",
            Self::Tgi => "tgi",
            Self::Anthropic => "anthropic",
        }
    }
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// How the requests of a workload differ from each other, and what they share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Variety {
    /// How the prompts' lengths spread around their mean.
    #[serde(default, skip_serializing_if = "Spread::is_none")]
    pub input: Spread,
    /// How the answers' lengths do.
    #[serde(default, skip_serializing_if = "Spread::is_none")]
    pub output: Spread,
    /// Tokens at the beginning of every prompt that are the same in all of them; 0: none are.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub shared_prefix_tokens: u32,
    /// Where prompts come from, when they are not made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<DataFile>,
    /// How requests build on each other. None: each stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
}

/// One workload. Everything here changes what is measured and so is part of a configuration's id; how
/// long it is measured (requests, trials) is not, and is in [`crate::TrialPlan`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Tokens of a prompt, as the server counts them: their mean, where they vary.
    pub input_tokens: NonZeroU32,
    /// Tokens asked for in an answer: their mean, where they vary.
    pub output_tokens: NonZeroU32,
    /// How requests arrive.
    pub load: Load,
    /// Which endpoint carries them.
    #[serde(default)]
    pub protocol: Protocol,
    /// How requests differ.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub variety: Variety,
}

impl Workload {
    /// Requests in flight, where so many were asked for.
    #[must_use]
    pub const fn concurrency(&self) -> Option<NonZeroU32> {
        match self.load {
            Load::ClosedLoop { concurrency } => Some(concurrency),
            Load::Batches { size } => Some(size),
            Load::OpenLoop { .. } | Load::Trace { .. } => None,
        }
    }

    /// Requests that the server must be able to serve at once.
    #[must_use]
    pub fn slots(&self) -> u32 {
        self.concurrency().map_or(OPEN_LOOP_SLOTS, NonZeroU32::get)
    }

    /// The prompts' lengths.
    #[must_use]
    pub const fn input_lengths(&self) -> Lengths {
        Lengths::new(self.input_tokens, self.variety.input)
    }

    /// The answers' lengths.
    #[must_use]
    pub const fn output_lengths(&self) -> Lengths {
        Lengths::new(self.output_tokens, self.variety.output)
    }

    /// Tokens of a prompt with what was said before it: their mean over all turns, where there are conversations.
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        self.variety.conversation.map_or_else(
            || u64::from(self.input_tokens.get()),
            |conversation| mean_prompt_tokens(&conversation, self.input_tokens, self.output_tokens),
        )
    }

    /// Tokens that one request holds in the KV cache when it ends: their mean, where lengths vary.
    #[must_use]
    pub fn tokens_per_request(&self) -> u64 {
        self.prompt_tokens() + u64::from(self.output_tokens.get())
    }

    /// Tokens of the longest request.
    #[must_use]
    pub fn longest_request_tokens(&self) -> u64 {
        let (input, output) = (self.input_lengths().longest(), self.output_lengths().longest());
        let prompt = self.variety.conversation.map_or_else(
            || u64::from(input.get()),
            |conversation| longest_prompt_tokens(&conversation, input, output),
        );
        prompt + u64::from(output.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_request_is_known() {
        let lengths: Lengths = "lognormal:512,400".parse().unwrap();
        let workload = Workload {
            use_case: UseCase::Chatbot,
            input_tokens: lengths.mean(),
            output_tokens: NonZeroU32::MIN,
            load: Load::OpenLoop { rate_rps: "1-5:2m".parse().unwrap(), arrival: Arrival::Poisson },
            protocol: Protocol::Chat,
            variety: Variety { input: lengths.spread(), shared_prefix_tokens: 64, ..Variety::default() },
        };
        assert_eq!((workload.slots(), workload.longest_request_tokens()), (32, 512 + 5 * 400 + 1));
        let conversation = Conversation {
            turns: "uniform:2-4".parse().unwrap(),
            turn_input_tokens: "20".parse().unwrap(),
            think_time: "exponential:5s".parse().unwrap(),
        };
        let variety = Variety { conversation: Some(conversation), ..Variety::default() };
        let talk = Workload { variety, ..workload.clone() };
        assert_eq!((talk.prompt_tokens(), talk.longest_request_tokens()), (512 + 21, 512 + 3 * 21 + 1));
        let json = serde_json::to_string(&workload).unwrap();
        assert_eq!(serde_json::from_str::<Workload>(&json).unwrap(), workload);
    }
}
