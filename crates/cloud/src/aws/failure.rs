//! What an error of the SDK means to a person.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use store::StoreError;

/// A resource of AWS as a person would call it, such as `the S3 bucket results`.
#[derive(Debug, Clone)]
pub struct Place(String);

/// Codes that mean that we are somebody else than we should be, or nobody.
const IDENTITY: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Codes that mean that we may not.
const PERMISSION: [&str; 3] = ["AccessDenied", "AccessDeniedException", "NotAuthorized"];

/// Codes that mean that the resource is not there.
const ABSENT: [&str; 4] = [
    "NoSuchBucket",
    "ResourceNotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
];

impl Place {
    /// Names a resource.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    pub(crate) fn unavailable(&self, detail: impl ToString) -> StoreError {
        StoreError::Unavailable { place: self.0.clone(), detail: detail.to_string() }
    }

    pub(crate) fn refused(&self, detail: impl ToString, mend: impl ToString) -> StoreError {
        StoreError::Refused { place: self.0.clone(), detail: detail.to_string(), mend: mend.to_string() }
    }

    pub(crate) fn missing(&self, what: impl ToString) -> StoreError {
        StoreError::Missing { place: self.0.clone(), what: what.to_string() }
    }

    pub(crate) fn damaged(&self, detail: impl ToString, mend: impl ToString) -> StoreError {
        StoreError::Damaged { place: self.0.clone(), detail: detail.to_string(), mend: mend.to_string() }
    }

    pub(crate) fn other(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError::Other { place: self.0.clone(), source: source.into() }
    }

    /// Tells an error of a call. A service's message is told, but never what was sent with the call.
    pub(crate) fn failure<E>(&self, error: SdkError<E, HttpResponse>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match &error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                self.answered(status, answer.err().code(), answer.err().message())
            }
            SdkError::TimeoutError(_) => self.unavailable("no answer in time"),
            SdkError::ResponseError(_) => self.unavailable("its answer is not one of AWS"),
            _ => self.unavailable(innermost(&error)),
        }
    }

    /// Tells an error of a call that submits jobs. Who may not do that now may do it later, and his jobs can wait.
    pub(crate) fn submission_failure<E>(&self, error: SdkError<E, HttpResponse>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        match &error {
            SdkError::ServiceError(answer)
                if answer.err().code().is_some_and(|code| PERMISSION.contains(&code)) =>
            {
                let detail = answer.err().message().unwrap_or("no reason was given").to_owned();
                StoreError::Denied { place: self.0.clone(), detail }
            }
            _ => self.failure(error),
        }
    }

    fn answered(&self, status: u16, code: Option<&str>, message: Option<&str>) -> StoreError {
        let code = code.unwrap_or("no code");
        let said = message.map_or_else(|| code.to_owned(), |message| format!("{code}: {message}"));
        match code {
            // The message may quote the headers of the call.
            _ if IDENTITY.contains(&code) => {
                self.refused(code, "check the AWS credentials and the region, and that they are not expired")
            }
            _ if PERMISSION.contains(&code) => {
                self.refused(said, "allow it in the policy of the role that runs this")
            }
            _ if ABSENT.contains(&code) => self.missing(format!(
                "resource of that name in this account and region ({code}); create it, or mend the address"
            )),
            _ if status >= 500 || is_throttling(code) => {
                self.unavailable(format!("after {} attempts: {said}", super::ATTEMPTS))
            }
            _ => self.other(format!("{said} (HTTP {status})")),
        }
    }
}

fn is_throttling(code: &str) -> bool {
    code.starts_with("Throttl")
        || code.ends_with("LimitExceeded")
        || [
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "SlowDown",
            "TooManyRequestsException",
            "TransactionInProgressException",
        ]
        .contains(&code)
}

/// The cause that caused all others.
fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
