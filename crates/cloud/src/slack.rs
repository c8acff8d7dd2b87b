//! **Notices in Slack**, or whatever takes its webhooks: Mattermost, Rocket.Chat, Discord (`/slack`). The address of a webhook
//! is a secret, so that ours names what holds it: an environment variable (`slack:VARIABLE`), or a text in AWS Secrets Manager
//! (`slack:aws-sm:NAME`), which is read when somebody is to be told. It is in no error and no log.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use store::{Notice, Notifier, StoreError};
use ureq::Agent;

use crate::aws::Place;
use crate::secrets::Secrets;
use crate::system_tls::system_tls;

/// Longest that one try may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most letters of a header and of a section, as Slack's reference of blocks has them.
const MOST_OF_HEADER: usize = 150;
const MOST_OF_SECTION: usize = 3000;

/// Tells a webhook.
pub struct SlackNotifier {
    address: String,
    webhook: Webhook,
    agent: Agent,
    place: Place,
}

/// Where the address of a webhook is.
enum Webhook {
    Known(String),
    Secret(Secrets, String),
}

impl SlackNotifier {
    /// The webhook that an environment variable holds.
    ///
    /// # Errors
    /// When the variable is not set or holds no address.
    pub fn of_variable(variable: &str) -> Result<Self, StoreError> {
        Self::new(variable, &std::env::var(variable).unwrap_or_default())
    }

    /// A webhook, named by the variable that it is from.
    ///
    /// # Errors
    /// When it is no address.
    pub fn new(variable: &str, webhook: &str) -> Result<Self, StoreError> {
        let place = Place::new(format!("the webhook in {variable}"));
        if !is_address(webhook) {
            return Err(place.refused(
                "it is no address",
                format!("set {variable} to the https:// address of the webhook"),
            ));
        }
        let webhook = Webhook::Known(webhook.to_owned());
        Ok(Self { address: format!("slack:{variable}"), webhook, agent: agent(), place })
    }

    /// The webhook that a secret holds.
    #[must_use]
    pub fn of_secret(secrets: Secrets, name: &str) -> Self {
        Self {
            address: format!("slack:{SECRET}{name}"),
            webhook: Webhook::Secret(secrets, name.to_owned()),
            agent: agent(),
            place: Place::new(format!("the webhook in the secret {name}")),
        }
    }

    async fn webhook(&self) -> Result<String, StoreError> {
        match &self.webhook {
            Webhook::Known(webhook) => Ok(webhook.clone()),
            Webhook::Secret(secrets, name) => {
                let webhook = secrets.text(name).await?.trim().to_owned();
                if is_address(&webhook) {
                    return Ok(webhook);
                }
                let mend = "store the https:// address of the webhook as its text";
                Err(self.place.refused("it is no address", mend))
            }
        }
    }
}

/// What names of secrets begin with in addresses of notifiers.
pub(crate) const SECRET: &str = "aws-sm:";

fn is_address(webhook: &str) -> bool {
    webhook.starts_with("https://") || webhook.starts_with("http://")
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .tls_config(system_tls())
        .build()
        .new_agent()
}

#[async_trait]
impl Notifier for SlackNotifier {
    fn address(&self) -> &str {
        &self.address
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        let (agent, webhook) = (self.agent.clone(), self.webhook().await?);
        let message = message(notice).to_string();
        let sent = tokio::task::spawn_blocking(move || {
            agent
                .post(&webhook)
                .header("content-type", "application/json")
                .send(message)
                .map(|answer| answer.status().as_u16())
        });
        // What went wrong is told by its kind: the text may quote the address.
        match sent.await.map_err(|error| self.place.other(error))? {
            Ok(200..=299) => Ok(()),
            Ok(status @ (429 | 500..)) => Err(self.place.unavailable(format!("HTTP {status}"))),
            Ok(status) => Err(self.place.refused(
                format!("HTTP {status}"),
                "check that the webhook was not removed, or make a new one",
            )),
            Err(ureq::Error::Timeout(_)) => Err(self.place.unavailable("no answer in time")),
            Err(ureq::Error::HostNotFound) => Err(self.place.unavailable("its host is not known")),
            Err(ureq::Error::BadUri(_)) => {
                Err(self.place.refused("it is no address", "correct the address that is kept there"))
            }
            Err(_) => Err(self.place.unavailable("it cannot be connected to")),
        }
    }
}

/// A notice in Slack's blocks; `text` is what a telephone shows.
fn message(notice: &Notice) -> Value {
    let lines: Vec<String> = notice.lines.iter().map(|line| escaped(line)).collect();
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": cut(&notice.subject, MOST_OF_HEADER)}}),
    ];
    if !lines.is_empty() {
        let text = cut(&lines.join("\n"), MOST_OF_SECTION);
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": text}}));
    }
    let more = escaped(&notice.more);
    let more = if notice.more.starts_with("http") {
        format!("<{more}|Report>")
    } else {
        format!("Report: `{more}`")
    };
    blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": more}]}));
    json!({"text": escaped(&notice.subject), "blocks": blocks})
}

/// Text as Slack wants it: what would be a link or a mention is not one.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_mentions_nobody_and_keeps_to_slacks_bounds() {
        let notice = Notice {
            subject: format!("x{}", "é".repeat(200)),
            lines: vec!["<!channel> a & b".to_owned(), "y".repeat(4000)],
            more: "https://assay.example/v1/campaigns/a/report.html".to_owned(),
        };
        let message = message(&notice);
        let header = message["blocks"][0]["text"]["text"].as_str().unwrap();
        assert_eq!(header.chars().count(), MOST_OF_HEADER);
        let section = message["blocks"][1]["text"]["text"].as_str().unwrap();
        assert!(
            section.starts_with("&lt;!channel&gt; a &amp; b\n") && section.chars().count() == MOST_OF_SECTION
        );
        let more = &message["blocks"][2]["elements"][0]["text"];
        assert_eq!(more, "<https://assay.example/v1/campaigns/a/report.html|Report>");
    }

    #[test]
    fn a_variable_without_a_webhook_is_refused_by_its_name() {
        let error = SlackNotifier::new("OPS_WEBHOOK", "").err().unwrap().to_string();
        assert!(error.contains("set OPS_WEBHOOK"), "{error}");
    }
}
