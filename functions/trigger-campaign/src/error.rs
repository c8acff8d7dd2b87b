//! Why a campaign could not be triggered.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The spec cannot be used; asking again does not help.
    #[error(transparent)]
    Spec(#[from] domain::SpecError),
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The spec cannot be written as JSON.
    #[error("the spec cannot be kept")]
    Json(#[from] serde_json::Error),
    /// A schedule names a spec that is not there.
    #[error("a schedule asks for {key}, which is not there; upload it, or remove the schedule")]
    NoSpec {
        /// Where it should be.
        key: String,
    },
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Spec(_) => "BadSpec",
            Self::Store(error) => error.kind(),
            Self::Json(_) => "NotJson",
            Self::NoSpec { .. } => "NoSpec",
        }
    }
}
