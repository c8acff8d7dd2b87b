//! Taking events out of a queue.

use std::fmt::Display;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageSystemAttributeName,
};
use events::Event;
use futures::future::join_all;
use store::StoreError;

use super::event_of;
use crate::aws::{ANSWER_TIMEOUT, Aws, CALL_TIMEOUT, Place, timeouts};

/// Longest that SQS waits for a message.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// Most messages that one call returns, and that one call deletes.
const MESSAGES_AT_ONCE: i32 = 10;

/// How long a message stays invisible after its first handling failed; every other failure doubles it. An event is given up at its
/// fourth receipt, 14 minutes after the first: a store may be away for as long as runners hold results for it.
const FIRST_RETRY: Duration = Duration::from_secs(120);

/// Longest that a message stays invisible after its handling failed.
const MAX_RETRY: Duration = Duration::from_secs(900);

/// A queue that a rule puts events into.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
    place: Place,
    first_retry: Duration,
}

/// A message that was received, and could not be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unhandled<'a> {
    /// What names this receipt of it.
    pub receipt_handle: &'a str,
    /// How often it was received, this time included.
    pub receipts: u32,
}

impl<'a> Unhandled<'a> {
    fn of(message: &'a Message) -> Option<Self> {
        Some(Self { receipt_handle: message.receipt_handle()?, receipts: receipts(message) })
    }
}

/// What became of the messages of one look into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Handled, or of no interest, and taken out.
    pub handled: usize,
    /// Left for later, or for the dead-letter queue.
    pub left: usize,
}

impl SqsQueue {
    /// Finds a queue by its name.
    ///
    /// # Errors
    /// When there is none, or AWS does not answer.
    pub async fn find(aws: &Aws, name: &str) -> Result<Self, StoreError> {
        let client = Client::new(aws.config());
        let place = Place::new(format!("the SQS queue {name}"));
        let found = client.get_queue_url().queue_name(name).send().await.map_err(|e| place.failure(e))?;
        let url = found.queue_url.ok_or_else(|| place.unavailable("it was told without an address"))?;
        Ok(Self { client, url, place, first_retry: FIRST_RETRY })
    }

    /// Sets how long a message stays invisible after its first handling failed.
    #[must_use]
    pub const fn retried_after(mut self, first: Duration) -> Self {
        self.first_retry = first;
        self
    }

    /// Waits for messages, for at most 20 s, and hands each to the handler, all at once. Those that were handled are
    /// taken out, and only those: a message whose handling fails does not bring the others back.
    ///
    /// # Errors
    /// When AWS does not answer. What was handled and could not be taken out comes again.
    pub async fn deliver<E: Display>(
        &self,
        wait: Duration,
        handle: impl AsyncFn(&Event) -> Result<(), E>,
    ) -> Result<Delivered, StoreError> {
        let wait = wait.min(MAX_WAIT);
        // An empty queue answers when the wait is over, and that is no outage.
        let patience = timeouts(wait + ANSWER_TIMEOUT, wait + CALL_TIMEOUT);
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(MESSAGES_AT_ONCE)
            .wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or_default())
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .customize()
            .config_override(Builder::new().timeout_config(patience));
        let messages = received.send().await.map_err(|e| self.place.failure(e))?.messages.unwrap_or_default();
        let outcomes = join_all(messages.iter().map(|message| deliver_one(message, &handle))).await;
        let (mut handled, mut left) = (Vec::new(), Vec::new());
        for (message, is_handled) in messages.iter().zip(outcomes) {
            if is_handled { handled.push(message) } else { left.push(message) }
        }
        self.take_out(&handled).await?;
        self.put_off(&left.iter().copied().filter_map(Unhandled::of).collect::<Vec<_>>()).await?;
        Ok(Delivered { handled: handled.len(), left: left.len() })
    }

    async fn take_out(&self, messages: &[&Message]) -> Result<(), StoreError> {
        let entries: Vec<_> = (0..)
            .zip(messages)
            .filter_map(|(number, message)| {
                let entry = DeleteMessageBatchRequestEntry::builder().id(format!("m{number}"));
                entry.receipt_handle(message.receipt_handle()?).build().ok()
            })
            .collect();
        if entries.is_empty() {
            return Ok(());
        }
        let delete = self.client.delete_message_batch().queue_url(&self.url).set_entries(Some(entries));
        for failed in delete.send().await.map_err(|e| self.place.failure(e))?.failed() {
            tracing::warn!(queue = self.place.name(), code = failed.code(), "a handled message comes again");
        }
        Ok(())
    }

    /// Makes messages visible again later, the later the more often they were received.
    ///
    /// # Errors
    /// When AWS does not answer. They come again when the queue's visibility timeout is over.
    pub async fn put_off(&self, messages: &[Unhandled<'_>]) -> Result<(), StoreError> {
        let entries: Vec<_> = (0..)
            .zip(messages)
            .filter_map(|(number, message)| {
                let seconds = self.retry_after(message.receipts).as_secs();
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(format!("m{number}"))
                    .receipt_handle(message.receipt_handle)
                    .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                    .build()
                    .ok()
            })
            .collect();
        if entries.is_empty() {
            return Ok(());
        }
        let change = self.client.change_message_visibility_batch().queue_url(&self.url);
        let changed = change.set_entries(Some(entries)).send().await.map_err(|e| self.place.failure(e))?;
        for failed in changed.failed() {
            tracing::warn!(
                queue = self.place.name(),
                code = failed.code(),
                "a message is put off for longer"
            );
        }
        Ok(())
    }

    fn retry_after(&self, receipts: u32) -> Duration {
        let doubled = 1_u32.checked_shl(receipts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_retry.saturating_mul(doubled).min(MAX_RETRY)
    }
}

/// Whether a message was handled.
async fn deliver_one<E: Display>(message: &Message, handle: &impl AsyncFn(&Event) -> Result<(), E>) -> bool {
    let id = message.message_id().unwrap_or("?");
    let event = match event_of(message.body().unwrap_or_default()) {
        Ok(Some(event)) => event,
        Ok(None) => return true,
        Err(error) => {
            tracing::error!(message = id, %error, "a message goes to the dead-letter queue");
            return false;
        }
    };
    match handle(&event).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(event = %event.id, receipts = receipts(message), %error, "an event was not handled");
            false
        }
    }
}

/// How often a message was received, this time included.
fn receipts(message: &Message) -> u32 {
    let attributes = message.attributes();
    let count = attributes.and_then(|a| a.get(&MessageSystemAttributeName::ApproximateReceiveCount));
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}
