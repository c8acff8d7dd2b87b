//! A **stamped socket** writes down when it was read from and when a request's first byte was written to it. TLS
//! lies above it, so that deciphering is not part of an instant.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Slot;
use crate::transport::Socket;

/// A socket that stamps.
pub(super) struct StampedSocket {
    socket: Socket,
    slot: Rc<Slot>,
    _counted: Counted,
}

impl StampedSocket {
    pub(super) const fn new(socket: Socket, slot: Rc<Slot>, counted: Counted) -> Self {
        Self { socket, slot, _counted: counted }
    }

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
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        if read.is_ready() {
            let stamps = &self.slot.stamps;
            stamps.read_ns.set(stamps.now());
            stamps.reads.set(stamps.reads.get() + 1);
        }
        read
    }
}

impl AsyncWrite for StampedSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stamp_write();
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stamp_write();
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

/// Counts a socket while it is open.
pub(super) struct Counted(Rc<Cell<u32>>);

impl Counted {
    pub(super) fn new(count: Rc<Cell<u32>>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}
