//! Why a job ends before every trial has an outcome, and the exit status that tells it.

use std::error::Error;

use chrono::{DateTime, Utc};
use domain::BatchId;
use store::StoreError;

/// Why a job ended early. What was finished before is safe in every case.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A port failed.
    #[error(transparent)]
    Store(StoreError),
    /// The manifest is not one that this runner can execute.
    #[error("the manifest of batch {batch} cannot be executed: {what}; {mend}")]
    Manifest {
        /// The batch.
        batch: BatchId,
        /// What is wrong.
        what: String,
        /// What to do.
        mend: &'static str,
    },
    /// A result cannot be written down.
    #[error(
        "the {what} of {run} cannot be written ({detail}); this is a mistake in the runner, please report it"
    )]
    Unwritable {
        /// What.
        what: &'static str,
        /// Of which run.
        run: domain::RunId,
        /// Why.
        detail: String,
    },
    /// The tasks that the campaign wants done cannot be.
    #[error("{0}")]
    Harness(String),
    /// The server that somebody else runs is not there or is not the right one.
    #[error("{0}")]
    Server(String),
    /// Another runner works on the batch.
    #[error(
        "batch {batch} is being worked on by {holder} until {until} at least; run it again after that, or end that runner"
    )]
    Held {
        /// The batch.
        batch: BatchId,
        /// Who.
        holder: String,
        /// Until when its claim holds.
        until: DateTime<Utc>,
    },
    /// A later attempt took the batch over.
    #[error("attempt {attempt} of batch {batch} was replaced by a later one, so it stopped")]
    Replaced {
        /// The batch.
        batch: BatchId,
        /// Ours.
        attempt: u32,
    },
    /// We were told to stop.
    #[error("told to stop; finished trials are kept, and running the batch again goes on after them")]
    Stopped,
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced { batch, attempt } => Self::Replaced { batch, attempt },
            other => Self::Store(other),
        }
    }
}

impl JobError {
    /// The exit status, from `sysexits.h` where it has one: 69 unavailable, 74 no room to write, 75 try again, 78 not set up
    /// for it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Store(StoreError::Full { .. }) => 74,
            // A store that is away will be back, and another machine may reach it.
            Self::Store(StoreError::Unavailable { .. })
            | Self::Held { .. }
            | Self::Replaced { .. }
            | Self::Stopped => 75,
            Self::Store(_) | Self::Manifest { .. } | Self::Unwritable { .. } => 1,
            Self::Server(_) => 69,
            Self::Harness(_) => 78,
        }
    }
}

/// An error with its causes, in one line.
#[must_use]
pub fn one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    single_line(&text)
}

/// A text without line breaks.
#[must_use]
pub fn single_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
}
