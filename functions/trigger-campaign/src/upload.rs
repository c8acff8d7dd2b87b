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

/// Triggers the campaign of an uploaded spec; `None` when it was taken away again. A spec that makes no sense is noted and
/// is no error: it would make no sense the next time either.
///
/// # Errors
/// When a port fails.
pub async fn uploaded(
    context: &Context,
    key: &ObjectKey,
    bytes: u64,
    now: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let triggered = match read(context, key, bytes).await? {
        None => return Ok(None),
        Some(Ok(spec)) => handle(context, &spec, Repeat::Continue, now).await.map(Some),
        Some(Err(problem)) => Err(problem.into()),
    };
    note(context, key, triggered, now).await
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
    note(context, &key, triggered, now).await
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
    key: &ObjectKey,
    triggered: Result<Option<Triggered>, HandlerError>,
    at: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let note = match triggered {
        Ok(None) => return Ok(None),
        Ok(Some(triggered)) => Note::Campaign { id: triggered.campaign().id.clone(), at },
        Err(HandlerError::Spec(problem)) => Note::Refused { reason: problem.to_string(), at },
        Err(error) => return Err(error),
    };
    context.objects.put(&key.note(), &serde_json::to_vec_pretty(&note)?).await?;
    Ok(Some(note))
}
