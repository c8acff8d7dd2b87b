//! Why results could not be taken in.

use formats::BadFile;

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The file cannot be used; asking again does not help.
    #[error(transparent)]
    File(#[from] BadFile),
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A note cannot be written as JSON.
    #[error("the note cannot be written")]
    Json(#[from] serde_json::Error),
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "BadFile",
            Self::Store(error) => error.kind(),
            Self::Json(_) => "NotJson",
        }
    }
}
