//! A **job** executes one batch: it claims the batch in the ledger, starts or attaches to the server of each
//! launch, measures the trials that have no outcome yet, and checkpoints each.
//!
//! A job may end at any instant, by a signal, by a spot interruption or by a crash. The next attempt goes on at
//! the first trial without an outcome ([`remaining`]). The [`lease`] keeps two attempts from working at once.
//!
//! - [`batch`]: the whole of it. [`mod@remaining`]: what is left to do.
//! - `launch_session`: the trials of one launch, and what follows when something fails.
//! - [`last_words`]: what a runner left that was killed.
//! - `hosted_session`: the same of a hosted model, within the limits of its key.
//! - `fidelity`: what a launch keeps of what the unquantised model says.
//! - `tasks`: how well it does tasks.
//! - [`spot_notice`]: EC2 takes the machine back.
//! - [`meter`] and [`metrics_page`]: what the runner does, for whoever watches it.
//! - [`outcome`]: results and raw records. `patience`: with a results store that is away. [`measure`]: the
//!   load generator as a port.

pub mod batch;
mod claimed;
pub mod context;
pub mod error;
mod fidelity;
mod hosted_session;
mod keep;
pub mod last_words;
mod launch_session;
pub mod lease;
pub mod measure;
pub mod meter;
pub mod metrics_page;
pub mod outcome;
mod patience;
pub mod remaining;
pub mod spot_notice;
mod taken_memory;
mod tasks;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use cloud::open::{open_ledger, open_objects, or_secret};
use domain::{BatchId, BatchIndexes, CampaignId, PriceKind};
use measurement::certificate::Ceiling;
use store::open::{ResultStores, STORE_VARIABLE, open_result_stores};
use tokio_util::sync::CancellationToken;

pub use batch::{Assignment, execute};
pub use context::Context;
pub use error::JobError;
pub use last_words::LastWords;

use crate::engine::Launcher;
use crate::engine::gpus::VISIBLE_GPUS_VARIABLE;
use crate::guard::{Lifeline, stop_requests};
use crate::harness::Harness;
use crate::host_facts::HostFacts;
use crate::hosted::RunnerKeys;
use crate::load::ceiling::cache::CeilingCache;
use crate::sampling::dcgm::DCGM_VARIABLE;
use crate::sampling::gpu_probe_of_this_machine;
use crate::transport::AddressError;
use crate::weights::WeightsFetcher;
use measure::LoadGenerator;
use meter::Meter;
use patience::patiently;
use spot_notice::{METADATA_VARIABLE, MetadataService, USUAL_METADATA_URL};

/// Something of this machine that a job cannot do without failed.
const EXIT_FAILED: u8 = 1;

/// The command line cannot be followed.
const EXIT_USAGE: u8 = 2;

/// Executes one batch. Exit status: 0 every trial has an outcome, 1 a store or the manifest failed, 2 wrong
/// arguments, 69 a server to attach to is not there, 74 the disk is full, 75 stopped or a store is away (run
/// it again and it goes on), 78 there is no harness for the tasks of the campaign.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The campaign.
    #[arg(long)]
    pub campaign: CampaignId,
    /// What to execute.
    #[command(flatten)]
    pub which: Which,
    /// Address of the results store, such as sqlite:results.db, or aws-sm:NAME, a secret that holds it.
    #[arg(long, value_name = "URL", env = STORE_VARIABLE, hide_env_values = true)]
    pub results: String,
    /// Address of the ledger, such as sqlite:ledger.db or dynamodb://TABLE.
    #[arg(long, value_name = "URL")]
    pub ledger: String,
    /// Address of the objects, such as dir:objects or s3://BUCKET/PREFIX.
    #[arg(long, value_name = "URL")]
    pub objects: String,
    /// Seconds that the claim on the batch holds without renewal.
    #[arg(long, value_name = "SECONDS", env = "ASSAY_LEASE_S", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub lease_s: u32,
    /// Lock file of a slot of this machine, and of each further one, so that two engines never share one.
    #[arg(long, value_name = "FILE")]
    pub slot_lock: Vec<PathBuf>,
    /// What this machine is rented as, spot or on-demand: its hours count at that price against the budget of the campaign.
    #[arg(long, value_name = "PRICE", default_value_t = PriceKind::Spot)]
    pub capacity: PriceKind,
    /// Watch for EC2's notices that this spot instance is taken back, and stop before it is.
    #[arg(long)]
    pub spot_notices: bool,
    /// The file that our own output goes to. When a trial is given up because no runner survived it, the reason has the
    /// last lines that the runner before us wrote.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// File for what the running engine prints; the reason has its last lines too.
    #[arg(long, value_name = "FILE")]
    pub engine_log: Option<PathBuf>,
    /// Show what the runner does at http://ADDRESS/metrics, such as 127.0.0.1:9464, for Prometheus; port 0 takes any.
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Stop when standard input, a pipe, is closed.
    #[arg(long)]
    pub lifeline: bool,
}

/// Which batch, said outright or by a place in a list.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The batch.
    #[arg(long, required_unless_present = "batches", conflicts_with = "batches")]
    pub batch: Option<BatchId>,
    /// Batches of the campaign by their indexes, such as 0-2,5; the array index says which.
    #[arg(long, value_name = "LIST", requires = "array_index")]
    pub batches: Option<BatchIndexes>,
    /// Place in the list, from 0, as AWS Batch tells it to a job of an array.
    #[arg(long, value_name = "INDEX", env = "AWS_BATCH_JOB_ARRAY_INDEX")]
    pub array_index: Option<usize>,
}

