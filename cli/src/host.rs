//! The **host** runs every function on this machine: an in-process bus delivers events to the same handlers
//! that run as serverless functions elsewhere, and jobs are `batch-runner` processes, or workflows of a cluster.
//!
//! The bus keeps an event until it is handled: one that a host died over is delivered by the next host. Every
//! handler is idempotent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use domain::CampaignId;
use events::Event;
use store::campaigns::{MAX_DELIVERIES, give_up};
use store::processes::{ProcessDispatcher, ProcessDispatcherConfig};
use store::sqlite::SqliteBus;

use crate::data_folder::DataFolder;
use crate::functions::Functions;
use crate::gpus::gpus_of_this_machine;
use crate::jobs::{Jobs, open_workflows};

/// The functions with their ports on this machine.
pub struct Host {
    /// The functions.
    pub functions: Functions,
    /// Events on their way.
    pub bus: Arc<SqliteBus>,
    jobs: Jobs,
    _lock: std::fs::File,
}

impl Host {
    /// Opens the ports; jobs are processes of this machine. Only one host works on a data folder at a time.
    pub async fn open(data: &DataFolder) -> Result<Self> {
        Self::with_dispatcher(data, None).await
    }

    /// The same, with jobs elsewhere where an address of a dispatcher says so.
    pub async fn with_dispatcher(data: &DataFolder, dispatcher: Option<&str>) -> Result<Self> {
        let lock = data.lock_for_hosting()?;
        let (ledger, bus) = data.ledger_and_bus().await?;
        let bus = Arc::new(bus);
        let jobs = match dispatcher {
            Some(url) => Jobs::Workflows(open_workflows(url, &data.ledger_url(), &data.objects_url()).await?),
            None => Jobs::Processes(Arc::new(processes(data, bus.clone()).await?)),
        };
        let functions = Functions::over(data, ledger, bus.clone(), jobs.dispatcher()).await?;
        Ok(Self { functions, bus, jobs, _lock: lock })
    }

    /// Delivers events, of one campaign or of all, until the future that watches is ready.
    ///
    /// # Errors
    /// When an event could not be handled, nor noted that it was not: its campaign would wait for ever.
    pub async fn deliver_until<T>(
        &self,
        campaign: Option<&CampaignId>,
        mut watch: impl Future<Output = T> + Unpin,
    ) -> Result<T> {
        loop {
            tokio::select! {
                event = self.bus.next(campaign) => self.deliver(&event?).await?,
                error = self.jobs.untold_end(&self.bus) => return Err(error.into()),
                done = &mut watch => return Ok(done),
            }
        }
    }

    /// Delivers what is still waiting: a campaign that is seen to be complete has its catalogue to be published.
    ///
    /// # Errors
    /// As [`Self::deliver_until`].
    pub async fn deliver_waiting(&self, campaign: &CampaignId) -> Result<()> {
        while let Some(event) = self.bus.waiting(Some(campaign)).await? {
            self.deliver(&event).await?;
        }
        Ok(())
    }

    /// Hears the ends of jobs that ended while nobody hosted the functions. What they finished is not to be submitted again.
    ///
    /// # Errors
    /// When a port fails, or as [`Self::deliver_until`].
    pub async fn catch_up(&self) -> Result<()> {
        if !self.jobs.tell_ends(&self.bus).await? {
            return Ok(());
        }
        while let Some(event) = self.bus.waiting(None).await? {
            self.deliver(&event).await?;
        }
        Ok(())
    }

    /// Stops the runners that end with us: what they have finished is kept.
    pub async fn shut_down(&self) {
        self.jobs.shut_down().await;
    }

    async fn deliver(&self, event: &Event) -> Result<()> {
        let mut delivery = 1;
        loop {
            match self.functions.handle(event).await {
                Ok(()) => return Ok(self.bus.handled(event, Utc::now()).await?),
                Err(error) if delivery == MAX_DELIVERIES => {
                    self.give_up(event, error).await?;
                    return Ok(self.bus.handled(event, Utc::now()).await?);
                }
                Err(error) => {
                    tracing::warn!(event = %event.id, delivery, "{error:#}");
                    tokio::time::sleep(Duration::from_millis(100 << delivery)).await;
                    delivery += 1;
                }
            }
        }
    }

    /// An event that cannot be handled must not vanish: its campaign says so.
    async fn give_up(&self, event: &Event, error: anyhow::Error) -> Result<()> {
        tracing::warn!(event = %event.id, "given up: {error:#}");
        let why = format!("{error:#}");
        let ledger = self.functions.ledger.as_ref();
        give_up(ledger, self.bus.as_ref(), event, why, Utc::now()).await.map(drop).map_err(|_| error)
    }
}

async fn processes(data: &DataFolder, bus: Arc<SqliteBus>) -> Result<ProcessDispatcher> {
    let config = ProcessDispatcherConfig {
        runner: runner_program()?,
        results_url: data.results_url(),
        ledger_url: data.ledger_url(),
        objects_url: data.objects_url(),
        log_dir: data.logs(),
        lock_dir: data.root.clone(),
        gpus: gpus_of_this_machine().await,
    };
    Ok(ProcessDispatcher::new(config, bus))
}

/// The runner beside our own program.
pub fn runner_program() -> Result<PathBuf> {
    let own = std::env::current_exe().context("the place of this program is not known")?;
    let runner = own.with_file_name("batch-runner");
    if !runner.exists() {
        bail!("{} is missing; build it with `make build`", runner.display());
    }
    Ok(runner)
}
