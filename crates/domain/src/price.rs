//! A **price** is what an hour of a hardware config costs, on demand and on the spot market.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// USD for one hour of a whole hardware config (all of its GPUs).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HourlyPrice {
    /// USD per hour without commitment.
    pub on_demand: f64,
    /// USD per hour on the spot market.
    pub spot: f64,
}

impl HourlyPrice {
    /// Both prices are finite and above zero.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        [self.on_demand, self.spot].iter().all(|p| p.is_finite() && *p > 0.0)
    }
}
