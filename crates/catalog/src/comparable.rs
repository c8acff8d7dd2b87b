//! Which results may be **compared** with each other: those of one provenance under one traffic, in which the service and not
//! the client was measured and no more than a tenth of the requests failed.

use crate::request::MAX_FAILED_SHARE;
use crate::{Column, Snapshot};

impl Snapshot {
    /// Whether anything follows from a row's numbers for the service that it is of.
    pub(crate) fn says_something(&self, row: usize) -> bool {
        self.may_be_ranked(row, MAX_FAILED_SHARE)
    }

    /// The same where fewer may fail.
    pub(crate) fn may_be_ranked(&self, row: usize, max_failed_share: f64) -> bool {
        self.caveats(row).is_some_and(|caveats| caveats.rankable)
            // Unknown in results of other tools that do not count failures: that is no reason.
            && self.present(row, Column::FailedShare).is_none_or(|share| share <= max_failed_share)
    }
}
