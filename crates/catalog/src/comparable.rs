//! Which results may be **compared** with each other: those of one provenance under one traffic, in which the service and not
//! the client was measured and no more than a tenth of the requests failed.

use crate::request::MAX_FAILED_SHARE;
use crate::{Column, Snapshot};

impl Snapshot {
    /// Whether anything follows from a row's numbers for the service that it is of.
    pub(crate) fn says_something(&self, row: usize) -> bool {
        self.caveats(row).is_some_and(|caveats| caveats.rankable)
            && self.present(row, Column::FailedShare).is_none_or(|share| share <= MAX_FAILED_SHARE)
    }
}
