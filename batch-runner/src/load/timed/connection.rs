//! A **connection** that stamps its socket: the first write of each request and every read.

use std::cell::Cell;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Slot;
use crate::control::Address;

/// An HTTP/1.1 connection.
pub(super) struct Connection {
    pub sender: http1::SendRequest<Full<Bytes>>,
    pub driver: Driver,
}

/// The state machine of a connection, which moves its bytes.
pub(super) struct Driver {
    machine: http1::Connection<TokioIo<StampedSocket>, Full<Bytes>>,
    ended: bool,
}

impl Connection {
    /// Opens a connection; `open_sockets` counts it while it lives.
    pub(super) async fn open(
        address: &Address,
        slot: &Rc<Slot>,
        open_sockets: &Rc<Cell<u32>>,
    ) -> io::Result<Self> {
        let stream = address.connect().await?;
        let socket =
            StampedSocket { stream, slot: Rc::clone(slot), _counted: Counted::new(Rc::clone(open_sockets)) };
        let (sender, machine) = http1::handshake(TokioIo::new(socket)).await.map_err(io::Error::other)?;
        Ok(Self { sender, driver: Driver { machine, ended: false } })
    }

    /// Whether another request can be sent on it.
    pub(super) fn is_usable(&self) -> bool {
        !self.driver.ended && !self.sender.is_closed()
    }
}

impl Driver {
    /// Polls a future of this connection together with the state machine that feeds it.
    pub(super) async fn drive<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| {
            if let Poll::Ready(value) = future.as_mut().poll(cx) {
                return Poll::Ready(value);
            }
            if self.ended {
                return Poll::Pending;
            }
            // An error of the connection reaches the future through its channel, so only the end matters.
            self.ended = Pin::new(&mut self.machine).poll(cx).is_ready();
            // What was just read is taken at once and not on the wake-up that it has caused.
            future.as_mut().poll(cx)
        })
        .await
    }
}

/// Counts a socket while it is open.
struct Counted(Rc<Cell<u32>>);

impl Counted {
    fn new(count: Rc<Cell<u32>>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// A socket that writes down when it was written to and read from.
struct StampedSocket {
    stream: TcpStream,
    slot: Rc<Slot>,
    _counted: Counted,
}

impl StampedSocket {
    fn stamp_write(&self) {
        let stamps = &self.slot.stamps;
        if stamps.sent_ns.get().is_none() {
            stamps.sent_ns.set(Some(stamps.now()));
        }
    }
}

impl AsyncRead for StampedSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_ready() {
            self.slot.stamps.read_ns.set(self.slot.stamps.now());
        }
        read
    }
}

impl AsyncWrite for StampedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stamp_write();
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stamp_write();
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
