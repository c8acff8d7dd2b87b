//! **Measure** is the load generator as a port, so that the logic of a job is tested without one.

use std::sync::Arc;

use async_trait::async_trait;
use measurement::certificate::Ceiling;
use tokio_util::sync::CancellationToken;

use crate::load::progress::Progress;
use crate::load::{LoadError, Target, TrialMeasurement, TrialRequest, measure_watched};

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
pub struct LoadGenerator {
    /// What it can do on this host. None: it was not calibrated.
    pub ceiling: Option<Ceiling>,
}

#[async_trait]
impl Measure for LoadGenerator {
    async fn measure(
        &self,
        target: &Target,
        request: &TrialRequest,
        cancel: &CancellationToken,
    ) -> Result<TrialMeasurement, LoadError> {
        let unwatched = Arc::new(Progress::new(request.requests));
        measure_watched(target, request, self.ceiling, &unwatched, cancel).await
    }
}
