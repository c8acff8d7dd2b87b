//! Requests at a rate.

use std::time::{Duration, Instant};

use batch_runner::load::{LoadError, TrialRequest};
use domain::result::Flag;
use domain::{Arrival, Load, Statistic, Summary};
use measurement::record::{Outcome, Phase};
use simulated_engine::{Faults, SimulationConfig, start};

use super::{config, measure_at, measured, n, trial};

/// `requests` requests at `rps`, of 20 tokens in and `output` out.
fn at_rate(requests: u32, rps: &str, arrival: Arrival, output: u32) -> TrialRequest {
    let mut request = trial(requests, 1, output);
    request.workload.load = Load::OpenLoop { rate_rps: rps.parse().unwrap(), arrival };
    request
}

#[tokio::test]
async fn requests_are_sent_when_they_are_due_whatever_the_earlier_ones_do() {
    let engine = start(config(20.0), None).await.unwrap();
    // 10 tokens take 200 ms: at 100/s some 20 are in flight.
    let m = measure_at(&engine.base_url(), &at_rate(150, "100", Arrival::Constant, 10)).await.unwrap();
    let records = measured(&m);
    assert_eq!(records.len(), 150);
    assert!(records.iter().all(|r| r.outcome == Outcome::Succeeded));
    let due: Vec<u64> = m.records.iter().map(|r| r.t_sched_ns).collect();
    assert!(due.windows(2).all(|pair| pair[1] - pair[0] == 10_000_000), "{due:?}");
    assert!(records.iter().all(|r| r.t_send_ns.unwrap() >= r.t_sched_ns));
    let c = &m.certificate;
    assert_eq!(c.dropped_arrivals, 0);
    assert!((c.requested_rps.unwrap() - 100.0).abs() < 2.0, "{c:?}");
    assert!((10..60).contains(&c.open_sockets), "{c:?}");
    // From the schedule it is never less than from the sending.
    let of = |summary: &Option<Summary>, statistic| summary.as_ref().unwrap().get(statistic);
    let both = of(&m.metrics.ttft, Statistic::P50) <= of(&m.metrics.ttft_sched, Statistic::P50)
        && of(&m.metrics.e2e, Statistic::P99) <= of(&m.metrics.e2e_sched, Statistic::P99);
    assert!(both, "{:?}", m.metrics);
    let warm_up = m.records.iter().filter(|r| r.phase == Phase::WarmUp).count();
    assert_eq!(warm_up, 100);
}

#[tokio::test]
async fn the_same_seed_sends_at_the_same_instants() {
    let engine = start(config(1.0), None).await.unwrap();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let m = measure_at(&engine.base_url(), &at_rate(60, "200", Arrival::Poisson, 2)).await.unwrap();
        let first = m.records[0].t_sched_ns;
        // Until the end of the measured part: what keeps the load up is as long as the answers take.
        runs.push(m.records[..260].iter().map(|r| r.t_sched_ns - first).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn arrivals_beyond_the_most_in_flight_are_dropped_and_counted() {
    let engine = start(config(50.0), None).await.unwrap();
    // 500 ms each: 50 would be in flight, of which 5 may be.
    let mut request = at_rate(200, "100", Arrival::Constant, 10);
    request.max_in_flight = n(5);
    let m = measure_at(&engine.base_url(), &request).await.unwrap();
    let c = &m.certificate;
    let sent = measured(&m).len() as u64;
    assert_eq!(c.open_sockets, 5);
    assert!(sent + c.dropped_arrivals >= 100 && c.dropped_arrivals > sent, "{sent} {c:?}");
    assert!(c.achieved_rps.unwrap() < 0.5 * c.requested_rps.unwrap(), "{c:?}");
    assert!(m.flags.contains(&Flag::ClientLimited));
    assert!(c.violations.iter().any(|v| v.contains("the server lags, or --max-in-flight 5 is low")), "{c:?}");
}

#[tokio::test]
async fn a_server_that_cannot_keep_up_is_not_steady_and_none_of_its_answers_is_cut() {
    // 2 at a time, 100 ms each: 20/s of the 60/s that arrive.
    let slow = SimulationConfig { max_num_seqs: n(2), ..config(50.0) };
    let engine = start(slow, None).await.unwrap();
    let m = measure_at(&engine.base_url(), &at_rate(80, "60", Arrival::Constant, 2)).await.unwrap();
    assert!(m.flags.contains(&Flag::NotSteady), "{:?}", m.flags);
    assert_eq!(m.counts.succeeded, 80);
    assert!(measured(&m).iter().all(|r| r.outcome == Outcome::Succeeded));
    assert!(m.metrics.rps < 30.0, "{}", m.metrics.rps);
    let ttft = m.metrics.ttft.as_ref().unwrap();
    assert!(ttft.p99 > 2.0 * ttft.p50 || ttft.p50 > 1000.0);
}

#[tokio::test]
async fn a_dead_engine_is_noticed_within_seconds() {
    let faults = Faults { fail_after: 30.try_into().ok(), ..Faults::default() };
    let engine = start(SimulationConfig { faults, ..config(1.0) }, None).await.unwrap();
    let begin = Instant::now();
    let request = at_rate(100_000, "100", Arrival::Poisson, 6);
    let error = measure_at(&engine.base_url(), &request).await.unwrap_err();
    assert!(matches!(error, LoadError::EngineGone { .. }), "{error}");
    let words = error.to_string();
    assert!(words.contains("the last ") && !words.contains("every connection"), "{words}");
    assert!(begin.elapsed() < Duration::from_secs(30));
}
