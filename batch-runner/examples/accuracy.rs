//! How far off is the load generator? Runs it against the simulated engine in the same process and compares
//! what it reports with what the engine did, request by request. Both share the machine's cores, so the
//! error includes what the engine takes away from the client.
//!
//! `cargo run --release -p batch-runner --example accuracy -- --streams 512 --tokens 128 --step-ms 20`

use std::collections::HashMap;
use std::io::Write;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use batch_runner::load::source::Source;
use batch_runner::load::{DEFAULT_MAX_IN_FLIGHT, Target, TrialRequest, Vocabulary, measure};
use batch_runner::transport::Address;
use clap::Parser;
use domain::workload::Protocol;
use domain::{Load, RequestSlo, UseCase, Workload};
use measurement::record::Phase;
use measurement::summary::percentile;
use simulated_engine::{RequestTruth, SimulationConfig, Truth, start};
use tokio_util::sync::CancellationToken;

/// Compares what the load generator reports with what the simulated engine did
#[derive(Debug, Parser)]
struct Arguments {
    /// Requests in flight
    #[arg(long, default_value = "512")]
    streams: NonZeroU32,
    /// Tokens of an answer
    #[arg(long, default_value = "128")]
    tokens: NonZeroU32,
    /// Time between tokens
    #[arg(long, default_value_t = 20.0)]
    step_ms: f64,
    /// Requests to measure for each stream
    #[arg(long, default_value_t = 2)]
    rounds: u32,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let truth = Arc::new(Truth::default());
    let config = SimulationConfig {
        step_base_ms: arguments.step_ms,
        step_per_seq_ms: 0.0,
        step_per_ktoken_ms: 0.0,
        step_jitter_percent: 0.0,
        prefill_tokens_per_s: 1e9,
        max_num_seqs: arguments.streams.saturating_add(8),
        ..SimulationConfig::default()
    };
    // The engine has a thread of its own, as the client has.
    let engine_runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let engine = engine_runtime.block_on(start(config, Some(Arc::clone(&truth))))?;
    let requests = arguments.streams.saturating_mul(NonZeroU32::MIN.saturating_add(arguments.rounds - 1));
    let request = TrialRequest {
        workload: Workload {
            use_case: UseCase::Chatbot,
            input_tokens: NonZeroU32::MIN.saturating_add(31),
            output_tokens: arguments.tokens,
            load: Load::ClosedLoop { concurrency: arguments.streams },
            variety: domain::Variety::default(),
            protocol: Protocol::Chat,
        },
        requests,
        most_requests: requests,
        tolerance: None,
        warm_up: 0,
        source: Source::Synthetic,
        ramp: None,
        max_in_flight: DEFAULT_MAX_IN_FLIGHT,
        seed: 1,
        slo: RequestSlo::default(),
        gpu_count: 0,
        request_timeout: Duration::from_secs(600),
    };
    let target = Target {
        address: Address::parse(&engine.base_url())?,
        model: "simulated".to_owned(),
        vocabulary: Arc::new(Vocabulary::common()),
        key: None,
    };
    let client_runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = client_runtime.block_on(measure(&target, &request, &CancellationToken::new()))?;
    let known: HashMap<String, RequestTruth> =
        truth.requests().into_iter().filter_map(|r| Some((r.request_id.clone()?, r))).collect();

    let (mut ttft, mut true_ttft, mut itl, mut true_itl) = (vec![], vec![], vec![], vec![]);
    let mut lags = vec![];
    for record in measured.records.iter().filter(|r| r.phase == Phase::Measured && r.succeeded()) {
        let Some(truth) = known.get(&format!("assay-1-{}", record.index)) else { continue };
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        let seen = record.ttft_ms().unwrap_or_default();
        let did = truth.writes.first().map(|w| ms(*w - truth.received)).unwrap_or_default();
        ttft.push(seen);
        true_ttft.push(did);
        lags.push(seen - did);
        itl.extend(record.gaps_ms());
        true_itl.extend(truth.writes.windows(2).map(|w| ms(w[1] - w[0])));
    }
    let mut out = std::io::stdout();
    writeln!(
        out,
        "simulated engine: {} requests of {} tokens, {} streams",
        ttft.len(),
        arguments.tokens,
        arguments.streams
    )?;
    writeln!(out, "{:<6}{:>12}{:>12}{:>12}", "ms", "reported", "truth", "error")?;
    for (name, seen, did) in [("TTFT", ttft, true_ttft), ("ITL", itl, true_itl)] {
        for (statistic, p) in [("mean", None), ("p50", Some(0.5)), ("p99", Some(0.99)), ("max", Some(1.0))] {
            let (seen, did) = (statistic_of(&seen, p), statistic_of(&did, p));
            writeln!(out, "{name:<5}{statistic:>5}{seen:>10.3}{did:>12.3}{:>+12.3}", seen - did)?;
        }
    }
    let (mean, p99) = (statistic_of(&lags, None), statistic_of(&lags, Some(0.99)));
    writeln!(out, "TTFT error request by request: mean {mean:+.3} ms, p99 {p99:+.3} ms")?;
    let c = &measured.certificate;
    let tokens = measured.metrics.output_tps * measured.window.seconds();
    writeln!(
        out,
        "IO thread {:.1} % of a core = {:.2} CPU s per million tokens; stall p99 {:.2} ms, max {:.2} ms; {}",
        c.io_thread_cpu * 100.0,
        c.io_thread_cpu * measured.window.seconds() / tokens * 1e6,
        c.loop_stall_p99_ms,
        c.loop_stall_max_ms,
        if c.is_client_limited() { c.violations.join("; ") } else { "client ok".to_owned() },
    )?;
    Ok(())
}

fn statistic_of(values: &[f64], p: Option<f64>) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match p {
        Some(p) => percentile(&sorted, p).unwrap_or_default(),
        None => sorted.iter().sum::<f64>() / sorted.len().max(1) as f64,
    }
}
