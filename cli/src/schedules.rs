//! **Schedules** begin the next campaign of a spec whenever a cron expression is due, in UTC. They are kept in the data
//! folder, each with its spec as it was resolved when it was added, and `assay up` begins what is due.
//!
//! Every instant begins one campaign, however many hosts there are one after the other: its key is taken in the ledger.
//! Instants that passed while nobody hosted the folder are caught up by one campaign, for the last of them.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use domain::CampaignSpec;
use serde::{Deserialize, Serialize};
use trigger_campaign::{Context, Triggered, due};

/// How long the key of an instant is kept beyond the next instant.
const MARGIN: TimeDelta = TimeDelta::days(2);

/// Schedules by name.
pub type Schedules = BTreeMap<String, Schedule>;

/// When the campaigns of a spec begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The cron expression.
    pub cron: CronExpression,
    /// When it was added: instants before do not count.
    pub added_at: DateTime<Utc>,
    /// The spec, resolved.
    pub spec: CampaignSpec,
}

/// A cron expression of five fields: minute, hour, day of month, month, day of week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronExpression {
    text: String,
    cron: Cron,
}

impl FromStr for CronExpression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
        let told =
            |e| format!("`{text}` is no cron expression ({e}); write five fields, such as \"0 3 * * *\"");
        let cron = parser.parse(text).map_err(|e| told(e.to_string()))?;
        // Such as 30 February.
        cron.find_next_occurrence(&DateTime::UNIX_EPOCH, true).map_err(|e| told(e.to_string()))?;
        Ok(Self { text: text.to_owned(), cron })
    }
}

impl TryFrom<String> for CronExpression {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<CronExpression> for String {
    fn from(cron: CronExpression) -> Self {
        cron.text
    }
}

impl std::fmt::Display for CronExpression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.text)
    }
}

impl CronExpression {
    /// The first instant after another; none when it lies beyond what dates can tell.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.find_next_occurrence(&after, false).ok()
    }

    /// The last instant up to another.
    fn last(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.find_previous_occurrence(&until, true).ok()
    }
}

/// Begins what is due. A schedule whose campaign cannot be begun does not keep others from theirs, and is tried again.
pub async fn begin_due(
    context: &Context,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Vec<(String, Result<Triggered>)> {
    let mut begun = Vec::new();
    for (name, schedule) in schedules {
        let triggered = begin_if_due(context, name, schedule, now).await;
        let triggered = triggered.with_context(|| format!("schedule {name}")).transpose();
        begun.extend(triggered.map(|triggered| (name.clone(), triggered)));
    }
    begun
}

async fn begin_if_due(
    context: &Context,
    name: &str,
    schedule: &Schedule,
    now: DateTime<Utc>,
) -> Result<Option<Triggered>> {
    let Some(at) = schedule.cron.last(now).filter(|at| *at > schedule.added_at) else { return Ok(None) };
    let key = format!("schedule/{name}/{}/{}", schedule.added_at.timestamp_micros(), at.timestamp());
    let until = schedule.cron.next(now).unwrap_or(now) + MARGIN;
    if !context.ledger.take_key(&key, now, until - now).await? {
        return Ok(None);
    }
    let triggered = due(context, &schedule.spec, at, now).await;
    if triggered.is_err() {
        context.ledger.give_key_back(&key).await?;
    }
    Ok(triggered?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use events::{Event, EventBody};
    use store::CampaignState;
    use store::directory::DirectoryObjects;
    use store::sqlite::SqliteLedger;
    use testkit::MemoryBus;
    use tokio::sync::mpsc::UnboundedReceiver;

    use super::*;

    const SPEC: &str =
        "{name: nightly, models: [llama-3.1-8b-instruct], hardware: [h100x1], frameworks: [simulated]}";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    struct Scene {
        _folder: tempfile::TempDir,
        context: Context,
        events: UnboundedReceiver<Event>,
        schedules: Schedules,
    }

    impl Scene {
        /// Every night at three, since the evening of the first.
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (bus, events) = MemoryBus::new();
            let context = Context {
                ledger: Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap()),
                objects: Arc::new(DirectoryObjects::open(&folder.path().join("objects")).unwrap()),
                bus: Arc::new(bus),
            };
            let schedule = Schedule {
                cron: "0 3 * * *".parse().unwrap(),
                added_at: at("2026-11-01T20:00:00Z"),
                spec: CampaignSpec::from_yaml(SPEC).unwrap(),
            };
            Self { _folder: folder, context, events, schedules: [("nightly".to_owned(), schedule)].into() }
        }

        /// How many campaigns begin.
        async fn begin(&mut self, now: &str) -> usize {
            let begun = begin_due(&self.context, &self.schedules, at(now)).await;
            assert!(begun.iter().all(|(_, triggered)| triggered.is_ok()), "{begun:?}");
            let told = std::iter::from_fn(|| self.events.try_recv().ok()).collect::<Vec<_>>();
            assert!(told.iter().all(|event| matches!(event.body, EventBody::CampaignRequested(_))));
            assert_eq!(told.len(), begun.len());
            // It ends at once.
            for mut record in self.context.ledger.campaigns().await.unwrap() {
                let was = record.clone();
                record.state = CampaignState::Completed;
                self.context.ledger.update_campaign(&was, &record).await.unwrap();
            }
            begun.len()
        }
    }

    #[tokio::test]
    async fn every_instant_begins_one_campaign_and_those_missed_are_caught_up_by_one() {
        let mut scene = Scene::new().await;
        for (now, begun) in [
            ("2026-11-01T21:00:00Z", 0), // the instant before it was added does not count
            ("2026-11-02T02:59:59Z", 0),
            ("2026-11-02T03:00:00Z", 1),
            ("2026-11-02T03:00:01Z", 0),
            ("2026-11-03T02:59:59Z", 0),
            ("2026-11-03T03:00:30Z", 1),
            // Nobody hosted the folder for a week.
            ("2026-11-10T12:00:00Z", 1),
            ("2026-11-10T12:00:01Z", 0),
            ("2026-11-11T03:00:00Z", 1),
        ] {
            assert_eq!(scene.begin(now).await, begun, "{now}");
        }
        assert_eq!(scene.context.ledger.campaigns().await.unwrap().len(), 4);
    }

    #[tokio::test]
    async fn of_several_hosts_one_begins_it() {
        let scene = Scene::new().await;
        let now = at("2026-11-02T03:00:00Z");
        let (one, other) = tokio::join!(
            begin_due(&scene.context, &scene.schedules, now),
            begin_due(&scene.context, &scene.schedules, now)
        );
        assert_eq!(one.len() + other.len(), 1);
    }

    #[test]
    fn an_expression_has_five_fields_and_comes_true_some_day() {
        for bad in ["", "0 3 * *", "0 0 3 * * *", "61 * * * *", "0 0 30 2 *", "nightly"] {
            let error = bad.parse::<CronExpression>().unwrap_err();
            assert!(error.contains("write five fields"), "{bad}: {error}");
        }
        let weekly: CronExpression = "30 4 * * 1".parse().unwrap();
        assert_eq!(weekly.next(at("2026-11-26T00:00:00Z")), Some(at("2026-11-30T04:30:00Z")));
        assert_eq!(weekly.to_string(), "30 4 * * 1");
    }
}
