//! A **planned campaign** is the answer of `assay run --plan --json`: the plan, its batches with what they take, and what
//! every configuration should yield. All of that is a forecast and says so.

use std::collections::BTreeSet;

use domain::{BatchId, ConfigId, HostedPlan, LaunchPlan, Provenance, TrialPlan};
use forecast::{Calibration, Forecast, Setup, hosted_forecast, trial_usd};
use matrix::{Estimate, Plan, PlannedBatch, Refusal};
use serde::Serialize;

/// The answer.
#[derive(Serialize)]
pub struct Planned<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    batches: Vec<Batch<'a>>,
    /// Of what is in the batches, in their order.
    forecasts: Vec<ConfigurationForecast<'a>>,
}

#[derive(Serialize)]
struct Batch<'a> {
    batch: &'a BatchId,
    provenance: Provenance,
    engine_starts: usize,
    configurations: usize,
    estimate: Estimate,
    /// Why it will not start, if it will not.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refusal>,
}

#[derive(Serialize)]
struct ConfigurationForecast<'a> {
    config_id: &'a ConfigId,
    batch: &'a BatchId,
    provenance: Provenance,
    #[serde(flatten)]
    forecast: Forecast,
    /// Seconds to measure it in all trials. The engine's start comes on top, once for the launch.
    run_s: f64,
    /// USD of these seconds at the spot price of the whole machine, or of the tokens of a hosted model. None where the
    /// hardware has no price.
    usd_spot: Option<f64>,
}

impl<'a> Planned<'a> {
    /// The answer for a plan and its batches.
    pub fn new(plan: &'a Plan, batches: &'a [PlannedBatch]) -> Self {
        let trials = plan.spec.trials.get();
        let of_launch = |batch: &'a BatchId, launch: &'a LaunchPlan| {
            let once = launch.trials.iter().filter(|t| t.trial == 1);
            once.map(move |t| forecast_of(&plan.calibration, batch, launch, t, trials))
        };
        let of_hosted = |batch: &'a BatchId, hosted: &'a HostedPlan| {
            let once = hosted.trials.iter().filter(|t| t.trial == 1);
            once.map(move |t| forecast_of_hosted(batch, hosted, t, trials))
        };
        let of_batch = |b: &'a PlannedBatch| {
            let hosted =
                b.manifest.hosted.iter().flat_map(move |hosted| of_hosted(&b.manifest.batch, hosted));
            let launches = b.manifest.launches.iter();
            launches.flat_map(move |launch| of_launch(&b.manifest.batch, launch)).chain(hosted)
        };
        Self {
            plan,
            batches: batches.iter().map(Batch::of).collect(),
            forecasts: batches.iter().flat_map(of_batch).collect(),
        }
    }
}

impl<'a> Batch<'a> {
    fn of(planned: &'a PlannedBatch) -> Self {
        let configurations: BTreeSet<&ConfigId> = planned.manifest.trials().map(|t| &t.config_id).collect();
        Self {
            batch: &planned.manifest.batch,
            provenance: Provenance::Forecast,
            engine_starts: planned.manifest.launches.len(),
            configurations: configurations.len(),
            estimate: planned.estimate,
            refused: planned.refused,
        }
    }
}

fn forecast_of<'a>(
    calibration: &Calibration,
    batch: &'a BatchId,
    planned: &LaunchPlan,
    trial: &'a TrialPlan,
    trials: u32,
) -> ConfigurationForecast<'a> {
    let setup = Setup::of(&planned.launch, &planned.architecture);
    let forecast = calibration.forecast(&setup, &trial.workload);
    let warm_up = forecast.warm_up(&trial.workload, trial.warm_up);
    let run_s = f64::from(trials) * forecast.run_s(trial.requests.get(), warm_up);
    ConfigurationForecast {
        config_id: &trial.config_id,
        batch,
        provenance: Provenance::Forecast,
        forecast,
        run_s,
        usd_spot: planned.rent.as_ref().map(|rent| rent.spot.usd_per_hour * run_s / 3600.0),
    }
}

fn forecast_of_hosted<'a>(
    batch: &'a BatchId,
    planned: &HostedPlan,
    trial: &'a TrialPlan,
    trials: u32,
) -> ConfigurationForecast<'a> {
    let forecast = hosted_forecast(&trial.workload);
    let warm_up = forecast.warm_up(&trial.workload, trial.warm_up);
    let requests = trial.requests.get();
    ConfigurationForecast {
        config_id: &trial.config_id,
        batch,
        provenance: Provenance::Forecast,
        forecast,
        run_s: f64::from(trials) * forecast.run_s(requests, warm_up),
        usd_spot: Some(
            f64::from(trials) * trial_usd(&trial.workload, requests, trial.warm_up, &planned.rate),
        ),
    }
}

#[cfg(test)]
mod tests {
    use domain::{CampaignSpec, CheaperOfBoth};

    use super::*;

    const SPEC: &str = "
name: tiny
models: [llama-3.1-8b-instruct]
quantisations: [fp16]
hardware: [cpu, h100x1]
frameworks: [vllm]
workloads: [{name: w, use_case: chatbot, input_tokens: 64, output_tokens: 32, concurrency: [1, 4]}]
trials: 2
";

    #[test]
    fn every_configuration_has_a_forecast_and_every_batch_an_estimate() {
        let spec = CampaignSpec::from_yaml(SPEC).unwrap();
        let plan = matrix::plan(&spec, &"tiny-0123".parse().unwrap());
        let batches = matrix::split(&plan, &CheaperOfBoth).unwrap();
        let json = serde_json::to_value(Planned::new(&plan, &batches)).unwrap();
        assert_eq!(json["feasible"].as_array().unwrap().len(), 4);
        assert_eq!(json["batches"].as_array().unwrap().len(), 2);
        let forecasts = json["forecasts"].as_array().unwrap();
        assert_eq!(forecasts.len(), 4);
        for f in forecasts {
            assert_eq!(f["provenance"], "forecast");
            for number in ["ttft_ms", "tpot_ms", "output_tps", "run_s"] {
                assert!(f[number].as_f64().unwrap() > 0.0, "{number}: {f}");
            }
        }
        // What a batch takes is its configurations and its engine's start.
        for batch in json["batches"].as_array().unwrap() {
            assert_eq!((&batch["configurations"], &batch["provenance"]), (&2.into(), &"forecast".into()));
            let own: Vec<_> = forecasts.iter().filter(|f| f["batch"] == batch["batch"]).collect();
            let sum: f64 = own.iter().map(|f| f["run_s"].as_f64().unwrap()).sum();
            let all = sum + own[0]["engine_start_s"].as_f64().unwrap();
            assert!((batch["estimate"]["run_s"].as_f64().unwrap() - all).abs() < 1e-6, "{batch}");
            let price = batch["estimate"]["usd_spot"].is_null();
            assert!(own.iter().all(|f| f["usd_spot"].is_null() == price), "{own:?}");
        }
    }
}
