//! **Uploads**: a spec that somebody put into `specs/` begins a campaign, one in `schedules/` does so whenever the schedule
//! of its name is due. What became of it is noted beside it, where whoever uploaded it looks.

use chrono::{DateTime, Utc};
use domain::{CampaignId, CampaignSpec, SpecError};
use serde::{Deserialize, Serialize};
use store::{ObjectKey, Uploads};

use crate::{Context, HandlerError, Repeat, Triggered, due, handle};

/// Largest spec that is read; one with a thousand entries is under 200 kB.
pub const MAX_SPEC_BYTES: u64 = 1 << 20;

/// What became of an upload, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Note {
    /// A campaign begins, goes on, or was complete.
    Campaign {
        /// It.
        id: CampaignId,
        /// When this was noted.
        at: DateTime<Utc>,
    },
    /// The spec cannot be used, and no campaign began.
    Refused {
        /// The line, the field, what is wrong and the mend.
        reason: String,
        /// When this was noted.
        at: DateTime<Utc>,
    },
}

/// An upload, as it is told.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Where it is.
    pub key: &'a ObjectKey,
    /// Its size.
    pub bytes: u64,
    /// Which of those under its key: of two the later one has the larger, as S3 compares them. Not every teller knows.
    pub sequencer: Option<&'a str>,
}

impl Upload<'_> {
    /// Whether it is the upload that something was noted of, or an older one under the same key.
    fn is_noted(&self, noted: Option<&str>) -> bool {
        let (Some(told), Some(noted)) = (self.sequencer, noted) else { return false };
        let length = told.len().max(noted.len());
        let filled = |text: &str| format!("{:0<length$}", text.to_ascii_uppercase());
        filled(told) <= filled(noted)
    }
}

/// A note as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    note: Note,
    /// The upload that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequencer: Option<String>,
}

/// Triggers the campaign of an uploaded spec; `None` when it was taken away again. A spec that makes no sense is noted and
/// is no error: it would make no sense the next time either.
///
/// `None` as well when something was noted of it before: told twice, or weeks later out of a dead-letter queue, it is one
/// asking, and whoever has paused the campaign since then wants it to stay so.
///
/// # Errors
/// When a port fails.
pub async fn uploaded(
    context: &Context,
    upload: &Upload<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let noted = context.objects.get(&upload.key.note()).await?;
    // What cannot be read is written anew.
    let noted: Option<Kept> = noted.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if upload.is_noted(noted.and_then(|kept| kept.sequencer).as_deref()) {
        return Ok(None);
    }
    let triggered = match read(context, upload.key, upload.bytes).await? {
        None => return Ok(None),
        Some(Ok(spec)) => handle(context, &spec, Repeat::Continue, now).await.map(Some),
        Some(Err(problem)) => Err(problem.into()),
    };
    note(context, upload, triggered, now).await
}

/// Triggers the campaign of a schedule that was due at an instant: `schedules/NAME.yaml`. `None` when there is nothing to
/// do, as with [`due`].
///
/// # Errors
/// When a port fails, or there is no such spec.
pub async fn scheduled(
    context: &Context,
    name: &str,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let text = format!("schedules/{name}.yaml");
    let Some((Uploads::Schedules, key)) = ObjectKey::uploaded(&text) else {
        return Err(HandlerError::NoSpec { key: text });
    };
    let triggered = match read(context, &key, 0).await? {
        None => return Err(HandlerError::NoSpec { key: text }),
        Some(Ok(spec)) => due(context, &spec, at, now).await,
        Some(Err(problem)) => Err(problem.into()),
    };
    let upload = Upload { key: &key, bytes: 0, sequencer: None };
    note(context, &upload, triggered, now).await
}

/// The spec of an upload; `None` when there is none.
async fn read(
    context: &Context,
    key: &ObjectKey,
    bytes: u64,
) -> Result<Option<Result<CampaignSpec, SpecError>>, HandlerError> {
    if bytes > MAX_SPEC_BYTES {
        let problem = format!("has {bytes} bytes, and {MAX_SPEC_BYTES} are the most");
        return Ok(Some(Err(SpecError::field("spec", problem))));
    }
    let Some(bytes) = context.objects.get(key).await? else { return Ok(None) };
    let text =
        String::from_utf8(bytes).map_err(|_| SpecError::field("spec", "is not UTF-8; save it as UTF-8"));
    Ok(Some(text.and_then(|text| CampaignSpec::from_yaml(&text))))
}

async fn note(
    context: &Context,
    upload: &Upload<'_>,
    triggered: Result<Option<Triggered>, HandlerError>,
    at: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let note = match triggered {
        Ok(None) => return Ok(None),
        Ok(Some(triggered)) => Note::Campaign { id: triggered.campaign().id.clone(), at },
        Err(HandlerError::Spec(problem)) => Note::Refused { reason: problem.to_string(), at },
        Err(error) => return Err(error),
    };
    let kept = Kept { note: note.clone(), sequencer: upload.sequencer.map(str::to_owned) };
    context.objects.put(&upload.key.note(), &serde_json::to_vec_pretty(&kept)?).await?;
    Ok(Some(note))
}
