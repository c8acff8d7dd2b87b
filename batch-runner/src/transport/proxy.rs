//! A **proxy** is asked with `CONNECT` for a tunnel to the server; what goes through the tunnel is none of its
//! business.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest answer of a proxy, in bytes.
const MAX_ANSWER: usize = 16 << 10;

/// Turns a connection to a proxy into one to `host`.
pub(super) async fn tunnel<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut S,
    host: &str,
    port: u16,
) -> io::Result<()> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the answer is the server's.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MAX_ANSWER {
            return Err(io::Error::other("the proxy's answer has no end"));
        }
        answer.push(socket.read_u8().await?);
    }
    let status = answer.split(|b| *b == b' ').nth(1);
    if status.is_some_and(|code| code.starts_with(b"2")) {
        return Ok(());
    }
    let line = answer.split(|b| *b == b'\r').next().unwrap_or_default();
    Err(io::Error::other(format!("the proxy refuses: {}", String::from_utf8_lossy(line))))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(answer: &'static str) -> (io::Result<()>, String, String) {
        let (mut ours, mut theirs) = tokio::io::duplex(1 << 10);
        theirs.write_all(answer.as_bytes()).await.unwrap();
        let result = tunnel(&mut ours, "::1", 8000).await;
        let mut asked = vec![0; 256];
        let length = theirs.read(&mut asked).await.unwrap();
        drop(theirs);
        let mut rest = String::new();
        ours.read_to_string(&mut rest).await.unwrap();
        (result, String::from_utf8_lossy(&asked[..length]).into_owned(), rest)
    }

    #[tokio::test]
    async fn a_tunnel_begins_where_the_proxys_answer_ends() {
        let (result, asked, rest) = ask("HTTP/1.1 200 OK\r\nvia: x\r\n\r\nserver").await;
        assert!(result.is_ok());
        assert_eq!(asked, "CONNECT [::1]:8000 HTTP/1.1\r\nhost: [::1]:8000\r\n\r\n");
        assert_eq!(rest, "server");
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let (result, ..) = ask("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "the proxy refuses: HTTP/1.1 407 Proxy Authentication Required");
    }
}
