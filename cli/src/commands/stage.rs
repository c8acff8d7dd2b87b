//! `assay stage`: one stage of a campaign, in a process of its own. A workflow calls them in order
//! (`infra/kubernetes/base/workflows`): validate, matrix, split, follow, publish. Each is the handler of a function, finds
//! what it works on in the ledger, and may be called again: what was done stays as it is.
//! The reconciler of track-progress is a stage too, which the clock calls.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use cloud::argo::ArgoDispatcher;
use domain::CampaignId;
use events::{
    BatchesSubmitted, CampaignCompleted, CampaignFailed, CampaignRequested, Event, EventBody, MatrixGenerated,
};
use store::{BatchState, Bus, CampaignRecord, CampaignState, StoreError};
use trigger_campaign::{Repeat, Triggered};

use super::{campaign_id, progress};
use crate::arguments::{Stage, WhichStage};
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::functions::Functions;
use crate::jobs::open_workflows;
use crate::spec_file;

/// How often a stage that follows jobs looks for their ends.
const LOOK: Duration = Duration::from_secs(10);

/// Events that were published in this process and not handled yet.
#[derive(Default)]
struct Outbox(Mutex<VecDeque<Event>>);

impl Outbox {
    fn next(&self) -> Option<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[async_trait]
impl Bus for Outbox {
    async fn publish(&self, event: &Event) -> Result<(), StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event.clone());
        Ok(())
    }
}

/// What a stage works with.
struct Site {
    functions: Functions,
    outbox: Arc<Outbox>,
    jobs: Arc<ArgoDispatcher>,
}

impl Site {
    async fn open(data: &DataFolder, dispatcher: Option<&str>) -> Result<Self> {
        let (Some(_), Some(ledger), Some(objects)) = (&data.results, &data.ledger, &data.objects) else {
            return Err(Unusable(
                "a stage runs in a pod that ends: set ASSAY_STORE, ASSAY_LEDGER and ASSAY_OBJECTS".to_owned(),
            )
            .into());
        };
        let Some(dispatcher) = dispatcher else {
            return Err(Unusable("set ASSAY_DISPATCHER to argo://NAMESPACE/TEMPLATE".to_owned()).into());
        };
        let outbox = Arc::new(Outbox::default());
        let jobs = open_workflows(dispatcher, ledger, objects).await?;
        let functions = Functions::over(data, data.ledger().await?, outbox.clone(), jobs.clone()).await?;
        Ok(Self { functions, outbox, jobs })
    }

    async fn campaign(&self, id: &CampaignId) -> Result<CampaignRecord> {
        match self.functions.ledger.campaign(id).await? {
            Some(record) => Ok(record),
            None => bail!("there is no campaign {id} in the ledger; run the stage before this one"),
        }
    }

    /// Handles an event, and nothing that follows from it.
    async fn handle(&self, body: EventBody) -> Result<()> {
        self.functions.handle(&Event::new(body, Utc::now())).await
    }

    /// Handles what was published, and what follows from it. What cannot be handled is returned after the rest was.
    async fn deliver(&self) -> Result<()> {
        let mut failed = Ok(());
        while let Some(event) = self.outbox.next() {
            if let Err(error) = self.functions.handle(&event).await {
                tracing::error!(event = %event.id, "{error:#}");
                failed = Err(error);
            }
        }
        failed
    }
}

/// Runs one stage.
pub async fn stage(data: &DataFolder, stage: &Stage) -> Result<Exit> {
    let dispatcher = stage.dispatcher.as_deref();
    match &stage.which {
        WhichStage::Validate { spec, again, campaign_to } => {
            validate(data, dispatcher, spec, *again, campaign_to).await
        }
        WhichStage::Matrix(of) => matrix(&Site::open(data, dispatcher).await?, &of.campaign).await,
        WhichStage::Split(of) => split(&Site::open(data, dispatcher).await?, &of.campaign).await,
        WhichStage::Follow(of) => follow(&Site::open(data, dispatcher).await?, &of.campaign).await,
        WhichStage::Publish(of) => publish(&Site::open(data, dispatcher).await?, &of.campaign).await,
        WhichStage::Reconcile => reconcile(&Site::open(data, dispatcher).await?, Utc::now()).await,
    }
}

