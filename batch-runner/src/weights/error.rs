//! Why weights are not there, told so that a person can mend it.

use store::StoreError;

/// Why weights could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It does not answer, or breaks off: another try goes on where this one ended.
    #[error("{place} cannot be reached ({detail}); what was fetched is kept")]
    Unavailable {
        /// What.
        place: String,
        /// Why.
        detail: String,
    },
    /// It answers, and there is nothing for us.
    #[error("{place} {problem}; {mend}")]
    Refused {
        /// What.
        place: String,
        /// Why.
        problem: String,
        /// What to do.
        mend: String,
    },
    /// What arrived is not what was listed, twice.
    #[error(
        "{file} of {place} does not have the checksum that is listed, fetched twice; do not use these weights"
    )]
    Altered {
        /// Where from.
        place: String,
        /// The file.
        file: String,
    },
    /// The disk has too little room.
    #[error(
        "{folder} has room for {free_gib:.1} GiB and the weights need {needed_gib:.1} GiB more; free some, or set {variable} to a folder with more room"
    )]
    NoRoom {
        /// The cache.
        folder: String,
        /// What is free.
        free_gib: f64,
        /// What is still to be fetched, with what shall stay free.
        needed_gib: f64,
        /// The variable that moves the cache.
        variable: &'static str,
    },
    /// The cache folder.
    #[error("{path} cannot be written ({detail}); correct {variable}")]
    Cache {
        /// The file or folder.
        path: String,
        /// Why.
        detail: String,
        /// The variable that moves the cache.
        variable: &'static str,
    },
    /// There is no folder to fetch into.
    #[error("there is no folder to fetch weights into, since there is no home; set {variable} to one")]
    NoFolder {
        /// The variable that names it.
        variable: &'static str,
    },
    /// The address is none.
    #[error("{0}; correct `artifacts`")]
    Address(String),
    /// A bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// We were told to stop.
    #[error("told to stop while weights were fetched")]
    Cancelled,
}

impl FetchError {
    /// Whether it may go well when it is tried again.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Store(StoreError::Unavailable { .. }))
    }

    pub(super) fn refused(place: &str, problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Refused { place: place.to_owned(), problem: problem.into(), mend: mend.into() }
    }

    pub(super) fn unavailable(place: &str, detail: impl ToString) -> Self {
        Self::Unavailable { place: place.to_owned(), detail: detail.to_string() }
    }
}
