//! Why results could not be taken in.

/// A file that cannot be used: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}`{field}` {problem}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct BadFile {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The path of the field, such as `[3].metrics.ttft.p50`, or `file`.
    pub field: String,
    /// What is wrong and the mend.
    pub problem: String,
}

impl BadFile {
    pub(crate) fn whole(problem: impl Into<String>) -> Self {
        Self { line: None, field: "file".to_owned(), problem: problem.into() }
    }
}

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The file cannot be used; asking again does not help.
    #[error(transparent)]
    File(#[from] BadFile),
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A note cannot be written as JSON.
    #[error("the note cannot be written")]
    Json(#[from] serde_json::Error),
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "BadFile",
            Self::Store(error) => error.kind(),
            Self::Json(_) => "NotJson",
        }
    }
}