async fn validate(
    data: &DataFolder,
    dispatcher: Option<&str>,
    path: &Path,
    again: bool,
    campaign_to: &Path,
) -> Result<Exit> {
    let spec = spec_file::read(path, data)?;
    spec.check().map_err(|e| Unusable(format!("{}: {e}", path.display())))?;
    let site = Site::open(data, dispatcher).await?;
    // A campaign that goes on submits what did not end: what ended meanwhile is heard first.
    site.jobs.tell_ends(site.outbox.as_ref()).await?;
    site.deliver().await?;
    let repeat = if again { Repeat::Again } else { Repeat::Continue };
    let triggered = trigger_campaign::handle(&site.functions.trigger(), &spec, repeat, Utc::now()).await?;
    let id = &triggered.campaign().id;
    if matches!(triggered, Triggered::Cancelled(_)) {
        return Err(Unusable(format!(
            "campaign {id} is cancelled, which is final; begin another with --again"
        ))
        .into());
    }
    std::fs::write(campaign_to, id.as_str()).map_err(|e| {
        anyhow::anyhow!("{} cannot be written ({e}); mount a folder for it", campaign_to.display())
    })?;
    progress(format_args!("campaign {id}"));
    Ok(Exit::Done)
}

async fn matrix(site: &Site, id: &str) -> Result<Exit> {
    let campaign = site.campaign(&campaign_id(id)?).await?;
    let (id, request) = (campaign.id, campaign.request);
    site.handle(EventBody::CampaignRequested(CampaignRequested { campaign: id.clone(), request })).await?;
    let planned = site.campaign(&id).await?;
    progress(format_args!("{} configurations can run, {} cannot", planned.feasible, planned.infeasible));
    Ok(Exit::Done)
}

async fn split(site: &Site, id: &str) -> Result<Exit> {
    let campaign = site.campaign(&campaign_id(id)?).await?;
    site.handle(EventBody::MatrixGenerated(MatrixGenerated {
        campaign: campaign.id.clone(),
        request: campaign.request,
        feasible: campaign.feasible,
        infeasible: campaign.infeasible,
    }))
    .await?;
    let batches = site.functions.ledger.batches(&campaign.id).await?;
    let submitted = batches.iter().filter(|batch| batch.state == BatchState::Submitted).count();
    progress(format_args!("{} batches, {submitted} submitted", batches.len()));
    Ok(Exit::Done)
}

