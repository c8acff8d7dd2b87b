//! A **rate plan** is a sequence of stages, in each of which the rate of arrivals holds or changes evenly.
//!
//! It is used through its integral: `arrivals by t` as a function of `t`, and its inverse. An arrival process
//! of one arrival per unit of time, put through the inverse, follows the plan.

use std::fmt;
use std::str::FromStr;

use domain::Rate;
use domain::duration::WrittenDuration;

/// Most arrivals per second that can be asked for.
const MOST_RPS: f64 = 1e6;

/// Rates over time. At least one stage lets arrivals in.
#[derive(Debug, Clone, PartialEq)]
pub struct RatePlan {
    stages: Vec<Stage>,
}

/// A part of a plan.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stage {
    /// Arrivals per second at its start.
    from_rps: f64,
    /// At its end; where it differs, the rate changes evenly.
    to_rps: f64,
    /// Its length, s. Infinite in a steady plan, whose only stage it is.
    seconds: f64,
}

/// A text that is no rate plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no rate: {mend}")]
pub struct BadRate {
    /// The text.
    pub text: String,
    /// What to write instead.
    pub mend: &'static str,
}

impl RatePlan {
    /// One rate that never ends.
    #[must_use]
    pub fn steady(rate: Rate) -> Self {
        let rps = rate.rps();
        Self { stages: vec![Stage { from_rps: rps, to_rps: rps, seconds: f64::INFINITY }] }
    }

    /// Whether the rate never changes.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.stages.iter().all(|s| s.from_rps == self.stages[0].from_rps && s.to_rps == s.from_rps)
    }

    /// Its length, s. None when it never ends.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let seconds: f64 = self.stages.iter().map(|s| s.seconds).sum();
        seconds.is_finite().then_some(seconds)
    }

    /// The largest rate, arrivals per second.
    #[must_use]
    pub fn peak_rps(&self) -> f64 {
        self.stages.iter().map(|s| s.from_rps.max(s.to_rps)).fold(0.0, f64::max)
    }

    /// Walks along the plan.
    pub(crate) fn clock(&self) -> Clock {
        Clock { plan: self.clone(), stage: 0, before: 0.0, began_s: 0.0 }
    }
}

impl Stage {
    /// Arrivals in it.
    fn arrivals(&self) -> f64 {
        f64::midpoint(self.from_rps, self.to_rps) * self.seconds
    }

    /// Seconds until `n` of its arrivals have come: the root of `from t + (to - from) t^2 / 2 seconds = n`.
    fn seconds_until(&self, n: f64) -> f64 {
        if n <= 0.0 {
            return 0.0;
        }
        let slope = if self.seconds.is_finite() { (self.to_rps - self.from_rps) / self.seconds } else { 0.0 };
        // The form without a difference of large numbers, which also holds at slope 0. Rounding must not
        // make the root of a ramp to 0 imaginary.
        let root = (self.from_rps * self.from_rps + 2.0 * slope * n).max(0.0).sqrt();
        (2.0 * n / (self.from_rps + root)).min(self.seconds)
    }
}

/// A position in a plan, which only moves on.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    plan: RatePlan,
    /// The current stage.
    stage: usize,
    /// Arrivals before it.
    before: f64,
    /// When it began, s.
    began_s: f64,
}

impl Clock {
    /// When `n` arrivals have come, s. Asked with a growing `n`. None when the plan ends before.
    pub(crate) fn seconds_until(&mut self, n: f64) -> Option<f64> {
        loop {
            let stage = self.plan.stages.get(self.stage)?;
            let arrivals = stage.arrivals();
            if n <= self.before + arrivals {
                return Some(self.began_s + stage.seconds_until(n - self.before));
            }
            self.before += arrivals;
            self.began_s += stage.seconds;
            self.stage += 1;
        }
    }
}

/// `50`: steady; `10:30s,50:1m`: steps; `10-100:2m`: a ramp. Steps and ramps can be mixed.
impl FromStr for RatePlan {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let bad = |mend| BadRate { text: text.to_owned(), mend };
        let rate = |rps: &str| {
            let number = rps.trim().parse().ok().filter(|r| (0.0..=MOST_RPS).contains(r));
            number.ok_or_else(|| bad("write requests per second, up to a million"))
        };
        if !text.contains(':') {
            let mend = "write requests per second above 0, or stages such as 10:30s,10-100:2m";
            return text.parse().map(Self::steady).map_err(|_| bad(mend));
        }
        let stage = |stage: &str| {
            let (rates, length) =
                stage.split_once(':').ok_or_else(|| bad("each stage needs its length, such as 10:30s"))?;
            let (from, to) = rates.split_once('-').unwrap_or((rates, rates));
            let length: WrittenDuration = length
                .trim()
                .parse()
                .map_err(|_| bad("write a stage's length with its unit, such as 30s or 2m"))?;
            if length.as_ms() <= 0.0 {
                return Err(bad("a stage takes some time"));
            }
            Ok(Stage { from_rps: rate(from)?, to_rps: rate(to)?, seconds: length.as_ms() / 1e3 })
        };
        let stages: Vec<Stage> = text.split(',').map(stage).collect::<Result<_, _>>()?;
        if stages.iter().all(|s| s.arrivals() <= 0.0) {
            return Err(bad("one stage must let requests arrive"));
        }
        Ok(Self { stages })
    }
}

/// As it is written.
impl fmt::Display for RatePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, stage) in self.stages.iter().enumerate() {
            if n > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}", stage.from_rps)?;
            if stage.to_rps != stage.from_rps {
                write!(f, "-{}", stage.to_rps)?;
            }
            if stage.seconds.is_finite() {
                write!(f, ":{}s", stage.seconds)?;
            }
        }
        Ok(())
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
        }
        assert_eq!(plan("10:1m"), plan("10:60s"));
        assert!(plan("50").is_steady() && plan("5:1s,5:2s").is_steady());
        assert!(!plan("5:1s,6:2s").is_steady() && !plan("5-6:1s").is_steady());
        assert_eq!((plan("50").seconds(), plan("5:1s,6:2s").seconds()), (None, Some(3.0)));
        assert_eq!(plan("5:1s,6-8:2s").peak_rps(), 8.0);
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

    #[test]
    fn a_ramp_from_nothing_fills_with_the_square_of_time() {
        let plan = plan("0-100:10s,0:5s,10:1s");
        let mut clock = plan.clock();
        assert_eq!(clock.seconds_until(5.0), Some(1.0));
        assert_eq!(clock.seconds_until(125.0), Some(5.0));
        assert_eq!(clock.seconds_until(500.0), Some(10.0));
        // Nothing arrives in the pause.
        assert_eq!(clock.seconds_until(501.0), Some(15.1));
        assert_eq!(clock.seconds_until(510.0), Some(16.0));
        assert_eq!(clock.seconds_until(510.1), None);
    }

    #[test]
    fn a_ramp_to_nothing_ends_at_its_end() {
        let plan = plan("100-0:10s");
        assert_eq!(plan.clock().seconds_until(500.0), Some(10.0));
        assert_eq!(plan.clock().seconds_until(375.0), Some(5.0));
    }
}
