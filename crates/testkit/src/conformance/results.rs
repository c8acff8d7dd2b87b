//! What every results store must do.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::latest::LatestColumns;
use domain::result::Flag;
use domain::{BenchmarkResult, CampaignId, Provenance};
use futures::future::join_all;
use store::ResultStore;

use super::RACERS;
use crate::fixtures::{at, result};

/// Every promise that one adapter can keep alone.
///
/// # Panics
/// When one is broken.
pub async fn results(store: &dyn ResultStore) {
    an_empty_store_has_answers(store).await;
    a_result_comes_back_as_it_was(store).await;
    the_first_telling_wins(store).await;
    a_bulk_insert_stores_what_is_new(store).await;
    the_latest_is_the_latest_measured(store).await;
    what_may_not_be_ranked_hides_nothing(store).await;
    unverified_hardware_hides_nothing_verified(store).await;
    provenances_stay_apart(store).await;
    histories_are_in_order(store).await;
    the_revision_grows_with_results_only(store).await;
    what_cannot_be_read_back_is_refused_whole(store).await;
    columns_are_those_of_the_latest(store).await;
}

fn id(text: &str) -> CampaignId {
    text.parse().expect("a campaign id")
}

/// The latest results of one configuration.
async fn latest_of(store: &dyn ResultStore, wanted: &BenchmarkResult) -> Vec<BenchmarkResult> {
    let mut latest = store.latest().await.unwrap();
    latest.retain(|r| r.config_id == wanted.config_id);
    latest
}

async fn an_empty_store_has_answers(store: &dyn ResultStore) {
    assert_eq!(store.latest().await.unwrap(), []);
    assert_eq!(store.of_campaign(&id("nothing")).await.unwrap(), []);
    assert_eq!(store.run_ids(&id("nothing")).await.unwrap(), BTreeSet::new());
    assert_eq!(store.insert(&[]).await.unwrap(), 0);
    assert_eq!(store.revision().await.unwrap(), 0);
}

async fn a_result_comes_back_as_it_was(store: &dyn ResultStore) {
    // Nanoseconds and absent metrics survive.
    let told = result("as-it-was", 1)
        .measured_at(at(1) + TimeDelta::nanoseconds(123_456_789))
        .metrics(|m| (m.tpot, m.itl, m.cost_per_mtok) = (None, None, None))
        .build();
    assert_eq!(store.insert(std::slice::from_ref(&told)).await.unwrap(), 1);
    assert_eq!(store.of_campaign(&told.campaign).await.unwrap(), *std::slice::from_ref(&told));
    assert_eq!(store.history(&told.config_id).await.unwrap(), *std::slice::from_ref(&told));
    assert_eq!(latest_of(store, &told).await, *std::slice::from_ref(&told));
    assert_eq!(store.run_ids(&told.campaign).await.unwrap(), BTreeSet::from([told.run_id]));
}

async fn the_first_telling_wins(store: &dyn ResultStore) {
    let first = result("first-telling", 2).build();
    let second = result("first-telling", 2).measured_at(at(99)).metrics(|m| m.output_tps = 1.0).build();
    assert_eq!(store.insert(&[first.clone(), second.clone()]).await.unwrap(), 1, "twice in one call");
    assert_eq!(store.insert(&[second]).await.unwrap(), 0, "again in the next");
    assert_eq!(store.of_campaign(&first.campaign).await.unwrap(), *std::slice::from_ref(&first));
    assert_eq!(latest_of(store, &first).await, [first]);
}

async fn a_bulk_insert_stores_what_is_new(store: &dyn ResultStore) {
    let all: Vec<_> = (1..=300).map(|trial| result("bulk", 3).trial(trial).build()).collect();
    assert_eq!(store.insert(&all[..100]).await.unwrap(), 100);
    assert_eq!(store.insert(&all).await.unwrap(), 200);
    assert_eq!(store.run_ids(&id("bulk")).await.unwrap().len(), 300);
}

async fn the_latest_is_the_latest_measured(store: &dyn ResultStore) {
    // Told out of order; a tie goes to the greater run id.
    let old = result("latest-a", 4).measured_at(at(10)).build();
    let new = result("latest-b", 4).measured_at(at(20)).build();
    let tied = result("latest-c", 4).measured_at(at(20)).build();
    assert_eq!(store.insert(std::slice::from_ref(&new)).await.unwrap(), 1);
    assert_eq!(store.insert(std::slice::from_ref(&old)).await.unwrap(), 1);
    assert_eq!(latest_of(store, &old).await, *std::slice::from_ref(&new));
    assert_eq!(store.insert(std::slice::from_ref(&tied)).await.unwrap(), 1);
    assert_eq!(latest_of(store, &old).await, *std::slice::from_ref(&tied));
    assert_eq!(store.history(&old.config_id).await.unwrap(), [old, new, tied]);

    // Within one call as well.
    let in_one: Vec<_> =
        [3, 9, 5].map(|s| result(&format!("in-one-{s}"), 5).measured_at(at(s)).build()).into();
    assert_eq!(store.insert(&in_one).await.unwrap(), 3);
    assert_eq!(latest_of(store, &in_one[0]).await, [in_one[1].clone()]);
}

