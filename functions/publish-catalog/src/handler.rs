//! The logic.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use catalog::{Recommendation, RecommendationRequest, Snapshot};
use chrono::{DateTime, Utc};
use domain::{BenchmarkResult, Provenance, UseCase};
use events::{CampaignCompleted, CatalogPublished, Event, EventBody};
use serde::{Deserialize, Serialize};
use store::{ObjectKey, StoreError};

use crate::{CampaignReport, Context, HandlerError};

/// The rankings that follow from one revision of the results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The revision.
    pub revision: u64,
    /// One for every use case, workload shape and provenance that has something to rank.
    pub rankings: Vec<Recommendation>,
}

/// Publishes what is known after a campaign.
///
/// # Errors
/// When a port fails.
pub async fn handle(
    context: &Context,
    event: &CampaignCompleted,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    // The revision is read first: a result that comes in between makes the rankings newer than it says, and
    // never older.
    let revision = context.results.revision().await?;
    let latest = context.results.latest().await?;
    let questions = questions(&latest);
    let snapshot = Snapshot::from_results(latest);
    context.objects.put(&ObjectKey::snapshot(), &snapshot.to_file()?).await?;
    let ranking = Ranking { revision, rankings: rank_everything(&snapshot, questions) };
    context.objects.put(&ObjectKey::rankings(), &serde_json::to_vec(&ranking)?).await?;

    let id = &event.campaign;
    let missing = || StoreError::Missing { place: format!("campaign {id}"), what: "record".to_owned() };
    let campaign = context.ledger.campaign(id).await?.ok_or_else(missing)?;
    let results = context.results.of_campaign(id).await?;
    let mut failures = Vec::new();
    for batch in context.ledger.batches(id).await? {
        failures.extend(context.ledger.checkpoints(&batch.id).await?.into_values());
    }
    let report = CampaignReport::new(&campaign, &results, failures, now);
    context.objects.put(&ObjectKey::report(id), &serde_json::to_vec_pretty(&report)?).await?;
    let body = CatalogPublished { revision, campaign: id.clone() };
    context.bus.publish(&Event::new(EventBody::CatalogPublished(body), now)).await?;
    Ok(())
}

/// What can be asked: one use case, one workload shape, one provenance.
type Question = (UseCase, NonZeroU32, NonZeroU32, Provenance);

fn questions(latest: &[BenchmarkResult]) -> BTreeSet<Question> {
    let question = |r: &BenchmarkResult| {
        let w = &r.configuration.workload;
        (w.use_case, w.input_tokens, w.output_tokens, r.provenance)
    };
    latest.iter().map(question).collect()
}

fn rank_everything(snapshot: &Snapshot, questions: BTreeSet<Question>) -> Vec<Recommendation> {
    questions
        .into_iter()
        .filter_map(|(use_case, input_tokens, output_tokens, provenance)| {
            let request = RecommendationRequest {
                input_tokens: Some(input_tokens),
                output_tokens: Some(output_tokens),
                provenance,
                ..RecommendationRequest::new(use_case)
            };
            // Nothing to rank, such as when every run was client-limited, is no ranking and no error.
            catalog::recommend(snapshot, &request).ok()
        })
        .collect()
}
