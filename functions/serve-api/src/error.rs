//! A **problem** is an error as the API tells it (RFC 9457, `application/problem+json`).

use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::StoreError;
use store::campaigns::ControlError;

use crate::TriggerError;

/// An error answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, stable.
    pub title: &'static str,
    /// What is wrong and the mend, in one line.
    pub detail: String,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// More for programs, such as what would have to be relaxed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Box<serde_json::Value>>,
}

impl Problem {
    /// The request cannot be used.
    #[must_use]
    pub fn bad_request(field: Option<String>, detail: String) -> Self {
        Self { status: 400, title: "bad request", detail, field, more: None }
    }

    /// What was asked for is not there.
    #[must_use]
    pub fn not_found(detail: String) -> Self {
        Self { status: 404, title: "not found", detail, field: None, more: None }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        let status = rejection.status().as_u16();
        Self { status, ..Self::bad_request(None, rejection.body_text()) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store failed");
        let status = if matches!(error, StoreError::Unavailable { .. }) { 503 } else { 500 };
        Self { status, title: "store failed", detail: error.to_string(), field: None, more: None }
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::NotThere(_) => Self::not_found(format!("{error}; /v1/campaigns lists them")),
            ControlError::Refused { .. } => {
                Self { status: 409, title: "conflict", ..Self::not_found(error.to_string()) }
            }
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
