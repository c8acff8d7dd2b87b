//! Why a matrix could not be generated.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The stored spec is not readable.
    #[error("the stored spec or plan of campaign {campaign} is damaged; run the campaign again with --again")]
    Damaged {
        /// The campaign.
        campaign: domain::CampaignId,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.kind(),
            Self::Damaged { .. } => "StoreDamaged",
        }
    }
}
