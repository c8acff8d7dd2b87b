//! The **ceiling** is what this client can do on this host: events and requests per second that would keep its IO
//! thread busy all the time. It is found by running the timed path against a [stub] that answers at once, and
//! [cached](cache) for each host, so that only the first run on a host waits for it.
//!
//! It follows from the processor time that an event and a request cost, not from how many came: a stub that is slower
//! than the client, or a neighbour that takes the processor away, changes little. The event loop naps between its
//! rounds, so that it always finds as much to do as it would if it were full, and is not woken for each event. What
//! is counted as an event is a read that brings one; a server that packs several into one read costs less. TLS and
//! HTTP/2 cost more than the plain HTTP/1.1 of the stub, as do long prompts, so that the ceiling is one of the best
//! case: an event of a real engine was seen to cost two to three times as much where the loop slept in between.

pub mod cache;
mod host;
mod stub;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::workload::Protocol;
use http::Request;
use measurement::certificate::Ceiling;
use tokio_util::sync::CancellationToken;

use super::plan::Stop;
use super::progress::Progress;
use super::timed::{self, Assignment, CpuReading, Observations, Pace, Prepared};
use super::{socket_limit, spawn};
use stub::Stub;

/// Streams at once.
const STREAMS: u32 = 128;
/// How long the event loop sleeps in each round: about as long as the stub takes to write an event to every stream.
const NAP: Duration = Duration::from_micros(500);
/// Events of a long answer: so many that what the request itself costs does not show.
const MANY_EVENTS: u32 = 512;
/// Time under long answers, and under answers of one event; where the cost is not sure then, as on a busy host, the
/// second one as well. The first readings are not used.
const TIMES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(250)];
/// A cost is sure when another reading tells no more than this many times as much.
const SURE: f64 = 1.1;
/// Longest time of a request; never needed.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests that are made ahead of their time.
const AHEAD: usize = 1024;
/// Fewest reads between two readings of the clocks from which a cost is told.
const FEWEST_READS: u64 = 50;

/// Finds the ceiling of this client on this host. It takes half a second, a whole one on a busy host.
///
/// # Errors
/// When there is no loopback network, or too little was seen.
pub fn find() -> io::Result<Ceiling> {
    // Both ends of each stream are ours.
    socket_limit::raise();
    let event_ns = cost_ns(MANY_EVENTS)?;
    // Such an answer comes in one read, so that a read costs what a request does.
    let request_ns = cost_ns(1)?;
    Ok(Ceiling { events_per_s: 1e9 / event_ns, requests_per_s: 1e9 / request_ns })
}

/// Processor time that the IO thread takes for a read of answers of so many events, ns.
fn cost_ns(events: u32) -> io::Result<f64> {
    let mut costs = Vec::new();
    for time in TIMES {
        costs.extend(costs_ns(&drive(events, time)?));
        costs.sort_unstable_by(f64::total_cmp);
        if costs.get(1).is_some_and(|second| *second <= costs[0] * SURE) {
            break;
        }
    }
    // Whatever disturbs it takes longer.
    let least = costs.first().copied();
    least.ok_or_else(|| io::Error::other("too little was seen of the client: this host is too busy"))
}

/// Processor time of a read between each two readings of the clocks, ns.
fn costs_ns(observations: &Observations) -> Vec<f64> {
    let settled = observations.cpu.get(1..).unwrap_or_default();
    let cost = |pair: &[CpuReading]| {
        let reads = pair[1].reads - pair[0].reads;
        (reads >= FEWEST_READS).then(|| (pair[1].thread_ns - pair[0].thread_ns) as f64 / reads as f64)
    };
    settled.windows(2).filter_map(cost).filter(|cost| *cost > 0.0).collect()
}

/// Drives the timed path for a while against a stub whose answers have so many events.
fn drive(events: u32, time: Duration) -> io::Result<Observations> {
    let stub = Stub::start(events)?;
    let address = stub.address();
    let uri = address.uri("/").map_err(io::Error::other)?;
    let request = Request::post(uri).header("host", address.authority()).body(Bytes::new());
    let request = request.map_err(io::Error::other)?;
    let (made, supply) = tokio::sync::mpsc::channel(AHEAD);
    let feeder = spawn("ceiling-feed", move || {
        let prepared =
            || Prepared { request: request.clone(), output_tokens: events, turn: None, said: Vec::new() };
        while made.blocking_send(prepared()).is_ok() {}
    })?;
    let assignment = Assignment {
        address,
        protocol: Protocol::Chat,
        pace: Pace::ClosedLoop { workers: STREAMS, ramp: Duration::ZERO },
        mixing: None,
        warm_up: 0,
        requests: u32::MAX,
        more: 0,
        enough: Arc::new(AtomicBool::new(false)),
        nap: Some(NAP),
        request_timeout: REQUEST_TIMEOUT,
        origin: Instant::now(),
        progress: Arc::new(Progress::new(std::num::NonZeroU32::MAX)),
    };
    let (finished, exchanges) = mpsc::channel();
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let end = assignment.origin + time;
    let io = spawn("ceiling-io", move || timed::run(assignment, supply, finished, &stop))?;
    // What was recorded is let go elsewhere, as the decoder does.
    loop {
        match exchanges.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(exchange) => drop(exchange),
            Err(RecvTimeoutError::Timeout) => cancel.cancel(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let ended = io.join().map_err(|_| io::Error::other("the client's thread ended early"))??;
    feeder.join().map_err(|_| io::Error::other("the feeder's thread ended early"))?;
    match ended {
        (Stop::Cancelled, observations) => Ok(observations),
        (stop, _) => Err(io::Error::other(format!("the stub could not be reached ({stop:?})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_is_found_within_a_second() {
        let begin = Instant::now();
        let Ceiling { events_per_s, requests_per_s } = find().unwrap();
        // Between a debug build on a busy machine and anything to come. An event costs less than a whole request.
        assert!((1e3..1e8).contains(&events_per_s), "{events_per_s}");
        assert!((1e2..1e7).contains(&requests_per_s) && requests_per_s < events_per_s, "{requests_per_s}");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_cost_is_of_enough_reads_and_not_of_the_first() {
        let reading = |reads, thread_ns| CpuReading { at_ns: 0, thread_ns, process_ns: 0, reads };
        let observed = |cpu: &[(u64, u64)]| Observations {
            cpu: cpu.iter().map(|(reads, ns)| reading(*reads, *ns)).collect(),
            ..Observations::default()
        };
        let readings = observed(&[(0, 0), (100, 1), (200, 900_001), (300, 1_100_001), (310, 1_100_002)]);
        assert_eq!(costs_ns(&readings), [9_000.0, 2_000.0]);
        assert!(costs_ns(&observed(&[(0, 0), (100, 5)])).is_empty());
    }
}
