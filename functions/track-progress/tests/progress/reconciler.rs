//! What was lost is put right by the clock.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use domain::BatchId;
use events::{CampaignUnsettled, Event, EventBody, JobOutcome};
use store::campaigns::{self, give_up};
use store::{BatchState, CampaignRecord, CampaignState, JobState, KnownJob, Ledger};
use testkit::fixtures::{at, campaign_record};
use track_progress::{MAX_FRUITLESS_JOBS, reconcile};

use crate::scene::{Scene, interrupted};

#[tokio::test]
async fn an_end_that_nobody_heard_is_heard_by_the_reconciler() {
    let scene = Scene::new(3).await;
    let job = |index, state| KnownJob {
        id: format!("4c7599ae:{index}"),
        batch: BatchId::new(&scene.campaign, index),
        state,
        lost_a_host: false,
    };
    let failed = JobOutcome::Failed { reason: "the disk is full".to_owned() };
    // Of the third batch no job is known.
    *scene.jobs.known.lock().unwrap() = vec![
        job(0, JobState::Ended(interrupted())),
        job(0, JobState::Ended(failed)),
        job(1, JobState::Running),
    ];
    let soon = scene.campaign().await.updated_at + TimeDelta::minutes(9);
    scene.look(soon).await.unwrap();
    assert_eq!((scene.batch(0).await.state, scene.submitted()), (BatchState::Submitted, 0), "too early");
    for again in [1, 0] {
        scene.look(soon + TimeDelta::minutes(2)).await.unwrap();
        let states = [scene.batch(0).await.state, scene.batch(1).await.state, scene.batch(2).await.state];
        assert_eq!(states, [BatchState::Failed, BatchState::Submitted, BatchState::Submitted]);
        assert_eq!(scene.jobs.submitted.lock().unwrap().drain(..).count(), again, "the third");
        assert_eq!(scene.batch(2).await.fruitless_jobs, 1, "it was lost once, however often that is said");
    }
}

#[tokio::test]
async fn a_job_that_vanishes_each_time_is_not_submitted_for_ever() {
    for is_remembered in [false, true] {
        let scene = Scene::new(1).await;
        let first = KnownJob {
            id: "the-first".to_owned(),
            batch: BatchId::new(&scene.campaign, 0),
            state: JobState::Ended(interrupted()),
            lost_a_host: true,
        };
        let later = scene.campaign().await.updated_at + TimeDelta::hours(1);
        for job in 1..=MAX_FRUITLESS_JOBS {
            assert_eq!(scene.batch(0).await.state, BatchState::Submitted, "job {job}");
            // Those that were submitted after it vanish before they claim their batch.
            *scene.jobs.known.lock().unwrap() = is_remembered.then(|| first.clone()).into_iter().collect();
            scene.look(later).await.unwrap();
            assert_eq!(scene.batch(0).await.fruitless_jobs, job);
        }
        assert_eq!(scene.batch(0).await.state, BatchState::Failed);
        assert_eq!(scene.submitted(), MAX_FRUITLESS_JOBS as usize - 1);
        assert_eq!(scene.campaign().await.state, CampaignState::Completed);
    }
}

#[tokio::test]
async fn many_lost_ends_are_heard_in_rounds_and_a_broken_pass_goes_on_where_it_was() {
    let scene = Scene::new(250).await;
    let later = scene.campaign().await.updated_at + TimeDelta::hours(1);
    *scene.jobs.most.lock().unwrap() = Some(100);
    let broken = scene.look(later).await;
    assert!(broken.is_err());
    *scene.jobs.most.lock().unwrap() = None;
    scene.look(later).await.unwrap();
    assert_eq!(scene.submitted(), 250, "each once");
    assert_eq!(scene.jobs.asked.load(Ordering::Relaxed), 2, "once in a pass");
    let batches = scene.ledger.batches(&scene.campaign).await.unwrap();
    assert!(batches.iter().all(|batch| (batch.fruitless_jobs, batch.submissions) == (1, 2)));
}

