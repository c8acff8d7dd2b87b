//! Publishing.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use events::Event;
use store::{Bus, StoreError};

use super::SOURCE;
use crate::aws::{Aws, Place, back_off};

/// Most bytes of an entry: its source, detail type and detail, and 14 for its time.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>
const MAX_ENTRY_BYTES: usize = 256 * 1024;

/// What a time counts for.
const TIME_BYTES: usize = 14;

/// Times that an entry is sent that EventBridge does not take for a reason of its own.
const SENDS: u32 = 4;

/// Longest wait after the first of them; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Publishes events.
#[derive(Debug, Clone)]
pub struct EventBridgeBus {
    client: Client,
    bus: String,
    place: Place,
}

impl EventBridgeBus {
    /// Publishes on a bus, which must be there already.
    #[must_use]
    pub fn new(aws: &Aws, bus: &str) -> Self {
        Self {
            client: Client::new(aws.config()),
            bus: bus.to_owned(),
            place: Place::new(format!("the EventBridge bus {bus}")),
        }
    }

    fn entry(&self, event: &Event) -> Result<PutEventsRequestEntry, StoreError> {
        let envelope = serde_json::to_value(event).map_err(|e| self.place.other(e))?;
        let detail = envelope.to_string();
        let detail_type = envelope["type"].as_str().unwrap_or_default();
        let bytes = SOURCE.len() + detail_type.len() + detail.len() + TIME_BYTES;
        if bytes > MAX_ENTRY_BYTES {
            return Err(self.place.refused(
                format!("the event {} has {bytes} bytes, and {MAX_ENTRY_BYTES} are the most", event.id),
                "cut the campaign into smaller ones",
            ));
        }
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(detail_type)
            .detail(detail)
            .time(DateTime::from_millis(event.occurred_at.timestamp_millis()))
            .build())
    }

    /// Sends an entry; `Some` when EventBridge did not take it and may do so later.
    async fn send(&self, entry: PutEventsRequestEntry) -> Result<Option<String>, StoreError> {
        let put = self.client.put_events().entries(entry).send().await.map_err(|e| self.place.failure(e))?;
        // The call succeeds also when its entries do not.
        let Some(PutEventsResultEntry { error_code: Some(code), error_message, .. }) = put.entries().first()
        else {
            return Ok(None);
        };
        let told = format!("{code}: {}", error_message.as_deref().unwrap_or("no message"));
        match code.as_str() {
            "InternalException" | "InternalFailure" | "ThrottlingException" => Ok(Some(told)),
            _ => Err(self.place.refused(told, "check the bus and the policy of the role that runs this")),
        }
    }
}

#[async_trait]
impl Bus for EventBridgeBus {
    async fn publish(&self, event: &Event) -> Result<(), StoreError> {
        let entry = self.entry(event)?;
        let mut why = String::new();
        for send in 0..SENDS {
            back_off(FIRST_WAIT, send).await;
            match self.send(entry.clone()).await? {
                None => return Ok(()),
                Some(told) => why = told,
            }
        }
        Err(self.place.unavailable(format!("it did not take an event {SENDS} times: {why}")))
    }
}
