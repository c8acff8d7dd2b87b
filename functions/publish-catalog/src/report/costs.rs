//! The **costs** of a campaign: what the time that its results are charged with costs on whole machines.

use domain::BenchmarkResult;
use domain::metrics::AtPrice;
use domain::result::ChargedTime;
use serde::Serialize;

/// What was charged, in parts. Trials that failed have no result, and what they took is not in here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Costs {
    /// All of it, USD.
    pub usd: AtPrice,
    /// Engine starts, USD.
    pub engine_start_usd: AtPrice,
    /// Warm-up and drain, USD.
    pub warm_up_usd: AtPrice,
    /// Measured windows, USD.
    pub window_usd: AtPrice,
    /// Work that was lost to interruptions and done again, USD.
    pub lost_usd: AtPrice,
    /// The same in hours of all machines together.
    pub hours: f64,
    /// Of these, lost.
    pub lost_hours: f64,
    /// Results on hardware that has no price. Their time is in the hours alone.
    pub unpriced: usize,
}

impl Costs {
    /// Those of results, at the prices of the day on which each was measured.
    #[must_use]
    pub fn of(results: &[BenchmarkResult]) -> Self {
        let sum = |seconds: fn(&ChargedTime) -> f64| {
            let mut usd = AtPrice { spot: 0.0, on_demand: 0.0 };
            for result in results {
                let Some(rent) = &result.rent else { continue };
                let hours = seconds(&result.charged) / 3600.0;
                usd.spot += hours * rent.whole().spot;
                usd.on_demand += hours * rent.whole().on_demand;
            }
            usd
        };
        Self {
            usd: sum(|charged| charged.hours() * 3600.0),
            engine_start_usd: sum(|charged| charged.engine_start_s),
            warm_up_usd: sum(|charged| charged.warm_up_s),
            window_usd: sum(|charged| charged.window_s),
            lost_usd: sum(|charged| charged.lost_s),
            hours: results.iter().map(|result| result.charged.hours()).sum(),
            lost_hours: results.iter().map(|result| result.charged.lost_s).sum::<f64>() / 3600.0,
            unpriced: results.iter().filter(|result| result.rent.is_none()).count(),
        }
    }
}
