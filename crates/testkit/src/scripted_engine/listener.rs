//! The **listener** accepts connections on a port or a path, with a certificate of its own for TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinSet;

use super::{Shared, Wire};
use crate::self_signed::self_signed;

/// Listens; returns the URL, the certificate's file and what serves.
pub(super) async fn listen(
    wire: Wire,
    folder: &Path,
    shared: Arc<Shared>,
) -> (String, Option<PathBuf>, JoinSet<()>) {
    let mut serving = JoinSet::new();
    if wire.is_unix() {
        let path = folder.join("engine.sock");
        let listener = UnixListener::bind(&path).unwrap();
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                open.spawn(Arc::clone(&shared).converse(wire, socket));
            }
        });
        return (format!("unix:{}", path.display()), None, serving);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let protocol: &[u8] = if wire.is_http2() { b"h2" } else { b"http/1.1" };
    let tls = wire.is_tls().then(|| self_signed(folder, &[protocol]));
    let url =
        if tls.is_some() { format!("https://localhost:{port}") } else { format!("http://127.0.0.1:{port}") };
    let (acceptor, authority) = tls.unzip();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((socket, _)) = listener.accept().await {
            socket.set_nodelay(true).unwrap();
            let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
            open.spawn(async move {
                match acceptor {
                    None => shared.converse(wire, socket).await,
                    Some(acceptor) => {
                        if let Ok(socket) = acceptor.accept(socket).await {
                            shared.converse(wire, socket).await;
                        }
                    }
                }
            });
        }
    });
    (url, authority, serving)
}
