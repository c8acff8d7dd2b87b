//! A **stamped socket** writes down when what was read from it had arrived, and when a request's first byte was written
//! to it. TLS lies above it, so that deciphering is not part of an instant.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Slot;
use super::receive::{ask_for_stamps, poll_receive};
use crate::transport::Socket;

/// A socket that stamps.
pub(super) struct StampedSocket {
    socket: Socket,
    slot: Rc<Slot>,
    /// Whether the kernel tells when packets came. Where it does not, an instant is that of the read.
    has_stamps: bool,
    _counted: Counted,
}

impl StampedSocket {
    pub(super) fn new(socket: Socket, slot: Rc<Slot>, counted: Counted) -> Self {
        let has_stamps = matches!(&socket, Socket::Tcp(stream) if ask_for_stamps(stream));
        Self { socket, slot, has_stamps, _counted: counted }
    }

    fn stamp_write(&self) {
        let stamps = &self.slot.stamps;
        if stamps.sent_ns.get().is_none() {
            stamps.sent_ns.set(Some(stamps.now()));
        }
    }
}

impl AsyncRead for StampedSocket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { socket, slot, has_stamps, .. } = self.get_mut();
        let read = match socket {
            Socket::Tcp(stream) if *has_stamps => ready!(poll_receive(stream, cx, buf)),
            socket => ready!(Pin::new(socket).poll_read(cx, buf)).map(|()| None),
        };
        slot.stamps.read(*read.as_ref().unwrap_or(&None));
        Poll::Ready(read.map(drop))
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
