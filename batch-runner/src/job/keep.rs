//! To **keep** a result is to store its raw records and then the result itself: a result is never without its evidence.

use domain::BenchmarkResult;
use store::ObjectKey;

use super::JobError;
use super::claimed::Job;
use super::outcome::raw_records;
use super::patience::patiently;
use crate::load::records::Records;

/// Keeps a result with its records.
///
/// # Errors
/// When they cannot be written, or a store fails.
pub(super) async fn keep(job: &Job<'_>, result: &BenchmarkResult, records: Records) -> Result<(), JobError> {
    let Job { context, manifest, cancel, .. } = *job;
    let run = &result.run_id;
    let unwritable = |detail: String| JobError::Unwritable { what: "raw records", run: run.clone(), detail };
    let raw = tokio::task::spawn_blocking(move || {
        raw_records(&records).and_then(|raw| records.check().map(|()| raw))
    })
    .await
    .map_err(|e| unwritable(e.to_string()))?
    .map_err(|e| unwritable(e.to_string()))?;
    context.objects.put(&ObjectKey::raw_records(&manifest.campaign, run), &raw).await?;
    let stored =
        patiently("a result", cancel, async || context.results.insert(std::slice::from_ref(result)).await);
    stored.await.map(drop)
}
