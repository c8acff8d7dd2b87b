//! How jobs end, and what becomes of their campaign.

use std::sync::atomic::Ordering;

use domain::{BatchId, CampaignSpec};
use events::{BatchEnded, BatchesSubmitted, EventBody, JobOutcome};
use store::ports::dispatcher::STOPPED;
use store::{BatchState, CampaignRecord, CampaignState, Dispatcher, Ledger, ObjectKey};
use testkit::fixtures::{at, campaign_record};
use track_progress::{batch_ended, batches_submitted, money_spent};

use crate::scene::{Scene, interrupted};

#[tokio::test]
async fn a_job_is_believed_only_when_every_trial_has_an_outcome() {
    let scene = Scene::new(1).await;
    scene.work(0, 1).await;
    scene.end(0, JobOutcome::Finished).await;
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs, scene.submitted()), (BatchState::Submitted, 0, 1));
    assert_eq!(scene.campaign().await.state, CampaignState::Running);
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Finished);
    assert_eq!(scene.campaign().await.state, CampaignState::Completed);
}

#[tokio::test]
async fn a_job_counts_once_however_often_it_is_told() {
    let scene = Scene::new(1).await;
    let first = scene.ended(0, interrupted());
    let second = scene.ended(0, interrupted());
    for event in [&first, &first, &second, &first, &second] {
        batch_ended(&scene.context, event, at(3)).await.unwrap();
    }
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs), (BatchState::Submitted, 2));
}

#[tokio::test]
async fn a_job_that_got_somewhere_begins_the_count_anew() {
    let scene = Scene::new(1).await;
    scene.end(0, interrupted()).await;
    scene.end(0, interrupted()).await;
    assert_eq!(scene.batch(0).await.fruitless_jobs, 2);
    scene.work(0, 1).await;
    scene.end(0, interrupted()).await;
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, batch.fruitless_jobs, scene.submitted()), (BatchState::Submitted, 0, 3));
}

#[tokio::test]
async fn a_failure_that_is_told_late_does_not_fail_what_was_tried_again() {
    let scene = Scene::new(1).await;
    let failed = || JobOutcome::Failed { reason: "the key of the hub is missing; set it".to_owned() };
    let first = scene.ended(0, failed());
    batch_ended(&scene.context, &first, at(3)).await.unwrap();
    assert_eq!(scene.batch(0).await.state, BatchState::Failed);
    // Somebody set it, and its batch has a job again.
    scene.ledger.forget_failures(&scene.campaign).await.unwrap();
    let batch = scene.batch(0).await;
    scene.ledger.set_batch_state(&batch.id, BatchState::Submitted, None).await.unwrap();
    scene.jobs.submit(&(&batch).into()).await.unwrap();
    let was = scene.campaign().await;
    let running = CampaignRecord { state: CampaignState::Running, ..was.clone() };
    scene.ledger.update_campaign(&was, &running).await.unwrap();
    for late in [&first, &scene.ended(0, failed())] {
        batch_ended(&scene.context, late, at(4)).await.unwrap();
        assert_eq!(scene.batch(0).await.state, BatchState::Submitted, "{}", late.job);
    }
    // What that one tells of itself is heard, also before the dispatcher knows it.
    let id = scene.jobs.known.lock().unwrap()[0].id.parse().unwrap();
    batch_ended(&scene.context, &BatchEnded { job: id, ..first }, at(5)).await.unwrap();
    assert_eq!(scene.batch(0).await.state, BatchState::Failed);
}

#[tokio::test]
async fn a_campaign_ends_with_its_last_batch_and_says_what_is_missing() {
    let mut scene = Scene::new(2).await;
    scene.end(0, JobOutcome::Failed { reason: "the engine is away; start it".to_owned() }).await;
    assert_eq!(scene.campaign().await.state, CampaignState::Running);
    scene.work(1, 2).await;
    scene.end(1, JobOutcome::Finished).await;
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Completed);
    assert_eq!(campaign.message.unwrap(), "batch demo.b0 did not finish: the engine is away; start it");
    let told = scene.events.try_recv().unwrap();
    assert!(matches!(told.body, EventBody::CampaignCompleted(_)));
    // Who heard it first may have died before telling. Both tellings have one id.
    scene.end(1, JobOutcome::Finished).await;
    assert_eq!(scene.events.try_recv().unwrap().id, told.id);
}

