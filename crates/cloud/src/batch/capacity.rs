//! **Capacity**: which job queues there are, by what their hosts cost and whether EC2 may want them back.

use std::collections::BTreeSet;
use std::fmt;

use domain::PriceKind;

use super::blanks::{has_blank, queue};
use super::machine::Machine;

/// The job queues. A queue is of spot instances or not by its compute environment, which the deployment made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capacity {
    /// Spot instances alone.
    Spot(String),
    /// On-demand instances alone.
    OnDemand(String),
    /// Spot instances, until a batch loses its host on them or finds none: then on-demand instances.
    SpotThenOnDemand {
        /// The queue of spot instances.
        spot: String,
        /// The queue of on-demand instances.
        on_demand: String,
    },
}

impl Capacity {
    /// By the two queues of an address; `None` when there is neither.
    #[must_use]
    pub fn of(spot: Option<String>, on_demand: Option<String>) -> Option<Self> {
        match (spot, on_demand) {
            (Some(spot), Some(on_demand)) => Some(Self::SpotThenOnDemand { spot, on_demand }),
            (Some(spot), None) => Some(Self::Spot(spot)),
            (None, Some(on_demand)) => Some(Self::OnDemand(on_demand)),
            (None, None) => None,
        }
    }

    /// The queue for a batch, and what its machines are paid at: by whether an earlier job of it lost its host or found none,
    /// and whether the machine that it would have on demand, which may be another than on spot, is there.
    pub(super) fn queue(&self, lost_a_host: bool, is_there_on_demand: bool) -> (PriceKind, &str) {
        match self {
            Self::SpotThenOnDemand { on_demand, .. } if lost_a_host && is_there_on_demand => {
                (PriceKind::OnDemand, on_demand)
            }
            Self::OnDemand(queue) => (PriceKind::OnDemand, queue),
            Self::Spot(queue) | Self::SpotThenOnDemand { spot: queue, .. } => (PriceKind::Spot, queue),
        }
    }

    /// Every queue, with blanks filled in for these machines.
    pub(super) fn queues(&self, machines: &[Machine]) -> BTreeSet<String> {
        let names = match self {
            Self::Spot(queue) | Self::OnDemand(queue) => vec![queue],
            Self::SpotThenOnDemand { spot, on_demand } => vec![spot, on_demand],
        };
        let filled = |name: &String| match has_blank(name) {
            false => vec![name.clone()],
            true => machines.iter().map(|machine| queue(name, *machine)).collect(),
        };
        names.into_iter().flat_map(filled).collect()
    }

    /// How often Batch itself starts a job whose host goes. Where on-demand instances wait, spot gets one more try.
    pub(super) const fn attempts(&self) -> i32 {
        match self {
            Self::Spot(_) => 5,
            Self::OnDemand(_) | Self::SpotThenOnDemand { .. } => 2,
        }
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spot(queue) => write!(f, "spot {queue}"),
            Self::OnDemand(queue) => write!(f, "on-demand {queue}"),
            Self::SpotThenOnDemand { spot, on_demand } => {
                write!(f, "spot {spot}, then on-demand {on_demand}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_stays_on_spot_where_its_machine_on_demand_is_not_there() {
        let both = Capacity::SpotThenOnDemand { spot: "s".to_owned(), on_demand: "d".to_owned() };
        assert_eq!(both.queue(false, true), (PriceKind::Spot, "s"));
        assert_eq!(both.queue(true, true), (PriceKind::OnDemand, "d"));
        assert_eq!(both.queue(true, false), (PriceKind::Spot, "s"));
    }
}
