//! A **control call** is a small question to a server, outside of any timed load: is it healthy, which models
//! does it serve, how many tokens has this prompt. One connection, one request, one answer of bounded length
//! within a time limit; no proxies, since a server is on this machine or named by its own [`Address`].

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri, header, request};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest answer that is read, in bytes: some servers repeat the prompt in theirs.
const MAX_ANSWER: usize = 16 << 20;

/// A server: `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    authority: String,
    host_and_port: String,
}

/// A text that is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no address to measure: {mend}")]
pub struct BadAddress {
    /// The text.
    pub url: String,
    /// What to write instead.
    pub mend: &'static str,
}

impl Address {
    /// Reads `http://host:port`; the port may be left out.
    ///
    /// # Errors
    /// When it is something else: https, a path, no host.
    pub fn parse(url: &str) -> Result<Self, BadAddress> {
        let bad = |mend| BadAddress { url: url.to_owned(), mend };
        let uri: Uri = url.trim().parse().map_err(|_| bad("write http://host:port"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(bad("only http is spoken, so leave TLS to a proxy near the server")),
            _ => return Err(bad("write http://host:port")),
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(bad("write http://host:port without a path, also without /v1"));
        }
        let authority = uri.authority().ok_or_else(|| bad("write http://host:port"))?;
        let host_and_port = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
        Ok(Self { authority: authority.as_str().to_owned(), host_and_port })
    }

    /// A port on 127.0.0.1.
    #[must_use]
    pub fn local(port: u16) -> Self {
        let authority = format!("127.0.0.1:{port}");
        Self { host_and_port: authority.clone(), authority }
    }

    /// `http://host:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// The value of the `host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Opens a connection whose small writes leave at once.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.host_and_port.as_str()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

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

async fn ask(
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
    let request = request
        .header(header::HOST, address.authority())
        .header(header::CONNECTION, "close")
        .body(Full::new(body))
        .map_err(io::Error::other)?;
    let stream = address.connect().await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let answering = async {
        let (head, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(io::Error::other)?.to_bytes();
        let server = head.headers.get(header::SERVER).and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: head.status, server, body })
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

    #[test]
    fn addresses_are_checked_and_the_mend_is_told() {
        let address = Address::parse("http://10.0.0.1:8000/").unwrap();
        assert_eq!((address.url().as_str(), address.authority()), ("http://10.0.0.1:8000", "10.0.0.1:8000"));
        assert_eq!(Address::parse("http://h").unwrap().host_and_port, "h:80");
        assert_eq!(Address::parse("http://[::1]:8000").unwrap().host_and_port, "[::1]:8000");
        assert_eq!(Address::parse("http://127.0.0.1:8000"), Ok(Address::local(8000)));
        for (bad, mend) in [
            ("https://h:1", "TLS"),
            ("http://h:1/v1", "without /v1"),
            ("h:1", "http://host:port"),
            ("", "http://host:port"),
            ("http://", "http://host:port"),
        ] {
            let error = Address::parse(bad).unwrap_err().to_string();
            assert!(error.contains(mend), "{bad}: {error}");
        }
    }

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
