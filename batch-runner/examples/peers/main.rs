//! How far off are load generators, and what do they cost? Runs ours, a bare reader and every peer that is
//! installed against the simulated engine, one after the other, and compares what each reports with what
//! the engine did. All of them share the machine's cores with the engine.
//!
//! `make bench`, or `cargo run --release -p batch-runner --example peers -- --help`
//!
//! A peer is found on `PATH`, or where its variable says: `ASSAY_BENCH_VLLM`, `ASSAY_BENCH_AIPERF`,
//! `ASSAY_BENCH_INFERENCE_PERF`, `ASSAY_BENCH_GUIDELLM`.

mod bare;
mod client;
mod process;
mod report;
mod table;
mod tokenizer;
mod truth;

use std::io::Write;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use simulated_engine::{SimulationConfig, Truth, start};

use client::{Client, Run};
use table::Row;
use truth::Latencies;

/// Compares load generators against the simulated engine, which knows the truth
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    load: Load,
    /// Times that every client runs, in turn
    #[arg(long, default_value = "3")]
    repeats: NonZeroU32,
    /// Our own program (default: beside this one)
    #[arg(long, value_name = "FILE")]
    batch_runner: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// A closed loop.
#[derive(Debug, Clone, Copy, Args)]
struct Load {
    /// Requests in flight
    #[arg(long, default_value = "512")]
    streams: NonZeroU32,
    /// Measured requests of each stream, beside one for warm-up
    #[arg(long, default_value = "3")]
    rounds: NonZeroU32,
    /// Tokens of an answer
    #[arg(long, default_value = "128")]
    tokens: NonZeroU32,
    /// Time between tokens
    #[arg(long, default_value_t = 20.0)]
    step_ms: f64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The bare reader, which this program runs by itself
    #[command(hide = true)]
    Bare(bare::BareArgs),
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.command {
        Some(Command::Bare(bare)) => bare::run(bare),
        None => compare(&arguments),
    }
}

fn compare(arguments: &Arguments) -> anyhow::Result<()> {
    let Load { streams, rounds, tokens, step_ms } = arguments.load;
    let mut out = std::io::stdout();
    let truth = Arc::new(Truth::default());
    let config = SimulationConfig {
        step_base_ms: step_ms,
        step_per_seq_ms: 0.0,
        step_per_ktoken_ms: 0.0,
        step_jitter_percent: 0.0,
        prefill_tokens_per_s: 1e9,
        max_num_seqs: streams.saturating_add(8),
        ..SimulationConfig::default()
    };
    // The engine has a thread of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let engine = runtime.block_on(start(config, Some(Arc::clone(&truth))))?;
    let folder = tempfile::tempdir().context("cannot make a folder for the clients' files")?;
    let tokenizer = tokenizer::write(folder.path())?;
    let beside = std::env::current_exe()?.ancestors().nth(2).map(|folder| folder.join("batch-runner"));
    let ours = arguments.batch_runner.clone().or(beside).filter(|file| file.is_file());
    let ours =
        ours.context("batch-runner is not beside this program: build it, or name it with --batch-runner")?;
    let mut rows: Vec<Row> =
        Client::ALL.into_iter().map(|client| Row::new(client, client.find(&ours))).collect();
    writeln!(
        out,
        "simulated engine: {streams} streams, {rounds} requests each after one for warm-up, {tokens} tokens {step_ms} ms apart; \
         {} processors shared with the engine; medians of {} runs in turn",
        std::thread::available_parallelism()?,
        arguments.repeats
    )?;
    for repeat in 1..=arguments.repeats.get() {
        for row in &mut rows {
            let Some(program) = row.program.clone() else { continue };
            let folder = folder.path().join(format!("{:?}-{repeat}", row.client));
            std::fs::create_dir(&folder)?;
            let run = Run {
                url: engine.base_url(),
                streams,
                rounds,
                tokens,
                tokenizer: &tokenizer,
                folder: &folder,
            };
            let before = truth.requests().len();
            let ran = row.client.command(&program, &run).and_then(|mut command| process::run(&mut command));
            let outcome = ran.and_then(|usage| {
                let seen = row.client.read(&run)?;
                let requests = truth.requests().split_off(before);
                let measured = row.client.measured(&requests, &run)?;
                Ok((seen, Latencies::of(&measured), usage.cost(&requests)))
            });
            match outcome {
                Ok((seen, did, cost)) => row.add(seen, did, cost),
                Err(error) => row.fail(&error, folder.join("log").as_path()),
            }
            writeln!(std::io::stderr(), "{} of {}: {}", repeat, arguments.repeats, row.client.name())?;
        }
    }
    table::write(&mut out, &rows)?;
    Ok(())
}
