//! **HTTP/1.1** on the timed path: a request is written as it was prepared, and each read is stamped, freed of its
//! framing and appended to the recording.
//!
//! The usual client library hands every piece of a body through a channel, which takes a lock and allocates. Here
//! nothing is between the socket and the recording but a buffer that all connections of the thread share.

mod framing;

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::Bytes;
use domain::result::FailureReason;
use http::{Request, StatusCode};
use measurement::answer::StreamEnd;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use self::framing::{BadAnswer, Framing};
use super::connection::{MOST_ERROR_BODY, MOST_WRITTEN, NoAnswer};
use super::stamped::StampedSocket;
use super::{Close, Shared, Slot};
use crate::transport::Secured;

/// An HTTP/1.1 connection.
pub(super) struct Http1 {
    stream: Secured<StampedSocket>,
    /// The head of the request.
    head: Vec<u8>,
    /// What the server said before it had the whole request.
    early: Vec<u8>,
    /// Whether the last answer has ended and the server keeps the connection.
    kept: bool,
}

/// What a read brought.
enum Progress {
    More,
    Ended,
    Broken,
    Malformed(BadAnswer),
    NoAnswer(io::Error),
}

impl Http1 {
    pub(super) const fn new(stream: Secured<StampedSocket>) -> Self {
        Self { stream, head: Vec::new(), early: Vec::new(), kept: true }
    }

    /// Whether another request can be sent on it. A server that says something unasked has closed it.
    pub(super) async fn is_usable(&mut self) -> bool {
        self.kept
            && poll_fn(|cx| {
                let mut byte = [0];
                let mut buffer = ReadBuf::new(&mut byte);
                Poll::Ready(Pin::new(&mut self.stream).poll_read(cx, &mut buffer).is_pending())
            })
            .await
    }

    /// One request and its answer. An error means that no answer began.
    pub(super) async fn send(
        &mut self,
        shared: &Shared,
        slot: &Slot,
        request: &Request<Bytes>,
    ) -> Result<Close, NoAnswer> {
        self.kept = false;
        write_head(request, &mut self.head);
        self.early.clear();
        // A server that refuses a request may close before it has read it: what it says counts.
        let written = self.write(request.body(), &shared.scratch).await;
        let mut framing = Framing::default();
        let mut received = 0;
        let mut progress = take(&mut framing, &self.early, slot, &mut received);
        loop {
            match progress {
                Progress::More if received < MOST_ERROR_BODY || framing.status() == StatusCode::OK => {}
                Progress::More | Progress::Ended => break,
                Progress::Broken if framing.has_head() => break,
                Progress::Broken => {
                    let detail = "the connection broke inside the answer's head".to_owned();
                    return Ok(Close::Failed(FailureReason::Disconnected, detail));
                }
                Progress::Malformed(bad) => {
                    return Ok(Close::Failed(FailureReason::Malformed, bad.to_string()));
                }
                Progress::NoAnswer(error) => {
                    return Err(written.map_or_else(NoAnswer::NotWritten, |()| error.into()));
                }
            }
            if let Some(too_long) = slot.too_long() {
                return Ok(too_long);
            }
            progress = self.read(&mut framing, slot, &shared.scratch, &mut received).await;
        }
        let ended = matches!(progress, Progress::Ended);
        self.kept = ended && framing.keeps_alive();
        Ok(match framing.status() {
            StatusCode::OK if ended => Close::Stream(StreamEnd::Closed),
            StatusCode::OK => Close::Stream(StreamEnd::Broken),
            status => Close::Status { status: status.as_u16(), retry_after: framing.retry_after() },
        })
    }

    /// Writes the request, a piece at a time so that other streams are not kept waiting. Ends early when the server
    /// answers before it has all of it.
    async fn write(&mut self, body: &[u8], scratch: &RefCell<Box<[u8]>>) -> io::Result<()> {
        let (mut head, mut body) = (&*self.head, body);
        while !(head.is_empty() && body.is_empty()) {
            let piece = body.get(..MOST_WRITTEN).unwrap_or(body);
            let early = &mut self.early;
            let stream = &mut self.stream;
            let written = poll_fn(|cx| {
                let slices = [IoSlice::new(head), IoSlice::new(piece)];
                if let Poll::Ready(written) = Pin::new(&mut *stream).poll_write_vectored(cx, &slices) {
                    return Poll::Ready(written.map(Some));
                }
                let mut scratch = scratch.borrow_mut();
                let mut buffer = ReadBuf::new(&mut scratch);
                ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
                early.extend_from_slice(buffer.filled());
                Poll::Ready(Ok(None))
            })
            .await?;
            let Some(written) = written else { return Ok(()) };
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            let of_head = written.min(head.len());
            head = head.get(of_head..).unwrap_or_default();
            body = body.get(written - of_head..).unwrap_or_default();
            if !body.is_empty() {
                tokio::task::yield_now().await;
            }
        }
        self.stream.flush().await
    }

    /// Waits for one read and takes in what it brought, before any other task runs.
    async fn read(
        &mut self,
        framing: &mut Framing,
        slot: &Slot,
        scratch: &RefCell<Box<[u8]>>,
        received: &mut usize,
    ) -> Progress {
        poll_fn(|cx| {
            let mut scratch = scratch.borrow_mut();
            let mut buffer = ReadBuf::new(&mut scratch);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            Poll::Ready(match read {
                Ok(()) if !buffer.filled().is_empty() => take(framing, buffer.filled(), slot, received),
                Ok(()) if framing.ends_with_the_connection() => Progress::Ended,
                Ok(()) if !framing.has_begun() => {
                    Progress::NoAnswer(io::Error::other("the server closed the connection"))
                }
                Err(error) if !framing.has_begun() => Progress::NoAnswer(error),
                Ok(()) | Err(_) => Progress::Broken,
            })
        })
        .await
    }
}

/// Appends the body's bytes of a read to the recording.
fn take(framing: &mut Framing, read: &[u8], slot: &Slot, received: &mut usize) -> Progress {
    let at_ns = slot.stamps.read_ns.get();
    let mut open = slot.open.borrow_mut();
    let taken = framing.take(read, |data| {
        *received += data.len();
        if let Some(open) = open.as_mut() {
            open.recording.push(data, at_ns);
        }
    });
    match taken {
        Ok(()) if framing.has_ended() => Progress::Ended,
        Ok(()) => Progress::More,
        Err(bad) => Progress::Malformed(bad),
    }
}

/// Writes the head of a request as HTTP/1.1 wants it.
fn write_head(request: &Request<Bytes>, head: &mut Vec<u8>) {
    head.clear();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    for part in [request.method().as_str(), " ", path, " HTTP/1.1\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    for (name, value) in request.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(format!("content-length: {}\r\n\r\n", request.body().len()).as_bytes());
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;

    #[test]
    fn a_head_has_every_header_and_the_length() {
        let request = Request::post("http://h:1/v1/x?y")
            .header("host", "h:1")
            .header("accept", "text/event-stream")
            .body(Bytes::from_static(b"{}"))
            .unwrap();
        let mut head = vec![1, 2, 3];
        write_head(&request, &mut head);
        let expected =
            "POST /v1/x?y HTTP/1.1\r\nhost: h:1\r\naccept: text/event-stream\r\ncontent-length: 2\r\n\r\n";
        assert_eq!(String::from_utf8(head).unwrap(), expected);
    }
}
