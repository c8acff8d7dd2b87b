//! What a **closed loop** of requests sees of a server: a fixed number in flight, each followed at once by the
//! next.

use domain::Workload;
use serde::{Deserialize, Serialize};

use crate::engine::start_s;
use crate::memory::weights_bytes;
use crate::{ServerModel, Setup};

/// What a configuration should yield. `Provenance::Forecast` wherever it is stored or shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// Mean time to first token, ms.
    pub ttft_ms: f64,
    /// Mean time per output token after the first, ms.
    pub tpot_ms: f64,
    /// Mean end-to-end latency, ms.
    pub e2e_ms: f64,
    /// Output tokens per second of the whole server.
    pub output_tps: f64,
    /// Finished requests per second.
    pub rps: f64,
    /// Seconds from the start of the engine to the first request.
    pub engine_start_s: f64,
}

impl Forecast {
    /// Seconds to measure a configuration on a server that is up: warm-up, the measured requests, and the
    /// latency of the last one.
    #[must_use]
    pub fn run_s(&self, requests: u32, warm_up: u32) -> f64 {
        (f64::from(requests) + f64::from(warm_up)) / self.rps + self.e2e_ms / 1e3
    }
}

/// Forecasts a workload on a setup.
///
/// With `r` sequences running, every request costs the server its own prefill `p` and a share of its decode
/// steps: `p + o * step(r) / r`. So `r p + o step(r)` pass from admission to end, throughput is `r` over that,
/// and Little's law gives the end-to-end latency of all in flight, those that wait for a place included.
/// A first token waits for the step in progress (half of one, on average), for prompts ahead of it (an M/D/1
/// queue, and never more than all of the others) and for its own prefill.
#[must_use]
pub fn forecast(setup: &Setup<'_>, workload: &Workload) -> Forecast {
    let model = ServerModel::of(setup, workload.input_tokens.get(), workload.concurrency());
    let weights = weights_bytes(setup.architecture, setup.quantisation, setup.engine);
    let (input, output) = (f64::from(workload.input_tokens.get()), f64::from(workload.output_tokens.get()));
    let in_flight = f64::from(workload.concurrency());
    let running = in_flight.min(f64::from(model.max_num_seqs));

    let step = model.step_ms(running, input + output / 2.0);
    // Prefill rides along with a step, so only what exceeds the step's base is its own.
    let prefill = input / model.prefill_tokens_per_s * 1e3;
    let admitted = running * prefill + output * step;
    let per_ms = running / admitted;
    let e2e = in_flight / per_ms;

    let busy = (per_ms * prefill).min(1.0);
    let others = (running - 1.0) * prefill;
    let behind = if busy < 1.0 { (prefill * busy / (2.0 * (1.0 - busy))).min(others) } else { others };
    let half_step = if running > 1.0 { step / 2.0 } else { 0.0 };
    let ttft = (e2e - admitted) + half_step + behind + model.prefill_ms(input);
    let ttft = ttft.min(e2e);
    let tpot = if output > 1.0 { (e2e - ttft) / (output - 1.0) } else { step };
    Forecast {
        ttft_ms: ttft,
        tpot_ms: tpot,
        e2e_ms: e2e,
        output_tps: per_ms * 1e3 * output,
        rps: per_ms * 1e3,
        engine_start_s: start_s(setup.engine, weights),
    }
}
