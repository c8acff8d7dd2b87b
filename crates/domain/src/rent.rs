//! A **rent** is what a hardware config costs as clouds bill it: by whole machines. Many GPUs are sold by eight only, so
//! that two of them are paid as eight, and four servers of two share one bill.
//!
//! Two figures follow. What is paid each hour is that of whole machines: [`Machine::whole_machines`]. What a token costs
//! is reckoned at a server's share of a machine that is full of such servers: [`Rent::share`].

use std::num::NonZeroU32;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{HourlyPrice, PriceKind};

/// What one server of a hardware config is rented as, at both prices. The machines may differ: not every type is sold
/// on the spot market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rent {
    /// Without commitment.
    pub on_demand: Machine,
    /// On the spot market.
    pub spot: Machine,
}

/// A machine that is rented as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// USD per hour of all of it.
    pub usd_per_hour: f64,
    /// How many servers of the hardware config it has GPUs for.
    pub servers: NonZeroU32,
    /// Where the price is from. Absent where a spec stated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listing>,
}

/// An entry of a price list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The type of the machine: `p5.48xlarge`.
    pub instance_type: String,
    /// The region that the price holds in.
    pub region: String,
    /// The day it was read.
    pub date: NaiveDate,
}

impl Rent {
    /// A price that a spec states for one server: a machine of its own.
    #[must_use]
    pub fn stated(price: HourlyPrice) -> Self {
        let machine = |usd_per_hour| Machine { usd_per_hour, servers: NonZeroU32::MIN, listed: None };
        Self { on_demand: machine(price.on_demand), spot: machine(price.spot) }
    }

    /// Whether a spec stated it, and no list.
    #[must_use]
    pub const fn is_stated(&self) -> bool {
        self.spot.listed.is_none() && self.on_demand.listed.is_none()
    }

    /// The machine at a kind of price.
    #[must_use]
    pub const fn at(&self, kind: PriceKind) -> &Machine {
        match kind {
            PriceKind::Spot => &self.spot,
            PriceKind::OnDemand => &self.on_demand,
        }
    }

    /// The price of the whole machine: what one server costs that is rented alone.
    #[must_use]
    pub const fn whole(&self) -> HourlyPrice {
        HourlyPrice { on_demand: self.on_demand.usd_per_hour, spot: self.spot.usd_per_hour }
    }

    /// The price of one server's share of a machine that is full of such servers.
    #[must_use]
    pub fn share(&self) -> HourlyPrice {
        HourlyPrice { on_demand: self.on_demand.share(), spot: self.spot.share() }
    }
}

impl Machine {
    /// USD per hour of one server's share of a machine that is full of such servers.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.usd_per_hour / f64::from(self.servers.get())
    }

    /// Machines that so many servers are paid as.
    #[must_use]
    pub const fn whole_machines(&self, servers: u64) -> u64 {
        servers.div_ceil(self.servers.get() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_paid_as_whole_machines() {
        let machine = Machine { usd_per_hour: 55.04, servers: NonZeroU32::new(4).unwrap(), listed: None };
        assert_eq!([1, 4, 5, 8, 9].map(|servers| machine.whole_machines(servers)), [1, 1, 2, 2, 3]);
        assert_eq!(machine.share(), 13.76);
    }

    #[test]
    fn a_stated_price_is_of_one_server() {
        let price = HourlyPrice { on_demand: 3.6, spot: 1.8 };
        let rent = Rent::stated(price);
        assert!(rent.is_stated());
        assert_eq!((rent.whole(), rent.share()), (price, price));
    }
}
