//! The forecast of speeds against published measurements.
//!
//! `data/measured_speeds.csv` holds figures of InferenceX (SemiAnalysis, <https://inferencex.semianalysis.com>, and for Qwen3
//! 32B a run of the same kind), as tabulated in <https://github.com/ai-dynamo/aiconfigurator> (`systems/silicon_sample.csv` at
//! 095f58a; medians over repeated runs; read 2026-11-24): a closed loop of ten times as many requests as there are in flight,
//! all started at once and all counted.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;

use domain::known::MODELS;
use domain::workload::Protocol;
use domain::{Accelerator, Architecture, Hardware, Load, Quantisation, UseCase, Workload};
use forecast::{Calibration, Forecast, Observation, ServerModel, Setup, forecast};

/// Requests over requests in flight.
const WAVES: f64 = 10.0;

/// The factors of the engines were fitted to these; the others were kept apart.
const FITTED: [(&str, Accelerator); 4] = [
    ("llama-3.1-70b-instruct", Accelerator::H200),
    ("qwen3-32b", Accelerator::H100),
    ("gpt-oss-120b", Accelerator::H100),
    ("deepseek-r1", Accelerator::H200),
];

struct Row {
    model: String,
    setup: Setup<'static>,
    workload: Workload,
    ttft_ms: f64,
    tpot_ms: f64,
}

impl Row {
    fn is_fitted(&self) -> bool {
        FITTED.contains(&(self.model.as_str(), self.setup.hardware.accelerator()))
    }

    /// The first wave starts at once, so that its requests wait for each other's prompts; a window without the start
    /// would not see that.
    fn start_burst_ms(&self) -> f64 {
        let (input, slots) = (self.workload.input_tokens.get(), self.workload.slots());
        let prompt_ms =
            f64::from(input) / ServerModel::of(&self.setup, input, slots).prefill_tokens_per_s * 1e3;
        f64::from(slots - 1) / 2.0 * prompt_ms / WAVES
    }

    /// Logarithms of forecast over measured.
    fn errors(&self, f: &Forecast) -> (f64, f64) {
        (((f.ttft_ms + self.start_burst_ms()) / self.ttft_ms).ln(), (f.tpot_ms / self.tpot_ms).ln())
    }
}

fn rows() -> Vec<Row> {
    let row = |line: &str| {
        let [model, precision, hardware, engine, input, output, concurrency, ttft, tpot] =
            line.split(',').collect::<Vec<_>>().try_into().unwrap();
        let architecture: &'static Architecture = &MODELS[&model.parse().unwrap()].architecture;
        let quantisation: Quantisation = serde_json::from_value(precision.into()).unwrap();
        let hardware: Hardware = hardware.parse().unwrap();
        let engine = serde_json::from_value(engine.into()).unwrap();
        Row {
            model: model.to_owned(),
            setup: Setup { architecture, quantisation, weights_only: false, hardware, engine },
            workload: Workload {
                use_case: UseCase::Chatbot,
                input_tokens: input.parse().unwrap(),
                output_tokens: output.parse().unwrap(),
                load: Load::ClosedLoop { concurrency: concurrency.parse().unwrap() },
                protocol: Protocol::Completions,
                variety: domain::Variety::default(),
            },
            ttft_ms: ttft.parse().unwrap(),
            tpot_ms: tpot.parse().unwrap(),
        }
    };
    include_str!("data/measured_speeds.csv").lines().skip(1).map(row).collect()
}

/// Mean absolute errors, as shares, of TTFT and TPOT.
fn mean_error(errors: &[(f64, f64)]) -> (f64, f64) {
    let mean = |part: fn(&(f64, f64)) -> f64| {
        errors.iter().map(|e| (part(e).exp() - 1.0).abs()).sum::<f64>() / errors.len() as f64
    };
    (mean(|e| e.0), mean(|e| e.1))
}

#[test]
fn speeds_are_near_what_was_measured() {
    let mut groups: BTreeMap<(bool, String, String), Vec<(f64, f64)>> = BTreeMap::new();
    let (mut fitted, mut apart) = (vec![], vec![]);
    for row in rows() {
        let errors = row.errors(&forecast(&row.setup, &row.workload));
        if row.is_fitted() {
            fitted.push(errors);
        } else {
            apart.push(errors);
        }
        let hardware = row.setup.hardware.to_string();
        groups.entry((!row.is_fitted(), row.model, hardware)).or_default().push(errors);
    }
    for ((apart, model, hardware), errors) in &groups {
        let (ttft, tpot) = mean_error(errors);
        let kept = if *apart { "apart" } else { "fitted" };
        println!("{kept:6} {model:24} {hardware:6} TTFT {:3.0} %  TPOT {:3.0} %", 100.0 * ttft, 100.0 * tpot);
    }
    let ((fitted_ttft, fitted_tpot), (ttft, tpot)) = (mean_error(&fitted), mean_error(&apart));
    println!("{} fitted: TTFT {:.0} %, TPOT {:.0} %", fitted.len(), 100.0 * fitted_ttft, 100.0 * fitted_tpot);
    println!("{} kept apart: TTFT {:.0} %, TPOT {:.0} %", apart.len(), 100.0 * ttft, 100.0 * tpot);
    assert!(apart.len() >= 20 && fitted_tpot < 0.08 && tpot < 0.12 && ttft < 0.35, "{ttft} {tpot}");
}

