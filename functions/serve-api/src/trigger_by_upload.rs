//! Starts campaigns **by upload**, where trigger-campaign is another program: the spec is put where it looks for specs.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{CampaignId, CampaignSpec};
use store::campaigns::Repetitions;
use store::{Ledger, ObjectKey, Objects, StoreError};

use crate::{CampaignTrigger, TriggerError};

/// Puts specs into `specs/`. The campaign is in the ledger as soon as trigger-campaign has heard of it.
#[derive(Clone)]
pub struct TriggerByUpload {
    /// Tells the id that the campaign has or will have.
    pub ledger: Arc<dyn Ledger>,
    /// Where specs are put.
    pub objects: Arc<dyn Objects>,
}

#[async_trait]
impl CampaignTrigger for TriggerByUpload {
    async fn trigger(&self, spec: &CampaignSpec) -> Result<CampaignId, TriggerError> {
        spec.check()?;
        let id = Repetitions::of(self.ledger.as_ref(), spec).await?.current().clone();
        let other = |source| StoreError::Other { place: "the spec".to_owned(), source };
        let text = serde_json::to_vec_pretty(spec).map_err(|e| other(Box::new(e)))?;
        // JSON is YAML. Asked for again it is uploaded again, so that a campaign that stopped goes on.
        self.objects.put(&ObjectKey::spec_over_http(&id), &text).await?;
        Ok(id)
    }
}
