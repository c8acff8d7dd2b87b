//! Sixteen workers at once: nothing is lost and nothing is done twice.

use std::collections::BTreeSet;
use std::sync::Mutex;

use chrono::TimeDelta;
use domain::{BatchId, RunId};
use futures::future::join_all;
use store::{BatchRecord, Claim, Ledger, StoreError};

use super::ledger::{outcome, with_batches};
use crate::fixtures::at;

const WORKERS: usize = 16;

/// Configurations in a batch.
const BATCH: u32 = 50;

const LEASE: TimeDelta = TimeDelta::seconds(5);

/// Workers claim batches, two going for each, and checkpoint their configurations, between two adapters over the same
/// ledger. Every third batch is taken over while its first worker may still be at work.
///
/// # Panics
/// When a checkpoint is lost or accepted twice.
pub async fn ledger_workers(one: &dyn Ledger, other: &dyn Ledger, configurations: u32) {
    let batches = with_batches(one, "workers", configurations.div_ceil(BATCH)).await;
    // Twice, so that workers race for each.
    let queue: Mutex<Vec<_>> = Mutex::new(batches.iter().flat_map(|batch| [batch, batch]).collect());
    let done: Mutex<Vec<RunId>> = Mutex::default();
    let work = async |worker: usize| {
        let ledger = [one, other][worker % 2];
        let holder = format!("worker-{worker}");
        loop {
            let Some(batch) = queue.lock().expect("no panic").pop() else { return };
            // A lease that began at 0 has run out at 10.
            for second in if is_taken_over(&batch.id) { vec![0, 10] } else { vec![0] } {
                let claim = ledger.claim(&batch.id, &holder, at(second), LEASE).await.unwrap();
                if let Claim::Granted { attempt } = claim {
                    let accepted = execute(ledger, batch, attempt).await;
                    done.lock().expect("no panic").extend(accepted);
                }
            }
        }
    };
    join_all((0..WORKERS).map(work)).await;

    let done = done.into_inner().expect("no panic");
    let expected = batches.len() * BATCH as usize;
    assert_eq!(done.len(), expected, "each is accepted once");
    assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), expected);
    for batch in &batches {
        assert_eq!(other.checkpoints(&batch.id).await.unwrap().len(), BATCH as usize, "{}", batch.id);
    }
}

/// Checkpoints what has no checkpoint yet, until done or replaced. Returns what was accepted.
async fn execute(ledger: &dyn Ledger, batch: &BatchRecord, attempt: u32) -> Vec<RunId> {
    let known = ledger.checkpoints(&batch.id).await.unwrap();
    let first = batch.id.index().expect("our own id") * BATCH + 1;
    let mut accepted = Vec::new();
    for trial in first..first + BATCH {
        let checkpoint = outcome(batch, trial, attempt, None);
        if known.contains_key(&checkpoint.run_id) {
            continue;
        }
        let told = match ledger.begin_trial(&batch.id, attempt, &checkpoint.run_id, at(0)).await {
            Ok(()) => ledger.checkpoint(&batch.id, &checkpoint).await,
            begun => begun,
        };
        match told {
            Ok(()) => accepted.push(checkpoint.run_id),
            Err(StoreError::Fenced { .. }) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    accepted
}

fn is_taken_over(batch: &BatchId) -> bool {
    batch.index().is_some_and(|index| index % 3 == 0)
}
