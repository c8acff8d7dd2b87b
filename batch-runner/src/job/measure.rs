//! **Measure** is the load generator as a port, so that the logic of a job is tested without one.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::load::{self, LoadError, Target, TrialMeasurement, TrialRequest};

/// Measures a server.
#[async_trait]
pub trait Measure: Send + Sync {
    /// Applies a load and says what was seen. Ends soon after `cancel` is cancelled, or when it is dropped.
    async fn measure(
        &self,
        target: &Target,
        request: &TrialRequest,
        cancel: &CancellationToken,
    ) -> Result<TrialMeasurement, LoadError>;
}

/// The load generator of this crate.
#[derive(Debug, Clone, Copy)]
pub struct LoadGenerator;

#[async_trait]
impl Measure for LoadGenerator {
    async fn measure(
        &self,
        target: &Target,
        request: &TrialRequest,
        cancel: &CancellationToken,
    ) -> Result<TrialMeasurement, LoadError> {
        load::measure(target, request, cancel).await
    }
}
