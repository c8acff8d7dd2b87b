//! To **receive** is to read from a TCP socket and to be told when the kernel took in the last packet of what was
//! read (`SO_TIMESTAMPNS`, socket(7)). That instant does not depend on when this thread got round to reading: a busy
//! client reads late, and still knows when a token came. Of several packets in one read only the last one's instant is
//! told: a client that falls behind by more than the time between two tokens of a stream takes the earlier one for as
//! late as the later one, as it would by its own clock. The certificate's stalls tell of it.

use std::io::{self, IoSliceMut};
use std::os::fd::AsRawFd;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use tokio::io::{Interest, ReadBuf};
use tokio::net::TcpStream;

/// Room for what the kernel tells beside the data: a header and the time of day.
pub(super) const CONTROL_BYTES: usize = 64;

/// Asks for the time of day of packets. Says whether they will have one.
pub(super) fn ask_for_stamps(stream: &TcpStream) -> bool {
    setsockopt(stream, sockopt::ReceiveTimestampns, &true).is_ok()
}

/// Reads, and tells when what was read had arrived, since the epoch. None where the kernel does not tell.
pub(super) fn poll_receive(
    stream: &TcpStream,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<Option<Duration>>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        let unfilled = buf.initialize_unfilled();
        let room = unfilled.len();
        let mut received = None;
        let tried = stream.try_io(Interest::READABLE, || {
            let (length, stamp) = receive(stream, unfilled)?;
            received = Some((length, stamp));
            // A read that leaves room has emptied the socket: the next one would block, and need not be tried.
            if (1..room).contains(&length) { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match (received, tried) {
            (Some((length, stamp)), _) => {
                buf.advance(length);
                return Poll::Ready(Ok(stamp));
            }
            (None, Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                return Poll::Ready(Err(error));
            }
            (None, _) => {}
        }
    }
}

fn receive(stream: &TcpStream, into: &mut [u8]) -> io::Result<(usize, Option<Duration>)> {
    let mut control = [0; CONTROL_BYTES];
    let mut pieces = [IoSliceMut::new(into)];
    let message = recvmsg::<()>(stream.as_raw_fd(), &mut pieces, Some(&mut control), MsgFlags::empty())?;
    let stamp = message.cmsgs()?.find_map(|told| match told {
        ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
        _ => None,
    });
    Ok((message.bytes, stamp))
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::SystemTime;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (client, server) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), server.unwrap().0)
    }

    async fn read(stream: &TcpStream, room: usize) -> (Vec<u8>, Option<Duration>) {
        let mut bytes = vec![0; room];
        let mut buf = ReadBuf::new(&mut bytes);
        let stamp = poll_fn(|cx| poll_receive(stream, cx, &mut buf)).await.unwrap();
        (buf.filled().to_vec(), stamp)
    }

    #[tokio::test]
    async fn everything_is_read_whatever_the_room_and_the_end_is_told() {
        let (client, mut server) = pair().await;
        ask_for_stamps(&client);
        server.write_all(b"abcdef").await.unwrap();
        let mut all = Vec::new();
        while all.len() < 6 {
            all.extend(read(&client, 4).await.0);
        }
        assert_eq!(all, b"abcdef");
        server.write_all(b"ghi").await.unwrap();
        drop(server);
        assert_eq!(read(&client, 64).await.0, b"ghi");
        assert_eq!(read(&client, 64).await.0, b"");
    }

    #[tokio::test]
    async fn a_stamp_lies_between_sending_and_reading() {
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let (client, mut server) = pair().await;
        assert!(ask_for_stamps(&client));
        // The kernel begins to stamp soon after it was asked for the first time.
        for _ in 0..1_000 {
            let before = now();
            server.write_all(b"a").await.unwrap();
            let sent = now();
            let (_, stamp) = read(&client, 64).await;
            if let Some(stamp) = stamp {
                assert!(before <= stamp && stamp <= now(), "{before:?} {stamp:?} {sent:?}");
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the kernel does not stamp");
    }
}
