//! **Submissions**: names, commands and retries.

use aws_sdk_batch::types::builders::EvaluateOnExitBuilder;
use aws_sdk_batch::types::{
    ArrayProperties, ContainerOverrides, EvaluateOnExit, ResourceRequirement, ResourceType, RetryAction,
    RetryStrategy,
};
use domain::content_hash::hash_bytes;
use domain::{BatchId, BatchIndexes, CampaignId};
use store::StoreError;
use store::ports::dispatcher::INTERRUPTED;

use super::report::{HOST_LOST, NOT_STARTED};
use super::{BatchConfig, BatchDispatcher, Home, Shape, pods};

/// Most batches of one array job. AWS allows 10,000; the list of them goes with the job, which may be 8 KiB long.
pub const MAX_ARRAY: usize = 500;

/// The parameter of a job that names its campaign.
pub const CAMPAIGN: &str = "campaign";

/// The parameter of a job that lists its batches: one, or one for each child of an array.
pub const BATCHES: &str = "batches";

/// The parameter of a job that says what its machine is paid at.
pub const PRICE: &str = "price";

/// What the names of a campaign's jobs begin with. A job's name has fewer characters than an id, and may be 128
/// long; the hash tells campaigns apart that look the same then.
pub fn name_prefix(campaign: &CampaignId) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let readable: String = campaign.as_str().chars().take(60).map(allowed).collect();
    format!("assay-{readable}-{}-", &hash_bytes(campaign.as_str().as_bytes())[..8])
}

impl BatchDispatcher {
    /// Submits one job, or one array job for several batches.
    pub(super) async fn submit_array(
        &self,
        campaign: &CampaignId,
        batches: &[&BatchId],
        shape: &Shape,
    ) -> Result<(), StoreError> {
        let list = BatchIndexes::of(batches.iter().copied()).ok_or_else(|| {
            self.place.refused("a batch that is none of a campaign", "ask for the campaign again")
        })?;
        let Some(first) = list.batch(campaign, 0) else { return Ok(()) };
        let index = first.index().unwrap_or(0);
        let (what, which, name) = match list.len() {
            1 => ("--batch", first.to_string(), format!("b{index}")),
            n => ("--batches", list.to_string(), format!("b{index}-and-{}-more", n - 1)),
        };
        let BatchConfig { home, ledger_url, objects_url, .. } = &self.config;
        let command = ["run", "--campaign", campaign.as_str(), what, &which].into_iter();
        let command = command.chain(["--ledger", ledger_url, "--objects", objects_url]);
        let command = command.chain(["--capacity", shape.price.name()]);
        let mut command: Vec<String> = command.map(str::to_owned).collect();
        let size = i32::try_from(list.len()).ok().filter(|size| *size > 1);
        let array = size.map(|size| ArrayProperties::builder().size(size).build());
        let submit = self
            .client
            .submit_job()
            .job_name(format!("{}{name}", name_prefix(campaign)))
            .job_queue(&shape.queue)
            .job_definition(&shape.definition)
            .set_array_properties(array)
            .parameters(CAMPAIGN, campaign.as_str())
            .parameters(BATCHES, list.to_string())
            .parameters(PRICE, shape.price.name())
            .retry_strategy(retries(*home, self.config.capacity.attempts()));
        let submit = match home {
            Home::Ecs => {
                command.push("--spot-notices".to_owned());
                submit.container_overrides(container(command, shape.gpu_count))
            }
            Home::Eks => submit.eks_properties_override(pods::overrides(command)),
        };
        submit.send().await.map_err(|e| self.place.submission_failure(e))?;
        Ok(())
    }
}

/// The overrides of a job definition on ECS: a command line for the entrypoint of its image, and the GPUs.
fn container(command: Vec<String>, gpu_count: u32) -> ContainerOverrides {
    let gpus = (gpu_count > 0).then(|| {
        ResourceRequirement::builder().r#type(ResourceType::Gpu).value(gpu_count.to_string()).build()
    });
    let overrides = ContainerOverrides::builder().set_command(Some(command));
    overrides.set_resource_requirements(Some(gpus.into_iter().collect())).build()
}

/// Retries a job whose host was lost, whose container did not start or whose runner was told to stop, and no other: an engine
/// that cannot start or a spec that cannot be measured would fail again. The first condition that fits decides, and a job that none fits is
/// retried: on EKS one without an exit code, since what is said of a lost node there is not documented.
fn retries(home: Home, attempts: i32) -> RetryStrategy {
    let condition = |action| EvaluateOnExit::builder().action(action);
    let conditions = [
        Some(condition(RetryAction::Retry).on_status_reason(format!("{HOST_LOST}*"))),
        Some(condition(RetryAction::Retry).on_status_reason(format!("{NOT_STARTED}*"))),
        Some(condition(RetryAction::Retry).on_exit_code(INTERRUPTED.to_string())),
        (home == Home::Ecs).then(|| condition(RetryAction::Exit).on_reason("*")),
        Some(condition(RetryAction::Exit).on_exit_code("*")),
    ];
    let conditions = conditions.into_iter().flatten().map(EvaluateOnExitBuilder::build).collect();
    RetryStrategy::builder().attempts(attempts).set_evaluate_on_exit(Some(conditions)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_allowed_ones_and_differ_where_ids_do() {
        let name = |id: &str| name_prefix(&id.parse().unwrap());
        assert_eq!(name("demo-1.2")[..15].to_owned(), "assay-demo-1_2-");
        assert_ne!(name("demo-1.2"), name("demo-1_2"));
        let long = name(&"x".repeat(100));
        assert!(long.len() + "b4294967295-and-499-more".len() <= 128, "{long}");
    }
}
