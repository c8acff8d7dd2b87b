//! What an **hour** of streams takes in memory: records of so many content events are kept as a run keeps them and
//! summarised, and the most memory that the process ever held is told.
//!
//! `cargo run --release -p batch-runner --example hour -- 100000000`

use std::io::Write;
use std::time::Instant;

use anyhow::Context;
use batch_runner::load::records::Growing;
use domain::result::TokenSource;
use domain::workload::Protocol;
use domain::{Load, RequestSlo, UseCase, Variety, Workload};
use measurement::aggregate::{Asked, Run, aggregate};
use measurement::record::{Outcome, Phase, RequestRecord};
use measurement::timeline::Timeline;
use measurement::window;

/// Events of an answer, and the time between two of them, ns.
const EVENTS: u32 = 512;
const GAP_NS: u64 = 20_000_000;
/// Answers under way at once.
const STREAMS: u32 = 1_024;

fn main() -> anyhow::Result<()> {
    let events = std::env::args().nth(1).map_or(Ok(100_000_000), |text| text.parse::<u64>());
    let events = events.context("give a number of events")?;
    let requests = u32::try_from(events / u64::from(EVENTS)).context("give fewer events")?;
    let mut out = std::io::stdout();
    let before = most_held()?;
    let began = Instant::now();
    let mut growing = Growing::new();
    (0..requests).for_each(|index| growing.push(record(index)));
    let records = growing.all();
    let kept = most_held()? - before;
    let kept_s = began.elapsed().as_secs_f64();
    let n = |value: u32| value.try_into().context("it is not 0");
    let workload = Workload {
        use_case: UseCase::Chatbot,
        input_tokens: n(10)?,
        output_tokens: n(EVENTS)?,
        load: Load::ClosedLoop { concurrency: n(STREAMS)? },
        variety: Variety::default(),
        protocol: Protocol::Chat,
    };
    let asked = Asked { input_tokens: Some(10.0), output_tokens: f64::from(EVENTS) };
    let window = window::find(&records, u64::MAX).context("there are too few events")?;
    let slo = RequestSlo::default();
    let run = Run {
        records: &records,
        window: &window,
        workload: &workload,
        asked,
        slo: &slo,
        gpu_count: 0,
        seed: 1,
    };
    let itl = aggregate(&run)?.metrics.itl.context("there are no gaps")?;
    records.check()?;
    let most = most_held()? - before;
    let each = |bytes: u64| bytes as f64 / events as f64;
    writeln!(
        out,
        "{events} events of {requests} requests; ITL p50 {:.3} ms, p99 {:.3} ms",
        itl.p50, itl.p99
    )?;
    writeln!(
        out,
        "kept       {:>6.0} MB, {:>5.2} bytes an event, {kept_s:.1} s",
        kept as f64 / 1e6,
        each(kept)
    )?;
    let all_s = began.elapsed().as_secs_f64();
    writeln!(
        out,
        "summarised {:>6.0} MB, {:>5.2} bytes an event, {all_s:.1} s",
        most as f64 / 1e6,
        each(most)
    )?;
    Ok(())
}

fn record(index: u32) -> RequestRecord {
    let begin = u64::from(index) * u64::from(EVENTS) * GAP_NS / u64::from(STREAMS);
    let mut random = u64::from(index);
    let instants: Vec<u64> = (0..u64::from(EVENTS))
        .map(|event| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Up to a millisecond off.
            begin + 50_000_000 + event * GAP_NS + (random >> 44)
        })
        .collect();
    RequestRecord {
        index,
        phase: Phase::Measured,
        turn: None,
        t_sched_ns: begin,
        t_send_ns: Some(begin),
        t_end_ns: instants.last().copied().unwrap_or(begin),
        content: Timeline::new(&instants, &[]),
        first_output: Some(0),
        retry_wait_ns: None,
        input_tokens: Some(10),
        cached_input_tokens: 0,
        output_tokens: EVENTS.into(),
        token_source: TokenSource::ServerUsage,
        finish_reason: Some("length".to_owned()),
        outcome: Outcome::Succeeded,
    }
}

/// The most memory that this process has held so far, in bytes.
fn most_held() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes =
        line.and_then(|line| line.split_whitespace().nth(1)).context("the kernel does not tell")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}
