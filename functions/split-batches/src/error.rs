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