#[tokio::test]
async fn what_was_told_and_lost_is_told_again() {
    let mut scene = Scene::new(1).await;
    let record = CampaignRecord { state: CampaignState::Planned, ..campaign_record("planned") };
    scene.ledger.create_campaign(&record).await.unwrap();
    scene.ledger.set_batch_state(&BatchId::new(&scene.campaign, 0), BatchState::Pending, None).await.unwrap();
    let later = scene.campaign().await.updated_at + TimeDelta::hours(1);
    scene.look(later).await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = scene.events.try_recv() {
        told.push((event.campaign().to_string(), event.body));
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    let [(demo, EventBody::MatrixGenerated(_)), (planned, EventBody::CampaignRequested(_))] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((demo.as_str(), planned.as_str()), ("demo", "planned"));
}

/// What the reconciler tells when it is called so long after a campaign ended so.
async fn told_of(scene: &mut Scene, state: CampaignState, minutes: i64) -> Vec<EventBody> {
    let was = scene.campaign().await;
    let ended = was.ended(state, Some("why".to_owned()), was.updated_at);
    scene.ledger.update_campaign(&was, &ended).await.unwrap();
    scene.look(was.updated_at + TimeDelta::minutes(minutes)).await.unwrap();
    std::iter::from_fn(|| scene.events.try_recv().ok()).map(|event| event.body).collect()
}

#[tokio::test]
async fn the_end_of_a_campaign_is_told_again_until_somebody_has_heard_it() {
    let mut scene = Scene::new(1).await;
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    let first = scene.events.try_recv().unwrap();
    assert!(matches!(first.body, EventBody::CampaignCompleted(_)));
    let completed = scene.campaign().await;
    let later = |minutes| completed.updated_at + TimeDelta::minutes(minutes);
    scene.look(later(9)).await.unwrap();
    assert!(scene.events.try_recv().is_err(), "whoever ended it may be about to tell it");
    for minutes in [11, 21] {
        scene.look(later(minutes)).await.unwrap();
        assert_eq!(scene.events.try_recv().unwrap().id, first.id);
    }
    assert!(scene.campaign().await.end_is_untold);
    campaigns::note_told(scene.ledger.as_ref(), &completed).await.unwrap();
    scene.look(later(31)).await.unwrap();
    assert!(scene.events.try_recv().is_err(), "its report is there");
    assert_eq!(told_of(&mut scene, CampaignState::Completed, 8 * 24 * 60).await, [], "for a week");
    assert!(!scene.campaign().await.end_is_untold);
}

#[tokio::test]
async fn a_failure_that_is_given_up_is_told_again() {
    let mut scene = Scene::new(1).await;
    assert_eq!(told_of(&mut scene, CampaignState::Failed, 9).await, []);
    let [EventBody::CampaignFailed(failed)] = &told_of(&mut scene, CampaignState::Failed, 11).await[..]
    else {
        panic!("one failure")
    };
    assert_eq!(failed.reason, "why");
    let (ledger, bus) = (scene.context.ledger.as_ref(), scene.context.bus.as_ref());
    let told = Event::new(EventBody::CampaignFailed(failed.clone()), at(9));
    assert!(give_up(ledger, bus, &told, "nobody answers".to_owned(), at(9)).await.unwrap());
    scene.look(at(9) + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(scene.events.try_recv().unwrap().id, told.id, "whoever was away is back");
    // Somebody cancels it: that is another end.
    let was = scene.campaign().await;
    let cancelled = was.ended(CampaignState::Cancelled, None, at(10));
    scene.ledger.update_campaign(&was, &cancelled).await.unwrap();
    give_up(ledger, bus, &told, "nobody answers".to_owned(), at(11)).await.unwrap();
    assert!(scene.campaign().await.end_is_untold);
}

#[tokio::test]
async fn a_report_that_cannot_be_made_is_not_tried_for_ever() {
    let mut scene = Scene::new(1).await;
    let batch = BatchId::new(&scene.campaign, 0);
    scene.ledger.set_batch_state(&batch, BatchState::Cancelled, None).await.unwrap();
    for (state, then) in [
        (CampaignState::Cancelled, (CampaignState::Cancelled, "why; its report is not made: too long")),
        (CampaignState::Completed, (CampaignState::Failed, "too long")),
    ] {
        let told = told_of(&mut scene, state, 11).await;
        let [body @ EventBody::CampaignCompleted(_)] = &told[..] else { panic!("{told:?}") };
        let (ledger, bus) = (scene.context.ledger.as_ref(), scene.context.bus.as_ref());
        give_up(ledger, bus, &Event::new(body.clone(), at(9)), "too long".to_owned(), at(9)).await.unwrap();
        let campaign = scene.campaign().await;
        assert_eq!((campaign.state, campaign.message.as_deref()), (then.0, Some(then.1)));
        assert_eq!(
            campaign.end_is_untold,
            campaign.state == CampaignState::Failed,
            "of a failure people hear"
        );
        while scene.events.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn a_cancelled_campaign_whose_cancelling_was_lost_comes_to_its_end() {
    let mut scene = Scene::new(2).await;
    // It was paused before, so that nothing of it runs.
    for index in 0..2 {
        let batch = BatchId::new(&scene.campaign, index);
        scene.ledger.set_batch_state(&batch, BatchState::Pending, None).await.unwrap();
    }
    let told = told_of(&mut scene, CampaignState::Cancelled, 11).await;
    assert!(matches!(told[..], [EventBody::CampaignCompleted(_)]), "{told:?}");
    assert_eq!(scene.batch(0).await.state, BatchState::Cancelled);
}

#[tokio::test]
async fn every_campaign_that_is_not_settled_is_looked_at_by_itself() {
    let mut scene = Scene::new(1).await;
    for (name, state, end_is_untold) in [
        ("asked", CampaignState::Requested, false),
        ("held", CampaignState::Paused, false),
        ("over", CampaignState::Completed, false),
        ("untold", CampaignState::Failed, true),
    ] {
        let record = CampaignRecord { state, end_is_untold, ..campaign_record(name) };
        scene.ledger.create_campaign(&record).await.unwrap();
    }
    let mut ids = std::collections::BTreeSet::new();
    for looked_at in [at(600), at(600), at(1200)] {
        reconcile(&scene.context, looked_at).await.unwrap();
        let told = std::iter::from_fn(|| scene.events.try_recv().ok()).map(|event| {
            let EventBody::CampaignUnsettled(unsettled) = event.body else { panic!("{event:?}") };
            assert_eq!(unsettled.looked_at, looked_at);
            ids.insert(event.id);
            unsettled.campaign.to_string()
        });
        let mut told: Vec<String> = told.collect();
        told.sort();
        assert_eq!(told, ["asked", "demo", "held", "untold"]);
    }
    assert_eq!(ids.len(), 8, "told twice it is one event, and each look is another");
}

#[tokio::test]
async fn a_campaign_that_cannot_be_looked_at_has_not_failed() {
    let scene = Scene::new(1).await;
    let looked = CampaignUnsettled { campaign: scene.campaign.clone(), request: 1, looked_at: at(600) };
    let told = Event::new(EventBody::CampaignUnsettled(looked), at(600));
    let (ledger, bus) = (scene.context.ledger.as_ref(), scene.context.bus.as_ref());
    let is_lost = give_up(ledger, bus, &told, "nobody answers".to_owned(), at(601)).await.unwrap();
    assert_eq!((is_lost, scene.campaign().await.state), (false, CampaignState::Running));
}

#[tokio::test]
async fn what_ended_before_this_was_noted_is_not_told_again() {
    let mut scene = Scene::new(1).await;
    for state in [CampaignState::Completed, CampaignState::Failed, CampaignState::Cancelled] {
        let record = CampaignRecord { state, ..campaign_record(&format!("{state:?}").to_lowercase()) };
        scene.ledger.create_campaign(&record).await.unwrap();
    }
    scene.look(scene.campaign().await.updated_at + TimeDelta::days(1)).await.unwrap();
    let told = scene.events.try_recv();
    assert!(told.is_err(), "{told:?}");
}
