//! A **rate plan** says how many requests arrive per second over time: one rate, or a sequence of stages in each of
//! which the rate holds or changes evenly.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Rate;
use crate::duration::WrittenDuration;

/// Most arrivals per second that can be asked for.
const MOST_RPS: f64 = 1e6;
/// Millionths in a unit: all numbers are kept as whole ones, so that equal ones are the same.
const MILLIONTHS: f64 = 1e6;

/// Rates over time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RatePlan {
    /// One rate that never ends. Written `50`.
    Steady(Rate),
    /// Stages that follow each other. Written `10:30s,10-100:2m`.
    Staged(Stages),
}

/// At least one stage, at least one of which lets requests arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stages(Vec<Stage>);

/// A part of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stage {
    /// Arrivals per second at its start, in millionths.
    from: u64,
    /// At its end; where it differs, the rate changes evenly.
    to: u64,
    /// Its length.
    micros: u64,
}

/// A text that is no rate plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no rate: {mend}")]
pub struct BadRatePlan {
    /// The text.
    pub text: String,
    /// What to write instead.
    pub mend: &'static str,
}

impl RatePlan {
    /// The mean rate, arrivals per second. Where it holds, the rate itself.
    #[must_use]
    pub fn mean_rps(&self) -> f64 {
        match self {
            Self::Steady(rate) => rate.rps(),
            Self::Staged(stages) => {
                let (mut arrivals, mut seconds) = (0.0, 0.0);
                for stage in stages.iter() {
                    arrivals += f64::midpoint(stage.from_rps(), stage.to_rps()) * stage.seconds();
                    seconds += stage.seconds();
                }
                arrivals / seconds
            }
        }
    }

    /// Its length, s. None when it never ends.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        match self {
            Self::Steady(_) => None,
            Self::Staged(stages) => Some(stages.iter().map(Stage::seconds).sum()),
        }
    }
}

impl Stages {
    /// The stages in order.
    pub fn iter(&self) -> impl Iterator<Item = Stage> + '_ {
        self.0.iter().copied()
    }
}

impl Stage {
    /// Arrivals per second at its start.
    #[must_use]
    pub fn from_rps(self) -> f64 {
        self.from as f64 / MILLIONTHS
    }

    /// Arrivals per second at its end.
    #[must_use]
    pub fn to_rps(self) -> f64 {
        self.to as f64 / MILLIONTHS
    }

    /// Its length, s.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.micros as f64 / MILLIONTHS
    }
}

/// `50`: steady; `10:30s,50:1m`: steps; `10-100:2m`: a ramp. Steps and ramps can be mixed.
impl FromStr for RatePlan {
    type Err = BadRatePlan;

    fn from_str(text: &str) -> Result<Self, BadRatePlan> {
        let bad = |mend| BadRatePlan { text: text.to_owned(), mend };
        if !text.contains(':') {
            let mend = "write requests per second above 0 and at most a million, or stages: 10:30s,10-100:2m";
            return text.parse().map(Self::Steady).map_err(|_| bad(mend));
        }
        let rate = |rps: &str| {
            let number = rps.trim().parse().ok().filter(|r| (0.0..=MOST_RPS).contains(r));
            let number: f64 = number.ok_or_else(|| bad("write requests per second, up to a million"))?;
            Ok((number * MILLIONTHS).round() as u64)
        };
        let stage = |stage: &str| {
            let (rates, length) =
                stage.split_once(':').ok_or_else(|| bad("each stage needs its length, such as 10:30s"))?;
            let (from, to) = rates.split_once('-').unwrap_or((rates, rates));
            let length: WrittenDuration = length
                .trim()
                .parse()
                .map_err(|_| bad("write a stage's length with its unit, such as 30s or 2m"))?;
            let micros = (length.as_ms() * 1e3).round() as u64;
            if micros == 0 {
                return Err(bad("a stage takes some time"));
            }
            Ok(Stage { from: rate(from)?, to: rate(to)?, micros })
        };
        let stages: Vec<Stage> = text.split(',').map(stage).collect::<Result<_, _>>()?;
        if stages.iter().all(|s| s.from == 0 && s.to == 0) {
            return Err(bad("one stage must let requests arrive"));
        }
        Ok(Self::Staged(Stages(stages)))
    }
}

/// As it is written.
impl fmt::Display for RatePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages = match self {
            Self::Steady(rate) => return write!(f, "{rate}"),
            Self::Staged(stages) => stages,
        };
        for (n, stage) in stages.iter().enumerate() {
            if n > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}", stage.from_rps())?;
            if stage.to != stage.from {
                write!(f, "-{}", stage.to_rps())?;
            }
            write!(f, ":{}s", stage.seconds())?;
        }
        Ok(())
    }
}

impl Serialize for RatePlan {
    /// A steady rate is a number.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Steady(rate) => serializer.serialize_f64(rate.rps()),
            Self::Staged(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for RatePlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::number_or_text::deserialize(deserializer, "a number of requests per second, or stages")
    }
}

impl JsonSchema for RatePlan {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RatePlan".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Requests per second, or stages such as 10:30s,10-100:2m.",
            "type": ["number", "string"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> RatePlan {
        text.parse().unwrap()
    }

    #[test]
    fn plans_are_written_as_they_are_read() {
        for text in ["50", "0.5", "10:30s,50:60s", "0-100:2s", "10:1s,10-100:120s,0:5s"] {
            assert_eq!(plan(text).to_string(), text);
            let json = serde_json::to_string(&plan(text)).unwrap();
            assert_eq!(serde_json::from_str::<RatePlan>(&json).unwrap(), plan(text), "{json}");
        }
        assert_eq!(serde_json::to_string(&plan("50")).unwrap(), "50.0");
        assert_eq!(serde_json::from_str::<RatePlan>("50").unwrap(), plan("50"));
        assert_eq!(plan("10:1m"), plan("10:60s"));
        assert_eq!((plan("50").mean_rps(), plan("0-10:2s,20:2s").mean_rps()), (50.0, 12.5));
    }

    #[test]
    fn what_is_no_plan_says_what_to_write() {
        for (text, mend) in [
            ("", "requests per second"),
            ("0", "above 0"),
            ("-1", "above 0"),
            ("nan", "above 0"),
            ("1e9:1s", "up to a million"),
            ("10:30s,50", "its length"),
            ("10:30", "with its unit"),
            ("10:0s", "takes some time"),
            ("0:10s", "must let requests arrive"),
        ] {
            let told = text.parse::<RatePlan>().unwrap_err().to_string();
            assert!(told.contains(mend), "{text}: {told}");
        }
    }
}
