//! **Objects** are files under keys: specs, plans, manifests, raw records, reports.

use std::time::Duration;

use async_trait::async_trait;
use domain::ids::check_id;
use domain::{BatchId, CampaignId, LaunchId, ModelName, Provenance, RunId};

use crate::StoreError;

/// The key of an object. Only the keys made here exist, so that nothing outside the root can be named and
/// every object's place is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The checked spec of a campaign, as JSON.
    #[must_use]
    pub fn spec(campaign: &CampaignId) -> Self {
        Self(format!("campaigns/{campaign}/spec.json"))
    }

    /// The plan of a campaign: what can run and what cannot, with reasons.
    #[must_use]
    pub fn plan(campaign: &CampaignId) -> Self {
        Self(format!("campaigns/{campaign}/plan.json"))
    }

    /// The manifest of a batch.
    #[must_use]
    pub fn manifest(campaign: &CampaignId, batch: &BatchId) -> Self {
        Self(format!("campaigns/{campaign}/batches/{batch}.json"))
    }

    /// The raw records of a trial.
    #[must_use]
    pub fn raw_records(campaign: &CampaignId, run: &RunId) -> Self {
        Self(format!("raw/{campaign}/{run}.jsonl.zst"))
    }

    /// The rankings as last published.
    #[must_use]
    pub fn rankings() -> Self {
        Self("catalog/rankings.json".to_owned())
    }

    /// The catalogue as last published, as a file of `catalog`.
    #[must_use]
    pub fn snapshot() -> Self {
        Self("catalog/snapshot.arrow".to_owned())
    }

    /// What was published last: written after the catalogue, and small, so that a reader asks it whether to read that.
    #[must_use]
    pub fn published() -> Self {
        Self("catalog/published.json".to_owned())
    }

    /// That a launch ran out of memory.
    #[must_use]
    pub fn shortage(launch: &LaunchId) -> Self {
        Self(format!("shortages/{launch}.json"))
    }

    /// What a launch answered to prompts of that name, for fidelity. Simulated answers are not compared with others.
    #[must_use]
    pub fn answers(provenance: Provenance, launch: &LaunchId, prompts: &str) -> Self {
        Self(format!("fidelity/{provenance}/answers/{launch}.{prompts}.json"))
    }

    /// What a model answered to them unquantised: what others are compared with.
    #[must_use]
    pub fn reference(provenance: Provenance, model: &ModelName, prompts: &str) -> Self {
        Self(format!("fidelity/{provenance}/references/{model}.{prompts}.json"))
    }

    /// What a launch answered to tasks of that name.
    #[must_use]
    pub fn tasks_done(provenance: Provenance, launch: &LaunchId, tasks: &str) -> Self {
        Self(format!("tasks/{provenance}/{launch}.{tasks}.json"))
    }

    /// The report of a campaign in a form.
    #[must_use]
    pub fn report(campaign: &CampaignId, form: ReportForm) -> Self {
        Self(format!("reports/{campaign}.{}", form.extension()))
    }

    /// The spec of a campaign that was asked for over HTTP, as an upload.
    #[must_use]
    pub fn spec_over_http(campaign: &CampaignId) -> Self {
        Self(format!("specs/over-http/{campaign}.yaml"))
    }

    /// What somebody uploaded: a file in one of the folders of [`Uploads`]. `None` for any other place, and for
    /// [notes](Self::note).
    #[must_use]
    pub fn uploaded(key: &str) -> Option<(Uploads, Self)> {
        let (folder, name) = key.split_once('/')?;
        let uploads = Uploads::ALL.into_iter().find(|uploads| uploads.folder() == folder)?;
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.len() <= 200
                && !part.contains(|c: char| c.is_control() || c == '\\')
        };
        let is_file = key.len() <= 800 && name.split('/').all(plain) && !name.ends_with(NOTE);
        is_file.then(|| (uploads, Self(key.to_owned())))
    }

    /// Whether a key in a store is of nothing that somebody uploaded: a note of ours, or the mark of a folder.
    #[must_use]
    pub fn is_no_file(key: &str) -> bool {
        key.ends_with(NOTE) || key.ends_with('/')
    }

    /// What became of an upload: a small JSON beside it.
    #[must_use]
    pub fn note(&self) -> Self {
        Self(format!("{}{NOTE}", self.0))
    }

    /// The key as text: `a/b/c`, no leading slash, no `..`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How long it is worth keeping.
    #[must_use]
    pub fn class(&self) -> ObjectClass {
        if self.0.starts_with("raw/") { ObjectClass::Raw } else { ObjectClass::Results }
    }
}

