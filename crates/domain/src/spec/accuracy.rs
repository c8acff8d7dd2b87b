//! The **accuracy entry**: what is to be found out about the quality of answers, once for each launch.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpecError;
use crate::manifest::FidelityPlan;

/// Most tokens of a continuation: far beyond where most have parted.
const MOST_TOKENS: u32 = 1_024;

/// What is to be found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyEntry {
    /// How far a model still says what its unquantised version says.
    pub fidelity: FidelityEntry,
}

/// How fidelity is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FidelityEntry {
    /// Most tokens of a continuation.
    #[serde(default = "usual_tokens")]
    pub output_tokens: NonZeroU32,
}

const fn usual_tokens() -> NonZeroU32 {
    match NonZeroU32::new(64) {
        Some(tokens) => tokens,
        None => NonZeroU32::MIN,
    }
}

impl AccuracyEntry {
    /// What the runner gets.
    #[must_use]
    pub const fn plan(&self) -> FidelityPlan {
        FidelityPlan { output_tokens: self.fidelity.output_tokens.get() }
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.fidelity.output_tokens.get() > MOST_TOKENS {
            let problem =
                format!("is above {MOST_TOKENS}, where continuations have parted long before; lower it");
            return Err(SpecError::field(&format!("{field}.fidelity.output_tokens"), problem));
        }
        Ok(())
    }
}