#[tokio::test]
async fn a_campaign_that_failed_is_told_so_again_when_its_last_batch_has_ended() {
    let mut scene = Scene::new(2).await;
    let was = scene.campaign().await;
    let why = "the bus was away".to_owned();
    let failed = CampaignRecord { state: CampaignState::Failed, message: Some(why.clone()), ..was.clone() };
    scene.ledger.update_campaign(&was, &failed).await.unwrap();
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert!(scene.events.try_recv().is_err(), "the other runs still");
    scene.work(1, 2).await;
    scene.end(1, JobOutcome::Finished).await;
    let EventBody::CampaignFailed(told) = scene.events.try_recv().unwrap().body else { panic!("a failure") };
    assert_eq!((told.campaign, told.request, told.reason), (scene.campaign.clone(), 1, why));
    assert_eq!(scene.campaign().await.state, CampaignState::Failed);
}

#[tokio::test]
async fn a_campaign_of_which_nothing_is_submitted_is_complete() {
    let mut scene = Scene::new(1).await;
    let batch = BatchId::new(&scene.campaign, 0);
    scene.ledger.set_batch_state(&batch, BatchState::OverBudget, Some("too dear")).await.unwrap();
    let event = BatchesSubmitted {
        campaign: scene.campaign.clone(),
        request: 1,
        submitted: vec![],
        over_budget: vec![batch],
    };
    batches_submitted(&scene.context, &event, at(3)).await.unwrap();
    assert_eq!(scene.campaign().await.state, CampaignState::Completed);
    assert!(matches!(scene.events.try_recv().unwrap().body, EventBody::CampaignCompleted(_)));
}

#[tokio::test]
async fn an_end_that_belongs_to_nobody_changes_nothing() {
    let scene = Scene::new(1).await;
    scene.end(7, JobOutcome::Finished).await;
    assert_eq!((scene.batch(0).await.state, scene.submitted()), (BatchState::Submitted, 0));
}

/// Each batch should cost 0.25 USD, and each trial costs 0.5.
#[tokio::test]
async fn what_the_budget_does_not_pay_for_any_more_is_withdrawn() {
    let scene = Scene::new(5).await;
    let key = ObjectKey::spec(&scene.campaign);
    let budget = async |usd: f64| {
        let text = format!("{{name: demo, models: [llama-3.1-8b-instruct], budget_usd: {usd}}}");
        let spec = serde_json::to_vec(&CampaignSpec::from_yaml(&text).unwrap()).unwrap();
        scene.context.objects.put(&key, &spec).await.unwrap();
    };
    budget(1.5).await;
    scene.work(0, 1).await;
    scene.end(0, interrupted()).await;
    let states = async || {
        let batches = scene.ledger.batches(&scene.campaign).await.unwrap();
        batches.iter().map(|b| b.state).collect::<Vec<_>>()
    };
    use BatchState::{Finished, OverBudget, Submitted};
    // 0.5 are spent, 0.125 are to come of the first batch, and three more fit beside it.
    assert_eq!(states().await, [Submitted, Submitted, Submitted, Submitted, OverBudget]);
    let message = scene.batch(4).await.message.unwrap();
    assert_eq!(
        message,
        "0.50 USD are spent and jobs under way take 0.12 more by the forecast, of a budget of 1.50"
    );
    scene.work(0, 2).await;
    scene.end(0, JobOutcome::Finished).await;
    assert_eq!(states().await, [Finished, Submitted, Submitted, OverBudget, OverBudget]);
    // Whoever is interrupted when all is spent is not submitted again.
    scene.submitted();
    scene.work(1, 1).await;
    scene.end(1, interrupted()).await;
    assert_eq!(states().await, [Finished, OverBudget, OverBudget, OverBudget, OverBudget]);
    assert_eq!(scene.submitted(), 0);
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Completed);
    assert!(campaign.message.unwrap().starts_with("4 batches did not finish; the first, demo.b1: 1.50 USD"));
}

