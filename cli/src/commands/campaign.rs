//! `assay campaign`: how far campaigns are, and what is wanted of them.
//!
//! Whoever hosts the data folder acts on what is wanted: it is told by the bus in the ledger's file. Where nobody does,
//! this command hosts the folder for a moment.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use cloud::open::open_bus;
use serde::Serialize;
use store::campaigns::{CampaignProgress, Control, control, outcomes, try_again};
use store::{BatchRecord, Bus, CampaignRecord, CampaignState, Checkpoint, TrialOutcome};

use super::{campaign_id, print_json, progress, say, schedule};
use crate::arguments::{Campaign, Controlled, Show};
use crate::campaign_progress::{AnsweredBy, Answerers, progress_line};
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::host::Host;
use crate::live_line::LiveLine;
use crate::tables;

/// How often a campaign that is followed is looked at.
const FOLLOWED_EVERY: Duration = Duration::from_secs(1);

/// A campaign with everything that a person asks of it.
#[derive(Serialize)]
struct Details {
    #[serde(flatten)]
    campaign: CampaignRecord,
    #[serde(flatten)]
    progress: CampaignProgress,
    answered_by: AnsweredBy,
    batches: Vec<BatchRecord>,
    failures: Vec<Checkpoint>,
}

/// What a person wants of a campaign.
#[derive(Clone, Copy)]
enum Wanted {
    Control(Control),
    /// What failed is tried again.
    Retry,
}

/// Runs the command.
pub async fn campaign(data: &DataFolder, command: &Campaign) -> Result<Exit> {
    if let Campaign::Schedule(command) = command {
        return schedule::schedule(data, command);
    }
    // Where the ledger is elsewhere nothing needs to be here.
    if data.ledger.is_none() {
        data.must_exist()?;
    }
    match command {
        Campaign::Schedule(_) => Ok(Exit::Done),
        Campaign::List { json } => list(data, *json).await,
        Campaign::Show(arguments) => show(data, arguments).await,
        Campaign::Pause(arguments) => wanted(data, arguments, Wanted::Control(Control::Pause)).await,
        Campaign::Resume(arguments) => wanted(data, arguments, Wanted::Control(Control::Resume)).await,
        Campaign::Cancel(arguments) => wanted(data, arguments, Wanted::Control(Control::Cancel)).await,
        Campaign::Retry(arguments) => wanted(data, arguments, Wanted::Retry).await,
    }
}

async fn list(data: &DataFolder, json: bool) -> Result<Exit> {
    let campaigns = data.ledger_to_read().await?.campaigns().await?;
    if json {
        print_json(&campaigns)?;
    } else {
        say(tables::campaigns(&campaigns))?;
    }
    Ok(Exit::Done)
}

async fn show(data: &DataFolder, arguments: &Show) -> Result<Exit> {
    let id = campaign_id(&arguments.campaign)?;
    let ledger = data.ledger_to_read().await?;
    // A campaign without results may have no results store yet.
    let results = if data.must_exist().is_ok() { Some(data.results_to_read().await?) } else { None };
    let mut answerers = Answerers::default();
    let mut live = LiveLine::new();
    let (campaign, batches, outcomes, answered_by) = loop {
        let Some(campaign) = ledger.campaign(&id).await? else {
            bail!("there is no campaign {id}; `assay campaign list` lists them");
        };
        let batches = ledger.batches(&id).await?;
        let outcomes = outcomes(ledger.as_ref(), &batches).await?;
        let answered_by = match &results {
            Some(results) => answerers.look(results.as_ref(), &batches, &outcomes).await?,
            None => AnsweredBy::Unknown,
        };
        use CampaignState::{Planned, Requested, Running};
        if !arguments.follow || !matches!(campaign.state, Requested | Planned | Running) {
            break (campaign, batches, outcomes, answered_by);
        }
        live.show(&progress_line(&CampaignProgress::of(&batches, &outcomes), answered_by, None));
        tokio::time::sleep(FOLLOWED_EVERY).await;
    };
    live.clear();
    let progress = CampaignProgress::of(&batches, &outcomes);
    let is_failure = |c: &Checkpoint| c.outcome != TrialOutcome::Stored;
    let failures = outcomes.into_iter().flat_map(|o| o.into_values()).filter(is_failure).collect();
    let details = Details { campaign, progress, answered_by, batches, failures };
    if arguments.json {
        print_json(&details)?;
        return Ok(Exit::Done);
    }
    say(tables::campaigns(std::slice::from_ref(&details.campaign)))?;
    say(format_args!("\n{}", progress_line(&details.progress, details.answered_by, None)))?;
    if let Some(note) = details.answered_by.note() {
        say(note)?;
    }
    say("")?;
    say(tables::batches(&details.batches))?;
    for failure in &details.failures {
        if let TrialOutcome::Failed { reason } = &failure.outcome {
            say(format_args!("failed: {}: {reason}", failure.run_id))?;
        }
    }
    Ok(Exit::Done)
}

async fn wanted(data: &DataFolder, arguments: &Controlled, wanted: Wanted) -> Result<Exit> {
    let id = campaign_id(&arguments.campaign)?;
    let (ledger, bus): (_, Arc<dyn Bus>) = match (&arguments.bus, &data.ledger) {
        (Some(url), _) => (data.ledger().await?, Arc::new(open_bus(url).await?)),
        // This machine knows nothing of the jobs of such a ledger's campaigns, so that it must not be their host for a moment.
        (None, Some(elsewhere)) if !data.is_hosted()? => bail!(
            "nobody runs campaigns of {elsewhere} in {} now, and whoever does is to be told: give the bus of its functions with \
             --bus eventbridge://BUS",
            data.root.display()
        ),
        (None, _) => {
            let (ledger, own) = data.ledger_and_bus().await?;
            (ledger, Arc::new(own))
        }
    };
    let changed = match wanted {
        Wanted::Control(wanted) => control(ledger.as_ref(), bus.as_ref(), &id, wanted, Utc::now()).await,
        Wanted::Retry => try_again(ledger.as_ref(), bus.as_ref(), &id, Utc::now()).await,
    };
    let campaign = changed.context("see `assay campaign list`")?;
    say(format_args!("campaign {id} is {}", tables::stored_name(campaign.state)))?;
    if arguments.bus.is_some() || data.is_hosted()? {
        return Ok(Exit::Done);
    }
    match wanted {
        Wanted::Control(Control::Pause | Control::Cancel) => {
            let host = Host::open(data).await?;
            host.functions.settle_held().await?;
            host.deliver_waiting(&id).await?;
        }
        Wanted::Control(Control::Resume) | Wanted::Retry => {
            progress(
                "nobody runs campaigns in this folder now; `assay up`, or `assay run` with its spec, does",
            );
        }
    }
    Ok(Exit::Done)
}
