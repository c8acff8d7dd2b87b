//! **Lengths** are numbers of tokens: a mean, and how single requests spread around it.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Lengths of normal distributions end this many standard deviations above the mean, so that a longest one can be
/// planned for.
const MOST_DEVIATIONS: u32 = 5;
/// Longest length that can be asked for, in tokens.
const MOST: u32 = 100_000_000;

/// A mean and a spread. No length is below 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lengths {
    mean: NonZeroU32,
    spread: Spread,
}

/// How lengths differ from their mean.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Not at all.
    #[default]
    None,
    /// Each from `low` to `high` is as likely.
    Uniform {
        /// The least.
        low: NonZeroU32,
        /// The most.
        high: NonZeroU32,
    },
    /// As a normal distribution of this standard deviation; what falls below 1 is 1.
    Normal {
        /// Standard deviation, in tokens.
        deviation: u32,
    },
    /// As a log-normal distribution of this standard deviation: with a long tail, as prompts of people have it.
    LogNormal {
        /// Standard deviation, in tokens.
        deviation: u32,
    },
}

/// A text that says no lengths.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no length: write 512, uniform:100-900, normal:512,128 or lognormal:512,400 (mean, deviation)"
)]
pub struct BadLengths(pub String);

impl Spread {
    /// Whether there is none.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The longest length around a mean.
    #[must_use]
    pub const fn longest(self, mean: NonZeroU32) -> NonZeroU32 {
        match self {
            Self::None => mean,
            Self::Uniform { high, .. } => high,
            Self::Normal { deviation } | Self::LogNormal { deviation } => {
                mean.saturating_add(deviation.saturating_mul(MOST_DEVIATIONS))
            }
        }
    }
}

impl Lengths {
    /// Lengths of a mean and a spread.
    #[must_use]
    pub const fn new(mean: NonZeroU32, spread: Spread) -> Self {
        Self { mean, spread }
    }

    /// The mean, before anything is clipped.
    #[must_use]
    pub const fn mean(self) -> NonZeroU32 {
        self.mean
    }

    /// The spread.
    #[must_use]
    pub const fn spread(self) -> Spread {
        self.spread
    }

    /// The longest.
    #[must_use]
    pub const fn longest(self) -> NonZeroU32 {
        self.spread.longest(self.mean)
    }
}

impl FromStr for Lengths {
    type Err = BadLengths;

    fn from_str(text: &str) -> Result<Self, BadLengths> {
        let length = |text: &str| text.trim().parse().ok().filter(|n: &NonZeroU32| n.get() <= MOST);
        let read = || {
            let Some((kind, numbers)) = text.split_once(':') else {
                return Some(Self::new(length(text)?, Spread::None));
            };
            let moments = || {
                let (mean, deviation) = numbers.split_once(',')?;
                let deviation = deviation.trim().parse().ok().filter(|n: &u32| *n <= MOST)?;
                Some((length(mean)?, deviation))
            };
            match kind.trim() {
                "uniform" => {
                    let (low, high) = numbers.split_once('-')?;
                    let (low, high) = (length(low)?, length(high)?);
                    let mean = NonZeroU32::new(low.get().midpoint(high.get()))?;
                    (low <= high).then_some(Self::new(mean, Spread::Uniform { low, high }))
                }
                "normal" => moments().map(|(mean, deviation)| Self::new(mean, Spread::Normal { deviation })),
                "lognormal" => {
                    moments().map(|(mean, deviation)| Self::new(mean, Spread::LogNormal { deviation }))
                }
                _ => None,
            }
        };
        read().ok_or_else(|| BadLengths(text.to_owned()))
    }
}

/// As it is written.
impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = self.mean;
        match self.spread {
            Spread::None => write!(f, "{mean}"),
            Spread::Uniform { low, high } => write!(f, "uniform:{low}-{high}"),
            Spread::Normal { deviation } => write!(f, "normal:{mean},{deviation}"),
            Spread::LogNormal { deviation } => write!(f, "lognormal:{mean},{deviation}"),
        }
    }
}

impl Serialize for Lengths {
    /// One length is a number.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.spread {
            Spread::None => serializer.serialize_u32(self.mean.get()),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Lengths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::number_or_text::deserialize(deserializer, "a number of tokens, or a distribution of them")
    }
}

impl JsonSchema for Lengths {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lengths".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Tokens: 512, uniform:100-900, normal:512,128 or lognormal:512,400 (mean, deviation).",
            "type": ["integer", "string"],
            "minimum": 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &str) -> Lengths {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_are_written_as_they_are_read_and_all_else_is_refused() {
        for text in ["1", "uniform:1-1", "normal:10,0", "lognormal:512,400"] {
            assert_eq!(lengths(text).to_string(), text);
            let json = serde_json::to_string(&lengths(text)).unwrap();
            assert_eq!(serde_json::from_str::<Lengths>(&json).unwrap(), lengths(text), "{json}");
        }
        assert_eq!(serde_json::to_string(&lengths("512")).unwrap(), "512");
        for bad in [
            "",
            "0",
            "-3",
            "1.5",
            "uniform:5-4",
            "uniform:0-4",
            "uniform:5",
            "normal:0,1",
            "normal:9",
            "normal:nan,1",
            "normal:9,-1",
            "lognormal:9,inf",
            "zipf:1,2",
            "4294967295",
        ] {
            assert_eq!(bad.parse::<Lengths>(), Err(BadLengths(bad.to_owned())));
        }
        let told = serde_json::from_str::<Lengths>("-5").unwrap_err().to_string();
        assert!(told.contains("`-5` is no length"), "{told}");
    }

    #[test]
    fn the_longest_is_known() {
        let longest = |text| lengths(text).longest().get();
        assert_eq!((longest("512"), longest("uniform:1-9"), longest("lognormal:500,100")), (512, 9, 1000));
        assert_eq!(lengths("uniform:100-900").mean().get(), 500);
    }
}
