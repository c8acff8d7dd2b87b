//! **Fixtures**: values that are right in every respect that a test does not care about.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use domain::framework::Framework;
use domain::metrics::AtPrice;
use domain::result::{
    Certificate, ChargedTime, Environment, Flag, RESULT_SCHEMA_VERSION, RequestCounts, TokenSource,
};
use domain::workload::Protocol;
use domain::{
    Architecture, BatchId, BenchmarkResult, CampaignId, Configuration, Engine, HourlyPrice, JobPlace, Launch,
    Load, Metrics, ModelVersion, Provenance, Quantisation, Rent, RequestSlo, RunId, Summary, UseCase,
    Workload,
};
use store::{BatchRecord, BatchState, CampaignRecord, CampaignState};

/// An instant that never changes: 2026-01-01, 00:00 UTC, and so many seconds.
#[must_use]
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600 + seconds)
}

/// A distribution of a hundred values around a median.
#[must_use]
pub fn summary(p50: f64) -> Summary {
    Summary {
        count: 100,
        mean: p50 * 1.125,
        std: p50 * 0.25,
        min: p50 * 0.5,
        max: p50 * 4.0,
        p50,
        p90: p50 * 1.5,
        p95: p50 * 2.0,
        p99: p50 * 3.0,
        ci95: std::iter::empty().collect(),
        insufficient_samples: vec![],
    }
}

/// Llama 3.1 8B on one H100 with vLLM.
#[must_use]
pub fn launch() -> Launch {
    Launch {
        model: ModelVersion {
            model: "llama-3.1-8b-instruct".parse().expect("a name"),
            quantisation: Quantisation::Fp16,
        },
        hardware: "h100x1".parse().expect("a hardware config"),
        framework: Framework { engine: Engine::Vllm, version: None, args: vec![] },
    }
}

/// A configuration of Llama 3.1 8B on one H100 with vLLM, for a chatbot, at a concurrency.
#[must_use]
pub fn configuration(concurrency: u32) -> Configuration {
    let n = |n| NonZeroU32::new(n).expect("above 0");
    Configuration {
        serving: launch().into(),
        workload: Workload {
            use_case: UseCase::Chatbot,
            input_tokens: n(512),
            output_tokens: n(128),
            load: Load::ClosedLoop { concurrency: n(concurrency) },
            variety: domain::Variety::default(),
            protocol: Protocol::Chat,
        },
    }
}

/// The smallest model there is: one of everything, and a context.
#[must_use]
pub fn architecture(context_tokens: u32) -> Architecture {
    Architecture {
        parameters: 1,
        active_parameters: 1,
        layers: 1,
        hidden_size: 1,
        attention_heads: 1,
        kv_heads: 1,
        head_size: 1,
        vocabulary: 1,
        context_tokens,
        blocks: domain::architecture::Blocks::default(),
    }
}

/// A campaign that was asked for once, at [`at`] 0, with its name as its id.
///
/// # Panics
/// When the name is no id.
#[must_use]
pub fn campaign_record(name: &str) -> CampaignRecord {
    CampaignRecord {
        id: name.parse().expect("a campaign id"),
        name: name.to_owned(),
        state: CampaignState::Requested,
        request: 1,
        feasible: 0,
        infeasible: 0,
        message: None,
        created_at: at(0),
        updated_at: at(0),
        end_is_untold: false,
    }
}

/// A batch of three trials that nobody has submitted.
#[must_use]
pub fn batch_record(campaign: &CampaignId, index: u32) -> BatchRecord {
    BatchRecord {
        id: BatchId::new(campaign, index),
        campaign: campaign.clone(),
        trials: 3,
        gpu_count: 1,
        place: Some(JobPlace::of(Engine::Vllm, "l4x1".parse().expect("hardware"))),
        forecast_s: 12.5,
        forecast_usd: Some(0.25),
        state: BatchState::Pending,
        attempt: 0,
        fruitless_jobs: 0,
        submissions: 0,
        message: None,
    }
}

/// Builds a result. Ids follow from what they name when it is built.
#[derive(Debug, Clone)]
pub struct ResultBuilder {
    result: BenchmarkResult,
}

