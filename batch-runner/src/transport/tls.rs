//! **TLS**: which certificates are trusted, and which HTTP is agreed on.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::{AddressError, HttpVersion};

/// What is needed to open a TLS connection to a host.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
    http: HttpVersion,
}

impl Tls {
    /// Trusts the certificates in a file, else the system's.
    pub(super) fn new(
        host: &str,
        http: HttpVersion,
        authorities: Option<&Path>,
    ) -> Result<Self, AddressError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| AddressError::Host(host.to_owned()))?;
        let roots = authorities.map_or_else(of_the_system, of_a_file)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(AddressError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn(http).to_vec()];
        Ok(Self { name, config: Arc::new(config), http })
    }

    pub(super) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: S,
    ) -> io::Result<TlsStream<S>> {
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let stream = connector.connect(self.name.clone(), socket).await?;
        // A server without ALPN speaks HTTP/1.1.
        let agreed = stream.get_ref().1.alpn_protocol();
        if self.http == HttpVersion::Http2 && agreed != Some(alpn(HttpVersion::Http2)) {
            return Err(io::Error::other("the server does not speak HTTP/2: measure it with HTTP/1.1"));
        }
        Ok(stream)
    }
}

const fn alpn(http: HttpVersion) -> &'static [u8] {
    match http {
        HttpVersion::Http1 => b"http/1.1",
        HttpVersion::Http2 => b"h2",
    }
}

fn of_the_system() -> Result<RootCertStore, AddressError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(AddressError::NoAuthorities) } else { Ok(roots) }
}

fn of_a_file(path: &Path) -> Result<RootCertStore, AddressError> {
    let unreadable = |source| AddressError::Authorities { path: path.to_owned(), source };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        roots.add(certificate.map_err(unreadable)?).map_err(AddressError::Tls)?;
    }
    if roots.is_empty() {
        return Err(unreadable(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused_by_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Tls::new("h", HttpVersion::Http1, Some(file.path())).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("no certificates can be read from {}: give a file in PEM form", file.path().display())
        );
    }
}
