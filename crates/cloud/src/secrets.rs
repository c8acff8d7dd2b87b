//! **Secrets** are read from AWS Secrets Manager by name, when a job needs them, and are kept nowhere.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use store::StoreError;

use crate::aws::{Aws, Place};

/// AWS Secrets Manager.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Arc<Client>,
}

impl Secrets {
    /// That of an account and a region.
    #[must_use]
    pub fn new(aws: &Aws) -> Self {
        Self { client: Arc::new(Client::new(aws.config())) }
    }

    /// The text of a secret, by its name or ARN.
    ///
    /// # Errors
    /// When it is not there or is no text, we may not read it, or the service does not answer.
    pub async fn text(&self, name: &str) -> Result<String, StoreError> {
        let place = Place::new(format!("the secret {name} in AWS Secrets Manager"));
        let told = self.client.get_secret_value().secret_id(name).send().await;
        let told = told.map_err(|error| place.failure(error))?;
        let no_text = || place.refused("it holds bytes", "store the key as a text, without JSON around it");
        told.secret_string().map(str::to_owned).ok_or_else(no_text)
    }
}
