//! **Access**: who asks, and what they may. Without keys, and only then, everybody may everything: that is for a server that
//! nobody else can reach.

mod jwt;
mod keys;
mod signature;

use std::str::FromStr;
use std::sync::Arc;

use axum::http::{HeaderMap, header};

pub use jwt::{Jwks, JwtConfig};
pub use keys::{ApiKey, BadKeys, NewKey, read_keys};

use jwt::Jwts;
use keys::Keys;

/// What somebody may. Who may more may less as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Look at everything.
    Read,
    /// Have campaigns run and results imported, which costs money.
    Run,
    /// Everything.
    Admin,
}

/// A name that is no scope.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no scope: choose read, run or admin")]
pub struct UnknownScope(pub String);

impl Scope {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let named = |scope: &Self| scope.name() == text;
        [Self::Read, Self::Run, Self::Admin]
            .into_iter()
            .find(named)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// There are no keys: whoever asks may everything.
    Anybody,
    /// Somebody with a name and what they may.
    Known {
        /// The name of the key, or the subject of the token.
        name: Arc<str>,
        /// The most that they may.
        scope: Scope,
    },
    /// Nobody said who, or not so that it could be believed. The reason never holds what they said.
    Unknown(&'static str),
}

/// Knows who asks.
#[derive(Clone, Default)]
pub struct Access {
    keys: Option<Arc<Keys>>,
    jwts: Option<Arc<Jwts>>,
}

impl Access {
    /// Of keys and of tokens; open where there are neither.
    #[must_use]
    pub fn new(keys: Vec<ApiKey>, tokens: Option<JwtConfig>) -> Self {
        Self {
            keys: (!keys.is_empty()).then(|| Arc::new(Keys::new(keys))),
            jwts: tokens.map(|config| Arc::new(Jwts::new(config))),
        }
    }

    /// Whether everybody may everything.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.keys.is_none() && self.jwts.is_none()
    }

    /// Who asks, by the headers of a request.
    pub async fn asker(&self, headers: &HeaderMap) -> Asker {
        if self.is_open() {
            return Asker::Anybody;
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = text(header::AUTHORIZATION).and_then(|value| {
            let (scheme, credentials) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| credentials.trim())
        });
        let Some(credentials) = bearer.or_else(|| text(header::HeaderName::from_static("x-api-key"))) else {
            return Asker::Unknown("no key was sent; send `authorization: Bearer KEY`");
        };
        if let Some(known) = self.keys.as_ref().and_then(|keys| keys.asker(credentials)) {
            return known;
        }
        // Keys have no dots, tokens two.
        match &self.jwts {
            Some(jwts) if credentials.matches('.').count() == 2 => jwts.asker(credentials).await,
            _ => Asker::Unknown("the key is not known; ask whoever runs this server for one"),
        }
    }
}
