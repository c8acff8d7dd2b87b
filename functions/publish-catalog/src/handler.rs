//! The logic.

use catalog::response::RankedEntry;
use catalog::{Published, Recommendation, RecommendationRequest, Snapshot};
use chrono::{DateTime, Utc};
use domain::CampaignId;
use domain::content_hash::hash_bytes;
use events::{CampaignCompleted, CampaignFailed, CatalogPublished, Event, EventBody};
use serde::{Deserialize, Serialize};
use store::open::ResultStores;
use store::ports::rollups::{PublishedPlace, PublishedRanking};
use store::ports::telemetry::KEPT;
use store::{CampaignRecord, CampaignState, Ledger, ObjectKey, Objects, ReportForm, StoreError, campaigns};

use crate::notices::{tell_all, tell_failure};
use crate::report::Evidence;
use crate::turn::in_turn;
use crate::{CampaignReport, Context, HandlerError};

/// The rankings that follow from one revision of the results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The revision.
    pub revision: u64,
    /// One for every use case, workload shape and provenance that has something to rank.
    pub rankings: Vec<Recommendation>,
}

impl Ranking {
    /// The same for queries: places without explanations.
    fn published(&self) -> Vec<PublishedRanking> {
        let rankings = self.rankings.iter();
        rankings
            .map(|ranking| PublishedRanking {
                use_case: ranking.use_case,
                shape: ranking.shape.to_string(),
                provenance: ranking.provenance,
                entries: ranking.entries.iter().map(published_place).collect(),
            })
            .collect()
    }
}

fn published_place(entry: &RankedEntry) -> PublishedPlace {
    PublishedPlace {
        config_id: entry.config_id.clone(),
        model: entry.configuration.serving.offered(),
        run_id: entry.run_id.clone(),
        score: entry.score,
        on_pareto_front: entry.on_pareto_front,
        probability_first: entry.probability_first,
    }
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
    let revision = publish(&context.stores, context.ledger.as_ref(), context.objects.as_ref(), now).await?;
    let Context { notifiers, ledger, public_url, .. } = context;
    let id = &event.campaign;
    let missing = || StoreError::Missing { place: format!("campaign {id}"), what: "record".to_owned() };
    let campaign = ledger.campaign(id).await?.ok_or_else(missing)?;
    let report = report(context, &campaign, now).await?;
    put_report(context.objects.as_ref(), id, &report).await?;
    tell_all(notifiers, ledger.as_ref(), &report, public_url.as_deref(), now).await;
    let body = CatalogPublished { revision, campaign: id.clone() };
    context.bus.publish(&Event::new(EventBody::CatalogPublished(body), now)).await?;
    let has_ended = matches!(campaign.state, CampaignState::Completed | CampaignState::Cancelled);
    if has_ended && campaign.request == event.request {
        campaigns::note_told(ledger.as_ref(), &campaign).await?;
    }
    Ok(())
}

/// Tells people that a campaign has failed, and publishes what it measured all the same. They are told first: what made it
/// fail may keep it from being published too.
///
/// # Errors
/// When a port fails.
pub async fn handle_failure(
    context: &Context,
    event: &CampaignFailed,
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Context { notifiers, ledger, objects, stores, public_url, .. } = context;
    let id = &event.campaign;
    let campaign = ledger.campaign(id).await?;
    let is_failed = |c: &CampaignRecord| c.state == CampaignState::Failed && c.request == event.request;
    // One that was asked for again, or cancelled, since then tells how that ends.
    let Some(campaign) = campaign.filter(is_failed) else { return Ok(()) };
    tell_failure(notifiers, ledger.as_ref(), &campaign, public_url.as_deref(), now).await;
    let revision = refresh(stores, ledger.as_ref(), objects.as_ref(), now).await?;
    put_report(objects.as_ref(), id, &report(context, &campaign, now).await?).await?;
    if let Some(revision) = revision {
        let body = CatalogPublished { revision, campaign: id.clone() };
        context.bus.publish(&Event::new(EventBody::CatalogPublished(body), now)).await?;
    }
    Ok(campaigns::note_told(ledger.as_ref(), &campaign).await?)
}

