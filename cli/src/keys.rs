//! **Keys** of hosted models are looked for before anything starts, so that a campaign does not end at its first question.

use std::collections::BTreeSet;

use anyhow::Result;
use cloud::aws::Aws;
use cloud::secrets::Secrets;
use domain::{CampaignSpec, KeySource};

use crate::exit::Unusable;

/// Checks that every key that a spec needs is there.
pub async fn check(spec: &CampaignSpec) -> Result<()> {
    let resolved = spec.models.iter().filter(|model| model.is_hosted()).filter_map(|m| m.resolved_hosted());
    let sources: BTreeSet<KeySource> = resolved.map(|hosted| hosted.endpoint.key).collect();
    for source in sources {
        match &source {
            KeySource::Variable(name) if std::env::var_os(name).is_none_or(|key| key.is_empty()) => {
                let mend = format!(
                    "the environment variable {name} is not set: put the key of the hosted models into it"
                );
                return Err(Unusable(mend).into());
            }
            KeySource::Variable(_) => {}
            KeySource::Secret(name) => {
                // What it holds is read again by the runner, and kept nowhere.
                Secrets::new(&Aws::from_environment().await).text(name).await.map(drop)?;
            }
        }
    }
    Ok(())
}
