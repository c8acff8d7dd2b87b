//! The **server** under test, as far as it says what it is.

use std::time::Duration;

use serde::Deserialize;

use super::LoadError;
use crate::control::{self, Address};

/// How long an answer about itself may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The owner by which the simulated engine makes itself known.
pub const SIMULATED_OWNER: &str = "assay-simulated";

/// A model that the server lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListedModel {
    /// Its name.
    pub id: String,
    /// Who serves it: `vllm`, `llamacpp`, [`SIMULATED_OWNER`].
    #[serde(default)]
    pub owned_by: Option<String>,
}

#[derive(Deserialize)]
struct Listing {
    data: Vec<ListedModel>,
}

/// The models that a server lists. A server that cannot list any yields none.
///
/// # Errors
/// When the address is wrong or nobody answers there.
pub async fn models(base_url: &str) -> Result<Vec<ListedModel>, LoadError> {
    let address = Address::parse(base_url)?;
    let answer = control::get(&address, "/v1/models", LIMIT)
        .await
        .map_err(|source| LoadError::Unreachable { url: address.url(), source })?;
    Ok(serde_json::from_slice::<Listing>(&answer.body).map(|l| l.data).unwrap_or_default())
}

/// Whether any of the models is the simulated engine's.
#[must_use]
pub fn is_simulated(models: &[ListedModel]) -> bool {
    models.iter().any(|m| m.owned_by.as_deref() == Some(SIMULATED_OWNER))
}
