//! The **control client** asks a server small questions: is it healthy, what does it serve. It is apart from
//! the load generator, and knows no proxies, since an engine is on this machine or named by its own address.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest answer that is read, in bytes: a list of models has a few hundred.
const MAX_ANSWER: usize = 4 << 20;

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The address is none.
    #[error("`{0}` is no address of a server; write http://host:port")]
    BadUrl(String),
    /// No connection, or it broke.
    #[error("{url} cannot be reached ({detail})")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
    /// No answer in time.
    #[error("{url} did not answer within {} s", limit.as_secs_f64())]
    Timeout {
        /// What was asked for.
        url: String,
        /// How long was waited.
        limit: Duration,
    },
    /// An answer that is not a success.
    #[error("{url} answered {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: StatusCode,
    },
    /// An answer that is not what was asked for.
    #[error("{url} answered something else than expected ({detail})")]
    Unexpected {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
}

impl ControlError {
    /// The reason without the address, for a sentence that names the address itself.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::BadUrl(_) => "it is no address".to_owned(),
            Self::Unreachable { detail, .. } | Self::Unexpected { detail, .. } => detail.clone(),
            Self::Timeout { limit, .. } => format!("no answer within {} s", limit.as_secs_f64()),
            Self::Status { status, .. } => format!("it answered {status}"),
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    url: String,
    /// The status.
    pub status: StatusCode,
    /// The header `Server`.
    pub server: Option<String>,
    body: Bytes,
}

impl Answer {
    /// Refuses an answer that is not a success.
    ///
    /// # Errors
    /// When the status is not 2xx.
    pub fn success(self) -> Result<Self, ControlError> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(ControlError::Status { url: self.url, status: self.status })
        }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        serde_json::from_slice(&self.body)
            .map_err(|e| ControlError::Unexpected { url: self.url.clone(), detail: e.to_string() })
    }
}

/// Asks `GET {base_url}{path}`, all of it within `limit`.
///
/// # Errors
/// When there is no answer. An answer with an error status is an answer.
pub async fn get(base_url: &str, path: &str, limit: Duration) -> Result<Answer, ControlError> {
    let url = format!("{}{path}", base_url.trim_end_matches('/'));
    match timeout(limit, ask(&url)).await {
        Ok(answer) => answer,
        Err(_) => Err(ControlError::Timeout { url, limit }),
    }
}

async fn ask(url: &str) -> Result<Answer, ControlError> {
    let bad = || ControlError::BadUrl(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| bad())?;
    if uri.scheme_str() != Some("http") {
        return Err(bad());
    }
    let authority = uri.authority().ok_or_else(bad)?.as_str().to_owned();
    let host = uri.host().ok_or_else(bad)?.trim_start_matches('[').trim_end_matches(']');
    let unreachable = |detail: String| ControlError::Unreachable { url: url.to_owned(), detail };

    let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(80)))
        .await
        .map_err(|e| unreachable(e.to_string()))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|e| unreachable(e.to_string()))?;
    // Ends by itself when `sender` and the body are dropped.
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let request = Request::get(path)
        .header(header::HOST, authority)
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| bad())?;
    let response = sender.send_request(request).await.map_err(|e| unreachable(e.to_string()))?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|e| unreachable(e.to_string()))?;
    Ok(Answer {
        url: url.to_owned(),
        status: head.status,
        server: head.headers.get(header::SERVER).and_then(|v| v.to_str().ok()).map(str::to_owned),
        body: body.to_bytes(),
    })
}
