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
