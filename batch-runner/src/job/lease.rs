//! A **lease** is the right to work on a batch. It is claimed, and renewed by a heartbeat for as long as the
//! job lives; a job that loses it stops at once, since another may have begun.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::TimeDelta;
use domain::BatchId;
use store::{Claim, Ledger, StoreError};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobError;
use super::context::{Clock, Context};
use super::meter::Meter;

/// Longest wait for another runner's lease, in leases: one that died is waited for, one that lives is not.
const PATIENCE_IN_LEASES: i32 = 2;
/// Renewals in one lease: two may fail.
const RENEWALS_PER_LEASE: i32 = 3;
/// Shortest pause before a claim is tried again.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// A claim that is being renewed. The claim is released by [`Lease::release`], or runs out.
#[derive(Debug)]
pub struct Lease {
    /// The number of this attempt, which is its fencing token.
    pub attempt: u32,
    batch: BatchId,
    heartbeat: JoinHandle<()>,
    loss: Arc<OnceLock<StoreError>>,
}

impl Lease {
    /// Claims a batch, waits for the lease of a dead runner, and keeps the claim. `cancel` ends the wait, and
    /// is cancelled when the lease is lost.
    ///
    /// # Errors
    /// When a living runner has the batch, the ledger fails, or `cancel` is cancelled.
    pub async fn take(
        context: &Context,
        batch: &BatchId,
        holder: &str,
        lease: TimeDelta,
        cancel: &CancellationToken,
    ) -> Result<Self, JobError> {
        let attempt = claim(context, batch, holder, lease, cancel).await?;
        let loss = Arc::new(OnceLock::new());
        let heartbeat = Heartbeat {
            ledger: context.ledger.clone(),
            clock: context.clock.clone(),
            meter: context.meter.clone(),
            batch: batch.clone(),
            attempt,
            lease,
            cancel: cancel.clone(),
            loss: loss.clone(),
        };
        Ok(Self { attempt, batch: batch.clone(), heartbeat: tokio::spawn(heartbeat.beat()), loss })
    }

    /// Why a job that was cancelled has to stop: the lease was lost, or somebody told it to.
    #[must_use]
    pub fn reason_to_stop(mut self) -> JobError {
        let loss = Arc::get_mut(&mut self.loss).and_then(OnceLock::take);
        loss.map_or(JobError::Stopped, JobError::from)
    }

    /// Whether it was lost.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.loss.get().is_some()
    }

    /// Gives the batch back and ends the heartbeat.
    ///
    /// # Errors
    /// When the ledger fails. The lease runs out by itself then.
    pub async fn release(&mut self, ledger: &dyn Ledger) -> Result<(), StoreError> {
        self.heartbeat.abort();
        // Its share of `loss` is gone once it has ended; that it was aborted is what was asked for.
        let _ = (&mut self.heartbeat).await;
        if self.is_lost() { Ok(()) } else { ledger.release(&self.batch, self.attempt).await }
    }
}

async fn claim(
    context: &Context,
    batch: &BatchId,
    holder: &str,
    lease: TimeDelta,
    cancel: &CancellationToken,
) -> Result<u32, JobError> {
    let patience = lease * PATIENCE_IN_LEASES;
    let give_up = (context.clock)() + patience;
    let mut told = false;
    loop {
        let now = (context.clock)();
        let (by, until) = match context.ledger.claim(batch, holder, now, lease).await? {
            Claim::Granted { attempt } => return Ok(attempt),
            Claim::Held { holder, until } => (holder, until),
        };
        if now >= give_up {
            return Err(JobError::Held { batch: batch.clone(), holder: by, until });
        }
        if !told {
            told = true;
            (context.progress)(&format!("waiting for the lease of {by}, until {until} at most"));
        }
        let pause = (until.min(give_up) - now).to_std().unwrap_or(MIN_PAUSE).max(MIN_PAUSE);
        tokio::select! {
            () = sleep(pause) => {}
            () = cancel.cancelled() => return Err(JobError::Stopped),
        }
    }
}

struct Heartbeat {
    ledger: Arc<dyn Ledger>,
    clock: Clock,
    meter: Arc<Meter>,
    batch: BatchId,
    attempt: u32,
    lease: TimeDelta,
    cancel: CancellationToken,
    loss: Arc<OnceLock<StoreError>>,
}

impl Heartbeat {
    /// Renews until it is aborted or the lease is lost: taken over, or run out while the ledger failed.
    async fn beat(self) {
        let pause = (self.lease / RENEWALS_PER_LEASE).to_std().unwrap_or(MIN_PAUSE);
        let mut valid_until = (self.clock)() + self.lease;
        loop {
            sleep(pause).await;
            let now = (self.clock)();
            let lost = match self.ledger.renew(&self.batch, self.attempt, now, self.lease).await {
                Ok(()) => {
                    self.meter.renewed();
                    valid_until = now + self.lease;
                    continue;
                }
                Err(error @ StoreError::Fenced { .. }) => error,
                Err(error) if (self.clock)() >= valid_until => error,
                Err(error) => {
                    tracing::warn!(%error, "the lease could not be renewed and is tried again");
                    continue;
                }
            };
            let _ = self.loss.set(lost);
            self.cancel.cancel();
            return;
        }
    }
}
