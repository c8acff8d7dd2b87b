//! The arguments of an **open loop**: requests that come at a rate, whether or not earlier ones have ended.

use std::num::NonZeroU32;

use domain::duration::WrittenDuration;
use domain::{Arrival, Burstiness, Load, Rate};

use crate::load::{DEFAULT_MAX_IN_FLIGHT, requests_within};

/// How requests arrive at a rate.
#[derive(Debug, Clone, clap::Args)]
pub struct OpenLoopArgs {
    /// Requests per second, whether or not earlier ones have ended, instead of --concurrency
    #[arg(long, value_name = "RPS", conflicts_with = "concurrency")]
    pub rate: Option<Rate>,
    /// How they follow each other
    #[arg(long, value_enum, default_value_t = ArrivalArg::Poisson, requires = "rate")]
    pub arrival: ArrivalArg,
    /// Shape of gamma arrivals: below 1 in clusters, 1 like poisson, above 1 more even
    #[arg(long, value_name = "SHAPE", required_if_eq("arrival", "gamma"))]
    pub burstiness: Option<Burstiness>,
    /// Requests in a burst
    #[arg(long, value_name = "COUNT", required_if_eq("arrival", "bursts"))]
    pub burst_size: Option<NonZeroU32>,
    /// Measure what arrives in this time, instead of --requests
    #[arg(long, value_name = "DURATION", requires = "rate", conflicts_with = "requests")]
    pub duration: Option<WrittenDuration>,
    /// Most requests in flight. What arrives beyond is dropped and counted, and the result is marked as
    /// limited by this client
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_MAX_IN_FLIGHT, requires = "rate",
          value_parser = super::in_flight())]
    pub max_in_flight: NonZeroU32,
}

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ArrivalArg {
    /// Evenly
    Constant,
    /// Independently of each other
    Poisson,
    /// With gaps of a gamma distribution (--burstiness)
    Gamma,
    /// Several at once, at even distances (--burst-size)
    Bursts,
}

/// Arguments that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenLoopError {
    /// An argument that another process of arrivals takes.
    #[error("{argument} is for --arrival {arrival}: leave it out or add that")]
    NotForThisArrival {
        /// The argument.
        argument: &'static str,
        /// What it is for.
        arrival: &'static str,
    },
    /// Nothing would be measured.
    #[error("no request is due within --duration: measure longer or at a higher --rate")]
    TooShort,
}

impl OpenLoopArgs {
    /// The load; a closed loop unless there is a rate.
    ///
    /// # Errors
    /// When arguments do not go together.
    pub fn load(&self, concurrency: NonZeroU32) -> Result<Load, OpenLoopError> {
        let misplaced = |argument, arrival| OpenLoopError::NotForThisArrival { argument, arrival };
        let arrival = match (self.arrival, self.burstiness, self.burst_size) {
            (ArrivalArg::Gamma, Some(burstiness), None) => Arrival::Gamma(burstiness),
            (ArrivalArg::Bursts, None, Some(size)) => Arrival::Bursts(size),
            (ArrivalArg::Constant, None, None) => Arrival::Constant,
            (ArrivalArg::Poisson, None, None) => Arrival::Poisson,
            (ArrivalArg::Gamma, ..) => return Err(misplaced("--burst-size", "bursts")),
            (_, Some(_), _) => return Err(misplaced("--burstiness", "gamma")),
            (_, None, _) => return Err(misplaced("--burst-size", "bursts")),
        };
        Ok(self
            .rate
            .map_or(Load::ClosedLoop { concurrency }, |rate_rps| Load::OpenLoop { rate_rps, arrival }))
    }

    /// Requests to measure: those that are due within the duration, if there is one.
    ///
    /// # Errors
    /// When there are none.
    pub fn requests(
        &self,
        load: Load,
        otherwise: NonZeroU32,
        seed: u64,
        warm_up: u32,
    ) -> Result<NonZeroU32, OpenLoopError> {
        let (Some(duration), Load::OpenLoop { rate_rps, arrival }) = (self.duration, load) else {
            return Ok(otherwise);
        };
        let due = requests_within(rate_rps, arrival, seed, warm_up, duration.as_duration());
        NonZeroU32::new(due).ok_or(OpenLoopError::TooShort)
    }
}
