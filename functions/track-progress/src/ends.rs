//! The **end** of a job decides what becomes of its batch: it has ended too, or it goes on with another job.

use chrono::{DateTime, Utc};
use domain::{CampaignId, JobId};
use events::{BatchEnded, JobOutcome};
use store::ports::dispatcher::STOPPED;
use store::{BatchRecord, BatchState, Job, KnownJob, MAX_TRIES, StoreError, campaigns};
use tokio::sync::OnceCell;

use crate::budget::{self, Spending};
use crate::{Context, HandlerError};

/// Jobs in a row that may end without a single new outcome before a batch is given up. One more than a trial is tried: the
/// job after the last try gives that trial up and goes on with the others.
pub const MAX_FRUITLESS_JOBS: u32 = MAX_TRIES + 1;

/// What is looked up at most once for the ends of jobs of one campaign, however many of them are heard.
pub struct Lookup<'a> {
    context: &'a Context,
    campaign: &'a CampaignId,
    spending: OnceCell<Option<Spending>>,
    jobs: OnceCell<Vec<KnownJob>>,
}

impl<'a> Lookup<'a> {
    pub fn new(context: &'a Context, campaign: &'a CampaignId) -> Self {
        Self { context, campaign, spending: OnceCell::new(), jobs: OnceCell::new() }
    }

    /// With jobs that are known already.
    pub fn with_jobs(context: &'a Context, campaign: &'a CampaignId, jobs: Vec<KnownJob>) -> Self {
        Self { jobs: OnceCell::new_with(Some(jobs)), ..Self::new(context, campaign) }
    }

    async fn spending(&self) -> Result<Option<&Spending>, HandlerError> {
        let spending = self.spending.get_or_try_init(|| Spending::of(self.context, self.campaign)).await?;
        Ok(spending.as_ref())
    }

    /// Whether another job of a batch waits or runs.
    async fn has_another(&self, batch: &BatchRecord, job: &JobId) -> Result<bool, StoreError> {
        let jobs = self.jobs.get_or_try_init(|| self.context.dispatcher.jobs(self.campaign)).await?;
        Ok(jobs.iter().any(|known| {
            known.batch == batch.id
                && known.state.is_live()
                && JobId::of_foreign(&known.id).as_ref() != Some(job)
        }))
    }
}

/// What follows from the end of a job.
pub enum Then {
    /// Nothing: its batch has ended, or has another job.
    Nothing,
    /// The batch goes on with another job.
    GoOn {
        /// Why.
        message: Option<String>,
        /// It may be that this was heard before, so that the batch went on already.
        heard_before: bool,
    },
}

/// Whether a job ended because we wanted it to.
pub fn was_stopped(outcome: &JobOutcome) -> bool {
    matches!(outcome, JobOutcome::Interrupted { reason } if reason.starts_with(STOPPED))
}

/// Trials that have an outcome.
pub async fn outcomes(context: &Context, batch: &BatchRecord) -> Result<u32, HandlerError> {
    Ok(u32::try_from(context.ledger.checkpoints(&batch.id).await?.len()).unwrap_or(u32::MAX))
}

/// Notes how a job of a submitted batch ended. [`StoreError::Changed`] when somebody else changed the batch since it was read.
pub async fn hear(
    lookup: &Lookup<'_>,
    event: &BatchEnded,
    batch: &BatchRecord,
) -> Result<Then, HandlerError> {
    let context = lookup.context;
    let reason = match &event.outcome {
        JobOutcome::Failed { reason } => {
            return end(lookup, batch, &event.job, BatchState::Failed, reason).await;
        }
        JobOutcome::Finished => "the job ended and some trials have no outcome",
        JobOutcome::Interrupted { reason } => reason,
    };
    let outcomes = outcomes(context, batch).await?;
    // The ledger is asked and not the job: failures that somebody wanted tried again may have been forgotten while the
    // job had passed them, and an old telling may come late.
    if event.outcome == JobOutcome::Finished && outcomes >= batch.trials {
        context.ledger.change_batch_state(batch, BatchState::Finished, None).await?;
        return Ok(Then::Nothing);
    }
    if budget::withdrew(&event.outcome) {
        let message = lookup.spending().await?.map_or_else(|| reason.to_owned(), ToString::to_string);
        return end(lookup, batch, &event.job, BatchState::OverBudget, &message).await;
    }
    // It was stopped for a pause that is over. It is no interruption, so that nothing says whether this was heard.
    if was_stopped(&event.outcome) {
        return Ok(Then::GoOn { message: batch.message.clone(), heard_before: true });
    }
    let noted = context.ledger.note_interruption(&batch.id, &event.job, outcomes, reason).await?;
    if noted.fruitless_jobs >= MAX_FRUITLESS_JOBS {
        let jobs = noted.fruitless_jobs;
        let message = format!("given up after {jobs} jobs in a row without a result; the last: {reason}");
        return end(lookup, batch, &event.job, BatchState::Failed, &message).await;
    }
    if let Some(spending) = lookup.spending().await?.filter(|spending| spending.is_used_up()) {
        let message = format!("{spending}; its job was interrupted: {reason}");
        context.ledger.change_batch_state(batch, BatchState::OverBudget, Some(&message)).await?;
        return Ok(Then::Nothing);
    }
    Ok(Then::GoOn { message: Some(reason.to_owned()), heard_before: !noted.is_new })
}

/// A batch ends without all of its outcomes by the end of a job, unless this is told late: it was tried again, and its other job tells its own end.
async fn end(
    lookup: &Lookup<'_>,
    batch: &BatchRecord,
    job: &JobId,
    state: BatchState,
    why: &str,
) -> Result<Then, HandlerError> {
    // One that was submitted once has no other.
    if batch.submissions > 1 && lookup.has_another(batch, job).await? {
        tracing::info!(batch = %batch.id, %job, ?state, "its end is told late: {why}");
        return Ok(Then::Nothing);
    }
    lookup.context.ledger.change_batch_state(batch, state, Some(why)).await?;
    Ok(Then::Nothing)
}

/// Submits batches of a campaign again, as they were read, each with its message. Where that is denied the campaign waits, and so
/// do its batches as soon as its pause is heard.
pub async fn go_on(
    context: &Context,
    id: &CampaignId,
    batches: &[(&BatchRecord, Option<String>)],
    now: DateTime<Utc>,
) -> Result<(), HandlerError> {
    let Context { ledger, dispatcher, bus, .. } = context;
    let jobs: Vec<Job> = batches.iter().map(|(batch, _)| Job::from(*batch)).collect();
    match campaigns::submit(ledger.as_ref(), dispatcher.as_ref(), id, &jobs).await {
        Err(denied @ StoreError::Denied { .. }) => {
            campaigns::pause_for(ledger.as_ref(), bus.as_ref(), id, &denied.to_string(), now).await?;
            return Ok(());
        }
        submitted => submitted?,
    }
    for (batch, message) in batches {
        match ledger.change_batch_state(batch, BatchState::Submitted, message.as_deref()).await {
            // Somebody else has heard the same, or the end of the new job already.
            Ok(()) | Err(StoreError::Changed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
