//! **Deliveries** as an unkind bus makes them: every event twice, in a random order, several at once, and again until it is
//! handled.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cloud::batch::state_change::batch_ended;
use events::{Event, EventBody};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use store::open::ResultStores;
use store::{Bus, Dispatcher, Ledger, Objects};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

/// Events that wait for others to overtake them, at least for a while.
const HELD_BACK: usize = 6;

/// How long.
const HELD_FOR: Duration = Duration::from_millis(150);

/// Handlers at once.
const AT_ONCE: usize = 4;

/// Tries of one delivery: a queue would give it to its dead letters then.
const MOST_TRIES: u32 = 100;

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
    async fn handle(&self, event: &Event) -> Result<(), String> {
        let Self { ledger, stores, objects, bus, dispatcher } = self.clone();
        let now = Utc::now();
        let told = |error: &dyn std::error::Error| error.to_string();
        let track = track_progress::Context {
            ledger: ledger.clone(),
            dispatcher: dispatcher.clone(),
            objects: objects.clone(),
            bus: bus.clone(),
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
            EventBody::BatchEnded(e) => {
                track_progress::batch_ended(&track, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CampaignCompleted(e) => {
                let context = publish_catalog::Context {
                    ledger,
                    stores,
                    objects,
                    bus,
                    notifiers: vec![],
                    public_url: None,
                };
                publish_catalog::handle(&context, e, now).await.map_err(|e| told(&e))
            }
            EventBody::CatalogPublished(_) => Ok(()),
        }
    }
}

/// Delivers the events of the functions, and what Batch tells of its jobs, for ever.
pub async fn deliver(
    functions: Functions,
    mut events: UnboundedReceiver<Event>,
    mut states: UnboundedReceiver<Value>,
    seed: u64,
) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut waiting: Vec<(Event, u32)> = Vec::new();
    let mut handlers: JoinSet<(Event, u32, Result<(), String>)> = JoinSet::new();
    loop {
        let is_patient = waiting.len() < HELD_BACK;
        tokio::select! {
            Some(event) = events.recv() => waiting.extend([(event.clone(), 1), (event, 1)]),
            Some(state) = states.recv() => {
                let ended = batch_ended(&state.to_string()).unwrap();
                waiting.extend(ended.into_iter().flat_map(|event| [(event.clone(), 1), (event, 1)]));
            }
            Some(handled) = handlers.join_next() => {
                let (event, tries, handled) = handled.unwrap();
                if let Err(error) = handled {
                    assert!(tries < MOST_TRIES, "{event:?}: {error}");
                    waiting.push((event, tries + 1));
                }
                continue;
            }
            () = tokio::time::sleep(HELD_FOR), if is_patient && !waiting.is_empty() => {}
        }
        while !waiting.is_empty() && handlers.len() < AT_ONCE {
            let (event, tries) = waiting.swap_remove(random.random_range(0..waiting.len()));
            let functions = functions.clone();
            handlers.spawn(async move {
                let handled = functions.handle(&event).await;
                (event, tries, handled)
            });
            if waiting.len() < HELD_BACK {
                break;
            }
        }
    }
}
