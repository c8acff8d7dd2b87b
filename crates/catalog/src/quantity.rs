//! The **quantity** of a column: in which unit its numbers are, and which of them are better.

use domain::column::TokenKind;
use domain::{Column, MetricId, PriceKind};
use ranking::Direction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a column's numbers are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The column's name in queries: `ttft_p90_ms`.
    pub column: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// Which of them are better. Absent where neither is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
}

/// Which numbers are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The smaller.
    Less,
    /// The larger.
    More,
}

impl Better {
    /// The same as a direction of a criterion.
    pub(crate) const fn direction(self) -> Direction {
        match self {
            Self::Less => Direction::Cost,
            Self::More => Direction::Benefit,
        }
    }
}

/// The unit of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Ms,
    /// Output tokens per second.
    #[serde(rename = "tokens/s")]
    TokensPerS,
    /// Requests per second.
    #[serde(rename = "requests/s")]
    RequestsPerS,
    /// A part of 1.
    #[serde(rename = "share")]
    Share,
    /// Tokens of prompts for each token of an answer.
    #[serde(rename = "tokens/token")]
    TokensPerToken,
    /// GiB.
    #[serde(rename = "GiB")]
    Gib,
    /// USD per hour.
    #[serde(rename = "USD/h")]
    UsdPerHour,
    /// USD per million tokens.
    #[serde(rename = "USD/Mtok")]
    UsdPerMtok,
}

impl Unit {
    /// As it is written in answers: `tokens/s`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ms => "ms",
            Self::TokensPerS => "tokens/s",
            Self::RequestsPerS => "requests/s",
            Self::Share => "share",
            Self::TokensPerToken => "tokens/token",
            Self::Gib => "GiB",
            Self::UsdPerHour => "USD/h",
            Self::UsdPerMtok => "USD/Mtok",
        }
    }
}

impl Quantity {
    /// That of a column.
    #[must_use]
    pub fn of(column: Column) -> Self {
        let (unit, better) = unit_and_better(column);
        Self { column: column.to_string(), unit, better }
    }
}

/// Ends of intervals, bounds, prices of another day and lengths of requests are facts and no achievements.
pub(crate) const fn unit_and_better(column: Column) -> (Unit, Option<Better>) {
    use Better::{Less, More};
    match column {
        Column::Latency(..) | Column::OfAll(..) => (Unit::Ms, Some(Less)),
        Column::P90Low(_) | Column::P90High(_) | Column::SloMax(_) => (Unit::Ms, None),
        Column::OutputTps => (Unit::TokensPerS, Some(More)),
        Column::OutputTpsLow | Column::OutputTpsHigh => (Unit::TokensPerS, None),
        Column::Rps => (Unit::RequestsPerS, Some(More)),
        Column::FailedShare => (Unit::Share, Some(Less)),
        Column::Attainment | Column::Fidelity | Column::TaskAccuracy => (Unit::Share, Some(More)),
        Column::InputPerOutput | Column::CachedInputPerOutput => (Unit::TokensPerToken, None),
        Column::StatedUsdPerHour(_) => (Unit::UsdPerHour, None),
        Column::StatedUsdPerMtok(TokenKind::Input | TokenKind::CachedInput | TokenKind::Output) => {
            (Unit::UsdPerMtok, None)
        }
        Column::GpuMemory => (Unit::Gib, Some(Less)),
        Column::ServingCost(PriceKind::Spot | PriceKind::OnDemand) => (Unit::UsdPerMtok, Some(Less)),
        Column::UsdPerHour(PriceKind::Spot | PriceKind::OnDemand) => (Unit::UsdPerHour, Some(Less)),
    }
}

/// Columns that a comparison shows, in its order, at one price.
pub(crate) fn compared_columns(price: PriceKind) -> impl Iterator<Item = Column> {
    let latencies = MetricId::ALL.into_iter().flat_map(|metric| {
        domain::Statistic::ALL.into_iter().map(move |statistic| Column::Latency(metric, statistic))
    });
    latencies.chain([
        Column::OutputTps,
        Column::Rps,
        Column::ServingCost(price),
        Column::UsdPerHour(price),
        Column::FailedShare,
        Column::TaskAccuracy,
        Column::Fidelity,
        Column::GpuMemory,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_named_as_in_json() {
        for column in Column::all() {
            let unit = unit_and_better(column).0;
            assert_eq!(serde_json::to_value(unit).unwrap(), unit.name(), "{column}");
        }
    }
}
