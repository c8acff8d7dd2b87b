//! A **shortage** is a launch that ran out of memory when its engine was started. What needs as much of the same launch is
//! left out of plans for a while: the forecast of memory said that it fits, and the engine knew better.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Configuration, Engine, Launch};

/// A launch that ran out of memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shortage {
    /// What was started.
    pub launch: Launch,
    /// The longest request that it was started for, in tokens.
    pub longest_request_tokens: u64,
    /// The requests at once that it was started for.
    pub slots: u32,
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The line of the engine's log that tells it.
    pub said: String,
}

impl Shortage {
    /// How long it counts. Engines learn to live with less, so that it is tried again then.
    pub const COUNTS: TimeDelta = TimeDelta::days(30);

    /// Whether a configuration would run out of memory too: it needs the launch for requests as long, and, where the memory is
    /// shared out when the engine starts, for as many.
    #[must_use]
    pub fn rules_out(&self, configuration: &Configuration, now: DateTime<Utc>) -> bool {
        let workload = &configuration.workload;
        let shares_out = self.launch.framework.engine == Engine::LlamaCpp;
        now < self.at + Self::COUNTS
            && configuration.serving.launch() == Some(&self.launch)
            && workload.longest_request_tokens() >= self.longest_request_tokens
            && (!shares_out || workload.slots() >= self.slots)
    }
}
