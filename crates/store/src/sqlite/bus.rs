//! The bus of one machine. Its events are in the ledger's file, so that one that was told survives a crash of
//! whoever was to deliver it.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;
use events::Event;
use sqlx::{query, query_as};
use tokio::sync::Notify;

use super::database::Database;
use super::instant::to_text;
use super::ledger::SqliteLedger;
use crate::{Bus, StoreError};

/// How long a handled event is remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// How often it is looked for events that another process told.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A bus whose events wait in the ledger's file until somebody has handled them.
#[derive(Debug)]
pub struct SqliteBus {
    database: Database,
    told: Notify,
}

impl SqliteBus {
    /// The bus in a ledger's file. They share the connection that writes, so that they queue for it instead of racing
    /// for the lock of the file.
    #[must_use]
    pub fn of(ledger: &SqliteLedger) -> Self {
        Self { database: ledger.database.clone(), told: Notify::new() }
    }

    /// The event that has waited longest, of one campaign or of any. It is delivered again until it is
    /// [`handled`](Self::handled). Waits until there is one; one that another process told is seen within a second.
    ///
    /// # Errors
    /// When the file cannot be read, or holds something that is no event.
    pub async fn next(&self, campaign: Option<&CampaignId>) -> Result<Event, StoreError> {
        loop {
            // Before looking, so that what is told meanwhile wakes us.
            let told = self.told.notified();
            if let Some(event) = self.waiting(campaign).await? {
                return Ok(event);
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, told).await;
        }
    }

    /// As [`next`](Self::next), without waiting.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn waiting(&self, campaign: Option<&CampaignId>) -> Result<Option<Event>, StoreError> {
        let row: Option<(String, String)> = query_as(include_str!("sql/select_waiting_event.sql"))
            .bind(campaign.map(CampaignId::as_str))
            .fetch_optional(&self.database.read)
            .await
            .map_err(|e| self.database.place.sql(e))?;
        row.map(|(id, event)| {
            serde_json::from_str(&event).map_err(|e| self.database.place.damaged(format!("event {id}: {e}")))
        })
        .transpose()
    }

    /// Notes that an event need not be delivered again.
    ///
    /// # Errors
    /// When it cannot be noted: the event will be delivered again.
    pub async fn handled(&self, event: &Event, now: DateTime<Utc>) -> Result<(), StoreError> {
        let failed = |e| self.database.place.sql(e);
        let mut transaction = self.database.begin().await?;
        query("UPDATE events SET handled_at = ? WHERE id = ?")
            .bind(to_text(now))
            .bind(event.id.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        query("DELETE FROM events WHERE handled_at < ?")
            .bind(to_text(now - REMEMBERED))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }
}

#[async_trait]
impl Bus for SqliteBus {
    async fn publish(&self, event: &Event) -> Result<(), StoreError> {
        let failed = |e| self.database.place.sql(e);
        let text = serde_json::to_string(event).map_err(|e| self.database.place.other(e))?;
        let mut transaction = self.database.begin().await?;
        query("INSERT INTO events (id, campaign, event) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING")
            .bind(event.id.as_str())
            .bind(event.campaign().as_str())
            .bind(text)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        self.told.notify_one();
        Ok(())
    }
}
