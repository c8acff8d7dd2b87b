//! **Settings**: what whoever runs a server wants of it, beside its ports.
//!
//! | `assay up` | on Lambda | |
//! |---|---|---|
//! | `--keys` | `ASSAY_API_KEYS` | hashed API keys: a file, or the list itself |
//! | `--jwks` | `ASSAY_JWKS` | keys of the issuer of tokens: a URL, a file, or the set itself |
//! | `--jwt-issuer` | `ASSAY_JWT_ISSUER` | `iss` of every token |
//! | `--jwt-audience` | `ASSAY_JWT_AUDIENCE` | `aud` of every token |
//! | `--rate-limit` | `ASSAY_RATE_LIMIT` | requests a minute of each asker |
//! | `--cors-origin` | `ASSAY_CORS_ORIGINS` | pages elsewhere that may ask |
//! | | `ASSAY_ACCESS` | `checked-before`: somebody before the function lets nobody else through |

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::access::{Access, BadKeys, Jwks, JwtConfig, read_keys};
use crate::layers::most_bytes::MostBytes;
use crate::layers::rate_limit::RateLimit;

/// Requests a minute of each asker where there are keys and nobody says.
const USUAL_RATE: NonZeroU32 = match NonZeroU32::new(3000) {
    Some(rate) => rate,
    None => NonZeroU32::MIN,
};

/// What `ASSAY_ACCESS` says where API Gateway, or whoever else is before the function, has checked who asks.
const CHECKED_BEFORE: &str = "checked-before";

/// What a server does beside answering.
#[derive(Clone, Default)]
pub struct Settings {
    /// Who may what.
    pub access: Access,
    /// How often.
    pub rate_limit: Option<RateLimit>,
    /// Pages elsewhere that may ask.
    pub origins: Vec<HeaderValue>,
    /// How campaigns are streamed.
    pub streams: Streams,
    /// Largest answer that whoever carries it takes, in bytes as [`MostBytes`] counts them; any where nobody says.
    pub most_bytes: Option<MostBytes>,
}

/// How campaigns are streamed.
#[derive(Clone)]
pub struct Streams {
    /// One event and no more: where an answer is sent as a whole, as on Lambda.
    pub once: bool,
    /// How often a campaign is looked at.
    pub look_every: Duration,
    /// How many may be open.
    pub places: Arc<Semaphore>,
    /// They end when the server stops, which would wait for them for ever.
    pub closing: CancellationToken,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            once: false,
            look_every: Duration::from_secs(1),
            places: Arc::new(Semaphore::new(256)),
            closing: CancellationToken::new(),
        }
    }
}

/// Settings as they are stated. What is empty is not stated.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// A file, or the list itself.
    pub keys: Option<String>,
    /// A URL, a file, or the set itself.
    pub jwks: Option<String>,
    /// `iss`
    pub jwt_issuer: Option<String>,
    /// `aud`
    pub jwt_audience: Option<String>,
    /// Requests a minute.
    pub rate_limit: Option<NonZeroU32>,
    /// `https://page.example`
    pub origins: Vec<String>,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// A file cannot be read.
    #[error("{place} cannot be read; check the path")]
    File {
        /// Its path.
        place: String,
        /// Why.
        source: std::io::Error,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] BadKeys),
    /// Half of what is needed.
    #[error(
        "tokens need the issuer's keys, its name and an audience; state all of jwks, jwt-issuer and jwt-audience"
    )]
    Tokens,
    /// The issuer's keys would come over a line that anybody can change.
    #[error("{0} is not https; keys of an issuer are fetched over TLS, or read from a file")]
    NoTls(String),
    /// A function that would be open to whoever reaches it.
    #[error(
        "whoever reaches this function could start campaigns: set ASSAY_API_KEYS, or all of ASSAY_JWKS, ASSAY_JWT_ISSUER and \
         ASSAY_JWT_AUDIENCE; where somebody before it checks who asks, such as the IAM authoriser of API Gateway, set \
         ASSAY_ACCESS to {CHECKED_BEFORE}"
    )]
    Open,
    /// Something else than that access is checked before.
    #[error("ASSAY_ACCESS is `{0}`; set it to {CHECKED_BEFORE}, or not at all")]
    Access(String),
    /// An origin.
    #[error("`{0}` is no origin; state it like https://page.example, without a path")]
    Origin(String),
}

impl Settings {
    /// Settings as stated. `fetch` gets the text behind a URL, and blocks.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn of(stated: Stated, fetch: fn(&str) -> Result<String, String>) -> Result<Self, BadSettings> {
        let keys = match stated.keys {
            Some(keys) => read_keys(&text_of(keys)?)?,
            None => Vec::new(),
        };
        let tokens = match (stated.jwks, stated.jwt_issuer, stated.jwt_audience) {
            (None, None, None) => None,
            (Some(jwks), Some(issuer), Some(audience)) => {
                Some(JwtConfig { jwks: jwks_of(jwks, fetch)?, issuer, audience })
            }
            _ => return Err(BadSettings::Tokens),
        };
        let access = Access::new(keys, tokens);
        let usual = (!access.is_open()).then_some(USUAL_RATE);
        let origin = |origin: String| {
            let is_origin = origin.split_once("://").is_some_and(|(scheme, host)| {
                matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', ' ', '*'])
            });
            let value = HeaderValue::from_str(&origin).ok().filter(|_| is_origin);
            value.ok_or(BadSettings::Origin(origin))
        };
        Ok(Self {
            rate_limit: stated.rate_limit.or(usual).map(RateLimit::per_minute),
            origins: stated.origins.into_iter().map(origin).collect::<Result<_, _>>()?,
            access,
            streams: Streams::default(),
            most_bytes: None,
        })
    }

    /// These settings for a function, which does not know who reaches it: somebody must check who asks, if not the function
    /// itself, then whoever `access` says is before it (`ASSAY_ACCESS`).
    ///
    /// # Errors
    /// When nobody does.
    pub fn of_function(self, access: Option<&str>) -> Result<Self, BadSettings> {
        match access {
            Some(CHECKED_BEFORE) => Ok(self),
            Some(other) => Err(BadSettings::Access(other.to_owned())),
            None if self.access.is_open() => Err(BadSettings::Open),
            None => Ok(self),
        }
    }
}

/// The text itself, or that of the file that it names.
fn text_of(stated: String) -> Result<String, BadSettings> {
    if stated.trim_start().starts_with(['[', '{']) {
        return Ok(stated);
    }
    std::fs::read_to_string(&stated).map_err(|source| BadSettings::File { place: stated, source })
}

fn jwks_of(stated: String, fetch: fn(&str) -> Result<String, String>) -> Result<Jwks, BadSettings> {
    if stated.starts_with("http://") {
        return Err(BadSettings::NoTls(stated));
    }
    if stated.starts_with("https://") {
        return Ok(Jwks::Fetched(Arc::new(move || fetch(&stated))));
    }
    text_of(stated).map(Jwks::Text)
}
