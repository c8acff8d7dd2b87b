//! What was **paid** for a campaign: all time of its jobs that led to an outcome, that of failed trials too, each hour at the
//! price of what the job had rented, spot or on demand. It is what counts against the budget.

use serde::Serialize;
use store::Checkpoint;

use super::rows::usd;

/// What was paid, as the ledger has it. No bill: time after the last outcome of a job and the machine's start are in none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paid {
    /// USD of the outcomes of which it is known.
    pub usd: f64,
    /// Outcomes of which it is not, since there is no price.
    pub unknown: usize,
}

impl Paid {
    /// What outcomes were paid with.
    #[must_use]
    pub fn of(outcomes: &[Checkpoint]) -> Self {
        Self {
            usd: outcomes.iter().filter_map(|outcome| outcome.usd).fold(0.0, |sum, usd| sum + usd),
            unknown: outcomes.iter().filter(|outcome| outcome.usd.is_none()).count(),
        }
    }

    /// USD in words; nothing where nothing is known.
    pub(super) fn in_usd(&self) -> Option<String> {
        (self.unknown == 0 || self.usd > 0.0).then(|| usd(self.usd))
    }

    /// The same, and what is not in it.
    pub(super) fn in_words(&self) -> Option<String> {
        let without = match self.unknown {
            0 => String::new(),
            1 => " without 1 outcome of which no price is known".to_owned(),
            unknown => format!(" without {unknown} outcomes of which no price is known"),
        };
        Some(self.in_usd()? + &without)
    }
}
