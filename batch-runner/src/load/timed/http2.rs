//! **HTTP/2** on the timed path. The worker polls the connection's state machine itself, so a read, its stamp and
//! the recording of what it brought happen on one wake-up.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use chrono::Utc;
use domain::result::FailureReason;
use h2::Reason;
use http::{HeaderMap, Request, StatusCode, header};
use measurement::answer::StreamEnd;

use super::connection::{MOST_ERROR_BODY, MOST_WRITTEN, NoAnswer};
use super::stamped::StampedSocket;
use super::{Close, Slot, retry_after};
use crate::transport::Secured;

/// What a server may send before it is told that there is room again, in bytes.
const WINDOW: u32 = 16 << 20;

/// An HTTP/2 connection.
pub(super) struct Http2 {
    sender: h2::client::SendRequest<Bytes>,
    driver: Driver,
}

/// The state machine of a connection, which moves its bytes.
struct Driver {
    machine: h2::client::Connection<Secured<StampedSocket>, Bytes>,
    ended: bool,
}

impl Http2 {
    pub(super) async fn open(stream: Secured<StampedSocket>) -> Result<Self, NoAnswer> {
        let (sender, machine) = h2::client::Builder::new()
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .enable_push(false)
            .handshake(stream)
            .await?;
        Ok(Self { sender, driver: Driver { machine, ended: false } })
    }

    /// Whether another request can be sent on it.
    pub(super) const fn is_usable(&self) -> bool {
        !self.driver.ended
    }

    /// One request and its answer. An error means that no answer began.
    pub(super) async fn send(&mut self, slot: &Slot, request: &Request<Bytes>) -> Result<Close, NoAnswer> {
        let head = head(request);
        let Self { sender, driver } = self;
        let exchange = async {
            poll_fn(|cx| sender.poll_ready(cx)).await?;
            let (answer, mut stream) = sender.send_request(head, false)?;
            let mut body = request.body().clone();
            loop {
                let piece = body.split_to(body.len().min(MOST_WRITTEN));
                // A server that refuses a request may close the stream before it has read it: its answer counts.
                if stream.send_data(piece, body.is_empty()).is_err() || body.is_empty() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let answer = match answer.await {
                // The server has seen the request, and does not want to answer it.
                Err(error) if error.is_reset() && error.reason() != Some(Reason::REFUSED_STREAM) => {
                    return Ok(Close::Failed(FailureReason::Disconnected, format!("no answer: {error}")));
                }
                answer => answer?,
            };
            let status = answer.status();
            let retry_after = answer.headers().get(header::RETRY_AFTER);
            let retry_after = retry_after.and_then(|value| retry_after::read(value.as_bytes(), Utc::now()));
            let mut body = answer.into_body();
            let mut received = 0;
            let mut end = StreamEnd::Closed;
            while let Some(data) = body.data().await {
                let Ok(data) = data else {
                    end = StreamEnd::Broken;
                    break;
                };
                received += data.len();
                if let Some(open) = slot.open.borrow_mut().as_mut() {
                    open.recording.push(&data, slot.stamps.read_ns.get());
                }
                if let Some(too_long) = slot.too_long() {
                    return Ok(too_long);
                }
                // Fails only when the stream has ended.
                let _ = body.flow_control().release_capacity(data.len());
                if status != StatusCode::OK && received >= MOST_ERROR_BODY {
                    break;
                }
            }
            Ok(match status {
                StatusCode::OK => Close::Stream(end),
                status => Close::Status { status: status.as_u16(), retry_after },
            })
        };
        driver.drive(exchange).await
    }
}

impl Driver {
    /// Polls a future of this connection together with the state machine that feeds it.
    async fn drive<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(value);
            }
            if !self.ended {
                // An error of the connection reaches the future through its streams, so only the end matters.
                self.ended = Pin::new(&mut self.machine).poll(cx).is_ready();
            }
            // What was just read is taken at once and not on the wake-up that it has caused.
            future.as_mut().poll(cx)
        })
        .await
    }
}

/// The head of a request as HTTP/2 wants it: the host is in the URI.
fn head(request: &Request<Bytes>) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    let mut headers: HeaderMap = request.headers().clone();
    headers.remove(header::HOST);
    *head.headers_mut() = headers;
    head
}
