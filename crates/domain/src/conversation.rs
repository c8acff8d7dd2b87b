//! A **conversation** is requests of one user that build on each other. Each is a **turn**: it sends again what was
//! said before, the server's own answers among it, and a new message. Between an answer and the next turn lies
//! **think time**.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::duration::WrittenDuration;
use crate::workload::Protocol;
use crate::{Lengths, Load};

/// Most turns of a conversation.
const MOST_TURNS: u32 = 1_000;
/// Microseconds in a millisecond and in a second.
const US_PER_MS: f64 = 1e3;
const US_PER_S: f64 = 1e6;
/// Longest mean that can be asked for: a day, in microseconds.
const MOST_US: f64 = 86_400.0 * US_PER_S;

/// How the requests of a conversation build on each other. The prompt of its first turn and the answers are as long as
/// the workload says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Conversation {
    /// Turns of a conversation; of one from a dataset at most so many.
    pub turns: Lengths,
    /// Tokens that each turn after the first adds to what was said before: its message, as the server counts it.
    pub turn_input_tokens: Lengths,
    /// Time from the end of an answer until the next turn is due.
    #[serde(default, skip_serializing_if = "crate::is_default")]
    pub think_time: ThinkTime,
}

/// Why there can be no conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadConversation {
    /// One, or too many.
    #[error("a conversation has 2 to {MOST_TURNS} turns: give so many, or none for single requests")]
    Turns,
    /// Not a load of conversations.
    #[error("batches and traces are single requests: leave out the turns, or give a concurrency or a rate")]
    Load,
    /// An answer's tokens are not told, so that they could not be sent again.
    #[error("answers come as text: choose another protocol than completions-tokens, or leave out the turns")]
    Tokens,
}

impl Conversation {
    /// Checks that it can be had under a load over a protocol.
    ///
    /// # Errors
    /// When it cannot, with the mend.
    pub fn check(&self, load: &Load, protocol: Protocol) -> Result<(), BadConversation> {
        if !(2..=MOST_TURNS).contains(&self.turns.longest().get()) {
            return Err(BadConversation::Turns);
        }
        match load {
            Load::ClosedLoop { .. } | Load::OpenLoop { .. } => {}
            Load::Batches { .. } | Load::Trace { .. } => return Err(BadConversation::Load),
        }
        if protocol == Protocol::CompletionsTokens { Err(BadConversation::Tokens) } else { Ok(()) }
    }
}

impl fmt::Display for Conversation {
    /// `4 turns of 64 5s apart`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} turns of {}", self.turns, self.turn_input_tokens)?;
        if self.think_time == ThinkTime::default() { Ok(()) } else { write!(f, " {} apart", self.think_time) }
    }
}

/// Time from the end of an answer until the next turn is due, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ThinkTime {
    /// Always as long.
    Fixed {
        /// The time.
        us: u64,
    },
    /// Exponential: as often short as people are quick.
    Exponential {
        /// The mean.
        mean_us: u64,
    },
    /// Log-normal: with a long tail, as people who read have it.
    LogNormal {
        /// The mean.
        mean_us: u64,
        /// The standard deviation.
        deviation_us: u64,
    },
}

impl Default for ThinkTime {
    fn default() -> Self {
        Self::Fixed { us: 0 }
    }
}

impl ThinkTime {
    /// The mean, s.
    #[must_use]
    pub fn mean_s(self) -> f64 {
        match self {
            Self::Fixed { us: mean_us } | Self::Exponential { mean_us } | Self::LogNormal { mean_us, .. } => {
                mean_us as f64 / US_PER_S
            }
        }
    }
}

/// A text that says no think time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no think time: write 5s, exponential:5s or lognormal:10s,8s (mean, deviation), a day at most"
)]
pub struct BadThinkTime(pub String);

impl FromStr for ThinkTime {
    type Err = BadThinkTime;

    fn from_str(text: &str) -> Result<Self, BadThinkTime> {
        let us = |text: &str| {
            let us = (text.parse::<WrittenDuration>().ok()?.as_ms() * US_PER_MS).round();
            (us <= MOST_US).then_some(us as u64)
        };
        // A distribution around nothing is none.
        let mean = |text: &str| us(text).filter(|us| *us > 0);
        let read = || match text.split_once(':') {
            None => Some(Self::Fixed { us: us(text)? }),
            Some(("exponential", time)) => Some(Self::Exponential { mean_us: mean(time)? }),
            Some(("lognormal", moments)) => {
                let (time, deviation) = moments.split_once(',')?;
                Some(Self::LogNormal { mean_us: mean(time)?, deviation_us: us(deviation)? })
            }
            Some(_) => None,
        };
        read().ok_or_else(|| BadThinkTime(text.to_owned()))
    }
}

