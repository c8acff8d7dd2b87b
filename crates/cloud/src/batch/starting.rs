//! A **starting** job has its host and does not run yet: its image is fetched. On EKS a pod whose image cannot be had, or whose
//! secret is not there, stays so until somebody ends its job. AWS ends it for a volume that cannot be mounted, and for nothing
//! else; a timeout of the job counts from when it runs, and the limits of queues are for jobs that have no host. See
//! <https://docs.aws.amazon.com/batch/latest/userguide/batch-eks-job-stuck-in-starting.html>.
//!
//! AWS says when a job began to start in one place alone, the event of that change. So it is kept back for a quarter of an hour on
//! its way (infra/lib/functions.ts), and whoever then hears of it looks whether the job still starts.

use store::{StartingJob, StoreError};

use super::BatchDispatcher;
use super::report::STILL_STARTING;

impl BatchDispatcher {
    /// Ends a job that still starts, in the attempt that it was told of.
    pub(super) async fn end_what_starts(&self, told: &StartingJob, minutes: u64) -> Result<(), StoreError> {
        let reports = self.reports(std::slice::from_ref(&told.id)).await?;
        // A later attempt is told of by an event of its own.
        let Some(report) = reports.iter().find(|report| report.starting().as_ref() == Some(told)) else {
            return Ok(());
        };
        let image = report.image().map_or_else(String::new, |image| format!(" {image}"));
        let reason = format!(
            "{STILL_STARTING}{minutes} min: see why its image{image} is not fetched (kubectl describe pod), or what else its pod lacks"
        );
        self.terminate(&told.id, reason).await
    }
}
