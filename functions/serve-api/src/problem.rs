//! A **problem** is an error as the API tells it (RFC 9457, `application/problem+json`).

use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use store::StoreError;
use store::campaigns::ControlError;

use crate::TriggerError;

/// What is wrong, in kinds that programs tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be used.
    BadRequest,
    /// Nobody said who asks.
    Unauthorized,
    /// Whoever asks may not.
    Forbidden,
    /// It is not there.
    NotFound,
    /// The path does not answer this method.
    MethodNotAllowed,
    /// None of the forms that were asked for is known.
    NotAcceptable,
    /// It is in no state for that.
    Conflict,
    /// It was there and is not any more.
    Gone,
    /// The body is too large.
    TooLarge,
    /// The body is of no known form.
    UnsupportedMediaType,
    /// There is no answer that fits.
    NoRecommendation,
    /// The file cannot be taken in.
    CannotImport,
    /// Somebody asks too often.
    TooManyRequests,
    /// It is our fault.
    Internal,
    /// A store answered with an error.
    StoreFailed,
    /// A store is away.
    StoreAway,
    /// It took too long.
    TookTooLong,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::BadRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Conflict,
        Self::Gone,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::NoRecommendation,
        Self::CannotImport,
        Self::TooManyRequests,
        Self::Internal,
        Self::StoreFailed,
        Self::StoreAway,
        Self::TookTooLong,
    ];

    /// Its HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoRecommendation | Self::CannotImport => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal | Self::StoreFailed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StoreAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::TookTooLong => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// In two words, stable.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "bad request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::MethodNotAllowed => "method not allowed",
            Self::NotAcceptable => "not acceptable",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::TooLarge => "too large",
            Self::UnsupportedMediaType => "unsupported media type",
            Self::NoRecommendation => "no recommendation",
            Self::CannotImport => "cannot import",
            Self::TooManyRequests => "too many requests",
            Self::Internal => "internal error",
            Self::StoreFailed => "store failed",
            Self::StoreAway => "store away",
            Self::TookTooLong => "took too long",
        }
    }

    /// The kind that a status is, where somebody else than us refused.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let usual = if status.is_server_error() { Self::Internal } else { Self::BadRequest };
        Self::ALL.into_iter().find(|kind| kind.status() == status).unwrap_or(usual)
    }

    fn uri(self) -> String {
        format!("urn:assay:problem:{}", self.title().replace(' ', "-"))
    }
}

/// An error answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What kind it is.
    pub kind: Kind,
    /// What is wrong and the mend, in one line.
    pub detail: String,
    /// The field that is wrong.
    pub field: Option<String>,
    /// More for programs, such as what would have to be relaxed.
    pub more: Option<Box<Value>>,
}

/// A problem as it is written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct WrittenProblem<'a> {
    /// The kind, as a URI that leads nowhere.
    #[serde(rename = "type")]
    pub uri: String,
    /// The kind in words, stable.
    pub title: &'a str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    pub status: u16,
    /// What is wrong and the mend, in one line.
    pub detail: &'a str,
    /// The field or parameter that is wrong, as a path: `bounds[0].max_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// The request's id, which is in our logs as well.
    pub request_id: &'a str,
    /// More for programs, such as what would have to be relaxed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<&'a Value>,
}

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub const fn new(kind: Kind, detail: String) -> Self {
        Self { kind, detail, field: None, more: None }
    }

    /// The request cannot be used.
    #[must_use]
    pub fn bad_request(field: Option<String>, detail: String) -> Self {
        Self { field, ..Self::new(Kind::BadRequest, detail) }
    }

    /// A parameter or field cannot be used.
    #[must_use]
    pub fn bad_field(field: &str, detail: impl std::fmt::Display) -> Self {
        Self::bad_request(Some(field.to_owned()), detail.to_string())
    }

    /// What was asked for is not there.
    #[must_use]
    pub const fn not_found(detail: String) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// It is our fault. The whole chain is logged and its first link told.
    #[must_use]
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!("{error:#}");
        Self::new(Kind::Internal, error.to_string())
    }

    /// As JSON, for a request.
    pub(crate) fn written(&self, request_id: &str) -> Vec<u8> {
        let written = WrittenProblem {
            uri: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            field: self.field.as_deref(),
            request_id,
            more: self.more.as_deref(),
        };
        serde_json::to_vec(&written).unwrap_or_default()
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(Kind::of_status(rejection.status()), rejection.body_text())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store failed");
        let away = matches!(error, StoreError::Unavailable { .. });
        Self::new(if away { Kind::StoreAway } else { Kind::StoreFailed }, error.to_string())
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::NotThere(_) => Self::not_found(format!("{error}; /v1/campaigns lists them")),
            ControlError::Refused { .. } => Self::new(Kind::Conflict, error.to_string()),
            ControlError::Store(error) => error.into(),
        }
    }
}

impl From<TriggerError> for Problem {
    fn from(error: TriggerError) -> Self {
        match error {
            TriggerError::Spec(e) => Self::bad_request(Some(e.field.clone()), e.to_string()),
            TriggerError::Store(e) => e.into(),
        }
    }
}

/// [`crate::layers::problems`] writes it, which knows the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
