//! The script over HTTP/1.1, with bodies in chunks.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::{Shared, Step};

/// Answers every request of a connection.
pub(super) async fn answer_all<S>(socket: S, shared: &Shared) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut socket = BufReader::new(socket);
    while let Some((head, body)) = read_request(&mut socket).await? {
        let (steps, stream) = shared.answer(head, &body);
        for step in steps {
            match step {
                Step::Head(status, headers) => {
                    let mut head = format!("HTTP/1.1 {status} Scripted\r\ntransfer-encoding: chunked\r\n");
                    for (name, value) in headers {
                        head.push_str(&format!("{name}: {value}\r\n"));
                    }
                    head.push_str("\r\n");
                    socket.write_all(head.as_bytes()).await?;
                }
                Step::Data(piece) => {
                    let framed = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
                    shared.wrote(stream);
                    socket.write_all(&framed).await?;
                }
                Step::Raw(bytes) => socket.write_all(&bytes).await?,
                Step::Pause(time) => tokio::time::sleep(time).await,
                Step::End => socket.write_all(b"0\r\n\r\n").await?,
                Step::Break => return Ok(()),
            }
            socket.flush().await?;
        }
    }
    Ok(())
}

/// The head and the body of the next request. None when the client has closed.
async fn read_request<S: AsyncRead + Unpin>(
    socket: &mut BufReader<S>,
) -> io::Result<Option<(String, Vec<u8>)>> {
    let (mut length, mut head) = (0, String::new());
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
        head.push('\n');
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}
