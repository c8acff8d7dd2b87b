//! The **functions** with their ports: an event goes to the same handler that is a serverless function elsewhere, whoever
//! hosts it: a [host](crate::host), or a stage of a workflow.

use std::sync::Arc;

use anyhow::Result;
use chrono::Utc;
use cloud::open::open_notifiers;
use events::{CampaignHeld, Event, EventBody, Hold};
use store::open::ResultStores;
use store::{BatchState, Bus, CampaignState, Dispatcher, Ledger, Notifier, Objects};

use crate::data_folder::DataFolder;

/// What every function is made of.
#[derive(Clone)]
pub struct Functions {
    /// Campaigns and batches.
    pub ledger: Arc<dyn Ledger>,
    /// Results, and what is kept beside them.
    pub stores: ResultStores,
    /// Specs, plans, manifests, raw records.
    pub objects: Arc<dyn Objects>,
    /// Whom they tell.
    pub bus: Arc<dyn Bus>,
    /// Who runs batches.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// Who is told when a campaign has ended.
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// Where people reach the API.
    pub public_url: Option<String>,
}

impl Functions {
    /// Over the stores of a data folder; whoever hosts them has the ledger, the bus and who runs batches.
    ///
    /// # Errors
    /// When a store or a notifier cannot be opened.
    pub async fn over(
        data: &DataFolder,
        ledger: Arc<dyn Ledger>,
        bus: Arc<dyn Bus>,
        dispatcher: Arc<dyn Dispatcher>,
    ) -> Result<Self> {
        Ok(Self {
            ledger,
            stores: data.result_stores().await?,
            objects: data.objects().await?,
            bus,
            dispatcher,
            notifiers: open_notifiers(data.notify.as_deref().unwrap_or_default()).await?,
            public_url: data.public_url.clone(),
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

    /// The function that follows jobs.
    pub fn track(&self) -> track_progress::Context {
        track_progress::Context {
            ledger: self.ledger.clone(),
            dispatcher: self.dispatcher.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
        }
    }

    fn publish(&self) -> publish_catalog::Context {
        publish_catalog::Context {
            ledger: self.ledger.clone(),
            stores: self.stores.clone(),
            objects: self.objects.clone(),
            bus: self.bus.clone(),
            notifiers: self.notifiers.clone(),
            public_url: self.public_url.clone(),
        }
    }

    /// Campaigns that are held have no jobs any more, when those ended with their host before they could tell it. One that was
    /// cancelled tells its end, unless that was told.
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
            if campaign.end_is_untold || batches.iter().any(|batch| batch.state == BatchState::Submitted) {
                let held = CampaignHeld { campaign: campaign.id, request: campaign.request, hold };
                track_progress::campaign_held(&self.track(), &held, Utc::now()).await?;
            }
        }
        Ok(())
    }

    /// Handles an event. Every handler may be told twice.
    ///
    /// # Errors
    /// When a port fails, or what is stored cannot be read.
    pub async fn handle(&self, event: &Event) -> Result<()> {
        let now = Utc::now();
        let (ledger, objects, bus) = (self.ledger.clone(), self.objects.clone(), self.bus.clone());
        match &event.body {
            EventBody::CampaignRequested(e) => {
                let results = self.stores.results.clone();
                let context = generate_matrix::Context { ledger, results, objects, bus };
                generate_matrix::handle(&context, e, now).await?;
            }
            EventBody::MatrixGenerated(e) => {
                let dispatcher = self.dispatcher.clone();
                let context = split_batches::Context { ledger, objects, dispatcher, bus };
                split_batches::handle(&context, e, now).await?;
            }
            EventBody::BatchesSubmitted(e) => {
                track_progress::batches_submitted(&self.track(), e, now).await?;
            }
            EventBody::CampaignHeld(e) => track_progress::campaign_held(&self.track(), e, now).await?,
            EventBody::CampaignUnsettled(e) => {
                track_progress::campaign_unsettled(&self.track(), e, now).await?;
            }
            EventBody::BatchEnded(e) => track_progress::batch_ended(&self.track(), e, now).await?,
            EventBody::CampaignCompleted(e) => publish_catalog::handle(&self.publish(), e, now).await?,
            EventBody::CampaignFailed(e) => publish_catalog::handle_failure(&self.publish(), e, now).await?,
            EventBody::CatalogPublished(e) => tracing::info!(revision = e.revision, "catalogue published"),
        }
        Ok(())
    }
}