/// The first trial of [`configuration`] at a concurrency, measured in a campaign at [`at`] 0.
///
/// # Panics
/// When the campaign is no id.
#[must_use]
pub fn result(campaign: &str, concurrency: u32) -> ResultBuilder {
    let campaign: CampaignId = campaign.parse().expect("a campaign id");
    let configuration = configuration(concurrency);
    let config_id = configuration.id();
    ResultBuilder {
        result: BenchmarkResult {
            schema_version: RESULT_SCHEMA_VERSION,
            run_id: RunId::new(&campaign, &config_id, 1),
            batch: BatchId::new(&campaign, 0),
            campaign,
            attempt: 1,
            trial: 1,
            configuration,
            config_id,
            provenance: Provenance::Measured,
            measured_at: at(0),
            seed: Some(7),
            slo: RequestSlo::default(),
            fidelity: None,
            task_accuracy: None,
            token_rate: None,
            tokens_sold: None,
            rent: Some(Rent::stated(HourlyPrice { on_demand: 4.0, spot: 1.5 })),
            metrics: metrics(),
            by_turn: None,
            counts: RequestCounts {
                succeeded: 100,
                input_tokens: 51_200,
                output_tokens: 12_800,
                ..RequestCounts::default()
            },
            token_source: TokenSource::ServerUsage,
            flags: vec![],
            certificate: Some(certificate()),
            charged: ChargedTime { engine_start_s: 6.0, warm_up_s: 2.0, window_s: 10.0, lost_s: 0.0 },
            environment: environment(),
            telemetry: None,
            raw_records: None,
            imported: None,
        },
    }
}

impl ResultBuilder {
    /// Sets the configuration.
    #[must_use]
    pub fn configuration(mut self, configuration: Configuration) -> Self {
        self.result.configuration = configuration;
        self
    }

    /// Sets which repetition it is.
    #[must_use]
    pub fn trial(mut self, trial: u32) -> Self {
        self.result.trial = trial;
        self
    }

    /// Sets where the numbers come from.
    #[must_use]
    pub fn provenance(mut self, provenance: Provenance) -> Self {
        self.result.provenance = provenance;
        self
    }

    /// Sets when it was measured.
    #[must_use]
    pub fn measured_at(mut self, instant: DateTime<Utc>) -> Self {
        self.result.measured_at = instant;
        self
    }

    /// Adds a flag.
    #[must_use]
    pub fn flag(mut self, flag: Flag) -> Self {
        self.result.flags.push(flag);
        self
    }

    /// Changes the numbers.
    #[must_use]
    pub fn metrics(mut self, change: impl FnOnce(&mut Metrics)) -> Self {
        change(&mut self.result.metrics);
        self
    }

    /// The result, with the ids that follow from the rest.
    #[must_use]
    pub fn build(mut self) -> BenchmarkResult {
        let result = &mut self.result;
        result.config_id = result.configuration.id();
        result.run_id = RunId::new(&result.campaign, &result.config_id, result.trial);
        self.result
    }
}

fn metrics() -> Metrics {
    Metrics {
        ttft: Some(summary(50.0)),
        ttfo: None,
        e2e: Some(summary(1500.0)),
        tpot: Some(summary(12.0)),
        itl: Some(summary(11.0)),
        itl_multi_token: false,
        of_all: [].into(),
        ttft_sched: Some(summary(51.0)),
        e2e_sched: Some(summary(1501.0)),
        tps_per_user: Some(summary(83.0)),
        output_tps: 1280.0,
        output_tps_ci95: None,
        total_tps: 6400.0,
        rps: 10.0,
        tps_per_gpu: Some(1280.0),
        goodput: None,
        attainment: None,
        cost_per_mtok: Some(AtPrice { spot: 0.625, on_demand: 1.75 }),
        serving_cost_per_mtok: Some(AtPrice { spot: 0.325, on_demand: 0.875 }),
        energy_per_tok: None,
    }
}

fn certificate() -> Certificate {
    Certificate {
        violations: vec![],
        issue_lag_p50_ms: 0.0625,
        issue_lag_p99_ms: 0.25,
        issue_lag_max_ms: 0.5,
        loop_stall_p99_ms: 0.25,
        loop_stall_max_ms: 1.0,
        io_thread_cpu: 0.125,
        client_cpu_cores: 0.25,
        capacity: None,
        open_sockets: 16,
        socket_limit: None,
        dropped_arrivals: 0,
        requested_rps: None,
        achieved_rps: None,
    }
}

fn environment() -> Environment {
    Environment {
        engine_version: Some("0.11.0".to_owned()),
        engine_command: vec!["vllm".to_owned(), "serve".to_owned()],
        weights: None,
        runner_version: "0.1.0".to_owned(),
        runner_revision: None,
        image_digest: None,
        cpu_model: None,
        cpu_count: 26,
        gpus: vec!["NVIDIA H100 80GB HBM3".to_owned()],
        gpu_driver: None,
    }
}
