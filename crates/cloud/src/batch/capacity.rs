//! **Capacity**: which job queues there are, by what their hosts cost and whether EC2 may want them back.

use std::collections::BTreeSet;
use std::fmt;

use domain::{CheaperOfBoth, JobPlace, Market, PriceKind};

use super::blanks::{has_blank, queue};
use super::machine::Machine;

/// The job queues. A queue is of spot instances or not by its compute environment, which the deployment made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Capacity {
    /// Spot instances alone.
    Spot(String),
    /// On-demand instances alone.
    OnDemand(String),
    /// Spot instances, until a batch loses its host on them or finds none: then on-demand instances. What is cheaper on demand
    /// ([`CheaperOfBoth`]) is there from the first.
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

    /// What a job is rented at first: of both queues the cheaper machine's price, where there is that machine. Where names have
    /// no blanks, all machines are in them.
    pub(crate) fn first_price(&self, place: JobPlace, machines: &[Machine]) -> PriceKind {
        match self {
            Self::Spot(_) => PriceKind::Spot,
            Self::OnDemand(_) => PriceKind::OnDemand,
            Self::SpotThenOnDemand { .. } => match CheaperOfBoth.first_price(place) {
                PriceKind::OnDemand if is_there_on_demand(place, machines) => PriceKind::OnDemand,
                _ => PriceKind::Spot,
            },
        }
    }

    /// What the next job of a batch is rented at, by whether an earlier one lost its host or found none.
    pub(super) fn price(&self, place: JobPlace, machines: &[Machine], lost_a_host: bool) -> PriceKind {
        match self {
            Self::SpotThenOnDemand { .. } if lost_a_host && is_there_on_demand(place, machines) => {
                PriceKind::OnDemand
            }
            _ => self.first_price(place, machines),
        }
    }

    /// The queue of machines at a price.
    pub(super) fn queue(&self, price: PriceKind) -> &str {
        match (self, price) {
            (Self::Spot(queue) | Self::OnDemand(queue), _)
            | (Self::SpotThenOnDemand { spot: queue, .. }, PriceKind::Spot)
            | (Self::SpotThenOnDemand { on_demand: queue, .. }, PriceKind::OnDemand) => queue,
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

/// Whether there is a queue for the machine that a job would have on demand, which may be another than on spot.
fn is_there_on_demand(place: JobPlace, machines: &[Machine]) -> bool {
    let on_demand = Machine::of(place.hardware, PriceKind::OnDemand);
    machines.is_empty() || on_demand.is_none_or(|machine| machines.contains(&machine))
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
    use domain::Engine;

    use super::*;

    #[test]
    fn a_batch_goes_on_demand_where_that_is_cheaper_or_its_host_was_lost_and_its_machine_is_there() {
        let both = Capacity::SpotThenOnDemand { spot: "s".to_owned(), on_demand: "d".to_owned() };
        let price = |hardware: &str, machines: &[Machine], lost_a_host| {
            let place = JobPlace::of(Engine::Vllm, hardware.parse().unwrap());
            let price = both.price(place, machines, lost_a_host);
            (price, both.queue(price).to_owned())
        };
        let (spot, on_demand) = ((PriceKind::Spot, "s".to_owned()), (PriceKind::OnDemand, "d".to_owned()));
        let named =
            |names: &[&str]| names.iter().map(|name| Machine::named(name).unwrap()).collect::<Vec<_>>();
        let (large, all) = (named(&["p5.48xlarge"]), named(&["p5.4xlarge", "p5.48xlarge"]));
        for machines in [&all[..], &[]] {
            assert_eq!(price("h100x8", machines, false), spot);
            assert_eq!(price("h100x8", machines, true), on_demand);
            assert_eq!(price("h100x1", machines, false), on_demand);
            assert_eq!(price("h100x1", machines, true), on_demand);
        }
        // Eight for one, since there is no other.
        assert_eq!(price("h100x1", &large, false), spot);
        assert_eq!(price("h100x1", &large, true), spot);
    }
}
