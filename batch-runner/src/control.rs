//! A **control call** is a small question to a server, outside of any timed load: is it healthy, which models
//! does it serve, how many tokens has this prompt. One connection, one request, one answer of bounded length
//! within a time limit.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header, request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::transport::{Address, HttpVersion};

/// Longest answer that is read, in bytes: some servers repeat the prompt in theirs.
const MAX_ANSWER: usize = 16 << 20;

/// Why a question has no good answer. It does not name the server: whoever asked does.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No connection, or it broke, or the answer did not end.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// No whole answer in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// An answer that is not a success.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// An answer that is not what was asked for.
    #[error("it answered something else than expected ({0})")]
    Unexpected(String),
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its header `server`.
    pub server: Option<String>,
    /// All of its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// Refuses an answer that is not a success.
    ///
    /// # Errors
    /// When the status is not 2xx.
    pub fn success(self) -> Result<Self, ControlError> {
        if self.status.is_success() { Ok(self) } else { Err(ControlError::Status(self.status)) }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ControlError> {
        serde_json::from_slice(&self.body).map_err(|e| ControlError::Unexpected(e.to_string()))
    }
}

/// `GET` of a path.
///
/// # Errors
/// When no whole answer comes within the limit. An answer with an error status is an answer.
pub async fn get(address: &Address, path: &str, limit: Duration) -> Result<Answer, ControlError> {
    ask(address, Request::get(path), Bytes::new(), limit).await
}

/// `POST` to a path.
///
/// # Errors
/// When no whole answer comes within the limit. An answer with an error status is an answer.
pub async fn post(
    address: &Address,
    path: &str,
    headers: HeaderMap,
    body: Bytes,
    limit: Duration,
) -> Result<Answer, ControlError> {
    let mut request = Request::post(path);
    if let Some(own) = request.headers_mut() {
        own.extend(headers);
    }
    ask(address, request, body, limit).await
}

/// Any request.
///
/// # Errors
/// When no whole answer comes within the limit. An answer with an error status is an answer.
pub async fn ask(
    address: &Address,
    request: request::Builder,
    body: Bytes,
    limit: Duration,
) -> Result<Answer, ControlError> {
    match timeout(limit, exchange(address, request, body)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(ControlError::Timeout(limit)),
    }
}

async fn exchange(address: &Address, request: request::Builder, body: Bytes) -> io::Result<Answer> {
    let stream = TokioIo::new(address.secure(address.connect().await?).await?);
    let mut request = request.body(Full::new(body)).map_err(io::Error::other)?;
    match address.http() {
        HttpVersion::Http1 => {
            let host = HeaderValue::try_from(address.authority()).map_err(io::Error::other)?;
            request.headers_mut().insert(header::HOST, host);
            request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            let (mut sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
            read_answer(sender.send_request(request), connection).await
        }
        HttpVersion::Http2 => {
            *request.uri_mut() = address.uri(request.uri().path()).map_err(io::Error::other)?;
            let handshake = http2::handshake(TokioExecutor::new(), stream);
            let (mut sender, connection) = handshake.await.map_err(io::Error::other)?;
            read_answer(sender.send_request(request), connection).await
        }
    }
}

/// Reads an answer while its connection moves the bytes.
async fn read_answer(
    answer: impl Future<Output = hyper::Result<Response<Incoming>>>,
    connection: impl Future<Output = hyper::Result<()>>,
) -> io::Result<Answer> {
    let answering = async {
        let (head, body) = answer.await.map_err(io::Error::other)?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(io::Error::other)?.to_bytes();
        let server = head.headers.get(header::SERVER).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: head.status, server, headers: head.headers, body })
    };
    tokio::pin!(answering, connection);
    // The connection ends with the answer or before it; the answer's own error says more than its.
    tokio::select! {
        answer = &mut answering => answer,
        _ = &mut connection => answering.await,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    /// A server that reads one request's head, answers with `head` and then `body` over and over.
    async fn serve(head: &'static str, body: &'static str, times: usize) -> Address {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = Address::local(listener.local_addr().unwrap().port());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap() > 0 {}
            stream.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..times {
                // The client may have had enough.
                if stream.write_all(body.as_bytes()).await.is_err() {
                    break;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_has_its_status_server_and_body() {
        let head = "HTTP/1.1 503 Busy\r\nserver: llama.cpp\r\ncontent-length: 2\r\n\r\n";
        let answer = get(&serve(head, "[]", 1).await, "/health", LIMIT).await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(
            (answer.server.as_deref(), answer.json::<Vec<u8>>().unwrap()),
            (Some("llama.cpp"), vec![])
        );
        let other = answer.json::<u8>().unwrap_err().to_string();
        assert!(other.starts_with("it answered something else than expected (invalid type"), "{other}");
        assert_eq!(answer.success().unwrap_err().to_string(), "it answered 503 Service Unavailable");
    }

    #[tokio::test]
    async fn an_answer_without_end_is_given_up() {
        let endless = "0123456789abcdef";
        let address = serve("HTTP/1.1 200 OK\r\n\r\n", endless, usize::MAX).await;
        let error = get(&address, "/", LIMIT).await.unwrap_err();
        assert_eq!(error.to_string(), "length limit exceeded");
    }

    #[tokio::test]
    async fn no_answer_and_half_an_answer_are_told_apart() {
        let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = Address::local(silent.local_addr().unwrap().port());
        let error = get(&address, "/", Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.to_string(), "no answer within 0.05 s");

        let half = serve("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", "half", 1).await;
        let error = post(&half, "/", HeaderMap::new(), Bytes::new(), LIMIT).await.unwrap_err();
        assert!(matches!(error, ControlError::Network(_)), "{error}");
    }
}
