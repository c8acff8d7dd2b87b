//! What a **closed loop** of requests sees of a server: a fixed number in flight, each followed at once by the
//! next; and, through it, what an open loop sees.

use domain::{Load, Workload};
use serde::{Deserialize, Serialize};

use crate::engine::{efficiency, start_s, step_limits};
use crate::footprint::places;
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

impl Forecast {
    /// Requests before the measured ones: as many as were asked for, and where there are conversations as many as it
    /// takes until as many are over as are under way.
    #[must_use]
    pub fn warm_up(&self, workload: &Workload, asked: u32) -> u32 {
        let Some(conversation) = workload.variety.conversation else { return asked };
        let turns = turns(workload);
        let mixing = match &workload.load {
            // The first of each slot ends after any of its turns.
            Load::ClosedLoop { concurrency } => f64::from(concurrency.get()) * f64::midpoint(turns, 1.0),
            // Twice as long as one takes; at first few are under way.
            Load::OpenLoop { .. } => {
                let one_s = turns * self.e2e_ms / 1e3 + (turns - 1.0) * conversation.think_time.mean_s();
                1.5 * one_s * self.rps
            }
            Load::Trace { .. } | Load::Batches { .. } => 0.0,
        };
        asked.max(mixing.ceil() as u32)
    }
}

/// Forecasts a workload on a setup.
///
/// An open loop is forecast as the closed loop in which as many requests finish per second as arrive: by
/// Little's law as many are in flight. When more arrive than the server can finish, it is forecast as a server
/// whose every place is taken; what waits in front of it grows for as long as the load lasts. A rate that changes
/// is forecast at its mean, lengths that vary at theirs, and a batch as a closed loop of its size.
///
/// Of conversations every turn is forecast with the mean prompt, processed whole: what a prefix cache saves is not
/// known before. A rate is of conversations, each of the mean number of turns. In a closed loop those who think are not
/// in flight.
#[must_use]
pub fn forecast(setup: &Setup<'_>, workload: &Workload) -> Forecast {
    let prompt_tokens = workload.prompt_tokens();
    let mut model =
        ServerModel::of(setup, u32::try_from(prompt_tokens).unwrap_or(u32::MAX), workload.slots());
    // A sequence has on average half of its answer behind it. What does not fit waits for a place.
    let tokens = prompt_tokens + u64::from(workload.output_tokens.get() / 2);
    let limits = step_limits(setup.engine, setup.hardware, workload.slots());
    if let Some(fitting) = places(setup, limits, tokens) {
        model.max_num_seqs = model.max_num_seqs.min(fitting).max(1);
    }
    let rate_rps = match &workload.load {
        Load::ClosedLoop { concurrency: in_flight } | Load::Batches { size: in_flight } => {
            return with_thinkers(f64::from(in_flight.get()), &model, setup, workload);
        }
        Load::OpenLoop { rate_rps, .. } => rate_rps.mean_rps() * turns(workload),
        Load::Trace { rate_rps, .. } => rate_rps.rps(),
    };
    let in_flight = in_flight_at(rate_rps, &model, setup, workload);
    let busy = with_in_flight(in_flight, &model, setup, workload);
    // No more finish than arrive.
    let rps = busy.rps.min(rate_rps);
    Forecast { rps, output_tps: rps * f64::from(workload.output_tokens.get()), ..busy }
}

/// Requests of a conversation, in the mean.
pub(crate) fn turns(workload: &Workload) -> f64 {
    workload.variety.conversation.map_or(1.0, |conversation| f64::from(conversation.turns.mean().get()))
}

/// So many who each wait for an answer or think. By Little's law as many as finish in a second times the mean thought
/// are thinking; nobody does between conversations.
fn with_thinkers(all: f64, model: &ServerModel, setup: &Setup<'_>, workload: &Workload) -> Forecast {
    let think_s = workload.variety.conversation.map_or(0.0, |of| of.think_time.mean_s());
    let think_s = think_s * (1.0 - 1.0 / turns(workload));
    let with = |in_flight: f64| with_in_flight(in_flight, model, setup, workload);
    if think_s <= 0.0 {
        return with(all);
    }
    let alone = with(1.0);
    if 1.0 + alone.rps * think_s >= all {
        // Mostly nobody is in flight, and whoever is has the server for himself.
        let rps = all / (alone.e2e_ms / 1e3 + think_s);
        return Forecast { rps, output_tps: rps * f64::from(workload.output_tokens.get()), ..alone };
    }
    let (mut low, mut high) = (1.0, all);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if middle + with(middle).rps * think_s < all { low = middle } else { high = middle }
    }
    with(high)
}

/// Requests in flight, at least one, at which a server finishes so many per second; all of its places when it
/// never does.
fn in_flight_at(rps: f64, model: &ServerModel, setup: &Setup<'_>, workload: &Workload) -> f64 {
    let (mut low, mut high) = (1.0, f64::from(model.max_num_seqs).max(1.0));
    // More in flight finish more: halving ends far below a thousandth of a request.
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if with_in_flight(middle, model, setup, workload).rps < rps { low = middle } else { high = middle }
    }
    high
}

/// With `r` sequences running, every request costs the server its own prefill `p` and a share of its decode
/// steps: `p + o * step(r) / r`. So `r p + o step(r)` pass from admission to end, and of more in flight than there are
/// places each waits in proportion. Little's law gives the throughput.
/// A first token waits for the step in progress (half of one, on average), for prompts ahead of it (an M/D/1
/// queue, and never more than all of the others), for its own prefill and for the server around the engine.
fn with_in_flight(in_flight: f64, model: &ServerModel, setup: &Setup<'_>, workload: &Workload) -> Forecast {
    let weights = weights_bytes(setup.architecture, setup.quantisation, setup.engine);
    let (input, output) = (workload.prompt_tokens() as f64, f64::from(workload.output_tokens.get()));
    let running = in_flight.min(f64::from(model.max_num_seqs));

    let step = model.step_ms(running, input + output / 2.0);
    // Prefill rides along with a step, so only what exceeds the step's base is its own.
    let prefill = input / model.prefill_tokens_per_s * 1e3;
    let admitted = running * prefill + output * step;
    let first_token = efficiency(setup.engine).first_token_ms;
    let e2e = admitted * in_flight / running + first_token;
    let per_ms = in_flight / e2e;

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
