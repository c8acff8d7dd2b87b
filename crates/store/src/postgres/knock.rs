//! To **knock** is to see whether anybody listens at the server's address.
//!
//! The pool takes a refused connection for a server that is starting, and tries on for as long as one may wait for a
//! connection. Whoever has another answer, or another server, wants to know at once.

use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::net::{TcpStream, UnixStream};

/// A connection that is there, or made at once, is had within this.
const SOON: Duration = Duration::from_millis(50);

/// Knocks as long as nobody refuses, less and less often: a server may go away while others wait for its connections.
pub async fn until_refused(address: &PgConnectOptions) -> Result<Infallible> {
    let mut wait = SOON;
    loop {
        tokio::time::sleep(wait).await;
        match connect(address).await {
            Err(error) if is_refusal(&error) => return Err(error),
            // Why else it cannot be reached is found out by whoever waits for a connection.
            _ => wait *= 2,
        }
    }
}

/// Whether nobody listens, which the next moment will not change.
pub fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound)
}

async fn connect(address: &PgConnectOptions) -> Result<()> {
    let host = Path::new(address.get_host());
    match address.get_socket().map_or(host, PathBuf::as_path) {
        folder if folder.is_absolute() => {
            UnixStream::connect(folder.join(format!(".s.PGSQL.{}", address.get_port()))).await.map(drop)
        }
        _ => TcpStream::connect((address.get_host(), address.get_port())).await.map(drop),
    }
}
