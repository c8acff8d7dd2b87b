//! What every ledger must do with campaigns, batches and outcomes. Claims are in their own suite.

use std::collections::BTreeSet;
use std::sync::Mutex;

use chrono::TimeDelta;
use domain::{BatchId, ConfigId, JobId, RunId};
use futures::future::join_all;
use store::{
    BatchRecord, BatchState, CampaignRecord, CampaignState, Checkpoint, Claim, Ledger, StoreError,
    TrialOutcome,
};

use super::RACERS;
use crate::fixtures::{at, batch_record, campaign_record};

/// Every promise about campaigns, batches and outcomes.
///
/// # Panics
/// When one is broken.
pub async fn ledger(ledger: &dyn Ledger) {
    campaigns_are_kept(ledger).await;
    of_racing_creators_one_creates(ledger).await;
    batches_are_kept_in_order(ledger).await;
    batch_states_are_set(ledger).await;
    a_batch_is_changed_as_it_was_read(ledger).await;
    of_racing_changes_of_a_batch_one_is_made(ledger).await;
    a_stored_outcome_is_final(ledger).await;
    failures_are_forgotten(ledger).await;
    an_interrupted_job_counts_once(ledger).await;
    a_key_is_taken_once_until_it_expires(ledger).await;
    of_racing_takers_of_a_key_one_gets_it(ledger).await;
}

/// A campaign with so many batches.
pub(super) async fn with_batches(ledger: &dyn Ledger, name: &str, batches: u32) -> Vec<BatchRecord> {
    let record = campaign_record(name);
    assert_eq!(ledger.create_campaign(&record).await.unwrap(), None);
    let batches: Vec<_> = (0..batches).map(|index| batch_record(&record.id, index)).collect();
    ledger.add_batches(&batches).await.unwrap();
    batches
}

/// Claims a batch that nobody has.
pub(super) async fn granted(ledger: &dyn Ledger, batch: &BatchId, seconds: i64) -> u32 {
    match ledger.claim(batch, "runner", at(seconds), TimeDelta::seconds(5)).await.unwrap() {
        Claim::Granted { attempt } => attempt,
        Claim::Held { holder, until } => panic!("{batch} is held by {holder} until {until}"),
    }
}

pub(super) fn outcome(batch: &BatchRecord, trial: u32, attempt: u32, failure: Option<&str>) -> Checkpoint {
    let config_id: ConfigId = "00ff00ff00ff00ff".parse().expect("a config id");
    Checkpoint {
        run_id: RunId::new(&batch.campaign, &config_id, trial),
        config_id,
        outcome: failure
            .map_or(TrialOutcome::Stored, |reason| TrialOutcome::Failed { reason: reason.to_owned() }),
        attempt,
        usd: (trial != 2).then_some(0.125),
        machine_s: (trial != 2).then_some(225.0),
        at: at(i64::from(trial)),
    }
}

async fn campaigns_are_kept(ledger: &dyn Ledger) {
    assert_eq!(ledger.campaigns().await.unwrap(), []);
    let mut first = campaign_record("kept-1");
    let second = CampaignRecord { created_at: at(1), ..campaign_record("kept-2") };
    assert_eq!(ledger.campaign(&first.id).await.unwrap(), None);
    assert_eq!(ledger.create_campaign(&first).await.unwrap(), None);
    assert_eq!(ledger.create_campaign(&second).await.unwrap(), None);
    let again = CampaignRecord { name: "other".to_owned(), ..first.clone() };
    assert_eq!(ledger.create_campaign(&again).await.unwrap(), Some(first.clone()));
    assert_eq!(ledger.campaigns().await.unwrap(), [second, first.clone()]);

    for state in [
        CampaignState::Planned,
        CampaignState::Running,
        CampaignState::Failed,
        CampaignState::Paused,
        CampaignState::Cancelled,
        CampaignState::Completed,
        CampaignState::Requested,
    ] {
        let was = first.clone();
        first = CampaignRecord {
            state,
            request: first.request + 1,
            feasible: 9_000,
            infeasible: 77,
            message: Some("it's a \"message\"\nof two lines".to_owned()),
            updated_at: at(7) + TimeDelta::nanoseconds(1),
            end_is_untold: !first.end_is_untold,
            ..first
        };
        ledger.update_campaign(&was, &first).await.unwrap();
        // Whoever read it before changes nothing.
        let late = ledger.update_campaign(&was, &again).await;
        assert!(matches!(late, Err(StoreError::Changed { .. })), "{late:?}");
        assert_eq!(ledger.campaign(&first.id).await.unwrap(), Some(first.clone()));
    }
    let record = campaign_record("unknown");
    let unknown = ledger.update_campaign(&record, &record).await;
    assert!(matches!(unknown, Err(StoreError::Missing { .. })), "{unknown:?}");
}

