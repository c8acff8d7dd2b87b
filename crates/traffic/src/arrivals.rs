//! An **arrival process** says how requests follow each other at a given rate; a **schedule** is the instants
//! at which they are due.
//!
//! A process of one arrival per unit of time is drawn and put through the inverse of the rate plan's
//! integral, so that every process follows every plan: where the rate is doubled, gaps are half as long.

use domain::{Arrival, RatePlan};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Exp1, Gamma};

use crate::rate::Clock;

/// Nanoseconds in a second.
const NS_PER_S: f64 = 1e9;

/// The instants at which requests are due, ns since the schedule's start, in order. Endless when its rate plan
/// is.
#[derive(Debug, Clone)]
pub struct Schedule {
    gaps: Gaps,
    clock: Clock,
    /// Arrivals so far, in the process's own time.
    arrived: f64,
}

impl Schedule {
    /// The schedule of a process, a plan and a seed.
    #[must_use]
    pub fn new(arrival: Arrival, plan: &RatePlan, seed: u64) -> Self {
        Self { gaps: Gaps::new(arrival, seed), clock: Clock::new(plan), arrived: 0.0 }
    }
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.arrived += self.gaps.next();
        // Beyond u64::MAX, 584 years, the conversion saturates.
        self.clock.seconds_until(self.arrived).map(|s| (s * NS_PER_S).round() as u64)
    }
}

/// Gaps of mean 1.
#[derive(Debug, Clone)]
enum Gaps {
    Constant,
    Exponential(Box<StdRng>),
    Gamma(Box<StdRng>, Gamma<f64>),
    Bursts { size: u32, left: u32 },
}

impl Gaps {
    fn new(arrival: Arrival, seed: u64) -> Self {
        let rng = || Box::new(StdRng::seed_from_u64(seed));
        match arrival {
            Arrival::Constant => Self::Constant,
            Arrival::Poisson => Self::Exponential(rng()),
            // A burstiness is a valid shape, so that there is always a distribution.
            Arrival::Gamma(burstiness) => Gamma::new(burstiness.shape(), 1.0 / burstiness.shape())
                .map_or_else(|_| Self::Exponential(rng()), |gamma| Self::Gamma(rng(), gamma)),
            Arrival::Bursts(size) => Self::Bursts { size: size.get(), left: 0 },
        }
    }

    fn next(&mut self) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential(rng) => Exp1.sample(rng),
            Self::Gamma(rng, gamma) => gamma.sample(rng),
            Self::Bursts { left: 0, size } => {
                let size = *size;
                *self = Self::Bursts { size, left: size - 1 };
                f64::from(size)
            }
            Self::Bursts { left, .. } => {
                *left -= 1;
                0.0
            }
        }
    }
}

#[cfg(test)]
mod tests;
