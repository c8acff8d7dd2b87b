//! The **listener** accepts connections on a port or a path, with a certificate of its own for TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::{Shared, Wire};

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
    let tls = wire.is_tls().then(|| acceptor(wire, folder));
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

/// What speaks TLS, and the file of the certificate it has just made for itself.
fn acceptor(wire: Wire, folder: &Path) -> (TlsAcceptor, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let file = folder.join("authority.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = if wire.is_http2() { vec![b"h2".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    (TlsAcceptor::from(Arc::new(config)), file)
}