async fn of_racing_creators_one_creates(ledger: &dyn Ledger) {
    let records: Vec<_> = (0..RACERS)
        .map(|racer| CampaignRecord { name: format!("racer-{racer}"), ..campaign_record("racing") })
        .collect();
    let created = join_all(records.iter().map(|record| ledger.create_campaign(record))).await;
    let there: Vec<_> = created.into_iter().map(Result::unwrap).collect();
    assert_eq!(there.iter().filter(|existing| existing.is_none()).count(), 1);
    let winner = &records[there.iter().position(Option::is_none).expect("the winner")];
    assert!(there.iter().flatten().all(|existing| existing == winner));
}

async fn batches_are_kept_in_order(ledger: &dyn Ledger) {
    let batches = with_batches(ledger, "order", 12).await;
    let campaign = &batches[0].campaign;
    assert_eq!(ledger.batches(campaign).await.unwrap(), batches, "10 comes after 9");

    // Adding them again changes nothing, but adds the new one.
    let mut more: Vec<_> = batches.iter().cloned().map(|b| BatchRecord { trials: 99, ..b }).collect();
    more.insert(0, batch_record(campaign, 12));
    ledger.add_batches(&more).await.unwrap();
    let all = ledger.batches(campaign).await.unwrap();
    assert_eq!(all[..12], batches);
    assert_eq!(all[12..], more[..1]);
    assert_eq!(ledger.batch(&more[0].id).await.unwrap(), Some(more[0].clone()));
    assert_eq!(ledger.batch(&BatchId::new(campaign, 13)).await.unwrap(), None);
    assert_eq!(ledger.batches(&"nobody".parse().expect("an id")).await.unwrap(), []);
}

async fn batch_states_are_set(ledger: &dyn Ledger) {
    let mut record = with_batches(ledger, "states", 1).await.remove(0);
    record.attempt = granted(ledger, &record.id, 0).await;
    for (nth, state) in [
        BatchState::Submitted,
        BatchState::Finished,
        BatchState::Failed,
        BatchState::OverBudget,
        BatchState::Cancelled,
        BatchState::Pending,
    ]
    .into_iter()
    .enumerate()
    {
        record.state = state;
        record.submissions += u32::from(state == BatchState::Submitted);
        record.message = (nth % 2 == 0).then(|| format!("message {nth}"));
        ledger.set_batch_state(&record.id, state, record.message.as_deref()).await.unwrap();
        assert_eq!(ledger.batch(&record.id).await.unwrap(), Some(record.clone()));
    }
    let unknown = BatchId::new(&record.campaign, 9);
    let set = ledger.set_batch_state(&unknown, BatchState::Failed, None).await;
    assert!(matches!(set, Err(StoreError::Missing { .. })), "{set:?}");
}

async fn a_batch_is_changed_as_it_was_read(ledger: &dyn Ledger) {
    let read = with_batches(ledger, "changes", 1).await.remove(0);
    let now = async || ledger.batch(&read.id).await.unwrap().expect("it is there");
    ledger.change_batch_state(&read, BatchState::Submitted, Some("first")).await.unwrap();
    let submitted = now().await;
    assert_eq!((submitted.state, submitted.submissions), (BatchState::Submitted, 1));
    // Whoever read it before changes nothing: not when its state is another, nor when it was submitted again.
    ledger.change_batch_state(&submitted, BatchState::Submitted, Some("again")).await.unwrap();
    for late in [&read, &submitted] {
        let changed = ledger.change_batch_state(late, BatchState::Pending, None).await;
        assert!(matches!(changed, Err(StoreError::Changed { .. })), "{changed:?}");
    }
    let again = now().await;
    assert_eq!((again.submissions, again.message.as_deref()), (2, Some("again")));
    ledger.note_interruption(&read.id, &"one".parse().expect("a job"), 0, "why").await.unwrap();
    ledger.change_batch_state(&again, BatchState::Pending, None).await.unwrap();
    let pending = now().await;
    assert_eq!((pending.state, pending.submissions, pending.fruitless_jobs), (BatchState::Pending, 2, 0));
    let unknown = BatchRecord { id: BatchId::new(&read.campaign, 9), ..read.clone() };
    let changed = ledger.change_batch_state(&unknown, BatchState::Failed, None).await;
    assert!(matches!(changed, Err(StoreError::Missing { .. })), "{changed:?}");
}

