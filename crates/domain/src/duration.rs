//! **Durations** as people write them: `300ms`, `1.5s`, `2m`. A bare number is refused, since nobody can
//! tell what its unit is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration that was written as text. Zero and up, finite.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct WrittenDuration {
    ms: f64,
}

/// A text that is not a duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a duration: write a number with its unit, such as 300ms, 1.5s or 2m")]
pub struct BadDuration(pub String);

impl WrittenDuration {
    /// A duration of some milliseconds.
    #[must_use]
    pub const fn from_ms(ms: f64) -> Self {
        Self { ms }
    }

    /// In milliseconds.
    #[must_use]
    pub const fn as_ms(self) -> f64 {
        self.ms
    }

    /// As the standard library's type.
    #[must_use]
    pub fn as_duration(self) -> Duration {
        Duration::try_from_secs_f64(self.ms / 1000.0).unwrap_or(Duration::MAX)
    }
}

impl FromStr for WrittenDuration {
    type Err = BadDuration;

    fn from_str(text: &str) -> Result<Self, BadDuration> {
        let bad = || BadDuration(text.to_owned());
        let trimmed = text.trim();
        let unit_at = trimmed.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(bad)?;
        let (number, unit) = trimmed.split_at(unit_at);
        let number: f64 = number.trim().parse().map_err(|_| bad())?;
        let ms_per_unit = match unit {
            "us" => 0.001,
            "ms" => 1.0,
            "s" => 1_000.0,
            "m" | "min" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return Err(bad()),
        };
        let ms = number * ms_per_unit;
        if ms.is_finite() && ms >= 0.0 { Ok(Self { ms }) } else { Err(bad()) }
    }
}

impl TryFrom<String> for WrittenDuration {
    type Error = BadDuration;
    fn try_from(text: String) -> Result<Self, BadDuration> {
        text.parse()
    }
}

impl From<WrittenDuration> for String {
    fn from(duration: WrittenDuration) -> String {
        duration.to_string()
    }
}

impl fmt::Display for WrittenDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_and_bare_numbers_refused() {
        for (text, ms) in
            [("300ms", 300.0), ("1.5s", 1500.0), ("2m", 120_000.0), ("1h", 3.6e6), ("250us", 0.25)]
        {
            assert_eq!(text.parse::<WrittenDuration>().unwrap().as_ms(), ms, "{text}");
        }
        for bad in ["300", "", "ms", "-1s", "1 fortnight", "nans", "infs", "1e400s"] {
            assert!(bad.parse::<WrittenDuration>().is_err(), "{bad}");
        }
    }
}
