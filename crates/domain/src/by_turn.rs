//! What the requests of conversations yielded **by turn**: a first turn is a prompt that no server has seen, a later
//! one repeats what was said before, which a prefix cache may still hold.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Summary;

/// The measured requests of conversations in the window, by turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ByTurn {
    /// Conversations that they belong to.
    pub conversations: u64,
    /// Those of them that ended before their last turn, since a request failed or its answer held no text.
    pub broken_off: u64,
    /// First turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<OfTurns>,
    /// All later turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<OfTurns>,
    /// Each turn, from 1.
    pub each: BTreeMap<u32, OfTurns>,
}

/// What some turns yielded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfTurns {
    /// Requests that succeeded.
    pub succeeded: u64,
    /// Tokens of their prompts, what was said before among them: the mean of those that the server counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<f64>,
    /// Time to first token, ms.
    pub ttft: Summary,
}
