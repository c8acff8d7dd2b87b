//! **Dispatch to Argo Workflows**, under `argo://NAMESPACE/TEMPLATE`, through the API of Kubernetes: each job is a
//! `Workflow` of a `WorkflowTemplate` that the deployment made (`infra/kubernetes/base/workflows`).
//!
//! The template has the images of the runner, its service account, its retries, and the address of the results store from
//! a secret. A workflow says which batch, on what, and where the ledger and the objects are.
//!
//! | promise | kept by |
//! |---|---|
//! | a batch whose job waits or runs is not submitted twice | the workflows of a campaign are looked up by their label, and a name says which job of its batch it is: of two that race, one is told `AlreadyExists` |
//! | two jobs of a batch do not work at once, should it happen all the same | the claim in the ledger |
//! | a lost node is retried, bad input is not | `retryStrategy` of the template; then on-demand nodes alone |
//! | no job waits for ever for a node | [`ArgoDispatcher::end_waiting`]; from spot its batch goes on on on-demand nodes, and there it fails |
//! | no job waits for ever for its image | the same ends it, and its batch has failed |
//! | a job that was withdrawn did not begin | its workflow is stopped in the version in which it was seen to wait |
//! | every job's end is told | [`ArgoDispatcher::tell_ends`]: the end is published, then its workflow is marked as told |

mod kubernetes;
mod report;
mod workflow;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{BatchId, BatchManifest, CampaignId, CheaperOfBoth, JobPlace, Market, PriceKind};
use events::{BatchEnded, Event, EventBody};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Bus, Dispatcher, Job, JobState, KnownJob, ObjectKey, Objects, StoreError};
use tokio::sync::Mutex;

use crate::aws::Place;

pub use kubernetes::{KubernetesConfig, SERVICE_ACCOUNT};

use kubernetes::{Collection, Created, Patched};
use report::Report;
use workflow::{
    API_VERSION, CAMPAIGN_LABEL, COMPLETED_LABEL, NO_IMAGE_ANNOTATION, NO_IMAGE_SINCE_ANNOTATION,
    NO_NODE_ANNOTATION, NOWHERE_ANNOTATION, Needs, STOPPED_ANNOTATION, Submission, TOLD_LABEL,
    campaign_label,
};

/// How long nobody gets a node of some kind until there is none to be had: as long as on AWS Batch (infra/lib/jobs.ts). Karpenter
/// takes minutes to start one.
const fn patience(capacity: PriceKind) -> TimeDelta {
    match capacity {
        PriceKind::Spot => TimeDelta::minutes(15),
        PriceKind::OnDemand => TimeDelta::hours(2),
    }
}

/// How long the image of a pod is not to be had until it is given up. Nodes try again at least every 5 min.
const NO_IMAGE: TimeDelta = TimeDelta::minutes(15);

/// Where jobs go and what they are told.
#[derive(Debug, Clone)]
pub struct ArgoConfig {
    /// The namespace of workflows and of the template.
    pub namespace: String,
    /// The template.
    pub template: String,
    /// Address of the ledger, for the runner.
    pub ledger_url: String,
    /// Address of the objects, for the runner.
    pub objects_url: String,
}

/// Submits jobs as workflows.
pub struct ArgoDispatcher {
    workflows: Collection,
    config: ArgoConfig,
    /// Has the manifests of batches, which say what these need.
    objects: Arc<dyn Objects>,
    place: Place,
    /// Held from looking up to submitting.
    submitting: Mutex<()>,
}

impl ArgoDispatcher {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// When the certificate of the API cannot be read.
    pub fn new(
        kubernetes: KubernetesConfig,
        config: ArgoConfig,
        objects: Arc<dyn Objects>,
    ) -> Result<Self, StoreError> {
        let place = Place::new(format!("Argo Workflows ({}, {})", config.namespace, config.template));
        let path = format!("/apis/{API_VERSION}/namespaces/{}/workflows", config.namespace);
        let workflows = Collection::new(kubernetes, path, place.clone())?;
        Ok(Self { workflows, config, objects, place, submitting: Mutex::default() })
    }

