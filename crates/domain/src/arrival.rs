//! An **arrival process** says how requests follow each other when they do not wait for answers; a **rate** is
//! how many come in a second.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Millionths in a unit: both numbers are kept as whole ones, so that equal ones are the same.
const MILLIONTHS: f64 = 1e6;

/// How requests follow each other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// Evenly.
    Constant,
    /// Independently of each other: gaps are exponential.
    #[default]
    Poisson,
    /// Gaps follow a gamma distribution of this shape, so their coefficient of variation is `1 / sqrt(shape)`:
    /// below 1 requests come in clusters, 1 is Poisson, above 1 they are more even.
    Gamma(Burstiness),
    /// This many at the same instant, at even distances.
    Bursts(NonZeroU32),
}

impl fmt::Display for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("constant"),
            Self::Poisson => f.write_str("poisson"),
            Self::Gamma(burstiness) => write!(f, "gamma:{}", burstiness.shape()),
            Self::Bursts(size) => write!(f, "bursts:{size}"),
        }
    }
}

/// A text that is no [`Arrival`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no arrival process: write constant, poisson, gamma:0.5 (burstiness) or bursts:8 (their size)"
)]
pub struct BadArrival(pub String);

impl FromStr for Arrival {
    type Err = BadArrival;

    fn from_str(text: &str) -> Result<Self, BadArrival> {
        let known = match text.trim().split_once(':') {
            None if text.trim() == "constant" => Some(Self::Constant),
            None if text.trim() == "poisson" => Some(Self::Poisson),
            Some(("gamma", burstiness)) => burstiness.parse().ok().map(Self::Gamma),
            Some(("bursts", size)) => size.trim().parse().ok().map(Self::Bursts),
            _ => None,
        };
        known.ok_or_else(|| BadArrival(text.to_owned()))
    }
}

/// Requests per second: from a millionth to a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Rate {
    millionths: u64,
}

/// A number that is no [`Rate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is above 0 and at most a million requests per second")]
pub struct BadRate;

/// The shape of a gamma distribution, as `vllm bench` calls it: from 0.01 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Burstiness {
    millionths: u64,
}

/// A number that is no [`Burstiness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("burstiness is from 0.01 (clusters) over 1 (Poisson) to 10000 (even)")]
pub struct BadBurstiness;

impl Rate {
    /// Requests per second.
    #[must_use]
    pub fn rps(self) -> f64 {
        self.millionths as f64 / MILLIONTHS
    }
}

impl Burstiness {
    /// The shape.
    #[must_use]
    pub fn shape(self) -> f64 {
        self.millionths as f64 / MILLIONTHS
    }
}

impl TryFrom<f64> for Rate {
    type Error = BadRate;

    fn try_from(rps: f64) -> Result<Self, BadRate> {
        let millionths = (rps * MILLIONTHS).round();
        if (1.0..=1e12).contains(&millionths) {
            Ok(Self { millionths: millionths as u64 })
        } else {
            Err(BadRate)
        }
    }
}

impl TryFrom<f64> for Burstiness {
    type Error = BadBurstiness;

    fn try_from(shape: f64) -> Result<Self, BadBurstiness> {
        let valid = (0.01..=10_000.0).contains(&shape);
        if valid { Ok(Self { millionths: (shape * MILLIONTHS).round() as u64 }) } else { Err(BadBurstiness) }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.rps()
    }
}

impl From<Burstiness> for f64 {
    fn from(burstiness: Burstiness) -> Self {
        burstiness.shape()
    }
}

impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        text.trim().parse().map_err(|_| BadRate).and_then(|rps: f64| Self::try_from(rps))
    }
}

impl FromStr for Burstiness {
    type Err = BadBurstiness;

    fn from_str(text: &str) -> Result<Self, BadBurstiness> {
        text.trim().parse().map_err(|_| BadBurstiness).and_then(|shape: f64| Self::try_from(shape))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rps())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        for bad in ["0", "-1", "nan", "inf", "x", "1e-9"] {
            assert_eq!(bad.parse::<Rate>(), Err(BadRate), "{bad}");
            assert_eq!(bad.parse::<Burstiness>(), Err(BadBurstiness), "{bad}");
        }
        assert_eq!("1000001".parse::<Rate>(), Err(BadRate));
        assert_eq!("10001".parse::<Burstiness>(), Err(BadBurstiness));
        assert_eq!("0.1".parse::<Rate>().unwrap().rps(), 0.1);
        assert_eq!("0.5".parse::<Burstiness>().unwrap().shape(), 0.5);
    }

    #[test]
    fn they_are_read_as_they_are_written() {
        let json = |arrival: Arrival| serde_json::to_string(&arrival).unwrap();
        assert_eq!(json(Arrival::Poisson), r#""poisson""#);
        let gamma = Arrival::Gamma(Burstiness::try_from(0.5).unwrap());
        assert_eq!((json(gamma), gamma.to_string()), (r#"{"gamma":0.5}"#.to_owned(), "gamma:0.5".to_owned()));
        assert_eq!(serde_json::from_str::<Arrival>(&json(gamma)).unwrap(), gamma);
        let bursts = Arrival::Bursts(NonZeroU32::new(8).unwrap());
        assert_eq!(json(bursts), r#"{"bursts":8}"#);
        for arrival in [Arrival::Constant, Arrival::Poisson, gamma, bursts] {
            assert_eq!(arrival.to_string().parse(), Ok(arrival));
        }
        for bad in ["", "gamma", "gamma:0", "bursts:0", "poisson:2", "zipf"] {
            assert_eq!(bad.parse::<Arrival>(), Err(BadArrival(bad.to_owned())));
        }
        assert!(serde_json::from_str::<Arrival>(r#"{"bursts":0}"#).is_err());
        assert!(serde_json::from_str::<Rate>("0").is_err());
        assert_eq!("2.50".parse::<Rate>().unwrap().to_string(), "2.5");
    }
}
