//! The **web** part of fetching: one request at a time, redirects followed, a body that is read as it arrives. A key is for
//! the server that it was given for, and for no other that this one points to.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, LOCATION, RANGE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Chunks, FetchError};
use crate::api_key::ApiKey;
use crate::transport::Address;

/// Longest wait for a connection, for the head of an answer, and for the next bytes of one.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most redirects from one address on.
const MAX_REDIRECTS: usize = 5;
/// Longest answer that is read into memory.
const MAX_ANSWER: usize = 16 << 20;

/// An answer whose body is still to come.
pub(super) struct WebAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: WebBody,
}

/// A body on its way. Dropping it ends its connection.
pub(super) struct WebBody {
    body: Incoming,
    connection: JoinHandle<()>,
}

impl Drop for WebBody {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

#[async_trait]
impl Chunks for WebBody {
    async fn next(&mut self) -> Result<Option<Bytes>, String> {
        loop {
            let frame = timeout(PATIENCE, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| format!("no bytes for {} s", PATIENCE.as_secs()))? else {
                return Ok(None);
            };
            if let Ok(bytes) = frame.map_err(|e| e.to_string())?.into_data() {
                return Ok(Some(bytes));
            }
        }
    }
}

impl WebAnswer {
    /// All of the body.
    pub(super) async fn whole(mut self, place: &str) -> Result<Vec<u8>, FetchError> {
        let mut whole = Vec::new();
        while let Some(bytes) = self.body.next().await.map_err(|e| FetchError::unavailable(place, e))? {
            if whole.len() + bytes.len() > MAX_ANSWER {
                return Err(FetchError::refused(place, "answers without end", "ask whoever runs it"));
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(whole)
    }
}

/// Whoever asks: the name by which errors call the server, and the key for it.
pub(super) struct Web<'a> {
    pub(super) place: &'a str,
    /// The address of the server that the key is for.
    pub(super) endpoint: &'a str,
    pub(super) key: Option<&'a ApiKey>,
}

impl Web<'_> {
    /// `GET`s an address, from a byte on, wherever it leads.
    pub(super) async fn get(&self, url: &str, from: u64) -> Result<WebAnswer, FetchError> {
        let no_address =
            || FetchError::refused(self.place, "leads to what is no address", "ask whoever runs it");
        let endpoint: Uri = self.endpoint.parse().map_err(|_| no_address())?;
        let mut at: Uri = url.parse().map_err(|_| no_address())?;
        for _ in 0..=MAX_REDIRECTS {
            let key = self.key.filter(|_| same_server(&endpoint, &at));
            let exchange = timeout(PATIENCE, exchange(&at, key, from)).await;
            let answer =
                exchange.map_err(|_| self.away(format!("no answer within {} s", PATIENCE.as_secs())))?;
            let answer = answer.map_err(|e| self.away(e))?;
            let location = answer.headers.get(LOCATION).and_then(|l| l.to_str().ok());
            let Some(location) = location.filter(|_| answer.status.is_redirection()) else {
                return Ok(answer);
            };
            let next = joined(&at, location).ok_or_else(no_address)?;
            if at.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                let mend = "ask whoever runs it";
                return Err(FetchError::refused(
                    self.place,
                    "leads from https:// to an address without TLS",
                    mend,
                ));
            }
            at = next;
        }
        Err(FetchError::refused(self.place, "leads in circles", "ask whoever runs it"))
    }

    fn away(&self, detail: impl ToString) -> FetchError {
        FetchError::unavailable(self.place, detail)
    }
}

fn same_server(a: &Uri, b: &Uri) -> bool {
    a.scheme() == b.scheme() && a.authority() == b.authority()
}

/// Where a redirect leads: to a whole address, or to a path of the same server.
fn joined(at: &Uri, location: &str) -> Option<Uri> {
    if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = at.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let next: Uri = location.parse().ok()?;
    (next.scheme().is_some() && next.authority().is_some()).then_some(next)
}

async fn exchange(at: &Uri, key: Option<&ApiKey>, from: u64) -> io::Result<WebAnswer> {
    let (scheme, authority) = at
        .scheme_str()
        .zip(at.authority())
        .ok_or_else(|| io::Error::other("it leads to what is no address"))?;
    let address = Address::parse(&format!("{scheme}://{authority}")).map_err(io::Error::other)?;
    let path = at.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(path)
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::try_from(address.authority()).map_err(io::Error::other)?);
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("assay/", env!("CARGO_PKG_VERSION"))));
    if from > 0 {
        headers.insert(RANGE, HeaderValue::try_from(format!("bytes={from}-")).map_err(io::Error::other)?);
    }
    if let Some(key) = key {
        headers.insert(AUTHORIZATION, key.bearer());
    }
    let stream = TokioIo::new(address.secure(address.connect().await?).await?);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
    let connection = tokio::spawn(async move {
        // What went wrong is told to the reader of the body too.
        let _ = connection.await;
    });
    let (head, body) = match sender.send_request(request).await {
        Ok(answer) => answer.into_parts(),
        Err(error) => {
            connection.abort();
            return Err(io::Error::other(error));
        }
    };
    Ok(WebAnswer { status: head.status, headers: head.headers, body: WebBody { body, connection } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_a_path_or_to_another_server() {
        let at: Uri = "https://hub/a/b?c=d".parse().unwrap();
        let to = |location| joined(&at, location).map(|uri| uri.to_string());
        assert_eq!(to("/e?f"), Some("https://hub/e?f".to_owned()));
        assert_eq!(to("https://cdn/x?sig=1"), Some("https://cdn/x?sig=1".to_owned()));
        assert_eq!((to("//cdn/x"), to("x"), to("mailto:x")), (None, None, None));
    }
}
