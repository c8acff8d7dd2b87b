//! The **notice** of a campaign that has ended, and who is told: each of them once for each time that the campaign was asked
//! for.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::{CampaignRecord, Ledger, Notice, Notifier, ObjectKey, ReportForm, StoreError};

use crate::CampaignReport;

/// Times that somebody is told who cannot be reached.
const TRIES: u32 = 3;

/// Wait after the first try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long it is known that somebody was told: events of a campaign do not come later.
const KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// Tells everybody that a campaign has ended. Nobody who cannot be told keeps the catalogue from being published: that is
/// logged, and the next telling of the event tries it again.
pub async fn tell_all(
    notifiers: &[Arc<dyn Notifier>],
    ledger: &dyn Ledger,
    report: &CampaignReport,
    public_url: Option<&str>,
    now: DateTime<Utc>,
) {
    let campaign = &report.campaign;
    let told = Told { campaign, what: "", notice: notice(report, public_url) };
    told.by_all(notifiers, ledger, now).await;
}

/// Tells everybody that a campaign has failed, by its record alone: its results may be away.
pub async fn tell_failure(
    notifiers: &[Arc<dyn Notifier>],
    ledger: &dyn Ledger,
    campaign: &CampaignRecord,
    public_url: Option<&str>,
    now: DateTime<Utc>,
) {
    // It may have ended before, and been told, when it could not be published.
    let told = Told { campaign, what: "failed/", notice: failure(campaign, public_url) };
    told.by_all(notifiers, ledger, now).await;
}

/// What is told of one asking for a campaign.
struct Told<'a> {
    campaign: &'a CampaignRecord,
    /// What tells one notice of the same asking from another.
    what: &'static str,
    notice: Notice,
}

impl Told<'_> {
    async fn by_all(&self, notifiers: &[Arc<dyn Notifier>], ledger: &dyn Ledger, now: DateTime<Utc>) {
        for notifier in notifiers {
            if let Err(error) = self.once(notifier.as_ref(), ledger, now).await {
                let campaign = &self.campaign.id;
                tracing::error!(%campaign, notifier = notifier.address(), "{error}; nobody was told there");
            }
        }
    }

    async fn once(
        &self,
        notifier: &dyn Notifier,
        ledger: &dyn Ledger,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let CampaignRecord { id, request, .. } = self.campaign;
        let key = format!("notice/{id}/{request}/{}{}", self.what, notifier.address());
        if !ledger.take_key(&key, now, KNOWN_FOR).await? {
            return Ok(());
        }
        let told = tell(notifier, &self.notice).await;
        if told.is_err() {
            ledger.give_key_back(&key).await?;
        }
        told
    }
}

async fn tell(notifier: &dyn Notifier, notice: &Notice) -> Result<(), StoreError> {
    let mut tried = 1;
    loop {
        match notifier.tell(notice).await {
            Err(StoreError::Unavailable { .. }) if tried < TRIES => {
                tokio::time::sleep(FIRST_WAIT * 2_u32.pow(tried - 1)).await;
                tried += 1;
            }
            told => return told,
        }
    }
}

/// What is told of a campaign that has ended.
fn notice(report: &CampaignReport, public_url: Option<&str>) -> Notice {
    let campaign = &report.campaign;
    let label = report.label().word;
    let mut lines = vec![format!(
        "{} results of {} configurations that can run, {} trials failed, {}",
        report.results.len(),
        campaign.feasible,
        report.failed_trials(),
        report.paid_in_words(),
    )];
    lines.extend(report.best_in_lines());
    lines.extend(campaign.message.clone());
    let more = match public_url {
        Some(url) => format!("{}/v1/campaigns/{}/report.html", url.trim_end_matches('/'), campaign.id),
        None => ObjectKey::report(&campaign.id, ReportForm::Html).to_string(),
    };
    Notice { subject: format!("Campaign {} {} [{label}]", campaign.id, report.ended()), lines, more }
}

/// What is told of a campaign that has failed.
fn failure(campaign: &CampaignRecord, public_url: Option<&str>) -> Notice {
    let id = &campaign.id;
    Notice {
        subject: format!("Campaign {id} failed"),
        lines: campaign.message.iter().cloned().collect(),
        more: match public_url {
            Some(url) => format!("{}/v1/campaigns/{id}", url.trim_end_matches('/')),
            None => format!("assay campaign show {id}"),
        },
    }
}
