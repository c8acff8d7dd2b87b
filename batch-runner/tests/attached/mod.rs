//! Batches of two trials against a simulated server that is attached to.

use std::num::NonZeroU32;

use domain::framework::Endpoint;
use domain::{BatchId, BatchManifest, CampaignId, LaunchPlan, RequestSlo, TrialPlan};
use simulated_engine::{RunningEngine, SimulationConfig};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState, Ledger, ObjectKey, Objects};
use testkit::fixtures;

pub fn campaign() -> CampaignId {
    "demo".parse().unwrap()
}

pub fn batch(index: u32) -> BatchId {
    BatchId::new(&campaign(), index)
}

/// A simulated server whose steps take some milliseconds.
pub async fn server(step_ms: f64) -> RunningEngine {
    let config = SimulationConfig {
        served_model_name: "other".to_owned(),
        step_base_ms: step_ms,
        ..SimulationConfig::default()
    };
    simulated_engine::start(config, None).await.unwrap()
}

/// Prepares a campaign of so many batches.
pub async fn prepare(ledger: &dyn Ledger, objects: &dyn Objects, url: &str, batches: u32) {
    let record = CampaignRecord {
        state: CampaignState::Running,
        feasible: u64::from(batches) * 2,
        ..fixtures::campaign_record("demo")
    };
    ledger.create_campaign(&record).await.unwrap();
    for index in 0..batches {
        let bytes = serde_json::to_vec(&manifest(url, index)).unwrap();
        objects.put(&ObjectKey::manifest(&campaign(), &batch(index)), &bytes).await.unwrap();
        let record = BatchRecord {
            trials: 2,
            forecast_s: 1.0,
            state: BatchState::Submitted,
            ..fixtures::batch_record(&campaign(), index)
        };
        ledger.add_batches(&[record]).await.unwrap();
    }
}

/// The batches differ in the concurrency of their trials: 2 and 4, 3 and 5, and so on.
fn manifest(url: &str, index: u32) -> BatchManifest {
    let n = |n| NonZeroU32::new(n).unwrap();
    let trial = |concurrency| {
        let mut configuration = fixtures::configuration(concurrency);
        configuration.workload.input_tokens = n(32);
        configuration.workload.output_tokens = n(4);
        TrialPlan {
            config_id: configuration.id(),
            workload: configuration.workload,
            trial: 1,
            requests: n(20),
            warm_up: 2,
            seed: 7,
        }
    };
    BatchManifest {
        schema_version: 1,
        campaign: campaign(),
        batch: batch(index),
        slo: RequestSlo::default(),
        fidelity: None,
        tasks: None,
        launches: vec![LaunchPlan {
            launch: fixtures::launch(),
            endpoint: Endpoint::Attach { url: url.to_owned(), served_model: Some("other".to_owned()) },
            architecture: fixtures::architecture(64),
            weights: None,
            rent: None,
            context_tokens: 64,
            max_concurrency: 4 + index,
            trials: vec![trial(2 + index), trial(4 + index)],
        }],
        hosted: vec![],
    }
}
