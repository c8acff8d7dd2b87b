//! Why the catalogue could not be published.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A report cannot be written as JSON.
    #[error("the rankings or the report cannot be written")]
    Json(#[from] serde_json::Error),
    /// The catalogue cannot be written as a file.
    #[error("the catalogue cannot be written as a file")]
    Snapshot(#[from] catalog::FileError),
}
