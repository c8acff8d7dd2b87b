//! **Notices through SNS**, `sns:ARN`: whoever subscribed to the topic gets them, by mail for instance.

use async_trait::async_trait;
use aws_sdk_sns::Client;
use store::{Notice, Notifier, StoreError};

use crate::aws::{Aws, Place};

/// Most letters of a mail's subject, which has to be ASCII in one line.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const MOST_OF_SUBJECT: usize = 99;

/// Most bytes of a message.
const MOST_BYTES: usize = 250_000;

/// Publishes to a topic.
#[derive(Debug, Clone)]
pub struct SnsNotifier {
    client: Client,
    address: String,
    arn: String,
    place: Place,
}

impl SnsNotifier {
    /// Publishes to a topic, which must be there already.
    #[must_use]
    pub fn new(aws: &Aws, arn: &str) -> Self {
        Self {
            client: Client::new(aws.config()),
            address: format!("sns:{arn}"),
            arn: arn.to_owned(),
            place: Place::new(format!("the SNS topic {arn}")),
        }
    }
}

/// Makes a topic, or finds the one of that name, and says its ARN: a step of a deployment.
///
/// # Errors
/// When SNS refuses or does not answer.
pub async fn create_topic(aws: &Aws, name: &str) -> Result<String, StoreError> {
    let place = Place::new(format!("the SNS topic {name}"));
    let created = Client::new(aws.config()).create_topic().name(name).send().await;
    let created = created.map_err(|error| place.failure(error))?;
    created.topic_arn().map(str::to_owned).ok_or_else(|| place.missing("ARN in the answer"))
}

#[async_trait]
impl Notifier for SnsNotifier {
    fn address(&self) -> &str {
        &self.address
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        let mut text = notice.text();
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        let publish =
            self.client.publish().topic_arn(&self.arn).subject(subject(&notice.subject)).message(text);
        publish.send().await.map(drop).map_err(|error| self.place.failure(error))
    }
}

/// A subject as SNS takes it.
fn subject(text: &str) -> String {
    text.chars()
        .take(MOST_OF_SUBJECT)
        .map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_of_ascii() {
        assert_eq!(subject("Campaign é\n1"), "Campaign ??1");
        assert_eq!(subject(&"x".repeat(300)).len(), MOST_OF_SUBJECT);
    }
}
