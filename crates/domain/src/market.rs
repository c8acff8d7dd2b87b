//! A **market** is where the machines of jobs are rented: spot, on demand, or whichever of both is cheaper. What it asks for
//! first is what a batch costs by the forecast.

use crate::{JobPlace, PriceKind, known};

/// Where machines are rented.
pub trait Market: Send + Sync {
    /// What the machine of a job is rented as, unless it loses that one or finds none.
    fn first_price(&self, place: JobPlace) -> PriceKind;
}

/// One price for all.
impl Market for PriceKind {
    fn first_price(&self, _: JobPlace) -> PriceKind {
        *self
    }
}

/// Both prices are to be had, and the cheaper one is taken by the price list. That is spot, but for what is sold on spot as a part of a
/// larger machine alone: one H100 is paid as eight there.
#[derive(Debug, Clone, Copy)]
pub struct CheaperOfBoth;

impl Market for CheaperOfBoth {
    fn first_price(&self, place: JobPlace) -> PriceKind {
        let on_demand = |rent: crate::Rent| rent.on_demand.usd_per_hour < rent.spot.usd_per_hour;
        match known::rent_of(place.hardware).is_some_and(on_demand) {
            true => PriceKind::OnDemand,
            false => PriceKind::Spot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;

    #[test]
    fn one_h100_is_cheaper_on_demand_than_eight_on_spot() {
        let first =
            |hardware: &str| CheaperOfBoth.first_price(JobPlace::of(Engine::Vllm, hardware.parse().unwrap()));
        assert_eq!(first("h100x1"), PriceKind::OnDemand);
        assert_eq!(["h100x2", "h100x8", "l4x1", "cpu"].map(first), [PriceKind::Spot; 4]);
        // It needs no GPU, whatever it says that it is on.
        let simulated = JobPlace::of(Engine::Simulated, "h100x1".parse().unwrap());
        assert_eq!(CheaperOfBoth.first_price(simulated), PriceKind::Spot);
    }
}
