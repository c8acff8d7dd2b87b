//! Campaigns that are paused, resumed and cancelled at any moment, with events that come late, twice and in any order.

use domain::{CampaignId, JobId};
use events::{BatchEnded, Event, EventBody, JobOutcome};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use store::campaigns::{Control, ControlError, control, try_again};
use store::ports::dispatcher::STOPPED;
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, Job, ObjectKey, TrialOutcome};

use super::{Live, Stage};

/// Orders that are tried.
const SEEDS: u64 = 8;

/// What happens in each before it settles.
const STEPS: u32 = 60;

/// A campaign with what is on its way.
struct Play {
    stage: Stage,
    random: StdRng,
    campaign: CampaignId,
    /// Events that may be delivered at any time.
    waiting: Vec<Event>,
    /// All that were ever told.
    told: Vec<Event>,
}

impl Play {
    async fn begin(seed: u64) -> Self {
        let stage = Stage::open().await;
        let campaign = stage.trigger().await.campaign().id.clone();
        let random = StdRng::seed_from_u64(seed);
        Self { stage, random, campaign, waiting: vec![], told: vec![] }
    }

    async fn want(&self, wanted: Control) -> Result<CampaignRecord, ControlError> {
        let Stage { ledger, bus, now, .. } = &self.stage;
        control(ledger.as_ref(), bus.as_ref(), &self.campaign, wanted, *now).await
    }

    async fn try_again(&self) -> Result<CampaignRecord, ControlError> {
        let Stage { ledger, bus, now, .. } = &self.stage;
        try_again(ledger.as_ref(), bus.as_ref(), &self.campaign, *now).await
    }

    fn tell(&mut self, event: Event) {
        self.waiting.extend([event.clone(), event.clone()]);
        self.told.push(event);
    }

    fn listen(&mut self) {
        while let Ok(event) = self.stage.events.try_recv() {
            self.tell(event);
        }
    }

    /// Delivers one of the events that wait; false when there is none.
    async fn deliver_one(&mut self) -> bool {
        self.listen();
        if self.waiting.is_empty() {
            return false;
        }
        let event = self.waiting.swap_remove(self.random.random_range(0..self.waiting.len()));
        self.stage.deliver(&event).await;
        true
    }

    /// Something happens to one of the jobs; false when there is none.
    async fn move_a_job(&mut self) -> bool {
        let live = self.stage.jobs.live.lock().unwrap().clone();
        let Some((batch, job)) = live.into_iter().nth(self.random.random_range(0..3)) else { return false };
        let outcome = match job {
            Live::Waits => {
                self.stage.jobs.live.lock().unwrap().insert(batch, Live::Runs);
                return true;
            }
            Live::Runs => {
                let job =
                    Job { campaign: self.campaign.clone(), batch: batch.clone(), gpu_count: 1, place: None };
                self.stage.execute(&job, &TrialOutcome::Stored).await;
                JobOutcome::Finished
            }
            Live::IsToStop => JobOutcome::Interrupted { reason: format!("{STOPPED}: it was held") },
        };
        self.stage.jobs.live.lock().unwrap().remove(&batch);
        let body = BatchEnded { campaign: self.campaign.clone(), batch, job: JobId::random(), outcome };
        self.tell(Event::new(EventBody::BatchEnded(body), self.stage.now));
        true
    }

    async fn step(&mut self) {
        match self.random.random_range(0..10) {
            0..5 => drop(self.deliver_one().await),
            5..8 => drop(self.move_a_job().await),
            // What makes no sense now, such as to pause what is complete, is refused.
            8 => drop(self.want(Control::Pause).await),
            _ => drop(self.want(Control::Resume).await),
        }
    }

    /// Until nothing more happens, and every event has been told once more.
    async fn settle(&mut self) {
        for again in [true, false] {
            while self.deliver_one().await || !self.stage.jobs.live.lock().unwrap().is_empty() {
                self.move_a_job().await;
            }
            if again {
                self.waiting = self.told.clone();
            }
        }
    }

    async fn record(&self) -> CampaignRecord {
        self.stage.ledger.campaign(&self.campaign).await.unwrap().unwrap()
    }

    async fn batches(&self) -> Vec<BatchRecord> {
        self.stage.ledger.batches(&self.campaign).await.unwrap()
    }
}