    /// Every job of a campaign whose workflow is still there; of a batch with several, the latest is the last.
    ///
    /// # Errors
    /// When Kubernetes refuses.
    pub async fn describe(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        Ok(self.reports_of(campaign).await?.iter().filter_map(Report::job).collect())
    }

    /// Ends jobs that wait for what is not to be had, and returns how many. For a node: from spot their batches go on on
    /// on-demand nodes, and there they fail. It is to be had where a job that wants the same got one lately, or, on demand,
    /// any of that pool: the others wait for their turn then. For their image, which costs a node meanwhile: their batches fail.
    ///
    /// # Errors
    /// When Kubernetes refuses.
    pub async fn end_waiting(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let live = self.reports(&format!("{CAMPAIGN_LABEL},!{COMPLETED_LABEL}")).await?;
        let without_image = self.end_without_image(&live, now).await?;
        let mut waiting = Vec::new();
        for report in &live {
            if let (Some(wanted), Some(since)) = (report.wants(), report.waits_for_a_node_since())
                && since < now - patience(wanted.0)
            {
                waiting.push((report, wanted));
            }
        }
        if waiting.is_empty() {
            return Ok(without_image);
        }
        let all = self.reports(CAMPAIGN_LABEL).await?;
        let had = |capacity| all.iter().filter(move |other| other.had_a_node_since(now - patience(capacity)));
        let had_on_spot: BTreeSet<&str> = had(PriceKind::Spot)
            .filter_map(|other| other.wants().filter(|(capacity, _)| *capacity == PriceKind::Spot))
            .map(|(_, selector)| selector)
            .collect();
        // On demand a batch would fail: any node of its pool counts. A pool is of one GPU, and what fills it keeps all others
        // from it, of whatever price and size.
        let had_of_pool: BTreeSet<Option<String>> = had(PriceKind::OnDemand).map(Report::gpu).collect();
        let mut ended = without_image;
        for (report, (capacity, selector)) in waiting {
            let (is_had, annotation, why) = match capacity {
                PriceKind::Spot => {
                    (had_on_spot.contains(selector), NO_NODE_ANNOTATION, "no spot node was to be had")
                }
                PriceKind::OnDemand => (
                    had_of_pool.contains(&report.gpu()),
                    NOWHERE_ANNOTATION,
                    "no node was to be had on demand",
                ),
            };
            if is_had {
                continue;
            }
            match self.end(report, annotation, why, Shutdown::OfWaiting).await? {
                Patched::Now => ended += 1,
                // It began, or somebody else ended it.
                Patched::Changed | Patched::Gone => {}
            }
        }
        Ok(ended)
    }

    /// Ends those whose image was not to be had for a while, which is noted when it is first seen.
    async fn end_without_image(&self, live: &[Report], now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut ended = 0;
        for report in live {
            match report.lacks_its_image() {
                None => {}
                Some((_, None)) => {
                    let note =
                        json!({"metadata": {"annotations": {NO_IMAGE_SINCE_ANNOTATION: now.to_rfc3339()}}});
                    self.workflows.patch(&report.metadata.name, &note).await?;
                }
                Some((why, Some(since))) if since < now - NO_IMAGE => {
                    let done = self.end(report, NO_IMAGE_ANNOTATION, why, Shutdown::OfWaiting).await?;
                    ended += usize::from(done == Patched::Now);
                }
                Some(_) => {}
            }
        }
        Ok(ended)
    }

    /// Publishes the ends of jobs that were not told yet, and returns how many there were. Whoever dies between telling
    /// and noting it tells again.
    ///
    /// # Errors
    /// When Kubernetes or the bus refuses.
    pub async fn tell_ends(&self, bus: &dyn Bus) -> Result<usize, StoreError> {
        self.end_waiting(Utc::now()).await?;
        let untold = format!("{CAMPAIGN_LABEL},{COMPLETED_LABEL}=true,!{TOLD_LABEL}");
        let mut told = 0;
        for report in self.reports(&untold).await? {
            let (Some((campaign, batch)), Some(job), Some(outcome)) =
                (report.subject(), report.id(), report.outcome())
            else {
                continue;
            };
            let ended = BatchEnded { campaign, batch, job, outcome };
            let at = report.ended_at().unwrap_or_else(Utc::now);
            bus.publish(&Event::new(EventBody::BatchEnded(ended), at)).await?;
            let mark = json!({"metadata": {"labels": {TOLD_LABEL: "true"}}});
            self.workflows.patch(&report.metadata.name, &mark).await?;
            told += 1;
        }
        Ok(told)
    }

