//! **Calibration** corrects a forecast by what was measured before: how many times longer than forecast the first token
//! and the others took, on average, on the same engine, accelerator and precision.
//!
//! The averages are of logarithms, since a forecast is as wrong when it is half as when it is double. A group of few
//! observations is drawn towards the group that it is part of: engine, accelerator and precision towards engine and
//! accelerator, that towards the engine, that towards no correction. So one strange run changes little, and an
//! accelerator nobody has measured still profits from what is known of the engine.
//!
//! What comes out is a forecast still.

use std::collections::BTreeMap;

use domain::{Accelerator, Engine, Load, Quantisation, Workload};

use crate::{Forecast, Setup, forecast};

/// Observations that weigh as much as the group that theirs is part of.
const PRIOR_WEIGHT: f64 = 4.0;

/// Largest factor that one observation counts for: beyond it something else happened than the model knows.
const MOST: f64 = 8.0;

/// A measured run, as far as it is compared with a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Mean time to first token, ms.
    pub ttft_ms: f64,
    /// Mean time per output token, ms. None when answers have one token.
    pub tpot_ms: Option<f64>,
}

/// Corrections learnt from observations. The default corrects nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    by_engine: BTreeMap<Engine, Correction>,
    by_accelerator: BTreeMap<(Engine, Accelerator), Correction>,
    by_precision: BTreeMap<(Engine, Accelerator, Quantisation), Correction>,
}

/// Natural logarithms of measured over forecast.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Correction {
    ttft: f64,
    tpot: f64,
}

/// Sums of logarithms and how many there are.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    ttft: (f64, f64),
    tpot: (f64, f64),
}

impl Sums {
    fn add(&mut self, ratio: &Ratio) {
        self.ttft = (self.ttft.0 + ratio.ttft, self.ttft.1 + 1.0);
        if let Some(tpot) = ratio.tpot {
            self.tpot = (self.tpot.0 + tpot, self.tpot.1 + 1.0);
        }
    }

    /// The mean, drawn towards the one of the group around it.
    fn towards(&self, around: Correction) -> Correction {
        let mean = |(sum, n): (f64, f64), around: f64| (sum + PRIOR_WEIGHT * around) / (n + PRIOR_WEIGHT);
        Correction { ttft: mean(self.ttft, around.ttft), tpot: mean(self.tpot, around.tpot) }
    }
}

struct Ratio {
    ttft: f64,
    tpot: Option<f64>,
}

fn log_ratio(measured: f64, forecast: f64) -> Option<f64> {
    let ratio = measured / forecast;
    (ratio.is_finite() && ratio > 0.0).then(|| ratio.clamp(1.0 / MOST, MOST).ln())
}

impl Calibration {
    /// Learns from runs on setups. Only what was measured on real engines should be given.
    pub fn fit<'a>(runs: impl IntoIterator<Item = (Setup<'a>, &'a Workload, Observation)>) -> Self {
        let mut engines: BTreeMap<Engine, Sums> = BTreeMap::new();
        let mut accelerators: BTreeMap<(Engine, Accelerator), Sums> = BTreeMap::new();
        let mut precisions: BTreeMap<(Engine, Accelerator, Quantisation), Sums> = BTreeMap::new();
        for (setup, workload, seen) in runs {
            let expected = forecast(&setup, workload);
            let Some(ttft) = log_ratio(seen.ttft_ms, expected.ttft_ms) else { continue };
            let tpot = seen.tpot_ms.and_then(|ms| log_ratio(ms, expected.tpot_ms));
            let ratio = Ratio { ttft, tpot };
            let (engine, accelerator) = (setup.engine, setup.hardware.accelerator());
            engines.entry(engine).or_default().add(&ratio);
            accelerators.entry((engine, accelerator)).or_default().add(&ratio);
            precisions.entry((engine, accelerator, setup.quantisation)).or_default().add(&ratio);
        }
        let by_engine: BTreeMap<Engine, Correction> =
            engines.iter().map(|(&key, sums)| (key, sums.towards(Correction::default()))).collect();
        let of_engine = |engine| by_engine.get(&engine).copied().unwrap_or_default();
        let by_accelerator: BTreeMap<(Engine, Accelerator), Correction> =
            accelerators.iter().map(|(&key, sums)| (key, sums.towards(of_engine(key.0)))).collect();
        let of_accelerator =
            |key: &(Engine, Accelerator)| by_accelerator.get(key).copied().unwrap_or_default();
        let by_precision = precisions
            .iter()
            .map(|(&key, sums)| (key, sums.towards(of_accelerator(&(key.0, key.1)))))
            .collect();
        Self { by_engine, by_accelerator, by_precision }
    }

    /// Whether there was anything to learn from.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_engine.is_empty()
    }

    /// The narrowest correction that is known for a setup.
    fn correction(&self, setup: &Setup<'_>) -> Correction {
        let (engine, accelerator) = (setup.engine, setup.hardware.accelerator());
        self.by_precision
            .get(&(engine, accelerator, setup.quantisation))
            .or_else(|| self.by_accelerator.get(&(engine, accelerator)))
            .or_else(|| self.by_engine.get(&engine))
            .copied()
            .unwrap_or_default()
    }

    /// Forecasts a workload on a setup, corrected. In a closed loop the throughput follows from the latency.
    #[must_use]
    pub fn forecast(&self, setup: &Setup<'_>, workload: &Workload) -> Forecast {
        let plain = forecast(setup, workload);
        let correction = self.correction(setup);
        let (ttft_ms, tpot_ms) =
            (plain.ttft_ms * correction.ttft.exp(), plain.tpot_ms * correction.tpot.exp());
        // What is changed is added to the plain latency, which is more than the time to the first token also where an
        // answer has one token.
        let later_tokens = f64::from(workload.output_tokens.get().saturating_sub(1));
        let e2e_ms = plain.e2e_ms + (ttft_ms - plain.ttft_ms) + (tpot_ms - plain.tpot_ms) * later_tokens;
        let faster = match &workload.load {
            Load::ClosedLoop { .. } | Load::Batches { .. } => plain.e2e_ms / e2e_ms,
            // As many finish as arrive, while the server keeps up.
            Load::OpenLoop { .. } | Load::Trace { .. } => 1.0,
        };
        Forecast {
            ttft_ms,
            tpot_ms,
            e2e_ms,
            output_tps: plain.output_tps * faster,
            rps: plain.rps * faster,
            engine_start_s: plain.engine_start_s,
        }
    }
}
