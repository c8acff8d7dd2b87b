//! A **reading** is what a file was found to hold.

use std::collections::BTreeSet;

use domain::imported::ForeignFormat;
use domain::{BenchmarkResult, ConfigId, RunId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Ours.
    Assay,
    /// Another tool's.
    #[serde(untagged)]
    Foreign(ForeignFormat),
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Assay => f.pad("assay"),
            Self::Foreign(format) => format.fmt(f),
        }
    }
}

/// Something of a file that is no result, or a number of a result that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Where in the file: `benchmarks[2]`, or the field.
    #[serde(rename = "where")]
    pub place: String,
    /// Why.
    pub reason: String,
}

/// What a file does not say and must be stated before it is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    /// The field of [`crate::Stated`].
    pub field: String,
    /// Why it is asked, with what the file says.
    pub why: String,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its name, for people.
    pub file: Option<String>,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    /// What it is.
    pub format: Format,
    /// The results; none as long as something is asked.
    pub results: Vec<BenchmarkResult>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What must be stated.
    pub asks: Vec<Ask>,
}

/// A result that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Taken {
    /// Its run.
    pub run_id: RunId,
    /// Its configuration.
    pub config_id: ConfigId,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportReport {
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
    /// What it is.
    pub format: Format,
    /// Results that are new.
    pub taken: Vec<Taken>,
    /// How many were there already.
    pub already_there: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What must be stated before anything is taken.
    pub asks: Vec<Ask>,
}

impl Reading {
    /// What became of it, after its results were stored; these were there already.
    #[must_use]
    pub fn report(&self, already: &BTreeSet<RunId>) -> ImportReport {
        let new = self.results.iter().filter(|result| !already.contains(&result.run_id));
        let taken: Vec<Taken> =
            new.map(|r| Taken { run_id: r.run_id.clone(), config_id: r.config_id.clone() }).collect();
        ImportReport {
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            format: self.format,
            already_there: (self.results.len() - taken.len()) as u64,
            taken,
            left_out: self.left_out.clone(),
            asks: self.asks.clone(),
        }
    }
}
