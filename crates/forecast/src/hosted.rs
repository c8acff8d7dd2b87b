//! A **hosted** model tells nothing of its machines, so that its speed is not computed but taken from what such services
//! usually show. It decides how long a campaign is thought to take, and nothing else: what it costs follows from tokens.

use domain::{Load, TokenRate, TokensSold, Workload};

use crate::Forecast;
use crate::closed_loop::turns;

/// Usual time to the first token, ms.
const TTFT_MS: f64 = 700.0;

/// Usual time per output token, ms: 60 tokens per second.
const TPOT_MS: f64 = 16.0;

/// Prompts that calibration sends, in prompts of the length asked for: two of about an eighth and three eighths of it, and
/// two of its length.
const CALIBRATION_PROMPTS: f64 = 2.5;

/// Answer tokens of calibration: four answers of 16, and one that the service is asked for before.
const CALIBRATION_ANSWER_TOKENS: f64 = 80.0;

/// What a workload on a hosted model should yield.
#[must_use]
pub fn hosted_forecast(workload: &Workload) -> Forecast {
    let output_tokens = f64::from(workload.output_tokens.get());
    let e2e_ms = TTFT_MS + TPOT_MS * (output_tokens - 1.0);
    let rps = match &workload.load {
        Load::ClosedLoop { concurrency } | Load::Batches { size: concurrency } => {
            f64::from(concurrency.get()) * 1e3 / e2e_ms
        }
        Load::OpenLoop { rate_rps, .. } => rate_rps.mean_rps() * turns(workload),
        Load::Trace { rate_rps, .. } => rate_rps.rps(),
    };
    Forecast {
        ttft_ms: TTFT_MS,
        tpot_ms: TPOT_MS,
        e2e_ms,
        output_tps: rps * output_tokens,
        rps,
        engine_start_s: 0.0,
    }
}

/// USD of one trial: every prompt and every answer at its length, those of warm-up and calibration among them. No prompt is
/// taken to be answered by a cache.
#[must_use]
pub fn trial_usd(workload: &Workload, requests: u32, warm_up: u32, rate: &TokenRate) -> f64 {
    let forecast = hosted_forecast(workload);
    // Those under way are as many: each slot has one before the measured ones, and the load is kept up after them.
    let under_way = match &workload.load {
        Load::ClosedLoop { concurrency } | Load::Batches { size: concurrency } => {
            f64::from(concurrency.get())
        }
        Load::OpenLoop { .. } | Load::Trace { .. } => forecast.rps * forecast.e2e_ms / 1e3,
    };
    let warm_up = f64::from(forecast.warm_up(workload, warm_up)).max(under_way);
    let sent = f64::from(requests) + warm_up + under_way;
    let tokens = TokensSold {
        input: ((sent + CALIBRATION_PROMPTS) * workload.prompt_tokens() as f64).ceil() as u64,
        cached_input: 0,
        output: (sent * f64::from(workload.output_tokens.get()) + CALIBRATION_ANSWER_TOKENS).ceil() as u64,
    };
    rate.usd_per_mtok.usd(&tokens)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use domain::workload::Protocol;
    use domain::{TokenPrice, UseCase, Variety};

    use super::*;

    #[test]
    fn a_trial_costs_its_tokens() {
        let n = |n| NonZeroU32::new(n).unwrap();
        let workload = Workload {
            use_case: UseCase::Chatbot,
            input_tokens: n(1000),
            output_tokens: n(500),
            load: Load::ClosedLoop { concurrency: n(4) },
            protocol: Protocol::Chat,
            variety: Variety::default(),
        };
        let usd_per_mtok = TokenPrice { input: 2.0, cached_input: None, output: 8.0 };
        let rate = TokenRate { usd_per_mtok, listed: None };
        let usd = trial_usd(&workload, 90, 10, &rate);
        assert!((usd - (106.5 * 1000.0 * 2.0 + (104.0 * 500.0 + 80.0) * 8.0) / 1e6).abs() < 1e-9, "{usd}");
        let forecast = hosted_forecast(&workload);
        assert!((forecast.rps - 4.0 / (forecast.e2e_ms / 1e3)).abs() < 1e-9);
    }
}
