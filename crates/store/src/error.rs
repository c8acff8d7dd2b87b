//! What can go wrong with any port, told so that a person can mend it.

/// An error of a port. `place` is what a person would call it, such as `results in .assay/results.db`;
/// it never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is not there or does not answer.
    #[error("{place} cannot be reached ({detail}); check that it is running and that its address is right")]
    Unavailable {
        /// What.
        place: String,
        /// Why.
        detail: String,
    },
    /// No room is left.
    #[error(
        "{place} cannot be written, the disk is full ({detail}); free some space and run the same command again: what was finished is kept"
    )]
    Full {
        /// What.
        place: String,
        /// Why.
        detail: String,
    },
    /// What is stored cannot be read.
    #[error("{place} is damaged ({detail}); {mend}")]
    Damaged {
        /// What.
        place: String,
        /// Why.
        detail: String,
        /// What to do.
        mend: String,
    },
    /// The caller's claim on a batch was taken over by a later attempt; it must stop.
    #[error("attempt {attempt} of batch {batch} was replaced by a later one")]
    Fenced {
        /// The batch.
        batch: domain::BatchId,
        /// The caller's attempt.
        attempt: u32,
    },
    /// Somebody else changed it since it was read; asked again, it is read anew.
    #[error("{what} was changed by somebody else meanwhile; ask again")]
    Changed {
        /// What.
        what: String,
    },
    /// Something that should be there is not.
    #[error("{place} has no {what}")]
    Missing {
        /// Where.
        place: String,
        /// What.
        what: String,
    },
    /// It is there and will not do this for us.
    #[error("{place} refused ({detail}); {mend}")]
    Refused {
        /// What.
        place: String,
        /// Why.
        detail: String,
        /// What to do.
        mend: String,
    },
    /// Jobs may not be submitted now, and others may: nothing is wrong with these.
    #[error(
        "{place} takes no jobs ({detail}); either this month's money is spent and the budget guard denies them, or the policy of the role that submits does not allow them: `assay campaign resume` goes on when that is mended"
    )]
    Denied {
        /// What.
        place: String,
        /// Why.
        detail: String,
    },
    /// An address that names no adapter.
    #[error("`{url}` is no {port}; write {expected}")]
    BadUrl {
        /// The address without credentials.
        url: String,
        /// The port.
        port: &'static str,
        /// The forms that exist.
        expected: &'static str,
    },
    /// Anything else.
    #[error("{place} failed")]
    Other {
        /// What.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Its kind, by a name that stays: alarms may depend on it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "StoreUnavailable",
            Self::Full { .. } => "StoreFull",
            Self::Damaged { .. } => "StoreDamaged",
            Self::Fenced { .. } => "Fenced",
            Self::Changed { .. } => "Changed",
            Self::Missing { .. } => "Missing",
            Self::Refused { .. } => "StoreRefused",
            Self::Denied { .. } => "StoreDenied",
            Self::BadUrl { .. } => "BadAddress",
            Self::Other { .. } => "StoreFailed",
        }
    }
}
