//! **Tokens** (JWT, RFC 7519) of an issuer that this server trusts: signed by one of its published keys (JWKS), for this
//! audience, and not expired. `scope` (or `scp`) holds read, run or admin, also with `assay:` before it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::signature::{KeySet, PublicKey, Token};
use super::{Asker, Scope};

/// Keys are asked for anew after that, so that one that was taken back does not hold for ever.
const KEPT: Duration = Duration::from_secs(3600);

/// A key that is not known is looked for no more often than that.
const LOOKED: Duration = Duration::from_secs(30);

/// Seconds that the issuer's clock may differ from ours.
const LEEWAY_S: f64 = 60.0;

/// Longest token that is read.
const LONGEST: usize = 8 * 1024;

/// Where the issuer's keys are.
#[derive(Clone)]
pub enum Jwks {
    /// Here.
    Text(String),
    /// To be fetched; it blocks.
    Fetched(Arc<dyn Fn() -> Result<String, String> + Send + Sync>),
}

/// Whose tokens are believed.
#[derive(Clone)]
pub struct JwtConfig {
    /// The issuer's keys.
    pub jwks: Jwks,
    /// `iss` of every token.
    pub issuer: String,
    /// `aud` of every token.
    pub audience: String,
}

/// Checks tokens.
pub(super) struct Jwts {
    config: JwtConfig,
    keys: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<KeySet>,
    read: Instant,
}

/// What a token says, as far as we care.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: f64,
    nbf: Option<f64>,
    sub: Option<String>,
    #[serde(default)]
    scope: Scopes,
    #[serde(default)]
    scp: Scopes,
}

/// One audience, or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, own: &str) -> bool {
        match self {
            Self::One(one) => one == own,
            Self::Several(several) => several.iter().any(|one| one == own),
        }
    }
}

/// A text with spaces between, or a list.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Scopes {
    Text(String),
    List(Vec<String>),
    #[default]
    None,
}

impl Scopes {
    fn most(&self) -> Option<Scope> {
        let named = |text: &str| text.strip_prefix("assay:").unwrap_or(text).parse::<Scope>().ok();
        match self {
            Self::Text(text) => text.split_whitespace().filter_map(named).max(),
            Self::List(list) => list.iter().filter_map(|text| named(text)).max(),
            Self::None => None,
        }
    }
}

impl Jwts {
    pub(super) fn new(config: JwtConfig) -> Self {
        Self { config, keys: Mutex::default() }
    }

    pub(super) async fn asker(&self, token: &str) -> Asker {
        const BAD: Asker = Asker::Unknown(
            "the token is not believed: it is malformed, expired, or of another issuer or audience",
        );
        if token.len() > LONGEST {
            return BAD;
        }
        let Some(parts) = Token::of(token) else { return BAD };
        let Some(key) = self.key(parts.header.kid.as_deref()).await else {
            return Asker::Unknown(
                "the token's key is not among those of the issuer, or they could not be read",
            );
        };
        let Some(claims) = parts.claims::<Claims>(&key) else { return BAD };
        let now = Utc::now().timestamp_millis() as f64 / 1e3;
        let current = claims.exp > now - LEEWAY_S && claims.nbf.is_none_or(|begins| begins < now + LEEWAY_S);
        if !current || claims.iss != self.config.issuer || !claims.aud.has(&self.config.audience) {
            return BAD;
        }
        let Claims { sub, scope, scp, .. } = claims;
        let Some(scope) = scope.most().max(scp.most()) else {
            return Asker::Unknown("the token has no scope of this server: read, run or admin");
        };
        Asker::Known { name: sub.unwrap_or_else(|| "a token".to_owned()).into(), scope }
    }

    /// The key of a name; of an issuer with one key that one.
    async fn key(&self, name: Option<&str>) -> Option<PublicKey> {
        let known = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let age = known.as_ref().map(|known| known.read.elapsed());
        let find = |known: &Known| known.keys.find(name);
        let found = known.as_ref().and_then(find);
        let again = age.is_none_or(|age| age > KEPT || (found.is_none() && age > LOOKED));
        if !again {
            return found;
        }
        match self.read().await {
            Ok(keys) => {
                let known = Known { keys: Arc::new(keys), read: Instant::now() };
                *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
                find(&known)
            }
            Err(error) => {
                tracing::warn!("the issuer's keys cannot be read: {error}");
                // Those that are known stay until they can be.
                if let Some(known) = known {
                    let later = Known { read: Instant::now(), ..known };
                    *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(later);
                }
                found
            }
        }
    }

    async fn read(&self) -> Result<KeySet, String> {
        let text = match self.config.jwks.clone() {
            Jwks::Text(text) => text,
            Jwks::Fetched(fetch) => spawn_blocking(move || fetch()).await.map_err(|e| e.to_string())??,
        };
        serde_json::from_str(&text).map_err(|e| e.to_string())
    }
}
