//! What survives invocations.

use std::sync::Arc;

use store::{Objects, ResultStore};

/// The ports of this function.
#[derive(Clone)]
pub struct Context {
    /// Where results go.
    pub results: Arc<dyn ResultStore>,
    /// Where files are uploaded to.
    pub objects: Arc<dyn Objects>,
}