async fn of_racing_changes_of_a_batch_one_is_made(ledger: &dyn Ledger) {
    let read = with_batches(ledger, "racing-changes", 1).await.remove(0);
    let messages: Vec<String> = (0..RACERS).map(|racer| format!("racer {racer}")).collect();
    let changes =
        messages.iter().map(|message| ledger.change_batch_state(&read, BatchState::Submitted, Some(message)));
    let changed = join_all(changes).await;
    assert_eq!(changed.iter().filter(|changed| changed.is_ok()).count(), 1, "{changed:?}");
    assert_eq!(ledger.batch(&read.id).await.unwrap().map(|batch| batch.submissions), Some(1));
}

async fn a_stored_outcome_is_final(ledger: &dyn Ledger) {
    let batch = with_batches(ledger, "final", 1).await.remove(0);
    let attempt = granted(ledger, &batch.id, 0).await;
    assert!(ledger.checkpoints(&batch.id).await.unwrap().is_empty());

    let failed = outcome(&batch, 1, attempt, Some("the engine did not start; look at its log"));
    let failed_again = outcome(&batch, 1, attempt, Some("out of memory; use a larger GPU"));
    let stored = outcome(&batch, 1, attempt, None);
    let later = Checkpoint { at: at(50), ..stored.clone() };
    for (told, kept) in [
        (&failed, &failed),
        (&failed_again, &failed_again),
        (&stored, &stored),
        (&later, &stored),
        (&failed, &stored),
    ] {
        ledger.checkpoint(&batch.id, told).await.unwrap();
        let outcomes = ledger.checkpoints(&batch.id).await.unwrap();
        assert_eq!(outcomes.into_values().collect::<Vec<_>>(), std::slice::from_ref(kept));
    }
    let other = outcome(&batch, 2, attempt, None);
    ledger.checkpoint(&batch.id, &other).await.unwrap();
    let outcomes = ledger.checkpoints(&batch.id).await.unwrap();
    assert_eq!(outcomes.get(&other.run_id), Some(&other));
    assert_eq!(outcomes.len(), 2);
}

async fn failures_are_forgotten(ledger: &dyn Ledger) {
    let batches = with_batches(ledger, "forget", 6).await;
    let other = with_batches(ledger, "forget-not", 1).await;
    let states = [
        BatchState::Finished,
        BatchState::Finished,
        BatchState::Failed,
        BatchState::OverBudget,
        BatchState::Submitted,
        BatchState::Cancelled,
    ];
    for (batch, state) in batches.iter().zip(states).chain([(&other[0], BatchState::Failed)]) {
        let attempt = granted(ledger, &batch.id, 0).await;
        ledger.checkpoint(&batch.id, &outcome(batch, 1, attempt, None)).await.unwrap();
        // The first batch is finished without failures.
        if batch.id != batches[0].id {
            ledger.checkpoint(&batch.id, &outcome(batch, 2, attempt, Some("no"))).await.unwrap();
        }
        ledger.set_batch_state(&batch.id, state, Some("why")).await.unwrap();
    }

    assert_eq!(ledger.forget_failures(&batches[0].campaign).await.unwrap(), 5);

    for (batch, state) in batches.iter().zip([
        BatchState::Finished,
        BatchState::Pending,
        BatchState::Pending,
        BatchState::Pending,
        BatchState::Submitted,
        BatchState::Cancelled,
    ]) {
        let now = ledger.batch(&batch.id).await.unwrap().expect("it is there");
        assert_eq!(now.state, state, "{}", batch.id);
        if state == BatchState::Pending {
            assert_eq!((now.fruitless_jobs, now.message), (0, None));
        }
        assert_eq!(ledger.checkpoints(&batch.id).await.unwrap().len(), 1, "the stored outcome stays");
    }
    assert_eq!(ledger.checkpoints(&other[0].id).await.unwrap().len(), 2, "another campaign's stay");
    assert_eq!(ledger.forget_failures(&batches[0].campaign).await.unwrap(), 0);
    assert_eq!(ledger.forget_failures(&"nobody".parse().expect("an id")).await.unwrap(), 0);
}

