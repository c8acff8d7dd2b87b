//! A **bad file** is one that cannot be used: where it is wrong, and the mend.

use crate::node::{Path, Problem, Step};

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

    /// A problem, with the line of its field in a JSON text. In a text with an object a line the first step is the line.
    pub(crate) fn of(problem: Problem, text: &str) -> Self {
        let (line, field) = match problem.path.steps() {
            [Step::Index(at), field @ ..] if text.trim_start().starts_with('{') => {
                (Some(at + 1), Path::of(field).to_string())
            }
            steps => (crate::line::of(text, steps), problem.path.to_string()),
        };
        Self {
            line,
            field: if field.is_empty() { "file".to_owned() } else { field },
            problem: problem.problem,
        }
    }
}