/// The report of a campaign as it is.
async fn report(
    context: &Context,
    campaign: &CampaignRecord,
    now: DateTime<Utc>,
) -> Result<CampaignReport, HandlerError> {
    let id = &campaign.id;
    // Whoever reads it has been told.
    let campaign = CampaignRecord { end_is_untold: false, ..campaign.clone() };
    let plan = context.objects.get(&ObjectKey::plan(id)).await?;
    let plan = plan.and_then(|bytes| {
        // A report without what was asked for says more than none.
        let read = serde_json::from_slice(&bytes);
        read.inspect_err(|error| tracing::warn!(%error, campaign = %id, "the plan cannot be read")).ok()
    });
    let batches = context.ledger.batches(id).await?;
    let mut outcomes = Vec::new();
    for batch in &batches {
        outcomes.extend(context.ledger.checkpoints(&batch.id).await?.into_values());
    }
    let results = context.stores.results.of_campaign(id).await?;
    Ok(CampaignReport::new(Evidence { campaign, plan, batches, outcomes, results }, now))
}

/// Keeps a report in every form.
async fn put_report(
    objects: &dyn Objects,
    id: &CampaignId,
    report: &CampaignReport,
) -> Result<(), HandlerError> {
    let page = report.page();
    let no_page = |source| HandlerError::Page { campaign: id.clone(), source };
    for form in ReportForm::ALL {
        let bytes = match form {
            ReportForm::Json => serde_json::to_vec_pretty(report)?,
            ReportForm::Html => page.to_html().map_err(no_page)?.into_bytes(),
            ReportForm::Pdf => page.to_pdf().map_err(|error| no_page(error.into()))?,
        };
        objects.put(&ObjectKey::report(id, form), &bytes).await?;
    }
    Ok(())
}

/// Publishes what is known, if that is more than was published, and says which revision of the results it is. For a
/// schedule: results come without a campaign too, when they are imported.
///
/// # Errors
/// When a port fails.
pub async fn refresh(
    stores: &ResultStores,
    ledger: &dyn Ledger,
    objects: &dyn Objects,
    now: DateTime<Utc>,
) -> Result<Option<u64>, HandlerError> {
    let published = published(objects).await?;
    let (store, revision) = (stores.results.identity().await?, stores.results.revision().await?);
    let is_latest = match published {
        Some(published) => published.store == store && published.revision == revision,
        None => revision == 0,
    };
    if is_latest {
        return Ok(None);
    }
    publish(stores, ledger, objects, now).await.map(Some)
}

/// What was published last. What cannot be read is of another version, and is published anew.
async fn published(objects: &dyn Objects) -> Result<Option<Published>, HandlerError> {
    let bytes = objects.get(&ObjectKey::published()).await?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Publishes what is known when it is our turn, and says which revision of the results it is.
async fn publish(
    stores: &ResultStores,
    ledger: &dyn Ledger,
    objects: &dyn Objects,
    now: DateTime<Utc>,
) -> Result<u64, HandlerError> {
    in_turn(ledger, now, publish_in_turn(stores, objects, now)).await
}

async fn publish_in_turn(
    stores: &ResultStores,
    objects: &dyn Objects,
    now: DateTime<Utc>,
) -> Result<u64, HandlerError> {
    // The revision is read first: a result that comes in between makes the rankings newer than it says, and
    // never older.
    let ResultStores { results, rollups, telemetry } = stores;
    let revision = results.revision().await?;
    let snapshot = Snapshot::from_columns(results.latest_columns().await?);
    let file = snapshot.to_file()?;
    let store = results.identity().await?;
    let ranking = Ranking { revision, rankings: rank_everything(&snapshot) };
    objects.put(&ObjectKey::rankings(), &serde_json::to_vec(&ranking)?).await?;
    rollups.publish_rankings(revision, &ranking.published(), now).await?;
    rollups.refresh_daily_stats().await?;
    // Last: what is noted as published is not published again, so that what failed before this would never be made up for.
    objects.put(&ObjectKey::snapshot(), &file).await?;
    let published = Published { store, revision, hash: hash_bytes(&file) };
    objects.put(&ObjectKey::published(), &serde_json::to_vec(&published)?).await?;
    telemetry.forget_samples(now - KEPT).await?;
    Ok(revision)
}

fn rank_everything(snapshot: &Snapshot) -> Vec<Recommendation> {
    let questions = snapshot.questions().into_iter();
    questions
        .filter_map(|(use_case, shape, provenance)| {
            // Nothing to rank, such as when every run was client-limited, is no ranking and no error.
            catalog::recommend(snapshot, &RecommendationRequest::about(use_case, &shape, provenance)).ok()
        })
        .collect()
}
