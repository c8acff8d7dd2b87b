//! Why the catalogue could not be published.

/// An error of this function.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// A port failed; asking again may help.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A report cannot be written as JSON.
    #[error("the rankings or the report cannot be written")]
    Json(#[from] serde_json::Error),
    /// The report cannot be written for people.
    #[error("the report of campaign {campaign} cannot be written as a page")]
    Page {
        /// The campaign.
        campaign: domain::CampaignId,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The catalogue cannot be written as a file.
    #[error("the catalogue cannot be written as a file")]
    Snapshot(#[from] catalog::FileError),
}

impl HandlerError {
    /// Its kind, by a name that stays.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Store(error) => error.kind(),
            Self::Json(_) => "NotJson",
            Self::Page { .. } => "NoPage",
            Self::Snapshot(_) => "BadSnapshot",
        }
    }
}
