//! The logic.

use chrono::{DateTime, Utc};
use domain::Provenance;
use serde::{Deserialize, Serialize};
use store::{ObjectKey, ResultStore};

use crate::{BadFile, Context, HandlerError, check, read};

/// Largest file: about 10,000 results.
pub const MAX_BYTES: u64 = 64 << 20;

/// How much of a file was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Results in the file.
    pub results: u64,
    /// Those that were not known yet.
    pub new: u64,
}

/// What became of an upload, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Note {
    /// Its results are stored.
    Stored {
        /// How many.
        #[serde(flatten)]
        ingested: Ingested,
        /// When this was noted.
        at: DateTime<Utc>,
    },
    /// It cannot be used, and nothing of it is stored.
    Refused {
        /// The line, the field, what is wrong and the mend.
        reason: String,
        /// When this was noted.
        at: DateTime<Utc>,
    },
}

/// Takes an uploaded file in, and notes beside it what became of it; `None` when it was taken away again. A bad file is
/// noted and is no error: it would be as bad the next time.
///
/// # Errors
/// When a port fails.
pub async fn uploaded(
    context: &Context,
    key: &ObjectKey,
    bytes: u64,
    now: DateTime<Utc>,
) -> Result<Option<Note>, HandlerError> {
    let ingested = if bytes > MAX_BYTES {
        Err(too_large(bytes).into())
    } else {
        let Some(file) = context.objects.get(key).await? else { return Ok(None) };
        ingest(context.results.as_ref(), &file, now).await
    };
    let note = match ingested {
        Ok(ingested) => Note::Stored { ingested, at: now },
        Err(HandlerError::File(bad)) => Note::Refused { reason: bad.to_string(), at: now },
        Err(error) => return Err(error),
    };
    context.objects.put(&key.note(), &serde_json::to_vec_pretty(&note)?).await?;
    Ok(Some(note))
}

/// Takes the results of a file in.
///
/// # Errors
/// When the file cannot be used, or the store fails; nothing is stored then.
pub async fn ingest(
    store: &dyn ResultStore,
    file: &[u8],
    now: DateTime<Utc>,
) -> Result<Ingested, HandlerError> {
    let bytes = file.len() as u64;
    if bytes > MAX_BYTES {
        return Err(too_large(bytes).into());
    }
    let mut results = Vec::new();
    for (place, mut result) in read::results(file)? {
        check::result(&place, &result, now)?;
        if result.provenance == Provenance::Measured {
            // Measured by a runner, but nothing here saw it.
            result.provenance = Provenance::Imported;
        }
        results.push(result);
    }
    let new = store.insert(&results).await?;
    Ok(Ingested { results: results.len() as u64, new })
}

fn too_large(bytes: u64) -> BadFile {
    BadFile::whole(format!("has {bytes} bytes, and {MAX_BYTES} are the most; split it"))
}
