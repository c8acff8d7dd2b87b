//! The **use** of a dataset is how much of it was sent. What was sent twice may be in a prefix cache, so that the result
//! says so.

use measurement::RequestRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::source::Source;

/// How much of a dataset was sent, in prompts, or in conversations where requests are turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatasetUse {
    /// As many as it has.
    pub holds: u64,
    /// Those that earlier loads of the same command took.
    pub sent_before: u64,
    /// Those that this load took, warm-up included.
    pub sent: u64,
}

impl DatasetUse {
    /// What the requests of a load took. None where no dataset is read.
    pub(super) fn of(source: &Source, records: &[RequestRecord]) -> Option<Self> {
        let Source::Dataset { conversations, sent_before, .. } = source else { return None };
        let place = |record: &RequestRecord| record.turn.map_or(record.index, |turn| turn.conversation);
        let sent = records.iter().map(|record| u64::from(place(record)) + 1).max().unwrap_or(0);
        Some(Self { holds: conversations.len() as u64, sent_before: *sent_before, sent })
    }

    /// What to know when something was sent again.
    pub(super) fn warning(self) -> Option<String> {
        let (sent, holds) = (self.sent_before + self.sent, self.holds);
        let warning = || format!("prompts came again, {sent} of the {holds} there are: caches may help");
        (sent > holds).then(warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_again_is_told() {
        let warning = |sent_before, sent| DatasetUse { holds: 10, sent_before, sent }.warning();
        assert_eq!((warning(0, 10), warning(4, 6)), (None, None));
        assert!(warning(4, 7).unwrap().contains("11 of the 10 there are"));
        let widest = DatasetUse { holds: 999_999, sent_before: 0, sent: 9_999_999 }.warning().unwrap();
        assert!("note        ".len() + widest.len() <= 80, "{widest}");
    }
}
