//! Loads against servers whose behaviour is known.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the lints' exemption for tests does not reach helpers"
)]

mod bench;
mod conversations;
mod explore;
mod open_loop;
mod paced;
mod protocols;
mod scripted;
mod shapes;
mod simulated;
mod transports;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use batch_runner::load::protocols::Dialect;
use batch_runner::load::source::Source;
use batch_runner::load::{
    DEFAULT_MAX_IN_FLIGHT, LoadError, Target, TrialMeasurement, TrialRequest, Vocabulary, measure,
};
use batch_runner::transport::Address;
use domain::workload::Protocol;
use domain::{Load, RequestSlo, UseCase, Workload};
use measurement::record::{Phase, RequestRecord};
use simulated_engine::SimulationConfig;
use tokio_util::sync::CancellationToken;

fn n(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap()
}

/// `requests` requests of 20 tokens in and `output` out, `concurrency` at a time.
fn trial(requests: u32, concurrency: u32, output: u32) -> TrialRequest {
    TrialRequest {
        workload: Workload {
            use_case: UseCase::Chatbot,
            input_tokens: n(20),
            output_tokens: n(output),
            load: Load::ClosedLoop { concurrency: n(concurrency) },
            variety: domain::Variety::default(),
            protocol: Protocol::Chat,
        },
        requests: n(requests),
        most_requests: n(requests),
        tolerance: None,
        warm_up: 0,
        source: Source::Synthetic,
        ramp: None,
        max_in_flight: DEFAULT_MAX_IN_FLIGHT,
        seed: 1,
        slo: RequestSlo::default(),
        gpu_count: 1,
        request_timeout: Duration::from_secs(60),
    }
}

fn target(base_url: &str, vocabulary: Vocabulary) -> Target {
    Target {
        address: Address::parse(base_url).unwrap(),
        model: "simulated".to_owned(),
        vocabulary: Arc::new(vocabulary),
        key: None,
        dialect: Dialect::Engine,
    }
}

async fn measure_at(base_url: &str, request: &TrialRequest) -> Result<TrialMeasurement, LoadError> {
    let target = target(base_url, Vocabulary::common());
    // Far above what any of these tests takes, so that a hang is told as such.
    let never = CancellationToken::new();
    let measuring = measure(&target, request, &never);
    tokio::time::timeout(Duration::from_secs(120), measuring).await.unwrap()
}

fn measured(measurement: &TrialMeasurement) -> Vec<&RequestRecord> {
    measurement.records.iter().filter(|r| r.phase == Phase::Measured).collect()
}

/// An engine whose steps all take the same time.
fn config(step_ms: f64) -> SimulationConfig {
    SimulationConfig { step_base_ms: step_ms, step_per_seq_ms: 0.0, ..SimulationConfig::default() }
}
