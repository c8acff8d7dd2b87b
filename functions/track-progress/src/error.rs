//! Why progress could not be noted.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The stored spec of a campaign cannot be read.
    #[error("the spec of campaign {campaign} is damaged; ask for it again with `assay run SPEC.yaml`")]
    Damaged {
        /// The campaign.
        campaign: domain::CampaignId,
        /// Why.
        source: serde_json::Error,
    },
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.kind(),
            Self::Damaged { .. } => "BadSpec",
        }
    }
}
