//! A **method** orders candidates: by one score, not at all but for who is beaten in everything, or by one criterion after
//! the other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::NoRecommendation;
use crate::response::CriterionId;

/// How candidates are ordered.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// By the TOPSIS score, which weighs all criteria at once.
    #[default]
    Topsis,
    /// The Pareto front and nothing else, by score: whatever one prefers, it is on it.
    Pareto,
    /// One criterion after the other, as `order` says: what is within the tolerance of the best goes on to the next.
    Lexicographic,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Topsis, Self::Pareto, Self::Lexicographic];

    /// The name in requests: `topsis`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Topsis => "topsis",
            Self::Pareto => "pareto",
            Self::Lexicographic => "lexicographic",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no method.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no method: choose topsis, pareto or lexicographic")]
pub struct UnknownMethod(pub String);

impl std::str::FromStr for Method {
    type Err = UnknownMethod;
    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|m| m.name() == text).ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

/// A criterion in its turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The criterion. Either cost is the one that counts, which a target load decides, and `accuracy` whichever can be
    /// compared.
    pub criterion: CriterionId,
    /// How much worse than the best a candidate may be to go on: a share of the best value, 0.05 for 5 %.
    #[serde(default, skip_serializing_if = "crate::request::is_default")]
    pub tolerance: f64,
}

impl std::fmt::Display for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.criterion)?;
        if self.tolerance > 0.0 {
            write!(f, " (to within {} %)", percent(self.tolerance))?;
        }
        Ok(())
    }
}

/// A share in percent, without digits that nobody wrote.
pub(crate) fn percent(share: f64) -> f64 {
    (share * 1e4).round() / 100.0
}

/// What is no criterion in its turn.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadTurn {
    /// No criterion.
    #[error("`{0}` is no criterion: choose {known}", known = CriterionId::ALL.map(CriterionId::name).join(", "))]
    Criterion(String),
    /// No tolerance.
    #[error("`{0}` is no tolerance: write a percentage, such as 5%")]
    Tolerance(String),
}

/// `ttft_p90`, or with a tolerance `ttft_p90:5%`.
impl std::str::FromStr for Turn {
    type Err = BadTurn;
    fn from_str(text: &str) -> Result<Self, BadTurn> {
        let (name, tolerance) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let known = CriterionId::ALL.into_iter().find(|criterion| criterion.name() == name);
        let criterion = known.ok_or_else(|| BadTurn::Criterion(name.to_owned()))?;
        let share = |text: &str| {
            let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
            Some(percent / 100.0).filter(|share| share.is_finite() && *share >= 0.0)
        };
        let tolerance = match tolerance {
            None => 0.0,
            Some(text) => share(text).ok_or_else(|| BadTurn::Tolerance(text.to_owned()))?,
        };
        Ok(Self { criterion, tolerance })
    }
}

/// Checks that a method and its order belong together.
pub(crate) fn check(method: Method, order: &[Turn]) -> Result<(), NoRecommendation> {
    let bad = |field: String, mend: &str| Err(NoRecommendation::BadRequest { field, mend: mend.to_owned() });
    match (method, order) {
        (Method::Lexicographic, []) => {
            bad("order".to_owned(), "must name the criteria that decide, the most important first")
        }
        (Method::Topsis | Method::Pareto, [_, ..]) => {
            bad("order".to_owned(), "needs the method lexicographic; weights say what counts otherwise")
        }
        _ => {
            if let Some(at) =
                order.iter().position(|turn| !(turn.tolerance.is_finite() && turn.tolerance >= 0.0))
            {
                return bad(format!("order[{at}].tolerance"), "must be a share, 0 or more: 0.05 for 5 %");
            }
            let twice = (1..order.len())
                .find(|&at| order[..at].iter().any(|before| before.criterion.is_as(order[at].criterion)));
            twice.map_or(Ok(()), |at| bad(format!("order[{at}].criterion"), "is named twice"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_written_with_or_without_a_tolerance() {
        let turn = |text: &str| text.parse::<Turn>();
        assert_eq!(turn("ttft_p90"), Ok(Turn { criterion: CriterionId::TtftP90, tolerance: 0.0 }));
        let with = turn("usd_per_month:2.5%").unwrap();
        assert_eq!(
            (with.criterion, with.to_string().as_str()),
            (CriterionId::UsdPerMonth, "usd_per_month (to within 2.5 %)")
        );
        for text in ["ttft_p90:5", "ttft_p90:-5%", "ttft_p90:inf%", "ttft_p90:%"] {
            assert!(matches!(turn(text), Err(BadTurn::Tolerance(_))), "{text}");
        }
        assert!(turn("speed").unwrap_err().to_string().contains("choose ttft_p90, tpot_p90"));
    }
}
