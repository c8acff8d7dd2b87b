//! **Campaigns**: asked for, listed, looked at and controlled.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::CampaignId;
use schemars::JsonSchema;
use serde::Serialize;
use store::campaigns::{CampaignProgress, Control, control, progress};
use store::{BatchRecord, CampaignRecord};

use super::specs::spec_of;
use crate::answers::{Asked, Body};
use crate::parameters::Parameters;
use crate::problem::Kind;
use crate::{Context, Problem};

/// Campaigns of a page when nobody says.
pub const USUAL_PAGE: usize = 100;

/// Most campaigns of a page.
pub const MOST_CAMPAIGNS: usize = 1000;

/// A campaign that begins or goes on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Triggered {
    /// Its id.
    pub id: CampaignId,
}

/// Campaigns, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CampaignPage {
    /// Those of the page.
    pub campaigns: Vec<CampaignRecord>,
    /// `cursor` of the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<CampaignId>,
}

/// A campaign with its batches.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownCampaign {
    /// The campaign.
    #[serde(flatten)]
    pub campaign: CampaignRecord,
    /// Its batches.
    pub batches: Vec<BatchRecord>,
    /// How far it is, and what is to go by the forecast.
    pub progress: CampaignProgress,
}

/// `202`: the campaign begins or goes on. The body is a spec as YAML or JSON.
pub async fn create(State(context): State<Context>, body: Body) -> Result<Response, Problem> {
    let id = context.trigger.trigger(&spec_of(body?).await?).await?;
    let location = format!("/v1/campaigns/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(Triggered { id })).into_response())
}

/// A page of campaigns. Its cursor is the last campaign of the page before.
pub async fn list(State(context): State<Context>, asked: Asked) -> Result<Json<CampaignPage>, Problem> {
    let mut parameters = Parameters::of(&asked.uri)?;
    let limit = parameters.number("limit", 1..=MOST_CAMPAIGNS, USUAL_PAGE)?;
    let cursor: Option<CampaignId> = parameters.one("cursor")?;
    parameters.none_left("it has limit and cursor")?;
    let mut campaigns = context.ledger.campaigns().await?;
    if let Some(cursor) = cursor {
        let Some(at) = campaigns.iter().position(|campaign| campaign.id == cursor) else {
            let detail = format!("there is no campaign {cursor} any more; begin anew without `cursor`");
            return Err(Problem { field: Some("cursor".to_owned()), ..Problem::new(Kind::Gone, detail) });
        };
        campaigns.drain(..=at);
    }
    let more = campaigns.len() > limit;
    campaigns.truncate(limit);
    let next_cursor = campaigns.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(CampaignPage { campaigns, next_cursor }))
}

/// How far one is.
pub async fn campaign(
    State(context): State<Context>,
    Path(id): Path<String>,
) -> Result<Json<KnownCampaign>, Problem> {
    let campaign = known(&context, &campaign_id(&id)?).await?;
    let batches = context.ledger.batches(&campaign.id).await?;
    let progress = progress(context.ledger.as_ref(), &batches).await?;
    Ok(Json(KnownCampaign { campaign, batches, progress }))
}

/// `202`: nothing of the campaign runs until it is resumed.
pub async fn pause(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Pause).await
}

/// `202`: it goes on where it was paused.
pub async fn resume(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Resume).await
}

/// `202`: nothing more of it runs.
pub async fn cancel(context: State<Context>, id: Path<String>) -> Result<Response, Problem> {
    controlled(context, id, Control::Cancel).await
}

async fn controlled(
    State(context): State<Context>,
    Path(id): Path<String>,
    wanted: Control,
) -> Result<Response, Problem> {
    let id = campaign_id(&id)?;
    let campaign = control(context.ledger.as_ref(), context.bus.as_ref(), &id, wanted, Utc::now()).await?;
    Ok((StatusCode::ACCEPTED, Json(campaign)).into_response())
}

/// The id in a path.
pub fn campaign_id(id: &str) -> Result<CampaignId, Problem> {
    id.parse().map_err(|e| Problem::bad_field("id", e))
}

/// The campaign of an id.
pub async fn known(context: &Context, id: &CampaignId) -> Result<CampaignRecord, Problem> {
    let none = || Problem::not_found(format!("there is no campaign {id}; /v1/campaigns lists them"));
    context.ledger.campaign(id).await?.ok_or_else(none)
}
