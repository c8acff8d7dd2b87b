//! What makes a result **stale**, so that a campaign that measures only what is due measures it again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpecError;
use crate::Engine;
use crate::duration::WrittenDuration;

/// A result that is neither too old nor of another version is still good. Without a field any result is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreshnessEntry {
    /// Results older than this are stale, such as `30d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_than: Option<WrittenDuration>,
    /// Results of other versions of these engines are stale, where a framework's entry names no version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<Engine, String>,
}

impl FreshnessEntry {
    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.newer_than.is_some_and(|d| d.as_ms() <= 0.0) {
            return Err(SpecError::field(
                &format!("{field}.newer_than"),
                "must be above 0; leave it out for any age",
            ));
        }
        Ok(())
    }
}
