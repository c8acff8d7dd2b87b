//! Why progress could not be noted.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}
