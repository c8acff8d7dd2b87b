//! **API keys** are kept as hashes with a name and scopes: whoever reads the file learns no key. A key is 244 random bits, so
//! that a hash that is quick to make is hard enough to turn back.

use std::sync::Arc;

use domain::content_hash::sha256_hex;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{Asker, Scope};

/// What every key begins with, so that one that was published by mistake is found.
const PREFIX: &str = "assay_";

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Whose it is: it stands in logs and counts the rate.
    pub name: String,
    /// SHA-256 of the key, hexadecimal.
    pub sha256: String,
    /// What its owner may.
    pub scopes: Vec<Scope>,
}

/// A key that nobody has yet.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key itself, which is told once and kept nowhere.
    pub secret: String,
    /// What is kept of it.
    pub kept: ApiKey,
}

impl NewKey {
    /// A random key.
    #[must_use]
    pub fn random(name: &str, scope: Scope) -> Self {
        let secret = format!("{PREFIX}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let sha256 = sha256_hex(secret.as_bytes());
        Self { kept: ApiKey { name: name.to_owned(), sha256, scopes: vec![scope] }, secret }
    }
}

/// Keys that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadKeys {
    /// Not a list of keys.
    #[error("the API keys are not a list of name, sha256 and scopes: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// There is none.
    #[error("there is no API key in the list; make one with `assay key new`, or leave the setting out")]
    Empty,
    /// One is not as it must be.
    #[error("API key `{name}`: {why}")]
    Bad {
        /// Which.
        name: String,
        /// What is wrong, and the mend.
        why: &'static str,
    },
}

/// Reads the list of keys: JSON.
///
/// # Errors
/// When it cannot be used.
pub fn read_keys(text: &str) -> Result<Vec<ApiKey>, BadKeys> {
    let keys: Vec<ApiKey> = serde_json::from_str(text)?;
    if keys.is_empty() {
        return Err(BadKeys::Empty);
    }
    for (at, key) in keys.iter().enumerate() {
        let bad = |why| Err(BadKeys::Bad { name: key.name.clone(), why });
        if key.name.is_empty() || key.name.len() > 100 {
            return bad("give it a name of 1 to 100 bytes");
        }
        if keys.iter().take(at).any(|other| other.name == key.name) {
            return bad("the name is there twice; give each its own");
        }
        if key.sha256.len() != DIGITS || !key.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return bad("sha256 must be 64 digits of lower-case hexadecimal, as `assay key new` writes it");
        }
        if key.scopes.is_empty() {
            return bad("it may nothing; give it the scope read, run or admin");
        }
    }
    Ok(keys)
}

/// Keys to compare with.
pub(super) struct Keys(Vec<(String, Asker)>);

impl Keys {
    pub(super) fn new(keys: Vec<ApiKey>) -> Self {
        let known = |key: ApiKey| {
            let scope = key.scopes.iter().max().copied().unwrap_or(Scope::Read);
            (key.sha256, Asker::Known { name: Arc::from(key.name), scope })
        };
        Self(keys.into_iter().map(known).collect())
    }

    /// Whose key it is. Every key is compared in whole, so that the time that it takes tells nothing.
    pub(super) fn asker(&self, key: &str) -> Option<Asker> {
        let hash = sha256_hex(key.as_bytes());
        let mut found = None;
        for (known, asker) in &self.0 {
            if bool::from(known.as_bytes().ct_eq(hash.as_bytes())) {
                found = Some(asker);
            }
        }
        found.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_hash_and_the_list_holds_no_key() {
        let (read, run) = (NewKey::random("page", Scope::Read), NewKey::random("ci", Scope::Run));
        let list = serde_json::to_string(&[read.kept.clone(), run.kept.clone()]).unwrap();
        assert!(!list.contains(&read.secret) && !list.contains(&run.secret));
        let keys = Keys::new(read_keys(&list).unwrap());
        assert_eq!(keys.asker(&run.secret), Some(Asker::Known { name: "ci".into(), scope: Scope::Run }));
        assert_eq!(keys.asker(&run.kept.sha256), None, "a hash is no key");
        assert_eq!(keys.asker(&run.secret[1..]), None);
        assert!(read.secret.len() > 60 && read.secret != run.secret);
    }

    #[test]
    fn a_list_that_cannot_be_used_is_refused() {
        let key = NewKey::random("page", Scope::Read).kept;
        let list = |change: &dyn Fn(&mut ApiKey)| {
            let mut changed = key.clone();
            change(&mut changed);
            read_keys(&serde_json::to_string(&[changed]).unwrap()).unwrap_err().to_string()
        };
        assert!(list(&|k| k.sha256 = "secret".to_owned()).contains("64 digits"));
        assert!(list(&|k| k.scopes.clear()).contains("it may nothing"));
        assert!(list(&|k| k.name.clear()).contains("a name"));
        assert!(read_keys("[]").unwrap_err().to_string().contains("assay key new"));
        assert!(read_keys("keys").is_err());
        let twice = serde_json::to_string(&[key.clone(), key]).unwrap();
        assert!(read_keys(&twice).unwrap_err().to_string().contains("twice"));
    }
}
