//! How far off are load generators, and what do they cost? Runs ours, a bare reader and every peer that is
//! installed against an engine whose every token is due at a known instant, one after the other, and compares what each
//! reports with what the engine did. All of them share the machine's cores with the engine.
//!
//! `make bench`, or `cargo run --release -p batch-runner --example peers -- --help`
//!
//! A peer is found on `PATH`, or where its variable says: `ASSAY_BENCH_VLLM`, `ASSAY_BENCH_AIPERF`,
//! `ASSAY_BENCH_INFERENCE_PERF`, `ASSAY_BENCH_GUIDELLM`.

mod bare;
mod client;
mod open_loop;
mod process;
mod report;
mod table;
mod tokenizer;
mod truth;

use std::io::Write;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use testkit::paced_engine::{Pace, PacedEngine};

use client::{Client, Run};
use table::Row;
use truth::Latencies;

/// Compares load generators against an engine that knows the truth
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    load: Load,
    /// Times that every client runs, in turn
    #[arg(long, default_value = "3")]
    repeats: NonZeroU32,
    /// Our own program (default: beside this one)
    #[arg(long, value_name = "FILE", global = true)]
    batch_runner: Option<PathBuf>,
    /// Run these alone
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Client>,
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
    /// Time to the first token
    #[arg(long, default_value_t = 200)]
    ttft_ms: u64,
    /// Time between tokens; 0 writes as fast as it can
    #[arg(long, default_value_t = 20)]
    step_ms: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// How late our own requests are sent when a rate sets their instants
    IssueLag(open_loop::IssueLagArgs),
    /// The bare reader, which this program runs by itself
    #[command(hide = true)]
    Bare(bare::BareArgs),
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.command {
        Some(Command::Bare(bare)) => bare::run(bare),
        Some(Command::IssueLag(lag)) => open_loop::run(lag, &ours(&arguments)?),
        None => compare(&arguments),
    }
}

/// Our own program.
fn ours(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let beside = std::env::current_exe()?.ancestors().nth(2).map(|folder| folder.join("batch-runner"));
    let ours = arguments.batch_runner.clone().or(beside).filter(|file| file.is_file());
    ours.context("batch-runner is not beside this program: build it, or name it with --batch-runner")
}

fn compare(arguments: &Arguments) -> anyhow::Result<()> {
    let Load { streams, rounds, tokens, ttft_ms, step_ms } = arguments.load;
    let mut out = std::io::stdout();
    let pace = Pace { ttft: Duration::from_millis(ttft_ms), step: Duration::from_millis(step_ms) };
    let engine = PacedEngine::start(pace);
    let folder = tempfile::tempdir().context("cannot make a folder for the clients' files")?;
    let tokenizer = tokenizer::write(folder.path())?;
    let ours = ours(arguments)?;
    let asked = |client: &Client| arguments.only.is_empty() || arguments.only.contains(client);
    let mut rows: Vec<Row> =
        Client::ALL.into_iter().filter(asked).map(|client| Row::new(client, client.find(&ours))).collect();
    writeln!(
        out,
        "paced engine: {streams} streams, {rounds} requests each after one for warm-up, first token after {ttft_ms} ms, {tokens} \
         tokens {step_ms} ms apart; {} processors shared with the engine; medians of {} runs in turn",
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
            // What a client that failed left behind.
            drop(engine.take_truth());
            let ran = row.client.command(&program, &run).and_then(|mut command| process::run(&mut command));
            let outcome = ran.and_then(|usage| {
                let seen = row.client.read(&run)?;
                let requests = engine.take_truth();
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
