//! A **server URL** is `http://host:port`, `https://host:port` or `unix:/path/to/socket`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use http::Uri;

const FORMS: &str = "write http://host:port, https://host:port or unix:/path";
const PATHLESS: &str = "write http://host:port without a path, also without /v1";

/// Where a server listens, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    pub(super) place: Place,
    pub(super) tls: bool,
    /// `host:port`, the port where it was written.
    pub(super) authority: String,
}

/// What a socket is connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

/// A text that is no [`ServerUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is no address to measure: {mend}")]
pub struct BadUrl {
    /// The text.
    pub url: String,
    /// What to write instead.
    pub mend: &'static str,
}

impl ServerUrl {
    /// A port on 127.0.0.1.
    #[must_use]
    pub fn local(port: u16) -> Self {
        let host = "127.0.0.1".to_owned();
        Self { authority: format!("{host}:{port}"), place: Place::Tcp { host, port }, tls: false }
    }
}

impl FromStr for ServerUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let bad = |mend| BadUrl { url: text.to_owned(), mend };
        let text = text.trim();
        if let Some(path) = text.strip_prefix("unix:") {
            // `unix:///path` is the same with an empty host.
            let path = path.strip_prefix("//").unwrap_or(path);
            if !path.starts_with('/') {
                return Err(bad("write unix: and the socket's whole path, such as unix:/run/engine.sock"));
            }
            let place = Place::Unix(PathBuf::from(path));
            return Ok(Self { place, tls: false, authority: "localhost".to_owned() });
        }
        let uri: Uri = text.parse().map_err(|_| bad(FORMS))?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad(FORMS)),
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(bad(PATHLESS));
        }
        let authority = uri.authority().ok_or_else(|| bad(FORMS))?;
        if authority.as_str().contains('@') {
            return Err(bad("leave the user and password out: a key goes in an environment variable"));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { place: Place::Tcp { host, port }, tls, authority: authority.as_str().to_owned() })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Unix(path) => write!(f, "unix:{}", path.display()),
            Place::Tcp { .. } => {
                write!(f, "http{}://{}", if self.tls { "s" } else { "" }, self.authority)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_shown() {
        for (text, shown, place) in [
            ("http://10.0.0.1:8000/", "http://10.0.0.1:8000", Some(("10.0.0.1", 8000))),
            ("http://h", "http://h", Some(("h", 80))),
            ("https://h", "https://h", Some(("h", 443))),
            (" http://[::1]:8000", "http://[::1]:8000", Some(("::1", 8000))),
            ("unix:/run/e.sock", "unix:/run/e.sock", None),
            ("unix:///run/e.sock", "unix:/run/e.sock", None),
        ] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(url.tls, text.contains("https"));
            match (url.place, place) {
                (Place::Tcp { host, port }, Some(expected)) => assert_eq!((host.as_str(), port), expected),
                (Place::Unix(path), None) => assert_eq!(path, PathBuf::from("/run/e.sock")),
                (found, _) => panic!("{found:?}"),
            }
        }
        assert_eq!("http://127.0.0.1:8000".parse(), Ok(ServerUrl::local(8000)));
    }

    #[test]
    fn a_bad_url_is_told_with_its_mend() {
        for (bad, mend) in [
            ("http://h:1/v1", "without /v1"),
            ("http://h:1?x", "without a path"),
            ("h:1", "http://host:port"),
            ("ftp://h:1", "http://host:port"),
            ("", "http://host:port"),
            ("http://", "http://host:port"),
            ("http://a:b@h:1", "environment variable"),
            ("unix:e.sock", "whole path"),
        ] {
            let error = bad.parse::<ServerUrl>().unwrap_err().to_string();
            assert!(error.contains(mend), "{bad}: {error}");
        }
    }
}
