//! Why a plan could not be split.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The plan does not fit together.
    #[error(transparent)]
    Split(#[from] matrix::SplitError),
    /// The stored plan is not readable.
    #[error("the stored plan of campaign {campaign} is damaged; run the campaign again with --again")]
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
            Self::Split(_) => "BadPlan",
            Self::Damaged { .. } => "StoreDamaged",
        }
    }
}