/// A form of a report: all have the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportForm {
    /// With all of its numbers, for programs.
    Json,
    /// One page that needs nothing else.
    Html,
    /// For print and for whom it is sent to.
    Pdf,
}

impl ReportForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Json, Self::Html, Self::Pdf];

    /// The ending of its file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// What is added to the name of an upload for the note beside it.
const NOTE: &str = ".note.json";

/// Folders that people upload to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uploads {
    /// Specs whose campaigns begin when they are uploaded.
    Specs,
    /// Specs whose campaigns begin when a schedule of their name is due.
    Schedules,
    /// Results of other tools and of other stores.
    Imports,
}

impl Uploads {
    /// Every folder.
    pub const ALL: [Self; 3] = [Self::Specs, Self::Schedules, Self::Imports];

    /// Its name.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Specs => "specs",
            Self::Schedules => "schedules",
            Self::Imports => "imports",
        }
    }
}

/// How long an object is worth keeping. A store that can expire objects does so by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectClass {
    /// Raw records: large, and of use while a result is new.
    Raw,
    /// Everything else: small, and evidence for ever.
    Results,
}

impl ObjectClass {
    /// Its name in a store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Results => "results",
        }
    }
}

/// What the keys of some objects begin with. It ends at a slash, so that `demo` does not find those of `demo2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPrefix(String);

impl ObjectPrefix {
    /// What is kept of a campaign, but for raw records.
    #[must_use]
    pub fn campaign(campaign: &CampaignId) -> Self {
        Self(format!("campaigns/{campaign}/"))
    }

    /// The manifests of a campaign.
    #[must_use]
    pub fn manifests(campaign: &CampaignId) -> Self {
        Self(format!("campaigns/{campaign}/batches/"))
    }

    /// The raw records of a campaign.
    #[must_use]
    pub fn raw_records(campaign: &CampaignId) -> Self {
        Self(format!("raw/{campaign}/"))
    }

    /// The launches that ran out of memory.
    #[must_use]
    pub fn shortages() -> Self {
        Self("shortages/".to_owned())
    }

    /// The prefix as text: `a/b/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that an adapter found under this prefix, by what follows the prefix; `None` for what we did not
    /// write, such as a temporary file.
    #[must_use]
    pub fn key(&self, rest: &str) -> Option<ObjectKey> {
        rest.split('/').all(|name| check_id(name).is_ok()).then(|| ObjectKey(format!("{}{rest}", self.0)))
    }
}

impl std::fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// Keeps objects. A reader sees an object whole or not at all, also after a crash in the middle of a write.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Writes an object, replacing what was there.
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError>;

    /// Writes an object unless one is there. Of racing callers exactly one gets `true`.
    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError>;

    /// Reads an object.
    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError>;

    /// A URL at which whoever has it reads an object until it is no longer valid, as a media type, without being asked who they
    /// are. `None` where objects have none.
    async fn link(
        &self,
        _key: &ObjectKey,
        _media_type: &str,
        _valid_for: Duration,
    ) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    /// The keys that begin with a prefix, in order. One that is written meanwhile may be among them or not.
    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_a_file_in_its_folder_and_nothing_else() {
        for (key, uploads) in [
            ("specs/nightly h100.yaml", Some(Uploads::Specs)),
            ("schedules/a/b.yaml", Some(Uploads::Schedules)),
            ("imports/x.json", Some(Uploads::Imports)),
            ("specs/", None),
            ("specs", None),
            ("specs/../catalog/published.json", None),
            ("specs//x", None),
            ("specs/./x", None),
            ("specs/a\\b", None),
            ("specs/a\nb", None),
            ("catalog/published.json", None),
            ("imports/x.json.note.json", None),
        ] {
            assert_eq!(ObjectKey::uploaded(key).map(|(uploads, _)| uploads), uploads, "{key}");
        }
        let (_, key) = ObjectKey::uploaded("imports/x.json").unwrap();
        assert_eq!(key.note().as_str(), "imports/x.json.note.json");
        assert!(ObjectKey::is_no_file(key.note().as_str()) && !ObjectKey::is_no_file(key.as_str()));
    }
}
