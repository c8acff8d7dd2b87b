//! The jobs of a campaign as Batch knows them. It forgets a job some days after its end.

use aws_sdk_batch::types::{JobDetail, KeyValuesPair};
use domain::CampaignId;
use store::{JobState, KnownJob, StoreError};

use super::BatchDispatcher;
use super::pods::{Pod, PodAttempt, Properties};
use super::report::{Array, Attempt, Container, Report};
use super::submission::name_prefix;

/// Most jobs that one call describes.
const DESCRIBED_AT_ONCE: usize = 100;

impl BatchDispatcher {
    /// Every job of a campaign that Batch still knows, of array jobs each child, in the order in which they were made.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn describe(&self, campaign: &CampaignId) -> Result<Vec<KnownJob>, StoreError> {
        let ids = self.job_ids(campaign).await?;
        let jobs = self.reports(&ids).await?;
        let children: Vec<String> = jobs
            .iter()
            .filter_map(|job| Some((&job.job_id, job.array_properties.size?)))
            .flat_map(|(id, size)| (0..size).map(move |index| format!("{id}:{index}")))
            .collect();
        let mut reports = self.reports(&children).await?;
        reports.extend(jobs);
        reports.sort_by_key(|report| report.created_at);
        Ok(reports.iter().filter_map(known).collect())
    }

    async fn job_ids(&self, campaign: &CampaignId) -> Result<Vec<String>, StoreError> {
        let named = KeyValuesPair::builder().name("JOB_NAME").values(format!("{}*", name_prefix(campaign)));
        let named = named.build();
        let mut ids = Vec::new();
        for queue in self.config.capacity.queues(&self.config.machines) {
            let list = self.client.list_jobs().job_queue(queue).filters(named.clone());
            let mut pages = list.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|e| self.place.failure(e))?;
                ids.extend(page.job_summary_list().iter().filter_map(|job| job.job_id.clone()));
            }
        }
        Ok(ids)
    }

    pub(super) async fn reports(&self, ids: &[String]) -> Result<Vec<Report>, StoreError> {
        let mut reports = Vec::new();
        for some in ids.chunks(DESCRIBED_AT_ONCE) {
            let described = self.client.describe_jobs().set_jobs(Some(some.to_vec())).send().await;
            let described = described.map_err(|e| self.place.failure(e))?;
            reports.extend(described.jobs.unwrap_or_default().into_iter().map(Report::from));
        }
        Ok(reports)
    }
}

fn known(report: &Report) -> Option<KnownJob> {
    let (_, batch) = report.subject()?;
    let state = match report.outcome() {
        Some(outcome) => JobState::Ended(outcome),
        None if ["STARTING", "RUNNING"].contains(&report.status.as_str()) => JobState::Running,
        None => JobState::Waiting,
    };
    Some(KnownJob { id: report.job_id.clone(), batch, state, lost_a_host: report.lost_a_host() })
}

impl From<JobDetail> for Report {
    fn from(job: JobDetail) -> Self {
        let container = job.container.map(|c| Container {
            exit_code: c.exit_code,
            reason: c.reason,
            log_stream_name: c.log_stream_name,
        });
        let attempts = job.attempts.unwrap_or_default().into_iter();
        let pod = job.eks_properties.and_then(|eks| eks.pod_properties);
        let pods = job.eks_attempts.unwrap_or_default();
        Self {
            job_id: job.job_id.unwrap_or_default(),
            created_at: job.created_at.unwrap_or_default(),
            status: job.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            status_reason: job.status_reason,
            parameters: job.parameters.unwrap_or_default(),
            container: container.unwrap_or_default(),
            attempts: attempts.map(|attempt| Attempt { status_reason: attempt.status_reason }).collect(),
            eks_properties: Properties { pod_properties: pod.map(Pod::from).unwrap_or_default() },
            eks_attempts: pods.into_iter().map(PodAttempt::from).collect(),
            array_properties: Array { size: job.array_properties.and_then(|array| array.size) },
            is_cancelled: job.is_cancelled.unwrap_or(false),
            is_terminated: job.is_terminated.unwrap_or(false),
        }
    }
}
