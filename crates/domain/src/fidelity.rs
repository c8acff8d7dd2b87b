//! **Fidelity** is how far a model still says what its unquantised version says. docs/accuracy.md has the formulas.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metrics::Interval;

/// How continuations agree with those of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Share of all tokens that come before the first that differs in their continuation, 0 to 1.
    pub until_divergence: f64,
    /// Share of all tokens that are the same at the same place.
    pub tokens: f64,
    /// Share of continuations that are the same to the last token.
    pub exact: f64,
    /// Tokens before the first that differs, in the mean.
    pub mean_tokens_until_divergence: f64,
}

/// What is lost against the reference's own second pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// Mean over prompts of how much less of the continuation comes before the first difference, as a share.
    pub agreement: f64,
    /// Its 95 % interval.
    pub agreement_ci95: Interval,
    /// Prompts whose continuation only the reference's second pass kept.
    pub kept_by_floor_only: u64,
    /// Prompts whose continuation only this model kept.
    pub kept_by_own_only: u64,
    /// How likely the former would be as many or more, were nothing lost (McNemar's exact test, one-sided).
    pub p_value: f64,
}

/// Continuations of fixed prompts, compared with those of the unquantised model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fidelity {
    /// Prompts that were continued.
    pub prompts: u32,
    /// How the continuations agree with the reference's.
    pub agreement: Agreement,
    /// How the reference's second pass does.
    pub floor: Agreement,
    /// What is lost.
    pub loss: Loss,
}