async fn follow(site: &Site, id: &str) -> Result<Exit> {
    let id = campaign_id(id)?;
    loop {
        // Others may tell the same ends, which is harmless.
        site.jobs.tell_ends(site.outbox.as_ref()).await?;
        site.deliver().await?;
        let campaign = site.campaign(&id).await?;
        match campaign.state {
            CampaignState::Completed | CampaignState::Cancelled => return Ok(Exit::Done),
            CampaignState::Failed => return fail(site, campaign).await,
            CampaignState::Running => complete_if_over(site, &campaign).await?,
            _ => {}
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// People are told of a campaign that has failed, and so is the workflow. Whichever stage found it so has told nobody.
async fn fail(site: &Site, campaign: CampaignRecord) -> Result<Exit> {
    let CampaignRecord { id, request, message, .. } = campaign;
    let reason = message.unwrap_or_else(|| "no reason was given".to_owned());
    let failed = CampaignFailed { campaign: id.clone(), request, reason: reason.clone() };
    site.handle(EventBody::CampaignFailed(failed)).await?;
    bail!("campaign {id} failed: {reason}")
}

/// The event after which track-progress looks whether a campaign has ended.
async fn complete_if_over(site: &Site, campaign: &CampaignRecord) -> Result<()> {
    site.handle(EventBody::BatchesSubmitted(BatchesSubmitted {
        campaign: campaign.id.clone(),
        request: campaign.request,
        submitted: vec![],
        over_budget: vec![],
    }))
    .await?;
    site.deliver().await
}

async fn publish(site: &Site, id: &str) -> Result<Exit> {
    let campaign = site.campaign(&campaign_id(id)?).await?;
    if !matches!(campaign.state, CampaignState::Completed | CampaignState::Cancelled) {
        bail!("campaign {} is not over; follow it first", campaign.id);
    }
    let completed = CampaignCompleted { campaign: campaign.id.clone(), request: campaign.request };
    site.handle(EventBody::CampaignCompleted(completed)).await?;
    Ok(Exit::Done)
}

/// What jobs told is heard, and then every campaign is looked at once.
async fn reconcile(site: &Site, now: DateTime<Utc>) -> Result<Exit> {
    site.jobs.tell_ends(site.outbox.as_ref()).await?;
    let heard = site.deliver().await;
    track_progress::reconcile(&site.functions.track(), now).await?;
    site.deliver().await?;
    heard?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use store::BatchRecord;
    use store::directory::DirectoryObjects;
    use store::open::open_result_stores;
    use store::sqlite::SqliteLedger;
    use testkit::services::KubernetesFake;

    use super::*;

    struct Scene {
        _folder: tempfile::TempDir,
        fake: KubernetesFake,
        site: Site,
        campaign: CampaignId,
    }

    impl Scene {
        /// A campaign whose one batch was submitted.
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let place = |name: &str| folder.path().join(name);
            let fake = KubernetesFake::start().await;
            let objects = Arc::new(DirectoryObjects::open(&place("objects")).unwrap());
            let kubernetes =
                cloud::argo::KubernetesConfig { server: fake.url(), credentials: fake.credentials() };
            let config = cloud::argo::ArgoConfig {
                namespace: testkit::services::NAMESPACE.to_owned(),
                template: testkit::services::TEMPLATE.to_owned(),
                ledger_url: String::new(),
                objects_url: String::new(),
            };
            let jobs = Arc::new(ArgoDispatcher::new(kubernetes, config, objects.clone()).unwrap());
            let outbox = Arc::new(Outbox::default());
            let functions = Functions {
                ledger: Arc::new(SqliteLedger::open(place("ledger.db")).await.unwrap()),
                stores: open_result_stores(&format!("sqlite:{}", place("results.db").display()))
                    .await
                    .unwrap(),
                objects,
                bus: outbox.clone(),
                dispatcher: jobs.clone(),
                notifiers: vec![],
                public_url: None,
            };
            let site = Site { functions, outbox, jobs };
            let spec = "{name: c, models: [llama-3.1-8b-instruct], quantisations: [fp16], hardware: [h100x1],
                frameworks: [simulated], workloads: [{name: chat, use_case: chatbot, input_tokens: 16,
                output_tokens: 4, concurrency: [1], requests: 20}]}";
            let spec = domain::CampaignSpec::from_yaml(spec).unwrap();
            let triggered =
                trigger_campaign::handle(&site.functions.trigger(), &spec, Repeat::Continue, Utc::now())
                    .await;
            let campaign = triggered.unwrap().campaign().id.clone();
            let scene = Self { _folder: folder, fake, site, campaign };
            scene.site.deliver().await.unwrap();
            assert_eq!(scene.fake.names().len(), 1, "{:?}", scene.fake.names());
            scene
        }

        async fn reconcile(&self, after: TimeDelta) {
            assert_eq!(reconcile(&self.site, Utc::now() + after).await.unwrap(), Exit::Done);
        }

        async fn has_report(&self) -> bool {
            let report = store::ObjectKey::report(&self.campaign, store::ReportForm::Html);
            self.site.functions.objects.get(&report).await.unwrap().is_some()
        }

        async fn batch(&self) -> BatchRecord {
            self.site.functions.ledger.batches(&self.campaign).await.unwrap().remove(0)
        }
    }

    #[tokio::test]
    async fn a_batch_whose_workflow_is_gone_is_submitted_again_once() {
        let scene = Scene::new().await;
        let name = scene.fake.names().remove(0);
        // While its job waits there is nothing to put right.
        scene.reconcile(TimeDelta::hours(1)).await;
        assert_eq!(scene.fake.names(), [name.as_str()]);
        scene.fake.delete(&name);
        scene.reconcile(TimeDelta::zero()).await;
        assert!(scene.fake.names().is_empty(), "whoever works on it may be about to submit it");
        scene.reconcile(TimeDelta::hours(1)).await;
        assert_eq!(scene.fake.names().len(), 1);
        assert_eq!(scene.batch().await.fruitless_jobs, 1);
        scene.reconcile(TimeDelta::hours(1)).await;
        assert_eq!((scene.fake.names().len(), scene.batch().await.fruitless_jobs), (1, 1));
    }

    #[tokio::test]
    async fn a_batch_whose_workflows_vanish_is_given_up_and_its_campaign_has_a_report() {
        let scene = Scene::new().await;
        for job in 1..=track_progress::MAX_FRUITLESS_JOBS {
            let name = scene.fake.names().remove(0);
            scene.fake.delete(&name);
            scene.reconcile(TimeDelta::hours(1)).await;
            assert_eq!(scene.batch().await.fruitless_jobs, job);
        }
        assert!(scene.fake.names().is_empty());
        assert_eq!(scene.batch().await.state, BatchState::Failed);
        assert!(scene.has_report().await);
    }

    #[tokio::test]
    async fn a_campaign_whose_end_nobody_was_told_has_a_report_after_all() {
        let scene = Scene::new().await;
        let ledger = &scene.site.functions.ledger;
        let was = scene.site.campaign(&scene.campaign).await.unwrap();
        ledger.set_batch_state(&scene.batch().await.id, BatchState::Finished, None).await.unwrap();
        let completed = was.ended(CampaignState::Completed, None, Utc::now());
        ledger.update_campaign(&was, &completed).await.unwrap();
        scene.reconcile(TimeDelta::zero()).await;
        assert!(!scene.has_report().await, "whoever ended it may be about to tell it");
        scene.reconcile(TimeDelta::hours(1)).await;
        assert!(scene.has_report().await);
        assert!(!scene.site.campaign(&scene.campaign).await.unwrap().end_is_untold);
    }

    #[tokio::test]
    async fn an_end_that_was_told_and_not_handled_is_handled() {
        let scene = Scene::new().await;
        let name = scene.fake.names().remove(0);
        scene.fake.begin(&name);
        scene.fake.exit(&name, 1);
        // Whoever told it died before it was handled.
        let deaf = Outbox::default();
        assert_eq!(scene.site.jobs.tell_ends(&deaf).await.unwrap(), 1);
        scene.reconcile(TimeDelta::hours(1)).await;
        assert_eq!(scene.batch().await.state, BatchState::Failed);
        let campaign = scene.site.campaign(&scene.campaign).await.unwrap();
        assert_eq!(campaign.state, CampaignState::Completed);
    }

    #[tokio::test]
    async fn a_campaign_that_failed_ends_its_workflow_and_people_are_told() {
        let scene = Scene::new().await;
        let was = scene.site.campaign(&scene.campaign).await.unwrap();
        let message = Some("nothing can run".to_owned());
        let failed = CampaignRecord { state: CampaignState::Failed, message, ..was.clone() };
        scene.site.functions.ledger.update_campaign(&was, &failed).await.unwrap();
        let told = follow(&scene.site, scene.campaign.as_str()).await.unwrap_err().to_string();
        assert_eq!(told, format!("campaign {} failed: nothing can run", scene.campaign));
        // The function that tells people keeps the report.
        assert!(scene.has_report().await);
    }

    #[tokio::test]
    async fn a_campaign_whose_event_was_lost_goes_on() {
        let scene = Scene::new().await;
        let ledger = &scene.site.functions.ledger;
        let was = scene.site.campaign(&scene.campaign).await.unwrap();
        let mut requested = was.clone();
        requested.state = CampaignState::Requested;
        ledger.update_campaign(&was, &requested).await.unwrap();
        scene.reconcile(TimeDelta::zero()).await;
        assert_eq!(scene.site.campaign(&scene.campaign).await.unwrap().state, CampaignState::Requested);
        scene.reconcile(TimeDelta::hours(1)).await;
        assert_eq!(scene.site.campaign(&scene.campaign).await.unwrap().state, CampaignState::Running);
        assert_eq!(scene.fake.names().len(), 1, "its job waits still");
    }
}
