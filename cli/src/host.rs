//! The **host** runs every function on this machine: an in-process bus delivers events to the same handlers
//! that run as serverless functions elsewhere, and the local dispatcher starts `batch-runner` processes.
//!
//! The bus keeps an event until it is handled: one that a host died over is delivered by the next host. Every
//! handler is idempotent.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use domain::CampaignId;
use events::{CampaignHeld, Event, EventBody, Hold};
use store::campaigns::{MAX_DELIVERIES, give_up};
use store::open::ResultStores;
use store::processes::{ProcessDispatcher, ProcessDispatcherConfig};
use store::sqlite::SqliteBus;
use store::{BatchState, CampaignState, Ledger, Notifier, Objects};

use crate::data_folder::DataFolder;
use crate::gpus::gpus_of_this_machine;

/// How long runners get to stop their engines when the host stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(30);

/// The functions with their ports on this machine.
pub struct Host {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Results, and what is kept beside them.
    pub stores: ResultStores,
    /// Specs, plans, manifests, raw records.
    pub objects: Arc<dyn Objects>,
    /// Events on their way.
    pub bus: Arc<SqliteBus>,
    notifiers: Vec<Arc<dyn Notifier>>,
    public_url: Option<String>,
    dispatcher: Arc<ProcessDispatcher>,
    _lock: std::fs::File,
}

impl Host {
    /// Opens the ports. Only one host works on a data folder at a time.
    pub async fn open(data: &DataFolder) -> Result<Self> {
        let lock = data.lock_for_hosting()?;
        let (ledger, bus) = data.ledger_and_bus().await?;
        let bus = Arc::new(bus);
        let config = ProcessDispatcherConfig {
            runner: runner_program()?,
            results_url: data.results_url(),
            ledger_url: data.ledger_url(),
            objects_url: data.objects_url(),
            log_dir: data.logs(),
            lock_dir: data.root.clone(),
            gpus: gpus_of_this_machine().await,
        };
        Ok(Self {
            ledger,
            stores: data.result_stores().await?,
            objects: data.objects().await?,
            notifiers: cloud::open::open_notifiers(data.notify.as_deref().unwrap_or_default()).await?,
            public_url: data.public_url.clone(),
            dispatcher: Arc::new(ProcessDispatcher::new(config, bus.clone())),
            bus,
            _lock: lock,
        })
    }

    /// The function that starts campaigns.
    pub fn trigger(&self) -> trigger_campaign::Context {
        trigger_campaign::Context {
            ledger: self.ledger.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
        }
    }

    fn track(&self) -> track_progress::Context {
        track_progress::Context {
            ledger: self.ledger.clone(),
            dispatcher: self.dispatcher.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
        }
    }

    /// Campaigns that are held have no jobs any more, when those ended with their host before they could tell it.
    ///
    /// # Errors
    /// When a port fails.
    pub async fn settle_held(&self) -> Result<()> {
        for campaign in self.ledger.campaigns().await? {
            let hold = match campaign.state {
                CampaignState::Paused => Hold::Paused,
                CampaignState::Cancelled => Hold::Cancelled,
                _ => continue,
            };
            let batches = self.ledger.batches(&campaign.id).await?;
            if batches.iter().any(|batch| batch.state == BatchState::Submitted) {
                let held = CampaignHeld { campaign: campaign.id, request: campaign.request, hold };
                track_progress::campaign_held(&self.track(), &held, Utc::now()).await?;
            }
        }
        Ok(())
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
                error = self.dispatcher.untold_end() => return Err(error.into()),
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

    /// Stops the runners: what they have finished is kept.
    pub async fn shut_down(&self) {
        self.dispatcher.shutdown(SHUTDOWN_GRACE).await;
    }

    async fn deliver(&self, event: &Event) -> Result<()> {
        let mut delivery = 1;
        loop {
            match self.handle(event).await {
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

    async fn handle(&self, event: &Event) -> Result<()> {
        let now = Utc::now();
        let (ledger, objects, bus) = (self.ledger.clone(), self.objects.clone(), self.bus.clone());
        let dispatcher = self.dispatcher.clone();
        let track = || self.track();
        match &event.body {
            EventBody::CampaignRequested(e) => {
                let results = self.stores.results.clone();
                let context = generate_matrix::Context { ledger, results, objects, bus };
                generate_matrix::handle(&context, e, now).await?;
            }
            EventBody::MatrixGenerated(e) => {
                let context = split_batches::Context { ledger, objects, dispatcher, bus };
                split_batches::handle(&context, e, now).await?;
            }
            EventBody::BatchesSubmitted(e) => track_progress::batches_submitted(&track(), e, now).await?,
            EventBody::CampaignHeld(e) => track_progress::campaign_held(&track(), e, now).await?,
            EventBody::BatchEnded(e) => track_progress::batch_ended(&track(), e, now).await?,
            EventBody::CampaignCompleted(e) => {
                let context = publish_catalog::Context {
                    ledger,
                    stores: self.stores.clone(),
                    objects,
                    bus,
                    notifiers: self.notifiers.clone(),
                    public_url: self.public_url.clone(),
                };
                publish_catalog::handle(&context, e, now).await?;
            }
            EventBody::CatalogPublished(e) => tracing::info!(revision = e.revision, "catalogue published"),
        }
        Ok(())
    }

    /// An event that cannot be handled must not vanish: its campaign says so.
    async fn give_up(&self, event: &Event, error: anyhow::Error) -> Result<()> {
        tracing::warn!(event = %event.id, "given up: {error:#}");
        let why = format!("{error:#}");
        give_up(self.ledger.as_ref(), event.campaign(), why, Utc::now()).await.map_err(|_| error)
    }
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