#[tokio::test]
async fn a_campaign_that_is_paused_and_resumed_at_any_moment_is_completed_in_the_end() {
    let mut paused = 0;
    for seed in 0..SEEDS {
        let mut play = Play::begin(seed).await;
        for _ in 0..STEPS {
            play.step().await;
        }
        if play.want(Control::Pause).await.is_ok() {
            play.settle().await;
            paused += 1;
            let batches = play.batches().await;
            let quiet = |b: &BatchRecord| matches!(b.state, BatchState::Pending | BatchState::Finished);
            assert!(batches.iter().all(quiet), "seed {seed}: {batches:?}");
            assert!(batches.iter().all(|b| b.fruitless_jobs == 0), "seed {seed}: {batches:?}");
            assert_eq!(play.record().await.state, CampaignState::Paused, "seed {seed}");
            play.want(Control::Resume).await.unwrap();
        }
        play.settle().await;
        let (record, batches) = (play.record().await, play.batches().await);
        assert_eq!((record.state, record.message), (CampaignState::Completed, None), "seed {seed}");
        assert!(batches.iter().all(|b| b.state == BatchState::Finished), "seed {seed}: {batches:?}");
        assert_eq!(play.stage.stores.results.of_campaign(&play.campaign).await.unwrap().len(), 8);
        assert!(matches!(play.want(Control::Pause).await, Err(ControlError::Refused { .. })));
        assert!(matches!(play.want(Control::Resume).await, Err(ControlError::Refused { .. })));
        assert!(matches!(play.want(Control::Cancel).await, Err(ControlError::Refused { .. })));
        assert!(matches!(play.try_again().await, Err(ControlError::Refused { .. })));
    }
    assert!(paused > 0, "it was in time for some");
}

#[tokio::test]
async fn a_campaign_that_is_cancelled_at_any_moment_stays_so_and_what_was_measured_is_published() {
    let mut cancelled = 0;
    for seed in 0..SEEDS {
        let mut play = Play::begin(seed).await;
        for _ in 0..seed * u64::from(STEPS) / SEEDS {
            play.step().await;
        }
        if play.want(Control::Cancel).await.is_err() {
            continue; // it was complete
        }
        cancelled += 1;
        play.settle().await;
        for wanted in [Control::Pause, Control::Resume] {
            assert!(matches!(play.want(wanted).await, Err(ControlError::Refused { .. })));
        }
        assert!(matches!(play.try_again().await, Err(ControlError::Refused { .. })));
        assert_eq!(play.want(Control::Cancel).await.unwrap().state, CampaignState::Cancelled);
        play.settle().await;
        assert_eq!(play.record().await.state, CampaignState::Cancelled, "seed {seed}");
        let batches = play.batches().await;
        for batch in &batches {
            match batch.state {
                BatchState::Finished => {}
                BatchState::Cancelled => {
                    assert_eq!(batch.message.as_deref(), Some("its campaign was cancelled"));
                }
                _ => panic!("seed {seed}: {batch:?}"),
            }
        }
        let report = play
            .stage
            .objects
            .get(&ObjectKey::report(&play.campaign, store::ReportForm::Json))
            .await
            .unwrap();
        assert!(report.is_some(), "seed {seed}");
    }
    assert!(cancelled > 0, "it was in time for some");
}

#[tokio::test]
async fn what_failed_is_tried_again_by_request() {
    let mut stage = Stage::open().await;
    let campaign = stage.trigger().await.campaign().id.clone();
    stage.deliver_all_twice().await;
    let failed = TrialOutcome::Failed { reason: "no".to_owned() };
    for job in stage.jobs() {
        stage.execute(&job, &failed).await;
        stage.end(&job, 1, JobOutcome::Finished).await;
    }
    stage.deliver_all_twice().await;
    let (ledger, bus) = (stage.ledger.clone(), stage.bus.clone());
    let record = try_again(ledger.as_ref(), bus.as_ref(), &campaign, stage.now).await.unwrap();
    assert_eq!((record.state, record.request), (CampaignState::Requested, 2));
    stage.deliver_all_twice().await;
    assert_eq!(stage.jobs().len(), ledger.batches(&campaign).await.unwrap().len());
    let nobody = "nobody".parse().unwrap();
    let none = control(ledger.as_ref(), bus.as_ref(), &nobody, Control::Pause, stage.now).await;
    assert!(matches!(none, Err(ControlError::NotThere(_))));
}
