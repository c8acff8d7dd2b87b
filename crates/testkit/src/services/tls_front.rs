//! TLS in front of a private server that listens on a socket.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinSet;

use crate::self_signed::self_signed;

/// Passes on what it is told over TLS.
#[derive(Debug)]
pub struct TlsFront {
    port: u16,
    authority: PathBuf,
    _folder: TempDir,
    _serving: JoinSet<()>,
}

impl TlsFront {
    /// Listens on a free port of `localhost` in front of a socket.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn start(socket: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (acceptor, authority) = self_signed(folder.path(), &[]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, socket) = (acceptor.clone(), socket.clone());
                open.spawn(async move {
                    // Who does not trust us goes away, as does a server that is stopped.
                    let (Ok(mut stream), Ok(mut server)) =
                        tokio::join!(acceptor.accept(stream), UnixStream::connect(socket))
                    else {
                        return;
                    };
                    drop(copy_bidirectional(&mut stream, &mut server).await);
                });
            }
        });
        Self { port, authority, _folder: folder, _serving: serving }
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The file of the certificate that must be trusted.
    #[must_use]
    pub fn authority(&self) -> &Path {
        &self.authority
    }
}
