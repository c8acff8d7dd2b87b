//! `assay run`: a campaign from spec to ranked table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use catalog::{RecommendationRequest, Snapshot};
use chrono::Utc;
use domain::spec::FreshnessEntry;
use domain::{BenchmarkResult, CampaignId, RunId};
use store::campaigns::{CampaignProgress, outcomes};
use store::{BatchState, CampaignRecord, CampaignState, Ledger, ResultStore, TrialOutcome};
use trigger_campaign::{Repeat, Triggered};

use super::{plan, print_json, progress, say};
use crate::arguments::Run;
use crate::campaign_progress::{Answerers, progress_line};
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::host::Host;
use crate::live_line::LiveLine;
use crate::{harness, keys, spec_file, tables};

/// How often progress is looked up.
const POLL: Duration = Duration::from_millis(200);

/// Runs a campaign, or goes on with it.
pub async fn run(data: &DataFolder, arguments: &Run) -> Result<Exit> {
    let mut spec = spec_file::read(&arguments.spec, data)?;
    if arguments.due {
        spec.due = Some(FreshnessEntry {
            newer_than: arguments.newer_than,
            versions: arguments.engine_version.iter().cloned().collect(),
        });
    }
    if arguments.plan {
        return plan::plan(data, &spec, arguments.json).await;
    }
    spec.check().map_err(|e| Unusable(format!("{}: {e}", arguments.spec.display())))?;
    keys::check(&spec).await?;
    harness::check(&spec).await?;
    let host = Host::open(data).await?;
    let repeat = if arguments.again { Repeat::Again } else { Repeat::Continue };
    let mut triggered =
        trigger_campaign::handle(&host.functions.trigger(), &spec, repeat, Utc::now()).await?;
    // What was due is measured; something may be due again.
    if spec.due.is_some() && matches!(triggered, Triggered::AlreadyComplete(_)) {
        triggered =
            trigger_campaign::handle(&host.functions.trigger(), &spec, Repeat::Again, Utc::now()).await?;
    }
    let id = triggered.campaign().id.clone();
    match &triggered {
        Triggered::Started(_) => progress(format_args!("campaign {id}")),
        Triggered::Resumed(_, 0) => progress(format_args!("campaign {id} goes on where it stopped")),
        Triggered::Resumed(_, n) => {
            progress(format_args!("campaign {id} goes on; {n} failed trials are tried again"));
        }
        Triggered::AlreadyComplete(_) => {
            progress(format_args!("campaign {id} is complete; measure it again with --again"));
        }
        Triggered::Cancelled(_) => {
            progress(format_args!("campaign {id} is cancelled, which is final; begin another with --again"));
        }
    }
    if triggered.is_under_way() {
        let watch = watch(host.functions.ledger.clone(), host.functions.stores.results.clone(), id.clone());
        let ended = host
            .deliver_until(
                Some(&id),
                Box::pin(async {
                    tokio::select! {
                        ended = watch => Some(ended),
                        () = interrupted() => None,
                    }
                }),
            )
            .await;
        let Some(ended) = ended.transpose() else {
            progress("stopping; what is finished is kept");
            host.shut_down().await;
            progress(format_args!(
                "interrupted; the same command goes on: assay run {}",
                arguments.spec.display()
            ));
            return Ok(Exit::Interrupted);
        };
        let ended = match ended.and_then(|ended| ended) {
            Ok(()) => host.deliver_waiting(&id).await,
            failed => failed,
        };
        if let Err(error) = ended {
            host.shut_down().await;
            return Err(error);
        }
    }
    finish(data, &host, &id, arguments.json).await
}

