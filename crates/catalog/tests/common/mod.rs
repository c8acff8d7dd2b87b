//! Results for tests.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::duration::WrittenDuration;
use domain::metrics::{Interval, OfAllRequests};
use domain::result::{
    Certificate, ChargedTime, Environment, FailureReason, RESULT_SCHEMA_VERSION, RequestCounts, TokenSource,
};
use domain::workload::Protocol;
use domain::{
    BatchId, BenchmarkResult, Configuration, Engine, Framework, HourlyPrice, Launch, Load, MetricId, Metrics,
    ModelVersion, Provenance, Quantisation, Rent, RequestSlo, RunId, Serving, Statistic, Summary, UseCase,
    Workload,
};

/// A result as a test describes it.
#[derive(Debug, Clone)]
pub struct Described {
    pub model: &'static str,
    pub quantisation: Quantisation,
    pub hardware: &'static str,
    pub engine: Engine,
    pub use_case: UseCase,
    pub shape: (u32, u32),
    pub concurrency: u32,
    pub provenance: Provenance,
    pub minute: i64,
    pub trial: u32,
    pub ttft: f64,
    pub tpot: Option<f64>,
    pub tps: f64,
    /// Requests that failed, beside 200 that did not.
    pub failed: u64,
    /// As its spec stated it; that of the price lists when absent.
    pub price: Option<HourlyPrice>,
    /// What was told of all requests, where some failed.
    pub of_all: &'static [(MetricId, OfAllRequests)],
    /// The bounds of TTFT and TPOT that it was measured under, ms, and the share that met both.
    pub attained: Option<(f64, f64, f64)>,
    /// Of the engine, as it told it itself.
    pub version: Option<&'static str>,
}

pub fn described() -> Described {
    Described {
        model: "llama-3.1-8b-instruct",
        quantisation: Quantisation::Fp16,
        hardware: "h100x1",
        engine: Engine::Vllm,
        use_case: UseCase::Chatbot,
        shape: (512, 128),
        concurrency: 8,
        provenance: Provenance::Measured,
        minute: 0,
        trial: 1,
        ttft: 100.0,
        tpot: Some(10.0),
        tps: 800.0,
        failed: 0,
        version: None,
        of_all: &[],
        attained: None,
        price: Some(HourlyPrice { on_demand: 6.88, spot: 2.5 }),
    }
}

fn summary(p90: f64) -> Summary {
    Summary {
        count: 200,
        mean: p90 * 0.8,
        std: 1.0,
        min: p90 * 0.5,
        max: p90 * 2.0,
        p50: p90 * 0.75,
        p90,
        p95: p90 * 1.1,
        p99: p90 * 1.5,
        ci95: BTreeMap::from([(Statistic::P90, Interval { low: p90 * 0.97, high: p90 * 1.03 })]),
        insufficient_samples: vec![],
    }
}

impl Described {
    pub fn result(&self) -> BenchmarkResult {
        let n = |n: u32| n.try_into().unwrap();
        let configuration = Configuration {
            serving: Serving::Launch(Launch {
                model: ModelVersion { model: self.model.parse().unwrap(), quantisation: self.quantisation },
                hardware: self.hardware.parse().unwrap(),
                framework: Framework { engine: self.engine, version: None, args: vec![] },
            }),
            workload: Workload {
                use_case: self.use_case,
                input_tokens: n(self.shape.0),
                output_tokens: n(self.shape.1),
                load: Load::ClosedLoop { concurrency: n(self.concurrency) },
                variety: domain::Variety::default(),
                protocol: Protocol::Chat,
            },
        };
        let config_id = configuration.id();
        let campaign = "test-0123".parse().unwrap();
        let metrics = Metrics {
            ttft: Some(summary(self.ttft)),
            ttfo: None,
            e2e: Some(summary(self.ttft + self.tpot.unwrap_or_default() * f64::from(self.shape.1))),
            tpot: self.tpot.map(summary),
            itl: None,
            itl_multi_token: false,
            of_all: self.of_all.iter().copied().collect(),
            ttft_sched: Some(summary(self.ttft)),
            e2e_sched: Some(summary(self.ttft)),
            tps_per_user: None,
            output_tps: self.tps,
            output_tps_ci95: Some(Interval { low: self.tps * 0.98, high: self.tps * 1.02 }),
            total_tps: self.tps * 2.0,
            rps: self.tps / 100.0,
            tps_per_gpu: None,
            goodput: None,
            attainment: self.attained.map(|(.., share)| share),
            cost_per_mtok: None,
            serving_cost_per_mtok: None,
            energy_per_tok: None,
        };
        BenchmarkResult {
            fidelity: None,
            task_accuracy: None,
            token_rate: None,
            tokens_sold: None,
            schema_version: RESULT_SCHEMA_VERSION,
            run_id: RunId::new(&campaign, &config_id, self.trial),
            batch: BatchId::new(&campaign, 0),
            campaign,
            attempt: 1,
            trial: self.trial,
            configuration,
            config_id,
            provenance: self.provenance,
            measured_at: DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(self.minute),
            seed: Some(1),
            slo: self.attained.map_or_else(RequestSlo::default, |(ttft, tpot, _)| RequestSlo {
                ttft: Some(WrittenDuration::from_ms(ttft)),
                tpot: Some(WrittenDuration::from_ms(tpot)),
                e2e: None,
            }),
            rent: self.price.map(Rent::stated),
            metrics,
            by_turn: None,
            counts: RequestCounts {
                succeeded: 200,
                failed: BTreeMap::from([(FailureReason::Timeout, self.failed)]),
                ..RequestCounts::default()
            },
            token_source: TokenSource::ServerUsage,
            flags: vec![],
            certificate: Some(Certificate {
                violations: vec![],
                issue_lag_p50_ms: 0.0,
                issue_lag_p99_ms: 0.0,
                issue_lag_max_ms: 0.0,
                loop_stall_p99_ms: 0.0,
                loop_stall_max_ms: 0.0,
                io_thread_cpu: 0.1,
                client_cpu_cores: 0.1,
                capacity: None,
                open_sockets: 8,
                socket_limit: None,
                dropped_arrivals: 0,
                requested_rps: None,
                achieved_rps: None,
            }),
            charged: ChargedTime::default(),
            environment: Environment {
                engine_version: self.version.map(str::to_owned),
                engine_command: vec![],
                weights: None,
                runner_version: "0".to_owned(),
                runner_revision: None,
                image_digest: None,
                cpu_model: None,
                cpu_count: 1,
                gpus: vec![],
                gpu_driver: None,
            },
            telemetry: None,
            raw_records: None,
            imported: None,
        }
    }
}
