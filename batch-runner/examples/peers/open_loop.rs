//! How late our requests are sent when a rate sets their instants.

use std::io::Write;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use batch_runner::bench::document::BenchDocument;
use testkit::paced_engine::{Pace, PacedEngine};

/// Tokens of an answer.
const TOKENS: &str = "8";

#[derive(Debug, clap::Args)]
pub(crate) struct IssueLagArgs {
    /// Requests per second, at random instants
    #[arg(long, default_value = "2000")]
    rate: NonZeroU32,
    /// Requests
    #[arg(long, default_value = "20000")]
    requests: NonZeroU32,
}

pub(crate) fn run(args: &IssueLagArgs, ours: &Path) -> anyhow::Result<()> {
    let engine = PacedEngine::start(Pace { ttft: Duration::from_millis(20), step: Duration::from_millis(5) });
    let folder = tempfile::tempdir().context("cannot make a folder for the result")?;
    let result = folder.path().join("result.json");
    let status = Command::new(ours)
        .args(["bench", "--url", engine.base_url(), "--model", "simulated"])
        .args(["--rate", &args.rate.to_string(), "--requests", &args.requests.to_string()])
        .args(["--input-tokens", "32", "--output-tokens", TOKENS, "--quiet", "--output"])
        .arg(&result)
        .stdout(Stdio::null())
        .status()
        .context("batch-runner cannot be started")?;
    // 3: measured, but limited by the client.
    ensure!(matches!(status.code(), Some(0 | 3)), "batch-runner ended with {status}");
    let document: BenchDocument = serde_json::from_slice(&std::fs::read(&result)?)?;
    let certificate = document.certificate;
    writeln!(
        std::io::stdout(),
        "{} requests/s at random instants ({:.0} measured): sent late by p50 {:.3} ms, p99 {:.3} ms, at most {:.3} ms; \
         {} dropped",
        args.rate,
        document.metrics.rps,
        certificate.issue_lag_p50_ms,
        certificate.issue_lag_p99_ms,
        certificate.issue_lag_max_ms,
        certificate.dropped_arrivals,
    )?;
    Ok(())
}
