//! `assay status`: how far campaigns are.

use anyhow::{Result, bail};
use serde::Serialize;
use store::{BatchRecord, CampaignRecord, Checkpoint, TrialOutcome};

use super::{campaign_id, print_json, say};
use crate::arguments::Status;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::tables;

/// A campaign with everything that a person asks of it.
#[derive(Serialize)]
struct Details {
    #[serde(flatten)]
    campaign: CampaignRecord,
    stored: usize,
    batches: Vec<BatchRecord>,
    failures: Vec<Checkpoint>,
}

/// Prints how far campaigns are.
pub async fn status(data: &DataFolder, arguments: &Status) -> Result<Exit> {
    data.must_exist()?;
    let ledger = data.ledger_to_read().await?;
    let Some(id) = &arguments.campaign else {
        let campaigns = ledger.campaigns().await?;
        if arguments.json {
            print_json(&campaigns)?;
        } else {
            say(tables::campaigns(&campaigns))?;
        }
        return Ok(Exit::Done);
    };
    let id = campaign_id(id)?;
    let Some(campaign) = ledger.campaign(&id).await? else {
        bail!("there is no campaign {id}; `assay status` lists them");
    };
    let batches = ledger.batches(&id).await?;
    let mut outcomes = Vec::new();
    for batch in &batches {
        outcomes.extend(ledger.checkpoints(&batch.id).await?.into_values());
    }
    let (stored, failures): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|c| c.outcome == TrialOutcome::Stored);
    let details = Details { campaign, stored: stored.len(), batches, failures };
    if arguments.json {
        print_json(&details)?;
    } else {
        say(tables::campaigns(std::slice::from_ref(&details.campaign)))?;
        say(tables::batches(&details.batches))?;
        for failure in &details.failures {
            if let TrialOutcome::Failed { reason } = &failure.outcome {
                say(format_args!("failed: {}: {reason}", failure.run_id))?;
            }
        }
    }
    Ok(Exit::Done)
}
