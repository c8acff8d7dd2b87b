//! The **transport** from the command line: where the server is and how to speak to it.

use std::path::PathBuf;

use crate::transport::{Address, AddressError, HttpVersion, ServerUrl, TransportOptions};

/// Where the server is and how to speak to it.
#[derive(Debug, clap::Args)]
pub struct TransportArgs {
    /// The server, without /v1: http://HOST:PORT, https://HOST:PORT or unix:/PATH
    #[arg(long)]
    pub url: ServerUrl,
    /// HTTP to speak. Over TLS the server must agree (ALPN), else it must know beforehand
    #[arg(long, value_enum, default_value_t = HttpArg::One)]
    pub http: HttpArg,
    /// Certificates to trust instead of the system's, in PEM
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Proxy to tunnel through, http://HOST:PORT (default: none, whatever the environment says)
    #[arg(long, value_name = "URL")]
    pub proxy: Option<ServerUrl>,
}

/// Which HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HttpArg {
    /// HTTP/1.1 with keep-alive
    #[value(name = "1.1")]
    One,
    /// HTTP/2, a connection for each request in flight
    #[value(name = "2")]
    Two,
}

impl TransportArgs {
    /// The server's address.
    pub(super) fn address(&self) -> Result<Address, AddressError> {
        let http = match self.http {
            HttpArg::One => HttpVersion::Http1,
            HttpArg::Two => HttpVersion::Http2,
        };
        let options = TransportOptions { http, authorities: self.ca.clone(), proxy: self.proxy.clone() };
        Address::new(self.url.clone(), &options)
    }
}
