//! A **connection** carries one exchange after another. Each worker holds one of its own, over HTTP/2 too, so that
//! no stream waits for another's.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use bytes::Bytes;
use http::Request;

use super::http1::Http1;
use super::http2::Http2;
use super::stamped::{Counted, StampedSocket};
use super::{Close, Shared, Slot};
use crate::transport::{Address, HttpVersion};

/// Most of an error's body that is kept, in bytes.
pub(super) const MOST_ERROR_BODY: usize = 64 << 10;
/// Most of a request's body that is written before other streams get their turn, in bytes.
pub(super) const MOST_WRITTEN: usize = 64 << 10;

/// A connection.
pub(super) enum Connection {
    Http1(Http1),
    Http2(Box<Http2>),
}

/// Why no answer began.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// The request could not be written whole.
    #[error(transparent)]
    NotWritten(io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Http2(#[from] h2::Error),
}

impl NoAnswer {
    /// Whether the server cannot have begun to work on the request.
    pub(super) fn is_untouched(&self) -> bool {
        match self {
            Self::NotWritten(_) => true,
            Self::Io(_) => false,
            Self::Http2(error) => error.reason() == Some(h2::Reason::REFUSED_STREAM),
        }
    }
}

impl Connection {
    /// Opens a connection; `open_sockets` counts it while it lives.
    pub(super) async fn open(
        address: &Address,
        slot: &Rc<Slot>,
        open_sockets: &Rc<Cell<u32>>,
    ) -> Result<Self, NoAnswer> {
        let counted = Counted::new(Rc::clone(open_sockets));
        let socket = StampedSocket::new(address.connect().await?, Rc::clone(slot), counted);
        let stream = address.secure(socket).await?;
        let connection = match address.http() {
            HttpVersion::Http1 => Self::Http1(Http1::new(stream)),
            HttpVersion::Http2 => Self::Http2(Box::new(Http2::open(stream).await?)),
        };
        // What was written so far was no request.
        slot.stamps.sent_ns.set(None);
        Ok(connection)
    }

    /// Whether another request can be sent on it.
    pub(super) async fn is_usable(&mut self) -> bool {
        match self {
            Self::Http1(connection) => connection.is_usable().await,
            Self::Http2(connection) => connection.is_usable(),
        }
    }

    /// One request and its answer, which is recorded in the slot. An error means that no answer began.
    pub(super) async fn send(
        &mut self,
        shared: &Shared,
        slot: &Slot,
        request: &Request<Bytes>,
    ) -> Result<Close, NoAnswer> {
        match self {
            Self::Http1(connection) => connection.send(shared, slot, request).await,
            Self::Http2(connection) => connection.send(slot, request).await,
        }
    }
}
