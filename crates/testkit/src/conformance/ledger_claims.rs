//! What every ledger must do about claims: one holder at a time, fencing of those replaced, and an account
//! of the time that was lost.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{BatchId, CampaignId, RunId};
use futures::future::join_all;
use store::{Claim, Ledger, StoreError};

use super::RACERS;
use super::ledger::{granted, outcome, with_batches};
use crate::fixtures::at;

/// Every promise about claims, between two adapters over the same ledger.
///
/// # Panics
/// When one is broken.
pub async fn ledger_claims(one: &dyn Ledger, other: &dyn Ledger) {
    of_racing_claims_one_is_granted(one, other).await;
    a_claim_holds_until_its_lease_runs_out(one, other).await;
    a_released_batch_can_be_claimed_at_once(one, other).await;
    who_was_replaced_is_fenced(one, other).await;
    lost_time_is_charged(one, other).await;
    lost_tries_are_counted(one, other).await;
    an_unknown_batch_is_missing(one).await;
}

const LEASE: TimeDelta = TimeDelta::seconds(5);

fn is_fenced<T>(told: &Result<T, StoreError>) -> bool {
    matches!(told, Err(StoreError::Fenced { .. }))
}

async fn of_racing_claims_one_is_granted(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "claims", 1).await.remove(0);
    for (round, now) in [(1, at(0)), (2, at(100))] {
        let holders: Vec<String> = (0..RACERS).map(|racer| format!("runner-{racer}")).collect();
        let claims = holders
            .iter()
            .enumerate()
            .map(|(i, holder)| [one, other][i % 2].claim(&batch.id, holder, now, LEASE));
        let claims: Vec<Claim> = join_all(claims).await.into_iter().map(Result::unwrap).collect();
        let is_granted = |claim: &Claim| matches!(claim, Claim::Granted { .. });
        let winner = claims.iter().position(is_granted).expect("a winner");
        assert_eq!(claims[winner], Claim::Granted { attempt: round });
        let held = Claim::Held { holder: holders[winner].clone(), until: now + LEASE };
        assert!(claims.iter().enumerate().all(|(i, claim)| i == winner || *claim == held), "{claims:?}");
    }
    assert_eq!(one.batch(&batch.id).await.unwrap().map(|b| b.attempt), Some(2));
}

async fn a_claim_holds_until_its_lease_runs_out(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "leases", 1).await.remove(0);
    let attempt = granted(one, &batch.id, 0).await;
    let held = |until| Claim::Held { holder: "runner".to_owned(), until: at(until) };
    assert_eq!(other.claim(&batch.id, "runner", at(4), LEASE).await.unwrap(), held(5), "the same name too");
    one.renew(&batch.id, attempt, at(4), LEASE).await.unwrap();
    assert_eq!(other.claim(&batch.id, "late", at(8), LEASE).await.unwrap(), held(9));
    let taken_over = other.claim(&batch.id, "late", at(9), LEASE).await.unwrap();
    assert_eq!(taken_over, Claim::Granted { attempt: attempt + 1 });
}

async fn a_released_batch_can_be_claimed_at_once(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "releases", 1).await.remove(0);
    let first = granted(one, &batch.id, 0).await;
    one.release(&batch.id, first).await.unwrap();
    one.release(&batch.id, first).await.unwrap();
    let second = granted(other, &batch.id, 1).await;
    assert!(second > first);
    // A release that comes late does not take the claim away from its successor.
    one.release(&batch.id, first).await.unwrap();
    let held = one.claim(&batch.id, "third", at(2), LEASE).await.unwrap();
    assert!(matches!(held, Claim::Held { .. }), "{held:?}");
    other.release(&batch.id, second).await.unwrap();
    assert!(
        is_fenced(&other.renew(&batch.id, second, at(3), LEASE).await),
        "a claim that ended is not renewed"
    );
}

async fn who_was_replaced_is_fenced(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "fencing", 1).await.remove(0);
    let stale = granted(one, &batch.id, 0).await;
    let run = outcome(&batch, 1, stale, None).run_id;
    let current = granted(other, &batch.id, 6).await;

    assert!(is_fenced(&one.renew(&batch.id, stale, at(7), LEASE).await));
    assert!(is_fenced(&one.begin_trial(&batch.id, stale, &run, at(7)).await));
    assert!(is_fenced(&one.checkpoint(&batch.id, &outcome(&batch, 1, stale, None)).await));
    assert!(one.checkpoints(&batch.id).await.unwrap().is_empty());

    // A lease that has run out is still good when nobody took over.
    other.renew(&batch.id, current, at(100), LEASE).await.unwrap();
    other.begin_trial(&batch.id, current, &run, at(100)).await.unwrap();
    other.checkpoint(&batch.id, &outcome(&batch, 1, current, None)).await.unwrap();
    assert_eq!(one.checkpoints(&batch.id).await.unwrap().len(), 1);
}

