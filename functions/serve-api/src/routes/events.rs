//! A campaign as a **stream of events** (`text/event-stream`): its progress whenever it has changed, until it has ended.
//!
//! The id of an event is a hash of what it says, so that whoever comes again with `Last-Event-ID` is told what has changed
//! since, and nothing twice.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use domain::content_hash::hash_bytes;
use domain::{BatchId, CampaignId, CampaignSpec, Engine, RunId};
use futures::Stream;
use schemars::JsonSchema;
use serde::Serialize;
use store::campaigns::CampaignProgress;
use store::{BatchState, CampaignState, Checkpoint, ObjectKey, StoreError};
use tokio::sync::OwnedSemaphorePermit;

use super::campaigns::{campaign_id, known};
use crate::problem::Kind;
use crate::{Context, Problem};

/// How soon somebody who was cut off comes again, and where nothing is streamed how often it is asked.
const RETRY: Duration = Duration::from_secs(3);

/// What `progress` and `ended` say.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProgressEvent {
    /// The campaign.
    pub id: CampaignId,
    /// How far it is.
    pub state: CampaignState,
    /// Configurations that can run.
    pub feasible: u64,
    /// Configurations that cannot.
    pub infeasible: u64,
    /// Batches by their state.
    pub batches: BTreeMap<BatchState, usize>,
    /// Runs.
    pub trials: Trials,
    /// USD of whole machines, at the price that jobs had them for, up to the last outcome. Where `simulated`, what real
    /// machines would have cost: nobody paid it.
    pub spent_usd: f64,
    /// Seconds of machines that the batches that go on still take: a forecast.
    pub remaining_forecast_s: f64,
    /// What they cost as their machines are rented at first: a forecast. Absent where no price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_forecast_usd: Option<f64>,
    /// Every engine is the simulated one: nothing about real hardware follows. Absent where the spec was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<bool>,
    /// What a person should know, such as why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How far the runs of a campaign are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Trials {
    /// With a result.
    pub done: usize,
    /// Failed.
    pub failed: usize,
    /// In all batches.
    pub total: u32,
}

/// The stream. Where nothing can be streamed it is one event, and whoever listens asks again.
pub async fn events(
    State(context): State<Context>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = known(&context, &campaign_id(&id)?).await?.id;
    let streams = &context.settings.streams;
    let Ok(permit) = streams.places.clone().try_acquire_owned() else {
        let detail = "too many streams are open; ask for the campaign now and then, or try again later";
        return Err(Problem::new(Kind::TooManyRequests, detail.to_owned()));
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let simulated = is_simulated(&context, &id).await;
    let follower =
        Follower { told: last.to_owned(), context: context.clone(), id, simulated, ended: BTreeMap::new() };
    let stream = follower.stream(permit);
    let headers =
        [(header::CACHE_CONTROL, "no-store"), (header::HeaderName::from_static("x-accel-buffering"), "no")];
    if streams.once {
        return Ok((headers, Sse::new(stream)).into_response());
    }
    Ok((headers, Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
        .into_response())
}

/// Whether every engine of a spec is the simulated one.
async fn is_simulated(context: &Context, id: &CampaignId) -> Option<bool> {
    let spec = context.objects.get(&ObjectKey::spec(id)).await.ok()??;
    let spec: CampaignSpec = serde_json::from_slice(&spec).ok()?;
    let engines = spec.frameworks.iter().all(|entry| entry.framework().engine == Engine::Simulated);
    Some(engines && spec.models.iter().all(|model| model.hosted.is_none()))
}

/// Looks at a campaign again and again.
struct Follower {
    context: Context,
    id: CampaignId,
    simulated: Option<bool>,
    /// The id of the event that was told last.
    told: String,
    /// Outcomes of batches that have ended, which do not change any more.
    ended: BTreeMap<BatchId, BTreeMap<RunId, Checkpoint>>,
}

/// Where a stream is.
enum At {
    Going(Box<Follower>, OwnedSemaphorePermit),
    End,
}

impl Follower {
    fn stream(self, permit: OwnedSemaphorePermit) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        futures::stream::unfold(At::Going(Box::new(self), permit), |at| async move {
            let At::Going(mut follower, permit) = at else { return None };
            let (event, last) = follower.next().await?;
            let next = if last { At::End } else { At::Going(follower, permit) };
            Some((Ok(event), next))
        })
    }

    /// The next event, and whether it is the last. None when the server stops.
    async fn next(&mut self) -> Option<(Event, bool)> {
        let streams = self.context.settings.streams.clone();
        let mut first = true;
        loop {
            if !first {
                tokio::select! {
                    () = streams.closing.cancelled() => return None,
                    () = tokio::time::sleep(streams.look_every) => {}
                }
            }
            first = false;
            let progress = match self.look().await {
                Ok(progress) => progress,
                Err(error) => {
                    tracing::warn!(%error, "the ledger is away");
                    if streams.once {
                        return None;
                    }
                    continue;
                }
            };
            let ended = matches!(
                progress.state,
                CampaignState::Completed | CampaignState::Failed | CampaignState::Cancelled
            );
            let data = serde_json::to_string(&progress).ok()?;
            let hash = hash_bytes(data.as_bytes());
            let id = hash.get(..16).unwrap_or(&hash).to_owned();
            if id == self.told && !ended && !streams.once {
                continue;
            }
            self.told.clone_from(&id);
            let name = if ended { "ended" } else { "progress" };
            let event = Event::default().event(name).id(id).retry(RETRY).data(data);
            return Some((event, ended || streams.once));
        }
    }

    async fn look(&mut self) -> Result<ProgressEvent, StoreError> {
        let ledger = &self.context.ledger;
        let missing = || StoreError::Missing { place: "the ledger".to_owned(), what: self.id.to_string() };
        let campaign = ledger.campaign(&self.id).await?.ok_or_else(missing)?;
        let records = ledger.batches(&self.id).await?;
        let mut outcomes = Vec::with_capacity(records.len());
        for batch in &records {
            if let Some(known) = self.ended.get(&batch.id).filter(|_| batch.state.is_terminal()) {
                outcomes.push(known.clone());
                continue;
            }
            let now = ledger.checkpoints(&batch.id).await?;
            if batch.state.is_terminal() {
                self.ended.insert(batch.id.clone(), now.clone());
            } else {
                self.ended.remove(&batch.id);
            }
            outcomes.push(now);
        }
        let progress = CampaignProgress::of(&records, &outcomes);
        let mut batches: BTreeMap<BatchState, usize> = BTreeMap::new();
        for batch in &records {
            *batches.entry(batch.state).or_default() += 1;
        }
        Ok(ProgressEvent {
            id: campaign.id,
            state: campaign.state,
            feasible: campaign.feasible,
            infeasible: campaign.infeasible,
            batches,
            trials: Trials { done: progress.stored, failed: progress.failed, total: progress.trials },
            spent_usd: progress.spent_usd,
            remaining_forecast_s: progress.forecast_to_go_s,
            remaining_forecast_usd: progress.forecast_to_go_usd,
            simulated: self.simulated,
            message: campaign.message,
        })
    }
}
