//! A **rate plan** used through its integral: `arrivals by t` as a function of `t`, and its inverse. An arrival
//! process of one arrival per unit of time, put through the inverse, follows the plan.

use domain::rate_plan::RatePlan;

/// A part of a plan in which the rate holds or changes evenly.
#[derive(Debug, Clone, Copy)]
struct Stage {
    from_rps: f64,
    to_rps: f64,
    /// Infinite in a steady plan, whose only stage it is.
    seconds: f64,
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
    stages: std::vec::IntoIter<Stage>,
    /// The current stage. None at the end.
    stage: Option<Stage>,
    /// Arrivals before it.
    before: f64,
    /// When it began, s.
    began_s: f64,
}

impl Clock {
    /// At the beginning of a plan.
    pub(crate) fn new(plan: &RatePlan) -> Self {
        let stages: Vec<Stage> = match plan {
            RatePlan::Steady(rate) => {
                let rps = rate.rps();
                vec![Stage { from_rps: rps, to_rps: rps, seconds: f64::INFINITY }]
            }
            RatePlan::Staged(stages) => {
                let known = |s: domain::rate_plan::Stage| Stage {
                    from_rps: s.from_rps(),
                    to_rps: s.to_rps(),
                    seconds: s.seconds(),
                };
                stages.iter().map(known).collect()
            }
        };
        let mut stages = stages.into_iter();
        let stage = stages.next();
        Self { stages, stage, before: 0.0, began_s: 0.0 }
    }

    /// When `n` arrivals have come, s. Asked with a growing `n`. None when the plan ends before.
    pub(crate) fn seconds_until(&mut self, n: f64) -> Option<f64> {
        loop {
            let stage = self.stage?;
            let arrivals = stage.arrivals();
            if n <= self.before + arrivals {
                return Some(self.began_s + stage.seconds_until(n - self.before));
            }
            self.before += arrivals;
            self.began_s += stage.seconds;
            self.stage = self.stages.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(plan: &str) -> Clock {
        Clock::new(&plan.parse().unwrap())
    }

    #[test]
    fn a_ramp_from_nothing_fills_with_the_square_of_time() {
        let mut clock = clock("0-100:10s,0:5s,10:1s");
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
        assert_eq!(clock("100-0:10s").seconds_until(500.0), Some(10.0));
        assert_eq!(clock("100-0:10s").seconds_until(375.0), Some(5.0));
    }
}
