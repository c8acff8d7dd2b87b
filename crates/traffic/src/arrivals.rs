//! An **arrival process** says how requests follow each other at a given rate; a **schedule** is the instants
//! at which they are due.
//!
//! A process of one arrival per unit of time is drawn and put through the inverse of the rate plan's
//! integral, so that every process follows every plan: where the rate is doubled, gaps are half as long.

use std::num::NonZeroU32;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Exp1, Gamma};

use crate::rate::{Clock, RatePlan};

/// Nanoseconds in a second.
const NS_PER_S: f64 = 1e9;

/// How arrivals follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// Evenly.
    Constant,
    /// Independently of each other: gaps are exponential.
    Poisson,
    /// Gaps follow a gamma distribution of this shape, so their coefficient of variation is `1 / sqrt(shape)`:
    /// below 1 arrivals come in clusters, 1 is [`Arrival::Poisson`], above 1 they are more even.
    Gamma(Burstiness),
    /// This many at the same instant, at even distances.
    Bursts(NonZeroU32),
}

/// The shape of a gamma distribution, as `vllm bench` calls it. From 0.01 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Burstiness(f64);

/// A number that is no [`Burstiness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("burstiness is from 0.01 (clusters) over 1 (Poisson) to 10000 (even)")]
pub struct BadBurstiness;

impl Burstiness {
    /// The shape.
    #[must_use]
    pub const fn shape(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Burstiness {
    type Error = BadBurstiness;

    fn try_from(shape: f64) -> Result<Self, BadBurstiness> {
        if (0.01..=10_000.0).contains(&shape) { Ok(Self(shape)) } else { Err(BadBurstiness) }
    }
}

impl std::str::FromStr for Burstiness {
    type Err = BadBurstiness;

    fn from_str(text: &str) -> Result<Self, BadBurstiness> {
        text.trim().parse().map_err(|_| BadBurstiness).and_then(|shape: f64| Self::try_from(shape))
    }
}

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
        Self { gaps: Gaps::new(arrival, seed), clock: plan.clock(), arrived: 0.0 }
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
            Arrival::Gamma(Burstiness(shape)) => Gamma::new(shape, 1.0 / shape)
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