    /// How many jobs there are whose end was not told, those that run among them. Nothing is changed.
    ///
    /// # Errors
    /// When Kubernetes refuses.
    pub async fn not_told(&self) -> Result<usize, StoreError> {
        Ok(self.workflows.list(&format!("{CAMPAIGN_LABEL},!{TOLD_LABEL}")).await?.len())
    }

    async fn reports_of(&self, campaign: &CampaignId) -> Result<Vec<Report>, StoreError> {
        self.reports(&format!("{CAMPAIGN_LABEL}={}", campaign_label(campaign))).await
    }

    async fn reports(&self, selector: &str) -> Result<Vec<Report>, StoreError> {
        let listed = self.workflows.list(selector).await?;
        let reports: Result<Vec<Report>, StoreError> =
            listed.iter().map(|workflow| self.report(workflow)).collect();
        let mut reports = reports?;
        // The latest job of a batch is the last.
        reports.sort_by_key(|report| workflow::nth(&report.metadata.name));
        Ok(reports)
    }

    fn report(&self, workflow: &Value) -> Result<Report, StoreError> {
        Report::deserialize(workflow).map_err(|error| {
            let name = &workflow["metadata"]["name"];
            self.place.damaged(
                format!("workflow {name}: {error}"),
                "delete it, or use a version of Argo that we know",
            )
        })
    }

    async fn submit_those(&self, campaign: &CampaignId, jobs: &[&Job]) -> Result<(), StoreError> {
        let mut known: BTreeMap<BatchId, (u32, bool, bool)> = BTreeMap::new();
        for report in self.reports_of(campaign).await? {
            let Some(job) = report.job() else { continue };
            let (nth, live, lost) = known.entry(job.batch).or_default();
            *nth = workflow::nth(&report.metadata.name).max(*nth);
            *live |= job.state.is_live();
            *lost |= job.lost_a_host;
        }
        for job in jobs {
            let (nth, live, lost) = known.get(&job.batch).copied().unwrap_or_default();
            if !live {
                self.submit_one(job, nth + 1, lost).await?;
            }
        }
        Ok(())
    }

    /// Nodes are asked for on demand when an earlier job of the batch lost its node, or found none.
    async fn submit_one(&self, job: &Job, nth: u32, lost_a_host: bool) -> Result<(), StoreError> {
        let needs = self.needs(job).await?;
        let capacity = if lost_a_host { PriceKind::OnDemand } else { self.first_price(needs.place) };
        let submission = Submission {
            namespace: &self.config.namespace,
            template: &self.config.template,
            campaign: &job.campaign,
            batch: &job.batch,
            nth,
            needs,
            capacity,
            ledger_url: &self.config.ledger_url,
            objects_url: &self.config.objects_url,
        };
        match self.workflows.create(&submission.workflow()).await? {
            Created::Now => {}
            Created::Before => tracing::info!(batch = %job.batch, nth, "was submitted by somebody else"),
        }
        Ok(())
    }

    async fn needs(&self, job: &Job) -> Result<Needs, StoreError> {
        let key = ObjectKey::manifest(&job.campaign, &job.batch);
        let bytes = self.objects.get(&key).await?;
        let bytes = bytes
            .ok_or_else(|| self.place.missing(format!("manifest of batch {} in the objects", job.batch)))?;
        let manifest: BatchManifest = serde_json::from_slice(&bytes).map_err(|error| {
            self.place
                .damaged(format!("the manifest of {}: {error}", job.batch), "ask for the campaign again")
        })?;
        Needs::of(&manifest, job.gpu_count).map_err(|engines| {
            let engines: Vec<&str> = engines.into_iter().map(domain::Engine::name).collect();
            self.place.refused(
                format!("batch {} needs {}, and an image has one engine", job.batch, engines.join(" and ")),
                "cancel the campaign and begin it again: batches have one engine now",
            )
        })
    }

