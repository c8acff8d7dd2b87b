//! The **stub** is a server that answers at once what it has prepared, event by event, on a thread of its own. It
//! looks at no request: it is there to find out what the client can do.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::load::spawn;
use crate::transport::Address;

/// The end of a request without a body.
const REQUEST_END: &[u8] = b"\r\n\r\n";
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
/// The event of a token, as long as engines make it.
const EVENT: &str = concat!(
    r#"data: {"id":"chatcmpl-0123456789abcdef0123456789abcdef","object":"chat.completion.chunk","#,
    r#""created":1700000000,"model":"a-model/of-some-name","choices":[{"index":0,"delta":{"content":" token"},"#,
    r#""logprobs":null,"finish_reason":null}]}"#,
    "\n\n"
);
const END: &str = "0\r\n\r\n";

/// A stub that runs until it is dropped.
pub(super) struct Stub {
    port: u16,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// Answers every request with so many events, each in a write of its own.
    pub(super) fn start(events: u32) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = spawn("client-stub", move || {
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.cancelled() => {}
                    // Without it nothing is measured, which the client tells.
                    _ = accept(listener, answer(events).into()) => {}
                }
            });
        })?;
        Ok(Self { port, stop, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> Address {
        Address::local(self.port)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic there has been told already.
            let _ = thread.join();
        }
    }
}

/// What is written for a request, piece by piece: the head with the first event, others, the last with the end.
fn answer(events: u32) -> Vec<Vec<u8>> {
    let chunk = format!("{:x}\r\n{EVENT}\r\n", EVENT.len());
    let mut pieces = vec![chunk.into_bytes(); events.max(1) as usize];
    if let Some(first) = pieces.first_mut() {
        first.splice(0..0, HEAD.bytes());
    }
    if let Some(last) = pieces.last_mut() {
        last.extend_from_slice(END.as_bytes());
    }
    pieces
}

async fn accept(listener: TcpListener, answer: Arc<[Vec<u8>]>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(serve(socket, Arc::clone(&answer)));
    }
}

/// Answers until the client is gone.
async fn serve(mut socket: TcpStream, answer: Arc<[Vec<u8>]>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut request = Vec::with_capacity(4096);
    loop {
        request.clear();
        while !request.ends_with(REQUEST_END) {
            if socket.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        for piece in &*answer {
            socket.write_all(piece).await?;
            // The other streams get theirs before this one gets more.
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn every_request_is_answered_whole() {
        let stub = Stub::start(3).unwrap();
        let mut socket = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, stub.port)).unwrap();
        let expected = answer(3).concat();
        for _ in 0..2 {
            socket.write_all(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
            let mut got = vec![0; expected.len()];
            socket.read_exact(&mut got).unwrap();
            assert_eq!(got, expected);
        }
        assert_eq!(String::from_utf8(expected).unwrap().matches("data: ").count(), 3);
    }
}