/// Learning from every second row makes the forecast of the others better.
#[test]
fn calibration_helps_where_it_has_not_looked() {
    let rows = rows();
    let (learnt, kept): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(|(i, _)| i % 2 == 0);
    let calibration = Calibration::fit(learnt.iter().map(|(_, row)| {
        let steady = (row.ttft_ms - row.start_burst_ms()).max(1.0);
        (row.setup, &row.workload, Observation { ttft_ms: steady, tpot_ms: Some(row.tpot_ms) })
    }));
    let error = |forecast: &dyn Fn(&Row) -> Forecast| {
        mean_error(&kept.iter().map(|(_, row)| row.errors(&forecast(row))).collect::<Vec<_>>())
    };
    let plain = error(&|row| forecast(&row.setup, &row.workload));
    let calibrated = error(&|row| calibration.forecast(&row.setup, &row.workload));
    println!(
        "{} rows kept apart: TTFT {:.0} -> {:.0} %, TPOT {:.0} -> {:.0} %",
        kept.len(),
        100.0 * plain.0,
        100.0 * calibrated.0,
        100.0 * plain.1,
        100.0 * calibrated.1
    );
    assert!(calibrated.0 < plain.0 && calibrated.1 < plain.1, "{plain:?} {calibrated:?}");
    // What it says of itself is about setups that it has not seen at all, and so no better than this.
    let told = calibration.error().unwrap();
    println!("told: TTFT {:.0} %, TPOT {:.0} %", 100.0 * told.ttft, 100.0 * told.tpot.unwrap());
    assert!(told.ttft > 0.5 * calibrated.0 && told.ttft < 1.0, "{told:?}");
    assert!(told.tpot.is_some_and(|tpot| tpot > 0.5 * calibrated.1 && tpot < 0.5), "{told:?}");
    assert_eq!(calibration.runs(), learnt.len() as u64);
    let json = serde_json::to_string(&calibration).unwrap();
    assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), calibration);
}

#[test]
fn a_strange_run_changes_little_and_an_unknown_accelerator_profits() {
    let rows = rows();
    let row = &rows[0];
    let plain = forecast(&row.setup, &row.workload);
    let ten_times = Observation { ttft_ms: 10.0 * plain.ttft_ms, tpot_ms: None };
    let one = Calibration::fit([(row.setup, &row.workload, ten_times)]);
    assert!(one.error().is_none(), "nothing was kept apart");
    let after = one.forecast(&row.setup, &row.workload);
    assert!(after.ttft_ms > plain.ttft_ms && after.ttft_ms < 4.0 * plain.ttft_ms, "{after:?}");
    assert_eq!(after.tpot_ms, plain.tpot_ms);

    let slower = Observation { ttft_ms: plain.ttft_ms, tpot_ms: Some(1.5 * plain.tpot_ms) };
    let many = Calibration::fit(std::iter::repeat_n((row.setup, &row.workload, slower), 50));
    let elsewhere = Setup { hardware: "l40sx4".parse().unwrap(), ..row.setup };
    let (before, after) = (forecast(&elsewhere, &row.workload), many.forecast(&elsewhere, &row.workload));
    assert!((after.tpot_ms / before.tpot_ms - 1.5).abs() < 0.1, "{before:?} {after:?}");
    assert!((after.rps * after.e2e_ms / 1e3 / f64::from(row.workload.slots()) - 1.0).abs() < 1e-9);
    assert!(Calibration::default().is_empty());
    assert_eq!(Calibration::default().forecast(&row.setup, &row.workload).tpot_ms, plain.tpot_ms);

    // An answer of one token may take longer than the time to it.
    let mut one_token = row.workload.clone();
    one_token.output_tokens = std::num::NonZeroU32::MIN;
    let (plain, same) =
        (forecast(&row.setup, &one_token), Calibration::default().forecast(&row.setup, &one_token));
    assert_eq!((same.ttft_ms, same.e2e_ms, same.rps), (plain.ttft_ms, plain.e2e_ms, plain.rps));
}