/// As it is written, in seconds.
impl fmt::Display for ThinkTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = |us: &u64| *us as f64 / US_PER_S;
        match self {
            Self::Fixed { us } => write!(f, "{}s", s(us)),
            Self::Exponential { mean_us } => write!(f, "exponential:{}s", s(mean_us)),
            Self::LogNormal { mean_us, deviation_us } => {
                write!(f, "lognormal:{}s,{}s", s(mean_us), s(deviation_us))
            }
        }
    }
}

impl Serialize for ThinkTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ThinkTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ThinkTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ThinkTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A time: 5s, exponential:5s or lognormal:10s,8s (mean, deviation).",
            "type": "string"
        })
    }
}

/// Mean tokens of a prompt over the turns of a conversation of the mean length; a turn sends again all that was said.
pub(crate) fn mean_prompt_tokens(conversation: &Conversation, first: NonZeroU32, answer: NonZeroU32) -> u64 {
    let each = u64::from(conversation.turn_input_tokens.mean().get()) + u64::from(answer.get());
    u64::from(first.get()) + u64::from(conversation.turns.mean().get() - 1) * each / 2
}

/// Tokens of the longest prompt.
pub(crate) fn longest_prompt_tokens(
    conversation: &Conversation,
    first: NonZeroU32,
    answer: NonZeroU32,
) -> u64 {
    let each = u64::from(conversation.turn_input_tokens.longest().get()) + u64::from(answer.get());
    u64::from(first.get()) + u64::from(conversation.turns.longest().get() - 1) * each
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arrival;

    #[test]
    fn think_time_is_written_as_it_is_read_and_all_else_is_refused() {
        for text in ["0s", "5s", "0.25s", "exponential:5s", "lognormal:10s,8.5s"] {
            let time: ThinkTime = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            let json = serde_json::to_string(&time).unwrap();
            assert_eq!(serde_json::from_str::<ThinkTime>(&json).unwrap(), time, "{json}");
        }
        assert_eq!("1500ms".parse::<ThinkTime>().unwrap().mean_s(), 1.5);
        for bad in ["", "5", "-1s", "exponential:", "exponential:0s", "lognormal:5s", "normal:5s,1s", "25h"] {
            assert_eq!(bad.parse::<ThinkTime>(), Err(BadThinkTime(bad.to_owned())));
        }
    }

    fn conversation(turns: &str) -> Conversation {
        let turn_input_tokens = "20".parse().unwrap();
        Conversation { turns: turns.parse().unwrap(), turn_input_tokens, think_time: ThinkTime::default() }
    }

    #[test]
    fn what_is_no_conversation_is_refused() {
        let closed = Load::ClosedLoop { concurrency: NonZeroU32::MIN };
        let open = Load::OpenLoop { rate_rps: "1".parse().unwrap(), arrival: Arrival::Poisson };
        let check = |turns, load, protocol| conversation(turns).check(load, protocol);
        assert_eq!(check("uniform:1-3", &open, Protocol::Chat), Ok(()));
        for turns in ["1", "uniform:1-1", "1001", "normal:900,100"] {
            assert_eq!(check(turns, &closed, Protocol::Chat), Err(BadConversation::Turns), "{turns}");
        }
        let batches = Load::Batches { size: NonZeroU32::MIN };
        assert_eq!(check("2", &batches, Protocol::Chat), Err(BadConversation::Load));
        assert_eq!(check("2", &closed, Protocol::CompletionsTokens), Err(BadConversation::Tokens));
    }

    #[test]
    fn prompts_grow_by_what_was_said() {
        let n = |n| NonZeroU32::new(n).unwrap();
        // 100, 100 + 10 + 20 and 100 + 2 (10 + 20).
        assert_eq!(mean_prompt_tokens(&conversation("3"), n(100), n(10)), 130);
        assert_eq!(longest_prompt_tokens(&conversation("3"), n(100), n(10)), 160);
    }
}