    /// Ends a workflow: what runs gets its signal, and is not tried again.
    async fn end(
        &self,
        report: &Report,
        annotation: &str,
        reason: &str,
        how: Shutdown,
    ) -> Result<Patched, StoreError> {
        let mut patch = json!({
            "metadata": {"annotations": {annotation: reason}},
            "spec": {"shutdown": how.strategy()},
        });
        if let Shutdown::OfWaiting = how {
            patch["metadata"]["resourceVersion"] = report.metadata.resource_version.as_str().into();
        }
        self.workflows.patch(&report.metadata.name, &patch).await
    }
}

/// How a workflow is ended.
#[derive(Clone, Copy)]
enum Shutdown {
    /// While it is the version that was seen to wait, so that it did not begin. Argo does not look at a workflow that it
    /// postponed, since too many run, until it is terminated.
    OfWaiting,
    /// Whatever it does. A handler of its exit still runs, if somebody gave the template one.
    Now,
}

impl Shutdown {
    const fn strategy(self) -> &'static str {
        match self {
            Self::OfWaiting => "Terminate",
            Self::Now => "Stop",
        }
    }
}

/// Pools of nodes have both prices.
impl Market for ArgoDispatcher {
    fn first_price(&self, place: JobPlace) -> PriceKind {
        CheaperOfBoth.first_price(place)
    }
}

#[async_trait]
impl Dispatcher for ArgoDispatcher {
    async fn submit(&self, job: &Job) -> Result<(), StoreError> {
        self.submit_all(std::slice::from_ref(job)).await
    }

    async fn submit_all(&self, jobs: &[Job]) -> Result<(), StoreError> {
        let _submitting = self.submitting.lock().await;
        for (campaign, jobs) in Job::by_campaign(jobs) {
            self.submit_those(campaign, &jobs).await?;
        }
        Ok(())
    }

    async fn withdraw(
        &self,
        campaign: &CampaignId,
        batches: &BTreeSet<BatchId>,
        reason: &str,
    ) -> Result<BTreeSet<BatchId>, StoreError> {
        let _submitting = self.submitting.lock().await;
        let mut withdrawn = BTreeSet::new();
        let mut changed = true;
        // A workflow that changed since it was read may have begun: it is read again.
        while std::mem::take(&mut changed) {
            for report in self.reports_of(campaign).await? {
                let Some(job) = report.job() else { continue };
                let is_asked = batches.contains(&job.batch) && !withdrawn.contains(&job.batch);
                if job.state != JobState::Waiting || !is_asked {
                    continue;
                }
                match self.end(&report, STOPPED_ANNOTATION, reason, Shutdown::OfWaiting).await? {
                    Patched::Now => _ = withdrawn.insert(job.batch),
                    Patched::Changed => changed = true,
                    Patched::Gone => {}
                }
            }
        }
        Ok(withdrawn)
    }

    async fn jobs(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        self.describe(campaign).await
    }

    async fn stop(&self, campaign: &CampaignId, reason: &str) -> Result<BTreeSet<BatchId>, StoreError> {
        let _submitting = self.submitting.lock().await;
        let mut running = BTreeSet::new();
        for report in self.reports_of(campaign).await? {
            let Some(job) = report.job().filter(|job| job.state.is_live()) else { continue };
            if job.state == JobState::Waiting
                && self.end(&report, STOPPED_ANNOTATION, reason, Shutdown::OfWaiting).await?
                    != Patched::Changed
            {
                continue;
            }
            // It runs, or may have begun meanwhile.
            self.end(&report, STOPPED_ANNOTATION, reason, Shutdown::Now).await?;
            running.insert(job.batch);
        }
        Ok(running)
    }
}
