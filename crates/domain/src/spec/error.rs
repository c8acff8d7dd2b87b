//! What is wrong with a spec: the field, the line when known, the problem and the mend in one line.

use serde::de::DeserializeOwned;

/// A spec that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}`{field}` {problem}", line.map(|l| format!("line {l}: ")).unwrap_or_default())]
pub struct SpecError {
    /// Path of the field: `workloads[1].concurrency`.
    pub field: String,
    /// Line in the text, from 1.
    pub line: Option<u64>,
    /// What is wrong and what to do.
    pub problem: String,
}

impl SpecError {
    /// A problem with one field.
    #[must_use]
    pub fn field(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), line: None, problem: problem.into() }
    }
}

/// Parses YAML and names the path of the field that does not fit.
pub(super) fn parse_yaml<T: DeserializeOwned>(text: &str) -> Result<T, SpecError> {
    let mut path = None;
    let parsed = serde_saphyr::with_deserializer_from_str(text, |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|e| {
            path = Some(e.path().to_string());
            e.into_inner()
        })
    });
    parsed.map_err(|e: serde_saphyr::Error| {
        let inner = e.without_snippet();
        let line = inner.location().map(|l| l.line());
        let mut field = path.unwrap_or_default();
        if field.is_empty() || field == "." {
            field = "spec".to_owned();
        }
        SpecError { field, line, problem: one_line(&inner.to_string()) }
    })
}

/// The parser's message without line breaks and without its own position, which we print in front.
fn one_line(message: &str) -> String {
    let flat = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.rfind(" at line ") {
        Some(at) => flat[..at].to_owned(),
        None => flat,
    }
}
