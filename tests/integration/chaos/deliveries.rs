//! **Deliveries** as an unkind bus makes them: every event twice, in a random order, several at once, and again until it is
//! handled.

use std::time::Duration;

use chrono::Utc;
use cloud::batch::state_change::batch_ended;
use events::Event;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use crate::functions::Functions;

/// Events that wait for others to overtake them, at least for a while.
const HELD_BACK: usize = 6;

/// How long.
const HELD_FOR: Duration = Duration::from_millis(150);

/// Handlers at once.
const AT_ONCE: usize = 4;

/// Tries of one delivery: a queue would give it to its dead letters then.
const MOST_TRIES: u32 = 100;

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
                let handled = functions.handle(&event, Utc::now()).await;
                (event, tries, handled)
            });
            if waiting.len() < HELD_BACK {
                break;
            }
        }
    }
}
