//! A **failure** is an error as Lambda reports it: a kind, which alarms and filters may depend on, and a text for people.

use std::error::Error;

use cloud::event_bridge::{Told, Unreadable};
use lambda_runtime::Diagnostic;
use store::StoreError;

/// Told to a function that does not handle it.
const FOR_ANOTHER: &str = "ForAnother";

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    kind: &'static str,
    message: String,
}

impl Failure {
    /// An error of a kind. All that caused it is told.
    #[must_use]
    pub fn new(kind: &'static str, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Self { kind, message }
    }

    /// A setting of the function is wrong or not there.
    #[must_use]
    pub const fn setting(message: String) -> Self {
        Self { kind: "BadSetting", message }
    }

    /// A function is told what another one handles. It is no one's loss when a rule is too wide, but it may be meant for a
    /// function that is not told, so it is kept for a person.
    #[must_use]
    pub fn for_another(told: &Told) -> Self {
        let what = match told {
            Told::Event(event) => format!("the event {}", event.id),
            Told::Uploaded { bucket, key, .. } => format!("the object {key} in the bucket {bucket}"),
            Told::Due { schedule, .. } => format!("the schedule {schedule}"),
            Told::Starting { job, .. } => format!("the job {} of AWS Batch", job.id),
            Told::Notified { topic } => format!("the topic {topic}"),
        };
        Self {
            kind: FOR_ANOTHER,
            message: format!("this function is told of {what} and does not handle it; mend the rule"),
        }
    }

    /// The runtime of Lambda is gone.
    pub(crate) fn of_runtime(error: &(dyn Error + Send + Sync + 'static)) -> Self {
        Self::new("Runtime", error)
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Whether it is about what the function handles.
    pub(crate) fn is_of_handler(&self) -> bool {
        self.kind != FOR_ANOTHER
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.kind(), &error)
    }
}

impl From<Unreadable> for Failure {
    fn from(error: Unreadable) -> Self {
        Self::new("Unreadable", &error)
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.kind.to_owned(), error_message: failure.message }
    }
}
