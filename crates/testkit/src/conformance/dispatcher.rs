//! What every **dispatcher** must do, wherever its jobs run.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{BatchId, CampaignId};
use events::{BatchEnded, JobOutcome};
use store::ports::dispatcher::{INTERRUPTED, STOPPED};
use store::{Dispatcher, Job};

/// A place where jobs run, in which a test has a hand.
#[async_trait]
pub trait DispatcherSite: Send {
    /// The dispatcher.
    fn dispatcher(&self) -> &dyn Dispatcher;

    /// Makes a batch known, as the splitting of a campaign does before it submits jobs.
    async fn prepare(&mut self, job: &Job);

    /// There is room for one of the jobs that wait, whichever that is, and its runner runs: the batch of it. One that was
    /// begun has exited before another is, so that one host is enough.
    async fn begin(&mut self) -> BatchId;

    /// The runner of a batch exits. One that was told to stop exits in the same way.
    async fn exit(&mut self, batch: &BatchId, code: i32);

    /// The next end of a job that is published.
    async fn ended(&mut self) -> BatchEnded;

    /// How many jobs there were for a batch, those that ended included; `None` where nobody knows.
    async fn jobs(&mut self, batch: &BatchId) -> Option<usize>;
}

fn job(campaign: &CampaignId, index: u32) -> Job {
    Job { batch: BatchId::new(campaign, index), campaign: campaign.clone(), gpu_count: 1, place: None }
}

/// Runs the suite.
///
/// # Panics
/// At the first promise that is broken.
pub async fn dispatcher(site: &mut dyn DispatcherSite) {
    a_batch_has_one_job_at_a_time(site).await;
    bad_input_has_failed(site).await;
    what_waits_can_be_withdrawn(site).await;
    what_is_stopped_is_interrupted(site).await;
}

async fn prepared(site: &mut dyn DispatcherSite, campaign: &str, jobs: u32) -> (CampaignId, Vec<Job>) {
    let campaign: CampaignId = campaign.parse().unwrap();
    let jobs: Vec<Job> = (0..jobs).map(|index| job(&campaign, index)).collect();
    for job in &jobs {
        site.prepare(job).await;
    }
    (campaign, jobs)
}

async fn a_batch_has_one_job_at_a_time(site: &mut dyn DispatcherSite) {
    let (campaign, jobs) = prepared(site, "suite-a.2", 4).await;
    site.dispatcher().submit_all(&jobs).await.unwrap();
    site.dispatcher().submit_all(&jobs).await.unwrap();
    site.dispatcher().submit(&jobs[2]).await.unwrap();
    for job in &jobs {
        let jobs = site.jobs(&job.batch).await;
        assert!(jobs.is_none_or(|jobs| jobs == 1), "{}: submitted again while it waits", job.batch);
    }
    let mut first = BTreeMap::new();
    while first.len() < jobs.len() {
        let batch = site.begin().await;
        let job = jobs.iter().find(|job| job.batch == batch).unwrap();
        site.dispatcher().submit(job).await.unwrap();
        let jobs = site.jobs(&batch).await;
        assert!(jobs.is_none_or(|jobs| jobs == 1), "{batch}: submitted again while it runs");
        site.exit(&batch, 0).await;
        let ended = site.ended().await;
        assert_eq!((&ended.campaign, &ended.batch), (&campaign, &batch));
        assert_eq!(ended.outcome, JobOutcome::Finished);
        assert_eq!(first.insert(batch, ended.job), None, "each has one job");
    }
    // What ended may be submitted again, as another job.
    site.dispatcher().submit(&jobs[0]).await.unwrap();
    assert!(site.jobs(&jobs[0].batch).await.is_none_or(|jobs| jobs == 2));
    assert_eq!(site.begin().await, jobs[0].batch);
    site.exit(&jobs[0].batch, 0).await;
    let again = site.ended().await.job;
    assert!(first.values().all(|job| *job != again), "{again} ended twice");
}

async fn bad_input_has_failed(site: &mut dyn DispatcherSite) {
    let (_, jobs) = prepared(site, "suite-b", 1).await;
    site.dispatcher().submit(&jobs[0]).await.unwrap();
    assert_eq!(site.begin().await, jobs[0].batch);
    site.exit(&jobs[0].batch, 1).await;
    let ended = site.ended().await;
    assert!(matches!(ended.outcome, JobOutcome::Failed { .. }), "{ended:?}");
}

async fn what_waits_can_be_withdrawn(site: &mut dyn DispatcherSite) {
    let (campaign, jobs) = prepared(site, "suite-c", 3).await;
    site.dispatcher().submit_all(&jobs).await.unwrap();
    let runs = site.begin().await;
    // One runs, one waits, and one is not asked for.
    let mut waiting = jobs.into_iter().map(|job| job.batch).filter(|batch| *batch != runs);
    let (waits, others) = (waiting.next().unwrap(), waiting.next().unwrap());
    let asked = [runs.clone(), waits.clone()].into();
    let withdrawn = site.dispatcher().withdraw(&campaign, &asked, "no budget is left").await.unwrap();
    assert_eq!(withdrawn, [waits.clone()].into(), "what waits is withdrawn, and nothing else");
    site.exit(&runs, 0).await;
    assert_eq!(site.begin().await, others);
    site.exit(&others, 0).await;
    // Whether a job that never began is told is up to the dispatcher; when it is, it is no failure.
    let mut finished = 0;
    while finished < 2 {
        let ended = site.ended().await;
        match ended.outcome {
            JobOutcome::Finished => finished += 1,
            JobOutcome::Interrupted { reason } => {
                assert!(ended.batch == waits && reason.starts_with(STOPPED), "{reason}");
            }
            JobOutcome::Failed { reason } => panic!("{}: {reason}", ended.batch),
        }
    }
    let nothing = site.dispatcher().withdraw(&campaign, &asked, "again").await.unwrap();
    assert!(nothing.is_empty(), "{nothing:?}");
}

async fn what_is_stopped_is_interrupted(site: &mut dyn DispatcherSite) {
    let (campaign, jobs) = prepared(site, "suite-d", 2).await;
    let (_, others) = prepared(site, "suite-e", 1).await;
    site.dispatcher().submit_all(&jobs).await.unwrap();
    let runs = site.begin().await;
    site.dispatcher().submit_all(&others).await.unwrap();
    let running = site.dispatcher().stop(&campaign, "its campaign was paused").await.unwrap();
    assert_eq!(running, [runs.clone()].into(), "those that run are told");
    site.exit(&runs, INTERRUPTED).await;
    loop {
        let ended = site.ended().await;
        let reason = format!("{STOPPED}: its campaign was paused");
        assert_eq!(ended.outcome, JobOutcome::Interrupted { reason }, "{}", ended.batch);
        if ended.batch == runs {
            break;
        }
    }
    let running = site.dispatcher().stop(&campaign, "again").await.unwrap();
    assert!(running.is_empty(), "{running:?}");
    // The other campaign goes on, and nothing else.
    assert_eq!(site.begin().await, others[0].batch);
    site.exit(&others[0].batch, 0).await;
    loop {
        let ended = site.ended().await;
        if ended.batch == others[0].batch {
            assert_eq!(ended.outcome, JobOutcome::Finished);
            return;
        }
    }
}
