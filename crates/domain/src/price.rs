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

/// Which price counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PriceKind {
    /// The spot market's.
    #[default]
    Spot,
    /// Without commitment.
    OnDemand,
}

impl PriceKind {
    /// The price of this kind.
    #[must_use]
    pub const fn of(self, price: HourlyPrice) -> f64 {
        match self {
            Self::Spot => price.spot,
            Self::OnDemand => price.on_demand,
        }
    }

    /// The name in queries: `on-demand`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::OnDemand => "on-demand",
        }
    }
}

impl std::fmt::Display for PriceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no kind of price.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no kind of price: choose spot or on-demand")]
pub struct UnknownPriceKind(pub String);

impl std::str::FromStr for PriceKind {
    type Err = UnknownPriceKind;
    fn from_str(text: &str) -> Result<Self, UnknownPriceKind> {
        [Self::Spot, Self::OnDemand]
            .into_iter()
            .find(|k| k.name() == text)
            .ok_or_else(|| UnknownPriceKind(text.to_owned()))
    }
}
