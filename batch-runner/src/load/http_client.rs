//! A small **HTTP client** for everything that is not timed: one connection, one request, no proxies.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::LoadError;

/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 << 20;

/// A server: `http://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    authority: String,
    host_and_port: String,
}

impl Address {
    /// Reads `http://host:port`; the port may be left out.
    ///
    /// # Errors
    /// When it is something else: https, a path, no host.
    pub fn parse(url: &str) -> Result<Self, LoadError> {
        let bad = |mend: &str| LoadError::bad_target(format!("`{url}` is no address to measure"), mend);
        let uri: http::Uri = url.trim().parse().map_err(|_| bad("write http://host:port"))?;
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

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

/// `GET` of a path.
///
/// # Errors
/// When no whole answer comes within the limit.
pub async fn get(address: &Address, path: &str, limit: Duration) -> io::Result<Answer> {
    send(address, Method::GET, path, Bytes::new(), limit).await
}

/// `POST` of JSON to a path.
///
/// # Errors
/// When no whole answer comes within the limit.
pub async fn post(address: &Address, path: &str, body: Bytes, limit: Duration) -> io::Result<Answer> {
    send(address, Method::POST, path, body, limit).await
}

async fn send(
    address: &Address,
    method: Method,
    path: &str,
    body: Bytes,
    limit: Duration,
) -> io::Result<Answer> {
    let exchange = async {
        let stream = address.connect().await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, address.authority())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .body(Full::new(body))
            .map_err(io::Error::other)?;
        let answering = async {
            let (parts, body) = sender.send_request(request).await.map_err(io::Error::other)?.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(io::Error::other)?.to_bytes();
            io::Result::Ok(Answer { status: parts.status.as_u16(), body })
        };
        tokio::pin!(answering, connection);
        // The connection ends with the answer or before it; the answer's own error says more than its.
        tokio::select! {
            answer = &mut answering => answer,
            _ = &mut connection => answering.await,
        }
    };
    let timed_out =
        || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", limit.as_secs_f64()));
    tokio::time::timeout(limit, exchange).await.unwrap_or_else(|_| Err(timed_out()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_the_mend_is_told() {
        let address = Address::parse("http://10.0.0.1:8000/").unwrap();
        assert_eq!((address.url().as_str(), address.authority()), ("http://10.0.0.1:8000", "10.0.0.1:8000"));
        assert_eq!(Address::parse("http://h").unwrap().host_and_port, "h:80");
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
}
