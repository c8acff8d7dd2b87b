//! Whether the numbers of a run are **plausible** together. A file whose latencies are in another unit than its format says
//! is a thousand times off, which no server is: whatever is far from adding up is refused.

use domain::Load;
use domain::imported::Definition;
use domain::untold::told;

use crate::node::Problem;
use crate::run::{ForeignRun, Quantity};

/// How far two ways to reckon the same number may differ. A wrong unit differs by a thousand.
const MOST_OFF: f64 = 20.0;

/// How far a throughput may be from tokens over time: windows differ by warm-up and drain.
const MOST_OFF_THROUGHPUT: f64 = 3.0;

/// How much longer than the whole run a latency may be: windows leave beginnings and ends away.
const LONGER_THAN_RUN: f64 = 2.0;

/// Checks a run.
pub fn check(run: &ForeignRun) -> Result<(), Problem> {
    let mean = |quantities: &[Quantity]| {
        quantities.iter().find_map(|quantity| {
            let summary = run.distribution(*quantity)?;
            told(summary.mean).or_else(|| told(summary.p50))
        })
    };
    let ttft = mean(&[
        Quantity::Ttft,
        Quantity::Other(Definition::TtftFirstChunk),
        Quantity::Ttfo,
        Quantity::Other(Definition::TtftUndefined),
    ]);
    let gap = mean(&[Quantity::Tpot, Quantity::Other(Definition::TokenGapUndefined)]);
    let e2e = mean(&[Quantity::E2e, Quantity::Other(Definition::E2eStreamEnd)]);
    let answer = run.output.map(|length| length.mean);
    let reckoned = ttft.zip(gap).zip(answer).map(|((ttft, gap), n)| ttft + gap * (n - 1.0).max(0.0));
    let unit = "is one of them in another unit?";
    if let (Some(e2e), Some(reckoned)) = (e2e, reckoned)
        && off(e2e, reckoned, MOST_OFF)
    {
        return Err(run.bad(format!(
            "has answers that take {e2e:.3} ms, and {reckoned:.3} ms by their first token and the time between \
             tokens: {unit}"
        )));
    }
    let latency = e2e.or(reckoned);
    if let (Some(seconds), Some(latency)) = (run.window_s, latency.or(ttft))
        && latency > seconds * 1e3 * LONGER_THAN_RUN
    {
        return Err(run.bad(format!("took {seconds} s, and its answers {latency:.3} ms each: {unit}")));
    }
    if let (Some(Load::ClosedLoop { concurrency }), Some(latency), Some(rps)) =
        (&run.load.known, latency, run.rps.or_else(|| Some(run.output_tps? / answer?)))
    {
        // Little's law: as many are in flight as come in the time that one takes.
        let in_flight = rps * latency / 1e3;
        let most = f64::from(concurrency.get());
        let asked = run.succeeded.map_or(most, |requests| most.min(requests as f64));
        if in_flight > most * LONGER_THAN_RUN || in_flight < asked / MOST_OFF {
            return Err(run.bad(format!(
                "kept {concurrency} requests in flight, and {in_flight:.3} by {rps:.3} requests per second of \
                 {latency:.3} ms each: {unit}"
            )));
        }
    }
    if let (Some(seconds), Some(tokens), Some(tps)) = (run.window_s, run.output_tokens, run.output_tps)
        && off(tokens as f64 / seconds, tps, MOST_OFF_THROUGHPUT)
    {
        return Err(
            run.bad(format!("has {tokens} tokens in {seconds} s, and {tps:.3} tokens per second: {unit}"))
        );
    }
    Ok(())
}

/// Whether two numbers that should be about the same are not.
fn off(a: f64, b: f64, most: f64) -> bool {
    // Neither is told apart from zero below a microsecond.
    a.max(b) > 1e-3 && a.max(b) > most * a.min(b)
}
