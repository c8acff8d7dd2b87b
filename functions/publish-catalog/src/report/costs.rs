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
    /// Tokens of hosted models, those of warm-up and lost work among them, USD.
    pub tokens_usd: f64,
    /// The same in hours of all machines together.
    pub hours: f64,
    /// Of these, lost.
    pub lost_hours: f64,
    /// Results without a price of their hardware or their tokens. Their time is in the hours alone.
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
        let tokens = |r: &BenchmarkResult| Some(r.token_rate?.usd_per_mtok.usd(r.tokens_sold.as_ref()?));
        let tokens_usd: f64 = results.iter().filter_map(tokens).sum();
        let rented = sum(|charged| charged.hours() * 3600.0);
        Self {
            usd: AtPrice { spot: rented.spot + tokens_usd, on_demand: rented.on_demand + tokens_usd },
            tokens_usd,
            engine_start_usd: sum(|charged| charged.engine_start_s),
            warm_up_usd: sum(|charged| charged.warm_up_s),
            window_usd: sum(|charged| charged.window_s),
            lost_usd: sum(|charged| charged.lost_s),
            hours: results.iter().map(|result| result.charged.hours()).sum(),
            lost_hours: results.iter().map(|result| result.charged.lost_s).sum::<f64>() / 3600.0,
            unpriced: results.iter().filter(|r| r.rent.is_none() && tokens(r).is_none()).count(),
        }
    }
}