async fn an_interrupted_job_counts_once(ledger: &dyn Ledger) {
    let batch = with_batches(ledger, "interrupted", 1).await.remove(0);
    let other = with_batches(ledger, "interrupted-not", 1).await.remove(0);
    let job = |name: &str| -> JobId { name.parse().expect("a job id") };
    let told = Mutex::new(BTreeSet::new());
    let note = async |batch: &BatchId, name: &str, outcomes| {
        let noted =
            ledger.note_interruption(batch, &job(name), outcomes, "host was reclaimed").await.unwrap();
        assert_eq!(noted.is_new, told.lock().expect("no panic").insert((batch.clone(), name.to_owned())));
        noted.fruitless_jobs
    };
    assert_eq!(note(&batch.id, "one", 0).await, 1);
    assert_eq!(note(&batch.id, "two", 0).await, 2);
    assert_eq!(note(&batch.id, "one", 0).await, 2, "told late");
    assert_eq!(note(&batch.id, "two", 2).await, 2, "told again after others found outcomes");
    assert_eq!(note(&batch.id, "three", 2).await, 0, "two new outcomes");
    assert_eq!(note(&batch.id, "four", 2).await, 1, "no new one");
    assert_eq!(note(&other.id, "one", 0).await, 1, "of another batch");
    let kept = ledger.batch(&batch.id).await.unwrap().expect("it is there");
    assert_eq!((kept.fruitless_jobs, kept.message.as_deref()), (1, Some("host was reclaimed")));

    // What told the same at the same moment is counted once.
    let racing = job("racing");
    let told = (0..RACERS).map(|_| ledger.note_interruption(&batch.id, &racing, 2, "again"));
    let noted: Vec<_> = join_all(told).await.into_iter().map(Result::unwrap).collect();
    assert!(noted.iter().all(|noted| noted.fruitless_jobs == 2));
    assert_eq!(noted.iter().filter(|noted| noted.is_new).count(), 1);

    ledger.set_batch_state(&batch.id, BatchState::Submitted, None).await.unwrap();
    assert_eq!(note(&batch.id, "six", 2).await, 3, "submitting goes on counting");
    ledger.set_batch_state(&batch.id, BatchState::Pending, None).await.unwrap();
    assert_eq!(note(&batch.id, "seven", 2).await, 1, "one that is pending begins anew");
    let unknown = BatchId::new(&batch.campaign, 9);
    let noted = ledger.note_interruption(&unknown, &racing, 0, "why").await;
    assert!(matches!(noted, Err(StoreError::Missing { .. })), "{noted:?}");
}

async fn a_key_is_taken_once_until_it_expires(ledger: &dyn Ledger) {
    let take =
        async |key: &str, second| ledger.take_key(key, at(second), TimeDelta::seconds(10)).await.unwrap();
    assert!(take("import/a b.csv#é", 0).await);
    assert!(!take("import/a b.csv#é", 9).await, "told again");
    assert!(take("import/other", 9).await);
    assert!(take("import/a b.csv#é", 10).await, "after it expired");
    assert!(!take("import/a b.csv#é", 11).await, "the second taking keeps it as long");
    ledger.give_key_back("import/a b.csv#é").await.unwrap();
    ledger.give_key_back("import/a b.csv#é").await.unwrap();
    assert!(take("import/a b.csv#é", 12).await, "after it was given back");
}

async fn of_racing_takers_of_a_key_one_gets_it(ledger: &dyn Ledger) {
    for second in [0, 100] {
        let taken = (0..RACERS).map(|_| ledger.take_key("racing", at(second), TimeDelta::seconds(10)));
        let taken: Vec<bool> = join_all(taken).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "at {second}");
    }
}