async fn lost_time_is_charged(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "lost", 1).await.remove(0);
    let run = outcome(&batch, 1, 1, None).run_id;
    let lost = async |ledger: &dyn Ledger, run: &RunId| ledger.lost_seconds(&batch.id, run).await.unwrap();
    assert_eq!(lost(one, &run).await, 0.0);

    // The first attempt works on the trial from 2 to its last renewal at 4, and vanishes.
    let first = granted(one, &batch.id, 0).await;
    one.begin_trial(&batch.id, first, &run, at(2)).await.unwrap();
    one.begin_trial(&batch.id, first, &run, at(3)).await.unwrap();
    one.renew(&batch.id, first, at(4), LEASE).await.unwrap();
    assert_eq!(lost(one, &run).await, 0.0, "its own time is not lost yet");

    // The second from 21 to 22.5, the third begins after its last sign of life.
    let second = granted(other, &batch.id, 20).await;
    assert_eq!(lost(other, &run).await, 2.0);
    other.begin_trial(&batch.id, second, &run, at(21)).await.unwrap();
    other.renew(&batch.id, second, at(22) + TimeDelta::milliseconds(500), LEASE).await.unwrap();
    let third = granted(one, &batch.id, 40).await;
    one.begin_trial(&batch.id, third, &run, at(41)).await.unwrap();
    let fourth = granted(other, &batch.id, 60).await;
    assert_eq!(lost(other, &run).await, 3.5);

    // An attempt that brought an outcome lost nothing, also when the outcome is forgotten later.
    let failed = outcome(&batch, 2, fourth, Some("no"));
    other.begin_trial(&batch.id, fourth, &failed.run_id, at(61)).await.unwrap();
    other.renew(&batch.id, fourth, at(63), LEASE).await.unwrap();
    other.checkpoint(&batch.id, &failed).await.unwrap();
    other.release(&batch.id, fourth).await.unwrap();
    other.forget_failures(&batch.campaign).await.unwrap();
    granted(one, &batch.id, 80).await;
    assert_eq!(lost(one, &failed.run_id).await, 0.0);
    assert_eq!(lost(one, &run).await, 3.5);
}

async fn lost_tries_are_counted(one: &dyn Ledger, other: &dyn Ledger) {
    let batch = with_batches(one, "tries", 1).await.remove(0);
    let [bad, good, put_off] = [1, 2, 3].map(|trial| outcome(&batch, trial, 1, None).run_id);
    let tries = async |ledger: &dyn Ledger| ledger.lost_tries(&batch.id).await.unwrap();
    assert_eq!(tries(one).await, BTreeMap::new());

    // An attempt that vanishes: its trial is a lost try as soon as another has taken over.
    let first = granted(one, &batch.id, 0).await;
    one.begin_trial(&batch.id, first, &bad, at(1)).await.unwrap();
    one.begin_trial(&batch.id, first, &bad, at(2)).await.unwrap();
    one.renew(&batch.id, first, at(4), LEASE).await.unwrap();
    assert_eq!(tries(other).await, BTreeMap::new(), "it may still come to an outcome");
    let second = granted(other, &batch.id, 20).await;
    assert_eq!(tries(one).await, [(bad.clone(), 1)].into());

    // One that gives its batch back is excused; a release that comes late excuses nobody.
    other.begin_trial(&batch.id, second, &bad, at(21)).await.unwrap();
    other.release(&batch.id, second).await.unwrap();
    one.release(&batch.id, first).await.unwrap();
    let third = granted(one, &batch.id, 22).await;
    assert_eq!(tries(other).await, [(bad.clone(), 1)].into());

    // What came to an outcome was no lost try.
    one.begin_trial(&batch.id, third, &good, at(23)).await.unwrap();
    one.checkpoint(&batch.id, &outcome(&batch, 2, third, None)).await.unwrap();
    // Nor is what was put off, until it is begun again.
    one.begin_trial(&batch.id, third, &bad, at(24)).await.unwrap();
    one.put_off_trial(&batch.id, third, &bad).await.unwrap();
    one.put_off_trial(&batch.id, third, &bad).await.unwrap();
    assert!(is_fenced(&one.put_off_trial(&batch.id, second, &bad).await));
    one.begin_trial(&batch.id, third, &put_off, at(24)).await.unwrap();
    one.put_off_trial(&batch.id, third, &put_off).await.unwrap();
    one.begin_trial(&batch.id, third, &bad, at(25)).await.unwrap();
    let fourth = granted(other, &batch.id, 40).await;
    assert_eq!(tries(one).await, [(bad.clone(), 2)].into());

    // Whoever asks again wants it tried again; the time stays lost.
    other.checkpoint(&batch.id, &outcome(&batch, 1, fourth, Some("given up"))).await.unwrap();
    other.release(&batch.id, fourth).await.unwrap();
    one.forget_failures(&batch.campaign).await.unwrap();
    assert_eq!(tries(one).await, BTreeMap::new());
    let fifth = granted(one, &batch.id, 60).await;
    one.begin_trial(&batch.id, fifth, &bad, at(61)).await.unwrap();
    granted(other, &batch.id, 80).await;
    assert_eq!(tries(other).await, [(bad.clone(), 1)].into());
    assert_eq!(other.lost_seconds(&batch.id, &bad).await.unwrap(), 3.0);
}

async fn an_unknown_batch_is_missing(ledger: &dyn Ledger) {
    let campaign: CampaignId = "claims".parse().expect("a campaign id");
    let unknown = BatchId::new(&campaign, 77);
    let claim = ledger.claim(&unknown, "runner", at(0), LEASE).await;
    assert!(matches!(claim, Err(StoreError::Missing { .. })), "{claim:?}");
    assert!(ledger.checkpoints(&unknown).await.unwrap().is_empty());
}