/// Ctrl-C or SIGTERM.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => _ = terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// Prints what comes in until the campaign has ended and its catalogue is published.
async fn watch(ledger: Arc<dyn Ledger>, results: Arc<dyn ResultStore>, id: CampaignId) -> Result<()> {
    let mut told: BTreeSet<RunId> = results.run_ids(&id).await?;
    let mut stored = told.len();
    let mut planned = false;
    let begun = Instant::now();
    let mut live = LiveLine::new();
    let mut answerers = Answerers::default();
    loop {
        tokio::time::sleep(POLL).await;
        let Some(campaign) = ledger.campaign(&id).await? else {
            bail!("campaign {id} is gone from the ledger")
        };
        if !planned && campaign.feasible > 0 {
            planned = true;
            live.say(format_args!(
                "{} configurations can run, {} cannot",
                campaign.feasible, campaign.infeasible
            ));
        }
        let batches = ledger.batches(&id).await?;
        let outcomes = outcomes(ledger.as_ref(), &batches).await?;
        let trials: u32 = batches.iter().map(|batch| batch.trials).sum();
        for checkpoint in outcomes.iter().flat_map(BTreeMap::values) {
            if !told.insert(checkpoint.run_id.clone()) {
                continue;
            }
            match &checkpoint.outcome {
                TrialOutcome::Failed { reason } => {
                    live.say(format_args!("failed: {}: {reason}", checkpoint.run_id));
                }
                TrialOutcome::Stored => {
                    stored += 1;
                    let history = results.history(&checkpoint.config_id).await?;
                    if let Some(result) = history.iter().find(|r| r.run_id == checkpoint.run_id) {
                        live.say(format_args!("[{stored}/{trials}] {}", tables::line(result)));
                    }
                }
            }
        }
        if !batches.is_empty() {
            let elapsed_s = begun.elapsed().as_secs_f64();
            let answered_by = answerers.look(results.as_ref(), &batches, &outcomes).await?;
            let progress = CampaignProgress::of(&batches, &outcomes);
            live.show(&progress_line(&progress, answered_by, Some(elapsed_s)));
        }
        match campaign.state {
            CampaignState::Completed | CampaignState::Failed => {
                live.clear();
                return Ok(());
            }
            // Until its jobs have stopped.
            CampaignState::Paused | CampaignState::Cancelled
                if ledger.batches(&id).await?.iter().all(|b| b.state != BatchState::Submitted) =>
            {
                live.clear();
                return Ok(());
            }
            _ => {}
        }
    }
}

/// Prints the results and rankings, and tells by the exit code whether anything is missing.
async fn finish(data: &DataFolder, host: &Host, id: &CampaignId, json: bool) -> Result<Exit> {
    let results = host.functions.stores.results.of_campaign(id).await?;
    let Some(campaign) = host.functions.ledger.campaign(id).await? else {
        bail!("campaign {id} is gone from the ledger")
    };
    if json {
        print_json(&results)?;
    } else {
        print_tables(&campaign, &results)?;
    }
    if campaign.state == CampaignState::Paused {
        progress(format_args!(
            "campaign {id} is paused; the same command goes on, as does `assay campaign resume`"
        ));
        return Ok(Exit::Interrupted);
    }
    if campaign.state == CampaignState::Failed {
        bail!("{}", campaign.message.unwrap_or_else(|| format!("campaign {id} failed")));
    }
    let batches = host.functions.ledger.batches(id).await?;
    if let Some(broken) = batches.iter().find(|b| b.state == BatchState::Failed) {
        progress("what is finished is kept; the same command goes on");
        let log = data.logs().join(format!("{}.log", broken.id));
        let message = broken.message.clone().unwrap_or_else(|| format!("batch {} failed", broken.id));
        bail!("{message} (log: {})", log.display());
    }
    let CampaignProgress { trials, failed, .. } =
        CampaignProgress::of(&batches, &outcomes(host.functions.ledger.as_ref(), &batches).await?);
    let over_budget: u32 =
        batches.iter().filter(|b| b.state == BatchState::OverBudget).map(|b| b.trials).sum();
    if campaign.state == CampaignState::Cancelled {
        progress(format_args!("campaign {id} was cancelled: {} of {trials} trials measured", results.len()));
        return Ok(Exit::Incomplete);
    }
    if failed > 0 || over_budget > 0 {
        progress(format_args!(
            "{} of {trials} trials measured, {failed} failed, {over_budget} beyond budget or deadline; see `assay campaign show {id}`",
            results.len()
        ));
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Done)
}

fn print_tables(campaign: &CampaignRecord, results: &[BenchmarkResult]) -> Result<()> {
    if let Some(message) = campaign.message.as_ref().filter(|_| results.is_empty()) {
        say(message)?;
    } else if results.is_empty() {
        say("no results")?;
    }
    let snapshot = Snapshot::from_results(results.iter().cloned());
    for (use_case, shape, provenance) in snapshot.questions() {
        let request = RecommendationRequest::about(use_case, &shape, provenance);
        match catalog::recommend(&snapshot, &request) {
            Ok(answer) => say(format_args!("{}\n", tables::recommendation(&answer)))?,
            Err(none) => say(format_args!("{use_case} {shape}: {none}\n"))?,
        }
    }
    if campaign.infeasible > 0 {
        say(format_args!("{} configurations cannot run; `assay run --plan` says why", campaign.infeasible))?;
    }
    Ok(())
}
