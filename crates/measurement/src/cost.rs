//! **Cost** is USD per million output tokens, at the spot and at the on-demand price.

use domain::metrics::AtPrice;
use domain::result::ChargedTime;
use domain::{HourlyPrice, TokenPrice, TokensSold};

/// Tokens that the price is for.
const MILLION: f64 = 1e6;
/// Seconds in an hour.
const SECONDS_PER_HOUR: f64 = 3600.0;

/// What this measurement cost: every charged second (engine start, warm-up, window, lost work) over the
/// output tokens it yielded. None without tokens.
#[must_use]
pub fn cost_per_mtok(price: &HourlyPrice, charged: &ChargedTime, output_tokens: u64) -> Option<AtPrice> {
    per_mtok(price, charged.hours() / (output_tokens as f64 / MILLION))
}

/// What steady serving at this load costs: price per hour over the tokens of an hour. None when nothing is
/// served.
#[must_use]
pub fn serving_cost_per_mtok(price: &HourlyPrice, output_tps: f64) -> Option<AtPrice> {
    per_mtok(price, MILLION / (output_tps * SECONDS_PER_HOUR))
}

/// What a million output tokens of a hosted model cost, the input that they were made from among it: the price of all tokens
/// over those of answers. Tokens have one price, whenever they are bought. None without answers.
#[must_use]
pub fn token_cost_per_mtok(price: &TokenPrice, sold: &TokensSold, output_tokens: u64) -> Option<AtPrice> {
    let usd = price.usd(sold) / (output_tokens as f64 / MILLION);
    usd.is_finite().then_some(AtPrice { spot: usd, on_demand: usd })
}

fn per_mtok(price: &HourlyPrice, hours_per_mtok: f64) -> Option<AtPrice> {
    let usable = hours_per_mtok.is_finite() && hours_per_mtok >= 0.0;
    usable
        .then_some(AtPrice { spot: price.spot * hours_per_mtok, on_demand: price.on_demand * hours_per_mtok })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: HourlyPrice = HourlyPrice { on_demand: 3.6, spot: 1.8 };

    #[test]
    fn all_charged_time_is_paid() {
        let charged = ChargedTime { engine_start_s: 60.0, warm_up_s: 20.0, window_s: 15.0, lost_s: 5.0 };
        let cost = cost_per_mtok(&PRICE, &charged, 100_000).unwrap();
        assert!((cost.on_demand - 1.0).abs() < 1e-12 && (cost.spot - 0.5).abs() < 1e-12);
        assert!(cost_per_mtok(&PRICE, &charged, 0).is_none());
    }

    #[test]
    fn input_is_part_of_what_output_costs() {
        let price = TokenPrice { input: 2.0, cached_input: Some(0.5), output: 8.0 };
        let sold = TokensSold { input: 3_000, cached_input: 1_000, output: 1_000 };
        let cost = token_cost_per_mtok(&price, &sold, 1_000).unwrap();
        assert!((cost.spot - (2.0 * 2.0 + 0.5 + 8.0)).abs() < 1e-9 && cost.spot == cost.on_demand);
        assert!(token_cost_per_mtok(&price, &sold, 0).is_none());
    }

    #[test]
    fn serving_cost_depends_on_throughput_alone() {
        let cost = serving_cost_per_mtok(&PRICE, 1_000.0).unwrap();
        assert!((cost.on_demand - 1.0).abs() < 1e-12);
        assert!(serving_cost_per_mtok(&PRICE, 0.0).is_none());
    }
}
