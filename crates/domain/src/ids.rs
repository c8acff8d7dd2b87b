//! **Ids**: names that are unique and stable. Each kind is its own type, so that one is never passed
//! for another.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An id that has characters outside `[a-z0-9._-]`, is empty, or is too long.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is not an id: use 1 to 100 of the characters a-z, 0-9, `.`, `_` and `-`, with a letter or digit first"
)]
pub struct BadId(pub String);

/// Checks the form that every id and every name of ours has. It is safe in a path, a URL and an object key.
///
/// # Errors
/// When the text is empty, longer than 100 bytes or has another character.
pub fn check_id(text: &str) -> Result<(), BadId> {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    let first_ok = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if first_ok && text.len() <= 100 && text.bytes().all(ok) { Ok(()) } else { Err(BadId(text.to_owned())) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                check_id(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                check_id(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

/// Ids that are put together from content hashes and other ids, which have the form already.
macro_rules! composed {
    ($($name:ident),*) => {
        $(impl $name {
            pub(crate) fn from_parts(text: String) -> Self {
                debug_assert!(check_id(&text).is_ok(), "{text}");
                Self(text)
            }
        })*
    };
}

id! {
    /// A campaign: `<spec name>-<hash of the spec>`, with `.N` for its Nth repetition.
    CampaignId
}
id! {
    /// A batch: `<campaign>.b<index>`.
    BatchId
}
id! {
    /// A configuration: the content hash of its canonical form.
    ConfigId
}
id! {
    /// A launch: the content hash of the server-side settings.
    LaunchId
}
id! {
    /// One measured run: `<campaign>.<configuration>.t<trial>`. A result is stored once per run id.
    RunId
}
id! {
    /// An event: derived from what it tells, so that a repeated telling has the same id.
    EventId
}
id! {
    /// A job, as its dispatcher names it: unique among all jobs of all dispatchers.
    JobId
}
id! {
    /// The name of a model: `llama-3.1-8b-instruct`.
    ModelName
}
composed!(CampaignId, BatchId, ConfigId, LaunchId, RunId, EventId, JobId);

impl CampaignId {
    /// The id of the Nth (from 1) campaign of a spec. The first has no suffix.
    #[must_use]
    pub fn of_spec(name: &str, spec_hash: &str, repetition: u32) -> Self {
        let suffix = if repetition > 1 { format!(".{repetition}") } else { String::new() };
        Self::from_parts(format!("{name}-{}{suffix}", &spec_hash[..spec_hash.len().min(8)]))
    }
}

impl BatchId {
    /// The id of a campaign's batch by its index.
    #[must_use]
    pub fn new(campaign: &CampaignId, index: u32) -> Self {
        Self::from_parts(format!("{campaign}.b{index}"))
    }

    /// Its index within its campaign; `None` for an id that was not made of a campaign and an index.
    #[must_use]
    pub fn index(&self) -> Option<u32> {
        self.0.rsplit_once(".b")?.1.parse().ok()
    }
}

impl RunId {
    /// The id of one trial (from 1) of a configuration in a campaign.
    #[must_use]
    pub fn new(campaign: &CampaignId, config: &ConfigId, trial: u32) -> Self {
        Self::from_parts(format!("{campaign}.{config}.t{trial}"))
    }
}

impl JobId {
    /// An id that no other job has.
    #[must_use]
    pub fn random() -> Self {
        Self::from_parts(uuid::Uuid::new_v4().to_string())
    }

    /// A job's id where it runs as ours, which has no `:`; `None` where it cannot be one all the same.
    #[must_use]
    pub fn of_foreign(id: &str) -> Option<Self> {
        id.replace(':', ".").parse().ok()
    }
}

impl EventId {
    /// The id of the event that tells `what` happened to `whom`; `nth` counts retellings that differ.
    #[must_use]
    pub fn new(what: &str, whom: &str, nth: u32) -> Self {
        Self::from_parts(format!("{what}-{}-{nth}", crate::content_hash::hash_bytes(whom.as_bytes())))
    }

    /// The id of the event that tells how a job of a batch ended.
    #[must_use]
    pub fn of_job(batch: &BatchId, job: &JobId) -> Self {
        Self::new("batch-ended", &format!("{batch}@{job}"), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_checked_when_parsed() {
        assert!("chat-1.2_x".parse::<CampaignId>().is_ok());
        for bad in ["", "A", "-x", "a b", "a/b", "ä", &"x".repeat(101)] {
            assert!(bad.parse::<CampaignId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn composed_ids_say_where_they_belong() {
        let campaign = CampaignId::of_spec("demo", "0123456789abcdef", 2);
        assert_eq!(campaign.as_str(), "demo-01234567.2");
        assert_eq!(BatchId::new(&campaign, 3).as_str(), "demo-01234567.2.b3");
        let config: ConfigId = "ff00".parse().unwrap();
        assert_eq!(RunId::new(&campaign, &config, 1).as_str(), "demo-01234567.2.ff00.t1");
    }
}
