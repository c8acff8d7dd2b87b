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

use domain::{Accelerator, Engine, Hardware, Load, Quantisation, Workload};
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// One for each group, the widest groups first.
    corrections: Vec<Grouped>,
    /// Runs that it was learnt from.
    runs: u64,
    /// How far it is off where nothing of the kind was learnt. None when there were too few runs to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<CalibrationError>,
}

/// The correction of a group of setups: those of an engine, of it on an accelerator, or of both at a precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grouped {
    engine: Engine,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accelerator: Option<Accelerator>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantisation: Option<Quantisation>,
    correction: Correction,
}

/// Mean absolute error as a share of what was measured, over runs that were not learnt from: each setup in turn is
/// forecast from all others, or each run where there is one setup.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationError {
    /// Of the time to the first token.
    pub ttft: f64,
    /// Of the time per output token. None when no answer had more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot: Option<f64>,
}

/// Natural logarithms of measured over forecast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
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

/// A run with what the data sheets say of it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    setup: Setup<'a>,
    seen: Observation,
    expected: Forecast,
}

impl Seen<'_> {
    fn ratio(&self) -> Option<Ratio> {
        let ttft = log_ratio(self.seen.ttft_ms, self.expected.ttft_ms)?;
        Some(Ratio { ttft, tpot: self.seen.tpot_ms.and_then(|ms| log_ratio(ms, self.expected.tpot_ms)) })
    }

    /// What tells setups apart. Models that agree in it take as long.
    const fn key(&self) -> (Engine, Hardware, Quantisation, u64, u64) {
        let Setup { architecture, quantisation, hardware, engine, .. } = self.setup;
        (engine, hardware, quantisation, architecture.parameters, architecture.active_parameters)
    }
}

impl Calibration {
    /// Learns from runs on setups. Only what was measured on real engines should be given.
    pub fn fit<'a>(runs: impl IntoIterator<Item = (Setup<'a>, &'a Workload, Observation)>) -> Self {
        let seen = |(setup, workload, seen)| Seen { setup, seen, expected: forecast(&setup, workload) };
        let runs: Vec<Seen<'_>> = runs.into_iter().map(seen).filter(|run| run.ratio().is_some()).collect();
        Self { corrections: corrections(&runs), runs: runs.len() as u64, error: held_out_error(&runs) }
    }

    /// Whether there was nothing to learn from.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.runs == 0
    }

    /// Runs that it was learnt from.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// How far it is off where nothing of the kind was learnt.
    #[must_use]
    pub const fn error(&self) -> Option<CalibrationError> {
        self.error
    }

    /// The narrowest correction that is known for a setup.
    #[must_use]
    pub fn correction(&self, setup: &Setup<'_>) -> Correction {
        correction_of(&self.corrections, setup)
    }

    /// Forecasts a workload on a setup, corrected.
    #[must_use]
    pub fn forecast(&self, setup: &Setup<'_>, workload: &Workload) -> Forecast {
        self.correction(setup).forecast(setup, workload)
    }
}

/// Corrections of every group, the widest first.
fn corrections(runs: &[Seen<'_>]) -> Vec<Grouped> {
    let mut sums: BTreeMap<(Engine, Option<Accelerator>, Option<Quantisation>), Sums> = BTreeMap::new();
    for run in runs {
        let Some(ratio) = run.ratio() else { continue };
        let (engine, accelerator) = (run.setup.engine, run.setup.hardware.accelerator());
        for (accelerator, quantisation) in
            [(None, None), (Some(accelerator), None), (Some(accelerator), Some(run.setup.quantisation))]
        {
            sums.entry((engine, accelerator, quantisation)).or_default().add(&ratio);
        }
    }
    let mut corrections: Vec<Grouped> = Vec::new();
    let mut widest_first: Vec<_> = sums.into_iter().collect();
    widest_first
        .sort_by_key(|((_, accelerator, quantisation), _)| (accelerator.is_some(), quantisation.is_some()));
    for ((engine, accelerator, quantisation), sums) in widest_first {
        let around = corrections.iter().rev().find(|g| {
            accelerator.is_some()
                && g.engine == engine
                && g.quantisation.is_none()
                && (g.accelerator.is_none() || (quantisation.is_some() && g.accelerator == accelerator))
        });
        let correction = sums.towards(around.map_or_else(Correction::default, |g| g.correction));
        corrections.push(Grouped { engine, accelerator, quantisation, correction });
    }
    corrections
}

fn correction_of(corrections: &[Grouped], setup: &Setup<'_>) -> Correction {
    let accelerator = setup.hardware.accelerator();
    let covers = |g: &&Grouped| {
        g.engine == setup.engine
            && g.accelerator.is_none_or(|a| a == accelerator)
            && g.quantisation.is_none_or(|q| q == setup.quantisation)
    };
    corrections.iter().rev().find(covers).map_or_else(Correction::default, |g| g.correction)
}

/// The error over runs that were kept apart. At most ten times something is kept apart.
fn held_out_error(runs: &[Seen<'_>]) -> Option<CalibrationError> {
    const MOST_FOLDS: usize = 10;
    let mut setups: Vec<_> = runs.iter().map(Seen::key).collect();
    setups.sort_unstable();
    setups.dedup();
    let several = setups.len() > 1;
    let group = |(at, run): (usize, &Seen<'_>)| {
        if several { setups.binary_search(&run.key()).unwrap_or_default() } else { at }
    };
    let groups: Vec<usize> = runs.iter().enumerate().map(group).collect();
    let folds = groups.iter().max().map_or(0, |most| most + 1).min(MOST_FOLDS);
    if folds < 2 {
        return None;
    }
    let (mut ttft, mut tpot) = (Vec::new(), Vec::new());
    for fold in 0..folds {
        let in_fold = |at: usize| groups[at] % folds == fold;
        let others: Vec<Seen<'_>> =
            runs.iter().enumerate().filter(|(at, _)| !in_fold(*at)).map(|(_, run)| *run).collect();
        let learnt = corrections(&others);
        for (_, run) in runs.iter().enumerate().filter(|(at, _)| in_fold(*at)) {
            let correction = correction_of(&learnt, &run.setup);
            let off = |forecast: f64, log: f64, measured: f64| (forecast * log.exp() / measured - 1.0).abs();
            ttft.push(off(run.expected.ttft_ms, correction.ttft, run.seen.ttft_ms));
            tpot.extend(run.seen.tpot_ms.map(|ms| off(run.expected.tpot_ms, correction.tpot, ms)));
        }
    }
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    Some(CalibrationError { ttft: mean(&ttft), tpot: (!tpot.is_empty()).then(|| mean(&tpot)) })
}

impl Correction {
    /// Forecasts a workload on a setup, corrected. In a closed loop the throughput follows from the latency.
    #[must_use]
    pub fn forecast(&self, setup: &Setup<'_>, workload: &Workload) -> Forecast {
        let plain = forecast(setup, workload);
        let (ttft_ms, tpot_ms) = (plain.ttft_ms * self.ttft.exp(), plain.tpot_ms * self.tpot.exp());
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