/// Whoever withdraws many notes each when all are: their ends are told meanwhile.
#[tokio::test]
async fn a_withdrawn_batch_whose_end_is_told_first_is_over_budget_all_the_same() {
    let scene = Scene::new(1).await;
    let withdrawn = JobOutcome::Interrupted { reason: format!("{STOPPED}: the budget is used up") };
    scene.end(0, withdrawn).await;
    let batch = scene.batch(0).await;
    assert_eq!((batch.state, scene.submitted()), (BatchState::OverBudget, 0));
    assert_eq!(scene.campaign().await.state, CampaignState::Completed);
}

#[tokio::test]
async fn a_batch_that_may_not_be_submitted_again_waits_with_its_campaign() {
    let mut scene = Scene::new(2).await;
    scene.jobs.denied.store(true, Ordering::Relaxed);
    scene.end(0, interrupted()).await;
    let campaign = scene.campaign().await;
    assert_eq!(campaign.state, CampaignState::Paused);
    assert!(campaign.message.as_ref().unwrap().contains("an explicit deny"), "{campaign:?}");
    scene.hear_held().await;
    assert_eq!(
        (scene.batch(0).await.state, scene.batch(1).await.state),
        (BatchState::Pending, BatchState::Pending)
    );
}

#[tokio::test]
async fn when_the_months_money_is_spent_every_campaign_under_way_is_paused() {
    let mut scene = Scene::new(1).await;
    for state in [CampaignState::Requested, CampaignState::Completed, CampaignState::Paused] {
        let record = CampaignRecord { state, ..campaign_record(&format!("{state:?}").to_lowercase()) };
        scene.ledger.create_campaign(&record).await.unwrap();
    }
    money_spent(&scene.context, at(5)).await.unwrap();
    let state = async |id: &str| {
        let campaign = scene.ledger.campaign(&id.parse().unwrap()).await.unwrap().unwrap();
        (campaign.state, campaign.message.is_some_and(|why| why.contains("money")))
    };
    assert_eq!(state("demo").await, (CampaignState::Paused, true));
    assert_eq!(state("requested").await, (CampaignState::Paused, true));
    assert_eq!(state("completed").await, (CampaignState::Completed, false));
    assert_eq!(state("paused").await, (CampaignState::Paused, false), "by somebody, for reasons of his own");
    assert_eq!(scene.hear_held().await, 2);
    assert_eq!(scene.batch(0).await.state, BatchState::Pending, "its job was stopped");
    // Whoever paused them may have died before telling.
    money_spent(&scene.context, at(6)).await.unwrap();
    assert_eq!(scene.hear_held().await, 2);
}

#[tokio::test]
async fn when_the_months_money_is_spent_a_failed_campaign_has_no_jobs_either() {
    let scene = Scene::new(2).await;
    let was = scene.campaign().await;
    let failed = CampaignRecord { state: CampaignState::Failed, ..was.clone() };
    scene.ledger.update_campaign(&was, &failed).await.unwrap();
    // A host is lost: it goes on, until its jobs are stopped.
    scene.end(0, interrupted()).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Submitted);
    let submitted = scene.jobs.submitted.lock().unwrap().len();
    scene.end(0, JobOutcome::Interrupted { reason: format!("{STOPPED}: the month's money is spent") }).await;
    assert_eq!(scene.batch(0).await.state, BatchState::Pending);
    assert_eq!(scene.jobs.submitted.lock().unwrap().len(), submitted);
    money_spent(&scene.context, at(5)).await.unwrap();
    assert_eq!(scene.batch(1).await.state, BatchState::Pending, "it waited");
    assert_eq!(scene.campaign().await.state, CampaignState::Failed);
}
