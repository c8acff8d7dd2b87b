//! An **invocation** is one call of a function: a batch of SQS messages, each handled for itself, or one message.

use chrono::Utc;
use cloud::event_bridge::{Unhandled, told_by};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use store::ObjectKey;
use store::campaigns::{MAX_DELIVERIES, give_up};

use crate::{Campaigns, Counts, Failure, Later, Told};

/// A batch.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Message>,
}

/// One of its messages.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: String,
    #[serde(default)]
    receipt_handle: String,
    #[serde(default, rename = "eventSourceARN")]
    queue: String,
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    approximate_receive_count: Option<String>,
}

impl Message {
    /// How often it was received, this time included.
    fn receipts(&self) -> u32 {
        let count = self.attributes.approximate_receive_count.as_deref();
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

/// Handles an invocation and returns its answer. Messages of a batch that failed are named in it, so that they alone come
/// again, and are put off; one message that failed is an error.
///
/// An event that was received [`MAX_DELIVERIES`] times and still cannot be handled is given up: its campaign is marked
/// failed, and that is told.
///
/// # Errors
/// When what it tells, other than in a batch, cannot be read or handled.
pub async fn invoke(
    payload: &Value,
    campaigns: Option<&Campaigns>,
    later: &Later,
    handle: &impl AsyncFn(&Told) -> Result<(), Failure>,
) -> Result<Value, Failure> {
    let mut counts = Counts::default();
    let answer = answer(payload, campaigns, later, handle, &mut counts).await;
    counts.tell();
    answer
}

/// The same, with what becomes of each message counted.
///
/// # Errors
/// As [`invoke`].
pub async fn answer(
    payload: &Value,
    campaigns: Option<&Campaigns>,
    later: &Later,
    handle: &impl AsyncFn(&Told) -> Result<(), Failure>,
    counts: &mut Counts,
) -> Result<Value, Failure> {
    let is_batch = payload["Records"][0]["eventSource"] == "aws:sqs";
    if !is_batch {
        let handled = message(&payload.to_string(), 1, campaigns, handle).await;
        counts.count(&handled);
        return handled
            .inspect_err(|failure| tracing::error!(kind = failure.kind(), "{failure}"))
            .map(|_| Value::Null);
    }
    let Batch { records } = Batch::deserialize(payload).map_err(|e| Failure::new("Unreadable", &e))?;
    let handled = records.iter().map(|m| message(&m.body, m.receipts(), campaigns, handle));
    let (mut failed, mut unhandled) = (Vec::new(), Vec::new());
    for (message, handled) in records.iter().zip(join_all(handled).await) {
        counts.count(&handled);
        if let Err(failure) = handled {
            let (id, receipts) = (&message.message_id, message.receipts());
            tracing::error!(message = id, receipts, kind = failure.kind(), "{failure}");
            failed.push(json!({"itemIdentifier": id}));
            unhandled.push(Unhandled { receipt_handle: &message.receipt_handle, receipts });
        }
    }
    // All messages of a batch are of one queue.
    if let Some(message) = records.first().filter(|_| !unhandled.is_empty()) {
        later.put_off(&message.queue, &unhandled).await;
    }
    Ok(json!({"batchItemFailures": failed}))
}

/// Handles what one message tells; whatever fails brings all of it again. `true` when something of it was given up.
async fn message(
    body: &str,
    receipts: u32,
    campaigns: Option<&Campaigns>,
    handle: &impl AsyncFn(&Told) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut given_up = false;
    for told in told_by(body)? {
        // What we note beside uploads is told as well where a rule names a folder alone.
        if matches!(&told, Told::Uploaded { key, .. } if ObjectKey::is_no_file(key)) {
            continue;
        }
        let Err(failure) = handle(&told).await else { continue };
        match (&told, campaigns) {
            (Told::Event(event), Some(Campaigns { ledger, bus }))
                if receipts >= MAX_DELIVERIES && failure.is_of_handler() =>
            {
                tracing::error!(event = %event.id, kind = failure.kind(), "given up: {failure}");
                // When not even this can be noted, the message comes again and ends in the dead-letter queue.
                let (ledger, bus) = (ledger.as_ref(), bus.as_ref());
                let noted = give_up(ledger, bus, event, failure.to_string(), Utc::now()).await;
                given_up |= noted.map_err(|_| failure)?;
            }
            _ => return Err(failure),
        }
    }
    Ok(given_up)
}