impl Which {
    /// The batch; `None` when the list has no such place.
    #[must_use]
    pub fn batch(&self, campaign: &CampaignId) -> Option<BatchId> {
        let listed = || self.batches.as_ref()?.batch(campaign, self.array_index?);
        self.batch.clone().or_else(listed)
    }
}

/// Runs a job and says how it ended.
pub async fn run(args: &RunArgs) -> ExitCode {
    let Some(batch) = args.which.batch(&args.campaign) else {
        return fail(
            EXIT_USAGE,
            "the list of batches has no such index; give --batches every batch of the array",
        );
    };
    // Before we write to the same files.
    let assignment = assignment(args, batch).await;
    let ended = match prepare(args).await {
        Ok((context, cancel)) => execute(&context, &assignment, &cancel).await,
        Err(Preparation::Job(error)) => Err(error),
        Err(Preparation::Metadata(error)) => {
            return fail(EXIT_USAGE, &format!("{METADATA_VARIABLE}: {error}"));
        }
        Err(Preparation::System(what, error)) => {
            return fail(EXIT_FAILED, &format!("{what} failed ({error})"));
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.exit_code(), &error::one_line(&error)),
    }
}

/// Ends with one line. Its reader may be gone, which changes nothing.
fn fail(code: u8, message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {message}");
    ExitCode::from(code)
}

/// Why a job could not begin.
enum Preparation {
    Job(JobError),
    Metadata(AddressError),
    System(&'static str, std::io::Error),
}

async fn assignment(args: &RunArgs, batch: BatchId) -> Assignment {
    let host = tokio::fs::read_to_string("/proc/sys/kernel/hostname").await.unwrap_or_default();
    Assignment {
        campaign: args.campaign.clone(),
        batch,
        holder: format!("{}:{}", host.trim(), std::process::id()),
        lease: TimeDelta::seconds(i64::from(args.lease_s)),
        last_words: LastWords::read(args.log.as_deref(), args.engine_log.as_deref()),
    }
}

/// What this client can do on this host. Without it a run is judged by what was seen of the client alone.
async fn ceiling() -> Option<Ceiling> {
    match tokio::task::spawn_blocking(|| CeilingCache::of_user().ceiling()).await {
        Ok(Ok(found)) => Some(found.ceiling),
        Ok(Err(error)) => {
            tracing::warn!("this client could not be calibrated: {error}");
            None
        }
        // The runtime is going down.
        Err(_) => None,
    }
}

async fn prepare(args: &RunArgs) -> Result<(Context, CancellationToken), Preparation> {
    let lifeline = if args.lifeline { Lifeline::IfPipe } else { Lifeline::Ignored };
    let mut stop = stop_requests(lifeline).map_err(|e| Preparation::System("listening for signals", e))?;
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        stop.recv().await;
        token.cancel();
    });
    let drain = CancellationToken::new();
    if args.spot_notices {
        let url = std::env::var(METADATA_VARIABLE).unwrap_or_else(|_| USUAL_METADATA_URL.to_owned());
        let service = MetadataService::at(&url).map_err(Preparation::Metadata)?;
        tokio::spawn(service.watch(drain.clone(), cancel.clone()));
    }
    let meter = Arc::new(Meter::new());
    if let Some(address) = args.metrics_listen {
        let at = metrics_page::serve(address, Arc::clone(&meter)).await;
        let at = at.map_err(|e| Preparation::System("listening on --metrics-listen", e))?;
        let _ = writeln!(std::io::stdout(), "metrics are at http://{at}/metrics");
    }
    let own = std::env::current_exe().map_err(|e| Preparation::System("finding our own program", e))?;
    let failed = |error: store::StoreError| Preparation::Job(JobError::from(error));
    let host = HostFacts::read().await;
    let harness = Harness { guard: own.clone() };
    let launcher = Launcher {
        program_dir: own.parent().map(PathBuf::from).unwrap_or_default(),
        guard: own,
        slot_locks: args.slot_lock.clone(),
        gpus: host.gpus.clone(),
        given_gpus: std::env::var(VISIBLE_GPUS_VARIABLE).ok(),
        engine_log: args.engine_log.clone(),
        weights: WeightsFetcher::of_environment(),
    };
    let ResultStores { results, telemetry, .. } =
        patiently("the job", &cancel, async || open_result_stores(&or_secret(&args.results).await?).await)
            .await
            .map_err(Preparation::Job)?;
    let context = Context {
        results,
        telemetry,
        ledger: open_ledger(&args.ledger).await.map_err(failed)?,
        objects: open_objects(&args.objects).await.map_err(failed)?,
        servers: Arc::new(launcher),
        keys: Arc::new(RunnerKeys),
        harness,
        gpus: gpu_probe_of_this_machine(std::env::var(DCGM_VARIABLE).ok().as_deref()),
        load: Arc::new(LoadGenerator { ceiling: ceiling().await }),
        host,
        capacity: args.capacity,
        drain,
        clock: Arc::new(Utc::now),
        pause: Arc::new(|time| Box::pin(tokio::time::sleep(time))),
        meter,
        progress: Arc::new(|line| {
            let _ = writeln!(std::io::stdout(), "{line}");
        }),
    };
    Ok((context, cancel))
}
