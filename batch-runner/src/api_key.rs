//! An **API key** opens a server. It is read from an environment variable, so that it is in no command line,
//! and is never printed.

use std::env::{self, VarError};

use http::HeaderValue;

/// A key.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set: put the key into it")]
    Unset(String),
    /// It cannot be written in a header.
    #[error("the environment variable {0} holds no key: only visible ASCII characters are allowed")]
    Unusable(String),
}

impl ApiKey {
    /// A key of visible characters; none for anything else.
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        let is_usable = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        is_usable.then(|| Self(key.to_owned()))
    }

    /// Reads the key in an environment variable. White space around it is dropped.
    ///
    /// # Errors
    /// When there is none, or it is no key.
    pub fn from_variable(name: &str) -> Result<Self, ApiKeyError> {
        match env::var(name) {
            Ok(key) => Self::new(key.trim()).ok_or_else(|| ApiKeyError::Unusable(name.to_owned())),
            Err(VarError::NotPresent) => Err(ApiKeyError::Unset(name.to_owned())),
            Err(VarError::NotUnicode(_)) => Err(ApiKeyError::Unusable(name.to_owned())),
        }
    }

    /// Takes the key out of a text that somebody else wrote.
    pub fn redact(&self, text: &mut String) {
        if text.contains(&self.0) {
            *text = text.replace(&self.0, "[key]");
        }
    }

    /// The key as the value of a header.
    #[must_use]
    pub fn plain(&self) -> HeaderValue {
        sensitive(&self.0)
    }

    /// `Bearer` and the key.
    #[must_use]
    pub fn bearer(&self) -> HeaderValue {
        sensitive(&format!("Bearer {}", self.0))
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

/// A value that no log shows.
fn sensitive(text: &str) -> HeaderValue {
    // The characters were checked when the key was made.
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_in_a_header_is_no_key() {
        assert_eq!(ApiKey::new("sk-1").unwrap().bearer(), "Bearer sk-1");
        for bad in ["", "a b", "a\nb", "é"] {
            assert_eq!(ApiKey::new(bad), None, "{bad:?}");
        }
        let mut text = "Incorrect API key provided: sk-1, see".to_owned();
        ApiKey::new("sk-1").unwrap().redact(&mut text);
        assert_eq!(text, "Incorrect API key provided: [key], see");
        let error = ApiKey::from_variable("ASSAY_NO_SUCH_KEY").unwrap_err().to_string();
        assert_eq!(error, "the environment variable ASSAY_NO_SUCH_KEY is not set: put the key into it");
    }
}
