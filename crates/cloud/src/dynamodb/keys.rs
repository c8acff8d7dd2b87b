//! **Keys**: where each item is.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{BatchId, CampaignId, JobId, RunId};

/// The name of the partition key.
pub const PK: &str = "pk";

/// The name of the sort key.
pub const SK: &str = "sk";

/// The partition of all campaigns.
pub const CAMPAIGNS: &str = "CAMPAIGNS";

/// What the partitions of a campaign's batches begin with.
const CAMPAIGN: &str = "CAMPAIGN#";

/// What the sort keys of batches begin with.
pub const BATCH: &str = "BATCH#";

/// What the sort keys of checkpoints begin with.
pub const RUN: &str = "RUN#";

/// A whole key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub fn attributes(&self) -> [(String, AttributeValue); 2] {
        [
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ]
    }
}

pub fn campaign(id: &CampaignId) -> Key {
    Key { pk: CAMPAIGNS.to_owned(), sk: id.to_string() }
}

pub fn campaign_partition(id: &CampaignId) -> String {
    format!("{CAMPAIGN}{id}")
}

/// A batch is found by its id alone, since the id says which campaign it belongs to and where in it. `None` when
/// it does not: then it is no batch of a campaign.
pub fn batch(id: &BatchId) -> Option<Key> {
    let (campaign, index) = id.as_str().rsplit_once(".b")?;
    let index: u32 = index.parse().ok()?;
    Some(Key { pk: format!("{CAMPAIGN}{campaign}"), sk: format!("{BATCH}{index:010}") })
}

pub fn batch_partition(batch: &BatchId) -> String {
    format!("BATCH#{batch}")
}

pub fn checkpoint(batch: &BatchId, run: &RunId) -> Key {
    Key { pk: batch_partition(batch), sk: format!("{RUN}{run}") }
}

/// What the sort keys of starts begin with.
pub const START: &str = "START#";

/// What the sort keys of the starts of a trial begin with.
pub fn starts(run: &RunId) -> String {
    format!("{START}{run}#")
}

/// The trial of a start, by its sort key.
pub fn started_run(sk: &str) -> Option<RunId> {
    sk.strip_prefix(START)?.rsplit_once('#')?.0.parse().ok()
}

pub fn start(batch: &BatchId, run: &RunId, attempt: u32) -> Key {
    Key { pk: batch_partition(batch), sk: format!("{}{attempt}", starts(run)) }
}

pub fn interruption(batch: &BatchId, job: &JobId) -> Key {
    Key { pk: batch_partition(batch), sk: format!("INTERRUPTED#{job}") }
}

/// A key that is taken once.
pub fn once(key: &str) -> Key {
    Key { pk: format!("KEY#{key}"), sk: "KEY".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_of_a_trial() {
        let batch = "demo.b1".parse().unwrap();
        let run: RunId = "demo.ff00.t1".parse().unwrap();
        assert_eq!(started_run(&start(&batch, &run, 12).sk), Some(run));
        assert_eq!(started_run("START#"), None);
    }

    #[test]
    fn batches_sort_by_their_index() {
        let campaign: CampaignId = "demo.b1-0f0f".parse().unwrap();
        let keys = [2, 10, 9].map(|index| batch(&BatchId::new(&campaign, index)).unwrap());
        assert!(keys.iter().all(|key| key.pk == campaign_partition(&campaign)));
        assert!(keys[0].sk < keys[2].sk && keys[2].sk < keys[1].sk);
        assert_eq!(batch(&"demo".parse().unwrap()), None);
        assert_eq!(batch(&"demo.bx".parse().unwrap()), None);
    }
}