async fn what_may_not_be_ranked_hides_nothing(store: &dyn ResultStore) {
    let limited = |campaign: &str, second| {
        result(campaign, 10).measured_at(at(second)).flag(Flag::ClientLimited).build()
    };
    let first = limited("limited-a", 1);
    assert_eq!(store.insert(std::slice::from_ref(&first)).await.unwrap(), 1);
    assert_eq!(latest_of(store, &first).await, *std::slice::from_ref(&first), "where there is no other");
    let good = result("limited-b", 10).measured_at(at(2)).build();
    assert_eq!(store.insert(&[limited("limited-c", 3), good.clone()]).await.unwrap(), 2);
    assert_eq!(store.insert(&[limited("limited-d", 4)]).await.unwrap(), 1);
    assert_eq!(latest_of(store, &good).await, [good]);
}

async fn unverified_hardware_hides_nothing_verified(store: &dyn ResultStore) {
    let unseen = |campaign: &str, second| {
        result(campaign, 11).measured_at(at(second)).flag(Flag::HardwareUnverified).build()
    };
    let first = unseen("unseen-a", 1);
    assert_eq!(store.insert(std::slice::from_ref(&first)).await.unwrap(), 1);
    assert_eq!(latest_of(store, &first).await, *std::slice::from_ref(&first), "where there is no other");
    let seen = result("unseen-b", 11).measured_at(at(2)).build();
    assert_eq!(store.insert(&[unseen("unseen-c", 3), seen.clone()]).await.unwrap(), 2);
    assert_eq!(store.insert(&[unseen("unseen-d", 4)]).await.unwrap(), 1);
    let limited = result("unseen-e", 11).measured_at(at(5)).flag(Flag::ClientLimited).build();
    assert_eq!(store.insert(&[limited]).await.unwrap(), 1);
    assert_eq!(latest_of(store, &seen).await, [seen]);
}

async fn provenances_stay_apart(store: &dyn ResultStore) {
    let measured = result("real", 6).measured_at(at(1)).build();
    let simulated = result("sim", 6).measured_at(at(2)).provenance(Provenance::Simulated).build();
    assert_eq!(store.insert(&[simulated.clone(), measured.clone()]).await.unwrap(), 2);
    assert_eq!(latest_of(store, &measured).await, [measured, simulated]);
}

async fn histories_are_in_order(store: &dyn ResultStore) {
    let mut told: Vec<_> = [30, 10, 20]
        .into_iter()
        .zip(1..)
        .map(|(second, trial)| result("order", 7).trial(trial).measured_at(at(second)).build())
        .collect();
    assert_eq!(store.insert(&told).await.unwrap(), 3);
    told.sort_by_key(|r| r.measured_at);
    assert_eq!(store.of_campaign(&id("order")).await.unwrap(), told);
    assert_eq!(store.history(&told[0].config_id).await.unwrap(), told);
    let latest = store.latest().await.unwrap();
    assert!(latest.is_sorted_by_key(|r| (r.config_id.clone(), r.provenance.name())));
}

async fn the_revision_grows_with_results_only(store: &dyn ResultStore) {
    let before = store.revision().await.unwrap();
    let told = result("revision", 8).build();
    assert_eq!(store.insert(std::slice::from_ref(&told)).await.unwrap(), 1);
    let after = store.revision().await.unwrap();
    assert!(after > before);
    assert_eq!(store.insert(&[told]).await.unwrap(), 0);
    assert_eq!(store.revision().await.unwrap(), after);
}

async fn what_cannot_be_read_back_is_refused_whole(store: &dyn ResultStore) {
    let good = result("not-finite", 9).build();
    let bad = result("not-finite", 10).metrics(|m| m.output_tps = f64::NAN).build();
    assert!(store.insert(&[good, bad]).await.is_err());
    assert_eq!(store.of_campaign(&id("not-finite")).await.unwrap(), []);
}

/// After everything above: with gaps, flags and provenances.
async fn columns_are_those_of_the_latest(store: &dyn ResultStore) {
    let latest = store.latest().await.unwrap();
    assert!(latest.len() > 8);
    // As text, since a gap is NaN, which equals nothing.
    let expected = format!("{:?}", LatestColumns::from_results(&latest));
    assert_eq!(format!("{:?}", store.latest_columns().await.unwrap()), expected);
}

/// Promises under races, between two adapters over the same store.
///
/// # Panics
/// When one is broken.
pub async fn results_race(one: &dyn ResultStore, other: &dyn ResultStore) {
    let before = one.revision().await.unwrap();
    // The same result told by many at once is stored once.
    let same = result("race-same", 1).build();
    let told = (0..RACERS).map(|i| [one, other][i % 2].insert(std::slice::from_ref(&same)));
    let new: u64 = join_all(told).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(new, 1);

    // Different results of the same configurations, in orders that would deadlock row locks.
    let sets: Vec<Vec<BenchmarkResult>> = (0..u32::try_from(RACERS).unwrap())
        .map(|racer| {
            let mut set: Vec<_> = (1..=8)
                .map(|c| result(&format!("race-{racer}"), c).measured_at(at(i64::from(racer))).build())
                .collect();
            if racer % 2 == 1 {
                set.reverse();
            }
            set
        })
        .collect();
    let told = sets.iter().enumerate().map(|(i, set)| [one, other][i % 2].insert(set));
    let new: u64 = join_all(told).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(new, 8 * RACERS as u64);
    let last = at(RACERS as i64 - 1);
    let latest = one.latest().await.unwrap();
    assert_eq!(latest.iter().filter(|r| r.measured_at == last).count(), 8);
    assert_eq!(other.revision().await.unwrap(), before + 1 + 8 * RACERS as u64);
    let identity = one.identity().await.unwrap();
    assert!(!identity.is_empty() && other.identity().await.unwrap() == identity);
}
