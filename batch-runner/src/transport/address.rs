//! An **address** is a server's URL with how to speak to it.

use std::io;
use std::path::PathBuf;

use http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::proxy;
use super::socket::{Secured, Socket};
use super::tls::Tls;
use super::url::{BadUrl, Place, ServerUrl};

/// Which HTTP is spoken. Over TLS it is agreed on by ALPN, else it is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/1.1 with keep-alive.
    #[default]
    #[serde(rename = "1.1")]
    Http1,
    /// HTTP/2.
    #[serde(rename = "2")]
    Http2,
}

/// How to speak to a server, where it is not as usual.
#[derive(Debug, Clone, Default)]
pub struct TransportOptions {
    /// Which HTTP.
    pub http: HttpVersion,
    /// A file with the certificates, in PEM, that are trusted instead of the system's.
    pub authorities: Option<PathBuf>,
    /// A proxy to connect through.
    pub proxy: Option<ServerUrl>,
}

/// A server and how to speak to it.
#[derive(Debug, Clone)]
pub struct Address {
    url: ServerUrl,
    http: HttpVersion,
    tls: Option<Tls>,
    proxy: Option<ServerUrl>,
}

/// Why there is no [`Address`].
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The text is no URL of a server.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// The certificates to trust.
    #[error("no certificates can be read from {}: give a file in PEM form", .path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The system has none.
    #[error("this system trusts no certificate: install ca-certificates, or name a file with --ca")]
    NoAuthorities,
    /// The host cannot be in a certificate.
    #[error("`{0}` is no host that TLS can check: write its name or its address")]
    Host(String),
    /// The proxy is not one that we can speak to.
    #[error("`{0}` is no proxy: write http://host:port")]
    Proxy(String),
    /// A proxy does not reach sockets of this machine.
    #[error("{0} is on this machine, where no proxy reaches it: leave --proxy out")]
    ProxyToSocket(String),
    /// TLS itself.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

impl Address {
    /// Reads a URL; HTTP/1.1 is spoken, and the system's certificates are trusted.
    ///
    /// # Errors
    /// When it is none, or TLS is wanted and cannot be set up.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        Self::new(url.parse()?, &TransportOptions::default())
    }

    /// A server and how to speak to it.
    ///
    /// # Errors
    /// When TLS is wanted and cannot be set up, or the proxy is none or has no use.
    pub fn new(url: ServerUrl, options: &TransportOptions) -> Result<Self, AddressError> {
        let tls = match (&url.place, url.tls) {
            (Place::Tcp { host, .. }, true) => {
                Some(Tls::new(host, options.http, options.authorities.as_deref())?)
            }
            _ => None,
        };
        if let Some(proxy) = &options.proxy
            && (proxy.tls || matches!(proxy.place, Place::Unix(_)))
        {
            return Err(AddressError::Proxy(proxy.to_string()));
        }
        if options.proxy.is_some() && matches!(url.place, Place::Unix(_)) {
            return Err(AddressError::ProxyToSocket(url.to_string()));
        }
        Ok(Self { url, http: options.http, tls, proxy: options.proxy.clone() })
    }

    /// A port on 127.0.0.1.
    #[must_use]
    pub fn local(port: u16) -> Self {
        Self { url: ServerUrl::local(port), http: HttpVersion::default(), tls: None, proxy: None }
    }

    /// The URL in its usual form.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// Which HTTP is spoken.
    #[must_use]
    pub const fn http(&self) -> HttpVersion {
        self.http
    }

    /// The value of the `host` header.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.url.authority
    }

    /// The whole URI of a path, as HTTP/2 wants it.
    ///
    /// # Errors
    /// When the path is none.
    pub fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Uri::builder().scheme(scheme).authority(self.authority()).path_and_query(path).build()
    }

    /// Opens a socket whose small writes leave at once, through the proxy if there is one.
    ///
    /// # Errors
    /// When there is none to be had.
    pub(crate) async fn connect(&self) -> io::Result<Socket> {
        match (&self.url.place, &self.proxy) {
            (Place::Unix(path), _) => Socket::unix(path).await,
            (Place::Tcp { host, port }, None) => Socket::tcp(host, *port).await,
            (Place::Tcp { host, port }, Some(proxy)) => {
                let Place::Tcp { host: at, port: at_port } = &proxy.place else {
                    return Err(io::Error::other("the proxy has no port"));
                };
                let mut socket = Socket::tcp(at, *at_port).await?;
                proxy::tunnel(&mut socket, host, *port).await?;
                Ok(socket)
            }
        }
    }

    /// Puts TLS around a socket, if the URL says so.
    ///
    /// # Errors
    /// When the server cannot be trusted or does not speak the HTTP that was asked for.
    pub(crate) async fn secure<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
        &self,
        socket: S,
    ) -> io::Result<Secured<S>> {
        match &self.tls {
            None => Ok(Secured::Plain(socket)),
            Some(tls) => Ok(Secured::Tls(Box::new(tls.connect(socket).await?))),
        }
    }
}
