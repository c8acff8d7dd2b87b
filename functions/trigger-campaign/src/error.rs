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
}
