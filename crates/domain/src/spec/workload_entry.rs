//! The **workload entry**: one kind of traffic at several loads.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpecError;
use crate::workload::Protocol;
use crate::{Arrival, Conversation, Lengths, Load, RatePlan, ThinkTime, UseCase, Variety, Workload};

/// Most requests in flight: a client address has no more ports to one server address.
const MAX_CONCURRENCY: u32 = 65_535;

/// One workload; every load in it (concurrency, rate, batch size) is a point of the axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkloadEntry {
    /// A name for people; not part of a configuration's id.
    pub name: String,
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Tokens of a prompt.
    pub input_tokens: Lengths,
    /// Tokens of an answer.
    pub output_tokens: Lengths,
    /// Tokens at the beginning of every prompt that are the same in all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_prefix_tokens: Option<NonZeroU32>,
    /// Turns of a conversation: each sends again what was said before, the server's answers among it, and a new
    /// message. Concurrency and rates are then of conversations. Absent: every request stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<Lengths>,
    /// Tokens of the message of every turn after the first; those of `input_tokens` unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn_input_tokens: Option<Lengths>,
    /// Time from the end of an answer until the next turn is due; none unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think_time: Option<ThinkTime>,
    /// Requests in flight, in a closed loop.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concurrency: Vec<NonZeroU32>,
    /// Requests per second, in an open loop: `50`, or stages such as `10:30s,10-100:2m`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<RatePlan>,
    /// How requests at a rate follow each other; Poisson unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
    /// Requests that are sent at once, the next when all have ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch_sizes: Vec<NonZeroU32>,
    /// Requests to measure. 662 are needed for a p99, 64 for a p90.
    #[serde(default = "default_requests")]
    pub requests: NonZeroU32,
    /// Requests before the measured ones.
    #[serde(default = "default_warm_up")]
    pub warm_up: u32,
    /// Which endpoint carries them.
    #[serde(default)]
    pub protocol: Protocol,
}

pub(super) const fn default_requests() -> NonZeroU32 {
    match NonZeroU32::new(200) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

pub(super) const fn default_warm_up() -> u32 {
    10
}

impl WorkloadEntry {
    /// The points of the axis.
    pub fn workloads(&self) -> impl Iterator<Item = Workload> + '_ {
        let arrival = self.arrival.unwrap_or_default();
        let closed = self.concurrency.iter().map(|&concurrency| Load::ClosedLoop { concurrency });
        let open = self.rates.iter().map(move |rate| Load::OpenLoop { rate_rps: rate.clone(), arrival });
        let batches = self.batch_sizes.iter().map(|&size| Load::Batches { size });
        closed.chain(open).chain(batches).map(|load| Workload {
            use_case: self.use_case,
            input_tokens: self.input_tokens.mean(),
            output_tokens: self.output_tokens.mean(),
            load,
            protocol: self.protocol,
            variety: Variety {
                input: self.input_tokens.spread(),
                output: self.output_tokens.spread(),
                shared_prefix_tokens: self.shared_prefix_tokens.map_or(0, NonZeroU32::get),
                dataset: None,
                conversation: self.conversation(),
            },
        })
    }

    fn conversation(&self) -> Option<Conversation> {
        Some(Conversation {
            turns: self.turns?,
            turn_input_tokens: self.turn_input_tokens.unwrap_or(self.input_tokens),
            think_time: self.think_time.unwrap_or_default(),
        })
    }

    /// How many points of the axis there are.
    pub(super) const fn points(&self) -> usize {
        self.concurrency.len() + self.rates.len() + self.batch_sizes.len()
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.rates.is_empty() && self.batch_sizes.is_empty() {
            super::not_empty(&format!("{field}.concurrency"), &self.concurrency)?;
        }
        if self.rates.is_empty() && self.arrival.is_some() {
            return Err(SpecError::field(
                &format!("{field}.arrival"),
                "is for `rates`; add those or remove it",
            ));
        }
        self.check_conversation(field)?;
        let input = self.input_tokens;
        if self.shared_prefix_tokens.is_some_and(|shared| shared >= input.mean()) {
            return Err(SpecError::field(
                &format!("{field}.shared_prefix_tokens"),
                format!("is no less than the prompts' {input} tokens; make it less than those"),
            ));
        }
        for (name, sizes) in [("concurrency", &self.concurrency), ("batch_sizes", &self.batch_sizes)] {
            if let Some(i) = sizes.iter().position(|c| c.get() > MAX_CONCURRENCY) {
                let most =
                    format!("is above {MAX_CONCURRENCY}, which is all that one client address can hold open");
                return Err(SpecError::field(&format!("{field}.{name}[{i}]"), most + "; lower it"));
            }
            super::unique(&format!("{field}.{name}"), sizes.iter().map(ToString::to_string))?;
        }
        super::unique(&format!("{field}.rates"), self.rates.iter().map(ToString::to_string))
    }

    fn check_conversation(&self, field: &str) -> Result<(), SpecError> {
        let Some(conversation) = self.conversation() else {
            let of_turns = [
                ("turn_input_tokens", self.turn_input_tokens.is_some()),
                ("think_time", self.think_time.is_some()),
            ];
            return match of_turns.into_iter().find(|(_, given)| *given) {
                Some((name, _)) => Err(SpecError::field(
                    &format!("{field}.{name}"),
                    "is for conversations; add `turns` or remove it",
                )),
                None => Ok(()),
            };
        };
        self.workloads()
            .try_for_each(|workload| conversation.check(&workload.load, workload.protocol))
            .map_err(|bad| SpecError::field(&format!("{field}.turns"), bad.to_string()))
    }
}
