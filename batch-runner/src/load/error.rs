//! Why a load could not be measured.

use std::collections::BTreeMap;
use std::fmt;

use domain::result::FailureReason;

use crate::control::ControlError;

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The caller's token was cancelled.
    #[error("the measurement was cancelled")]
    Cancelled,
    /// The address or the request cannot be right: trying again does not help.
    #[error("{what}: {mend}")]
    BadTarget {
        /// What is wrong.
        what: String,
        /// What to do about it.
        mend: String,
    },
    /// No answer before the run began.
    #[error("{url} cannot be reached: check that the server runs there")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: ControlError,
    },
    /// The server was there and is no more.
    #[error("{url} went away during the run ({failures}): see the engine's log")]
    EngineGone {
        /// The address.
        url: String,
        /// How it was noticed.
        failures: FailuresInARow,
    },
    /// Not one request succeeded.
    #[error("every request failed ({}), such as: {sample}", failures_in_words(.reasons))]
    AllFailed {
        /// How many failed, by reason.
        reasons: BTreeMap<FailureReason, u64>,
        /// One failure in the server's words.
        sample: String,
    },
    /// So many failed that the others' latencies are not those of the load asked for: more than half, or
    /// the last ones on every connection.
    #[error(
        "too many requests failed ({}), such as: {sample}: lower the load or mend the engine",
        failures_in_words(.reasons)
    )]
    TooManyFailures {
        /// How many succeeded.
        succeeded: u64,
        /// How many of those met the SLO.
        good: u64,
        /// How many failed, by reason.
        reasons: BTreeMap<FailureReason, u64>,
        /// One failure in the server's words.
        sample: String,
    },
    /// A thread of ours could not be started or ended early.
    #[error("the load generator failed: {0}")]
    Generator(String),
}

/// Failures after which a run is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailuresInARow {
    /// So many on every slot of a closed loop.
    OnEverySlot(u32),
    /// So many of an open loop: more than were in flight.
    OfAll(u32),
}

impl fmt::Display for FailuresInARow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnEverySlot(count) => {
                write!(f, "requests failed {count} times in a row on every connection")
            }
            Self::OfAll(count) => write!(f, "the last {count} requests failed"),
        }
    }
}

impl LoadError {
    /// Whether the same load may be measured when it is tried again: requests got no answer, and none was answered with an
    /// error.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::EngineGone { .. } | Self::Generator(_) => true,
            Self::AllFailed { reasons, .. } | Self::TooManyFailures { reasons, .. } => {
                use FailureReason::{Connect, Disconnected, Timeout};
                !reasons.is_empty() && reasons.keys().all(|r| matches!(r, Connect | Disconnected | Timeout))
            }
            Self::Cancelled | Self::BadTarget { .. } => false,
        }
    }

    pub(crate) fn bad_target(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::BadTarget { what: what.into(), mend: mend.into() }
    }
}

/// `3 server errors, 1 timed out`
pub(crate) fn failures_in_words(reasons: &BTreeMap<FailureReason, u64>) -> String {
    let parts: Vec<String> =
        reasons.iter().map(|(reason, count)| format!("{count} {}", reason_name(*reason))).collect();
    parts.join(", ")
}

/// A reason in words.
#[must_use]
pub(crate) const fn reason_name(reason: FailureReason) -> &'static str {
    match reason {
        FailureReason::Connect => "not connected",
        FailureReason::Disconnected => "disconnected",
        FailureReason::Server => "server errors",
        FailureReason::Overloaded => "overloaded",
        FailureReason::RateLimited => "refused by a rate limit",
        FailureReason::Declined => "declined",
        FailureReason::Empty => "empty",
        FailureReason::Untold => "untold",
        FailureReason::Malformed => "malformed",
        FailureReason::Timeout => "timed out",
    }
}
