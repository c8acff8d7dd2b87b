//! **Batch indexes** name some batches of a campaign in little room: `0-2,5`. They go with a job that is one of an
//! array, which finds its batch by its own index in the list.

use std::fmt;
use std::str::FromStr;

use crate::{BatchId, CampaignId};

/// Indexes of batches, ascending and without repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchIndexes(Vec<u32>);

/// Most batches that a list may name: more than an array job may have children.
const MAX: usize = 10_000;

/// A list that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no list of batches; write ascending indexes and ranges such as 0-2,5")]
pub struct BadBatchIndexes(String);

impl BatchIndexes {
    /// The indexes of batches; `None` when one has none, or there are too many.
    #[must_use]
    pub fn of<'a>(batches: impl IntoIterator<Item = &'a BatchId>) -> Option<Self> {
        let mut indexes: Vec<u32> = batches.into_iter().map(BatchId::index).collect::<Option<_>>()?;
        indexes.sort_unstable();
        indexes.dedup();
        (indexes.len() <= MAX).then_some(Self(indexes))
    }

    /// The batch at a position of the list, from 0.
    #[must_use]
    pub fn batch(&self, campaign: &CampaignId, position: usize) -> Option<BatchId> {
        self.0.get(position).map(|index| BatchId::new(campaign, *index))
    }

    /// Every batch of the list.
    pub fn batches(&self, campaign: &CampaignId) -> impl Iterator<Item = BatchId> {
        self.0.iter().map(|index| BatchId::new(campaign, *index))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for BatchIndexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.0.chunk_by(|a, b| a.checked_add(1) == Some(*b));
        for (i, run) in runs.enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match run {
                [first, .., last] => write!(f, "{comma}{first}-{last}")?,
                [only] => write!(f, "{comma}{only}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

impl FromStr for BatchIndexes {
    type Err = BadBatchIndexes;

    fn from_str(text: &str) -> Result<Self, BadBatchIndexes> {
        let bad = || BadBatchIndexes(text.to_owned());
        let mut indexes: Vec<u32> = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (u32, u32) =
                (first.parse().map_err(|_| bad())?, last.parse().map_err(|_| bad())?);
            let ascends = indexes.last().is_none_or(|previous| *previous < first) && first <= last;
            let room = MAX - indexes.len();
            if !ascends || usize::try_from(last - first).is_ok_and(|more| more >= room) {
                return Err(bad());
            }
            indexes.extend(first..=last);
        }
        Ok(Self(indexes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_is_short_and_read_strictly() {
        let campaign: CampaignId = "demo".parse().unwrap();
        let batches = [5, 0, 2, 1, 5].map(|index| BatchId::new(&campaign, index));
        let indexes = BatchIndexes::of(&batches).unwrap();
        assert_eq!(indexes.to_string(), "0-2,5");
        assert_eq!(indexes.batch(&campaign, 3), Some(BatchId::new(&campaign, 5)));
        assert_eq!(indexes.batch(&campaign, 4), None);
        for bad in ["", "1,", "2,1", "3-1", "1-1,1", "x", "-1", "0-4294967295"] {
            assert!(bad.parse::<BatchIndexes>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(indexes: BTreeSet<u32>) {
            prop_assume!(!indexes.is_empty());
            let list = BatchIndexes(indexes.into_iter().collect());
            prop_assert_eq!(list.to_string().parse::<BatchIndexes>(), Ok(list));
        }
    }
}
