//! The logic.

use chrono::{DateTime, Utc};
use formats::{Ask, BadFile, ImportReport, LeftOut, MAX_BYTES, Stated};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{ObjectKey, ResultStore};

use crate::{Context, HandlerError};

/// How much of a file was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// Results in the file.
    pub results: u64,
    /// Those that were not known yet.
    pub new: u64,
}

impl From<&ImportReport> for Ingested {
    fn from(report: &ImportReport) -> Self {
        let new = report.taken.len() as u64;
        Self { results: new + report.already_there, new }
    }
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
        /// What of it is no result.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<LeftOut>,
        /// When this was noted.
        at: DateTime<Utc>,
    },
    /// It does not say everything that must be known, and nothing of it is stored. It is taken from a folder that states
    /// what is missing, such as `imports/hardware=h100x1/engine=vllm/use_case=chatbot/`.
    Asked {
        /// What must be stated.
        asks: Vec<Ask>,
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
        // It is not even fetched.
        let problem = format!("has {bytes} bytes, and {MAX_BYTES} are the most; split it");
        Err(BadFile { line: None, field: "file".to_owned(), problem }.into())
    } else {
        let Some(file) = context.objects.get(key).await? else { return Ok(None) };
        match stated_by(key.as_str()) {
            Ok(stated) => ingest(context.results.as_ref(), Some(key.as_str()), &file, &stated, now).await,
            Err(bad) => Err(bad.into()),
        }
    };
    let note = match ingested {
        Ok(report) if report.asks.is_empty() => {
            Note::Stored { ingested: (&report).into(), left_out: report.left_out, at: now }
        }
        Ok(report) => Note::Asked { asks: report.asks, at: now },
        Err(HandlerError::File(bad)) => Note::Refused { reason: bad.to_string(), at: now },
        Err(error) => return Err(error),
    };
    context.objects.put(&key.note(), &serde_json::to_vec_pretty(&note)?).await?;
    Ok(Some(note))
}

/// What the folders of an upload state: `imports/hardware=h100x1/engine=vllm/bench.json`.
fn stated_by(key: &str) -> Result<Stated, BadFile> {
    let folders = key.split('/').rev().skip(1);
    let stated = folders.filter_map(|folder| folder.split_once('=')).map(|(field, text)| {
        let value = text.parse::<u32>().map_or_else(|_| Value::from(text), Value::from);
        (field.to_owned(), value)
    });
    let stated = Value::Object(stated.collect());
    serde_path_to_error::deserialize(&stated).map_err(|error| BadFile {
        line: None,
        field: error.path().to_string(),
        problem: format!("of its folder cannot be read: {}", error.inner()),
    })
}

/// Takes the results of a file in, with what was stated about it. As long as something must be stated, nothing is stored.
///
/// # Errors
/// When the file cannot be used, or the store fails; nothing is stored then.
pub async fn ingest(
    store: &dyn ResultStore,
    name: Option<&str>,
    file: &[u8],
    stated: &Stated,
    now: DateTime<Utc>,
) -> Result<ImportReport, HandlerError> {
    let reading = formats::read(name, file, stated, now)?;
    let already = store::imports::insert(store, &reading.results).await?;
    Ok(reading.report(&already))
}
