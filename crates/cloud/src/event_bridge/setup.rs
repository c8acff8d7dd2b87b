//! What a bus needs to be there: a step of a deployment that has no other way to make it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_eventbridge::types::Target;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use store::StoreError;

use super::SOURCE;
use crate::aws::{Aws, Place};

/// A queue that gets events of a bus.
#[derive(Debug, Clone)]
pub struct Subscription<'a> {
    /// The bus; it is made when it is not there.
    pub bus: &'a str,
    /// The queue, made with a dead-letter queue of the same name and `-dead`.
    pub queue: &'a str,
    /// The types of events, such as `batch.ended.v1`.
    pub detail_types: &'a [&'a str],
    /// How long a message is invisible while it is handled.
    pub visibility: Duration,
    /// Receipts after which a message goes to the dead-letter queue.
    pub max_receipts: u32,
}

/// Makes the bus, the two queues, and the rule that fills them. It may be called again.
///
/// # Errors
/// When AWS refuses.
pub async fn subscribe(aws: &Aws, subscription: &Subscription<'_>) -> Result<(), StoreError> {
    let Subscription { bus, queue, detail_types, visibility, max_receipts } = subscription;
    let events = aws_sdk_eventbridge::Client::new(aws.config());
    let sqs = aws_sdk_sqs::Client::new(aws.config());
    let place = Place::new(format!("the EventBridge bus {bus} with the SQS queue {queue}"));

    let there = events.create_event_bus().name(*bus).send().await;
    if let Err(error) = there
        && !error.as_service_error().is_some_and(|e| e.is_resource_already_exists_exception())
    {
        return Err(place.failure(error));
    }
    let (_, dead) = make_queue(&sqs, &place, &format!("{queue}-dead"), HashMap::new()).await?;
    let redrive = json!({"deadLetterTargetArn": dead, "maxReceiveCount": max_receipts}).to_string();
    let attributes = HashMap::from([
        (QueueAttributeName::VisibilityTimeout, visibility.as_secs().to_string()),
        (QueueAttributeName::RedrivePolicy, redrive),
    ]);
    let (url, arn) = make_queue(&sqs, &place, queue, attributes).await?;
    let pattern = json!({"source": [SOURCE], "detail-type": detail_types}).to_string();
    let rule = events.put_rule().name(*queue).event_bus_name(*bus).event_pattern(pattern);
    let rule = rule.send().await.map_err(|e| place.failure(e))?;
    allow(&sqs, &place, (&url, &arn), rule.rule_arn().unwrap_or_default()).await?;
    let target = Target::builder().id(*queue).arn(arn).build();
    let target = target.map_err(|e| place.other(e))?;
    let put = events.put_targets().rule(*queue).event_bus_name(*bus).targets(target);
    let put = put.send().await.map_err(|e| place.failure(e))?;
    match put.failed_entries().first() {
        None => Ok(()),
        Some(failed) => Err(place.refused(
            failed.error_message().unwrap_or("no reason was given"),
            "check the policy of the role that runs this",
        )),
    }
}

/// Makes a queue and returns its URL and ARN.
async fn make_queue(
    sqs: &aws_sdk_sqs::Client,
    place: &Place,
    name: &str,
    attributes: HashMap<QueueAttributeName, String>,
) -> Result<(String, String), StoreError> {
    let attributes = Some(attributes).filter(|attributes| !attributes.is_empty());
    let made = sqs.create_queue().queue_name(name).set_attributes(attributes).send().await;
    let made = made.map_err(|e| place.failure(e))?;
    let url = made.queue_url.ok_or_else(|| place.unavailable("a queue was made and told without its URL"))?;
    let asked = sqs.get_queue_attributes().queue_url(&url);
    let asked = asked.attribute_names(QueueAttributeName::QueueArn).send().await;
    let asked = asked.map_err(|e| place.failure(e))?;
    let arn = asked.attributes().and_then(|told| told.get(&QueueAttributeName::QueueArn)).cloned();
    let arn = arn.ok_or_else(|| place.unavailable("a queue was told without its ARN"))?;
    Ok((url, arn))
}

/// Lets the rule, and nothing else of EventBridge, send to the queue.
async fn allow(
    sqs: &aws_sdk_sqs::Client,
    place: &Place,
    (url, arn): (&str, &str),
    rule_arn: &str,
) -> Result<(), StoreError> {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}}
    }]});
    let set = sqs.set_queue_attributes().queue_url(url);
    set.attributes(QueueAttributeName::Policy, policy.to_string())
        .send()
        .await
        .map_err(|e| place.failure(e))?;
    Ok(())
}
