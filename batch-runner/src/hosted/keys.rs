//! **Keys** of providers, by where a manifest says that they are kept. A key is read when a job needs it and written nowhere.

use async_trait::async_trait;
use cloud::aws::Aws;
use cloud::secrets::Secrets;
use domain::KeySource;
use store::StoreError;

use crate::api_key::{ApiKey, ApiKeyError};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The environment variable.
    #[error(transparent)]
    Variable(#[from] ApiKeyError),
    /// AWS Secrets Manager.
    #[error(transparent)]
    Secret(#[from] StoreError),
    /// The secret cannot be written in a header.
    #[error(
        "the secret {0} holds no key: only visible ASCII characters are allowed, without JSON around them"
    )]
    Unusable(String),
}

/// Finds keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// The key that is kept there.
    async fn key(&self, source: &KeySource) -> Result<ApiKey, KeyError>;
}

/// Keys of this process's environment, and of AWS Secrets Manager.
#[derive(Debug, Clone, Copy)]
pub struct RunnerKeys;

#[async_trait]
impl Keys for RunnerKeys {
    async fn key(&self, source: &KeySource) -> Result<ApiKey, KeyError> {
        match source {
            KeySource::Variable(name) => Ok(ApiKey::from_variable(name)?),
            KeySource::Secret(name) => {
                let text = Secrets::new(&Aws::from_environment().await).text(name).await?;
                ApiKey::new(text.trim()).ok_or_else(|| KeyError::Unusable(name.clone()))
            }
        }
    }
}
