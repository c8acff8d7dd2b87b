//! The **functions** over whatever ports a test gives them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use events::{Event, EventBody};
use store::open::ResultStores;
use store::{Bus, Dispatcher, Ledger, Objects};

/// The functions with their ports.
#[derive(Clone)]
pub struct Functions {
    pub ledger: Arc<dyn Ledger>,
    pub stores: ResultStores,
    pub objects: Arc<dyn Objects>,
    pub bus: Arc<dyn Bus>,
    pub dispatcher: Arc<dyn Dispatcher>,
}

impl Functions {
    /// Handles an event as the function does that listens to it.
    pub async fn handle(&self, event: &Event, now: DateTime<Utc>) -> Result<(), String> {
        let Self { ledger, stores, objects, bus, dispatcher } = self.clone();
        let told = |error: &dyn std::error::Error| error.to_string();
        let track = track_progress::Context {
            ledger: ledger.clone(),
            dispatcher: dispatcher.clone(),
            objects: objects.clone(),
            bus: bus.clone(),
        };
        let publish = publish_catalog::Context {
            ledger: ledger.clone(),
            stores: stores.clone(),
            objects: objects.clone(),
            bus: bus.clone(),
            notifiers: vec![],
            public_url: None,
        };
        match &event.body {
            EventBody::CampaignRequested(e) => {
                let context = generate_matrix::Context { ledger, results: stores.results, objects, bus };
                generate_matrix::handle(&context, e, now).await.map_err(|e| told(&e))
            }
            EventBody::MatrixGenerated(e) => {
                let context = split_batches::Context { ledger, objects, dispatcher, bus };
                split_batches::handle(&context, e, now).await.map_err(|e| told(&e))
            }
            EventBody::BatchesSubmitted(e) => {
                track_progress::batches_submitted(&track, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CampaignHeld(e) => {
                track_progress::campaign_held(&track, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CampaignUnsettled(e) => {
                track_progress::campaign_unsettled(&track, e, now).await.map_err(|e| told(&e))
            }
            EventBody::BatchEnded(e) => {
                track_progress::batch_ended(&track, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CampaignCompleted(e) => {
                publish_catalog::handle(&publish, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CampaignFailed(e) => {
                publish_catalog::handle_failure(&publish, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CatalogPublished(_) => Ok(()),
        }
    }
}
