//! A **certificate** says whether the load generator was the bottleneck of a run. A run that crosses one of
//! the thresholds measured the client, not the server.

use domain::result::{Certificate, ClientCapacity};
use serde::{Deserialize, Serialize};

use crate::summary::percentile;

/// What the client can do on its host: the rates that would keep its IO thread busy all the time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// Content events per second, each in a read of its own.
    pub events_per_s: f64,
    /// Requests per second, with an answer of one event each.
    pub requests_per_s: f64,
}

impl Ceiling {
    /// The share of it that so many reads and requests per second take.
    #[must_use]
    pub fn used_by(&self, driven: Driven) -> f64 {
        driven.reads_per_s / self.events_per_s + driven.requests_per_s / self.requests_per_s
    }
}

/// What a run asked of the client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Driven {
    /// Reads of its sockets per second.
    pub reads_per_s: f64,
    /// Requests per second that ended.
    pub requests_per_s: f64,
}

/// What the client saw of itself during the window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClientObservations {
    /// `t_send - t_sched` of every request, ms.
    pub issue_lags_ms: Vec<f64>,
    /// How late each tick of the IO thread's event loop was, ms: every one that was due, those during a stall among them.
    pub loop_stalls_ms: Vec<f64>,
    /// Processor time of the IO thread / wall time.
    pub io_thread_cpu: f64,
    /// Processor time of the whole client / wall time, in cores.
    pub client_cpu_cores: f64,
    /// What it was calibrated to, and what was asked of it.
    pub calibrated: Option<(Ceiling, Driven)>,
    /// Most sockets open at once.
    pub open_sockets: u32,
    /// Most sockets that may be open. None is no limit.
    pub socket_limit: Option<u32>,
    /// Arrivals that were due and never sent.
    pub dropped_arrivals: u64,
    /// Most requests that an open loop may have in flight; beyond them it drops.
    pub most_in_flight: u32,
    /// Of an open loop.
    pub rates: Option<Rates>,
}

/// Requests per second of an open loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// That were due.
    pub requested_rps: f64,
    /// That were sent.
    pub achieved_rps: f64,
}

/// Where a client starts to distort what it measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Longest p99 of the issue lag, ms: it is added to what a user would wait.
    pub issue_lag_p99_ms: f64,
    /// Longest p99 of the loop stall, ms: it is added to every instant.
    pub loop_stall_p99_ms: f64,
    /// Largest share of a core for the IO thread: beyond it reads queue up.
    pub io_thread_cpu: f64,
    /// Largest share of its calibrated ceiling.
    pub ceiling_share: f64,
    /// Most dropped arrivals.
    pub dropped_arrivals: u64,
    /// Least share of the requests that were due which must have been sent.
    pub achieved_share: f64,
}

impl Thresholds {
    /// The thresholds of every stored result: 10 ms is a tenth of the shortest TTFT that people notice. A ceiling is
    /// the best case of a full event loop; beyond 0.7 of it, not even that has the third of its time left that larger
    /// events, long prompts and TLS take. What is seen of a client that is short of time usually tells sooner.
    pub const STANDARD: Self = Self {
        issue_lag_p99_ms: 10.0,
        loop_stall_p99_ms: 10.0,
        io_thread_cpu: 0.9,
        ceiling_share: 0.7,
        dropped_arrivals: 0,
        achieved_share: 0.98,
    };
}

/// Judges a client. What was not observed counts as zero, except that a run without a single tick of the
/// event loop is a violation: nobody watched.
#[must_use]
pub fn certify(observed: ClientObservations, thresholds: &Thresholds) -> Certificate {
    let lags = sorted(observed.issue_lags_ms);
    let stalls = sorted(observed.loop_stalls_ms);
    let at = |values: &[f64], p| percentile(values, p).unwrap_or(0.0);
    let mut certificate = Certificate {
        violations: Vec::new(),
        issue_lag_p50_ms: at(&lags, 0.50),
        issue_lag_p99_ms: at(&lags, 0.99),
        issue_lag_max_ms: at(&lags, 1.0),
        loop_stall_p99_ms: at(&stalls, 0.99),
        loop_stall_max_ms: at(&stalls, 1.0),
        io_thread_cpu: observed.io_thread_cpu,
        client_cpu_cores: observed.client_cpu_cores,
        capacity: observed.calibrated.map(|(ceiling, driven)| ClientCapacity {
            most_events_per_s: ceiling.events_per_s,
            most_requests_per_s: ceiling.requests_per_s,
            events_per_s: driven.reads_per_s,
            requests_per_s: driven.requests_per_s,
            used: ceiling.used_by(driven),
        }),
        open_sockets: observed.open_sockets,
        socket_limit: observed.socket_limit,
        dropped_arrivals: observed.dropped_arrivals,
        requested_rps: observed.rates.map(|r| r.requested_rps),
        achieved_rps: observed.rates.map(|r| r.achieved_rps),
    };
    let t = thresholds;
    let checks = [
        (certificate.issue_lag_p99_ms > t.issue_lag_p99_ms).then(|| {
            let lag = certificate.issue_lag_p99_ms;
            // A closed loop opens its connections before anything is measured.
            let opened = observed.rates.map_or("", |_| " (with connecting)");
            format!("issue lag p99 is {lag:.1} ms, allowed are {} ms{opened}", t.issue_lag_p99_ms)
        }),
        (certificate.loop_stall_p99_ms > t.loop_stall_p99_ms).then(|| {
            let stall = certificate.loop_stall_p99_ms;
            format!("event-loop stall p99 is {stall:.1} ms, allowed are {} ms", t.loop_stall_p99_ms)
        }),
        (certificate.io_thread_cpu > t.io_thread_cpu).then(|| {
            let cpu = certificate.io_thread_cpu;
            format!("the IO thread used {cpu:.2} of a core, allowed are {}", t.io_thread_cpu)
        }),
        (certificate.dropped_arrivals > t.dropped_arrivals).then(|| {
            let dropped = certificate.dropped_arrivals;
            match certificate.socket_limit.filter(|limit| certificate.open_sockets >= *limit) {
                Some(limit) => {
                    format!("{dropped} arrivals found all {limit} sockets in use: raise `ulimit -n`")
                }
                // A server that falls behind fills them as well as a load that needs more.
                None => format!(
                    "{dropped} never sent: the server lags, or --max-in-flight {} is low",
                    observed.most_in_flight
                ),
            }
        }),
        certificate.capacity.filter(|capacity| capacity.used > t.ceiling_share).map(|c| {
            let (used, limit) = (c.used * 100.0, t.ceiling_share * 100.0);
            format!("{used:.0} % of this client's ceiling was used, allowed are {limit:.0} %")
        }),
        observed.rates.filter(|r| r.achieved_rps < r.requested_rps * t.achieved_share).map(|r| {
            let (sent, due) = (r.achieved_rps, r.requested_rps);
            format!("{sent:.1} requests/s were sent of {due:.1} that were due")
        }),
        stalls.is_empty().then(|| "the event loop was not watched: the window was too short".to_owned()),
    ];
    certificate.violations = checks.into_iter().flatten().collect();
    certificate
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> ClientObservations {
        ClientObservations {
            issue_lags_ms: vec![0.1; 100],
            loop_stalls_ms: vec![0.5; 100],
            io_thread_cpu: 0.3,
            client_cpu_cores: 0.5,
            calibrated: Some((
                Ceiling { events_per_s: 200_000.0, requests_per_s: 20_000.0 },
                Driven { reads_per_s: 50_000.0, requests_per_s: 500.0 },
            )),
            open_sockets: 16,
            socket_limit: Some(1_000),
            dropped_arrivals: 0,
            most_in_flight: 512,
            rates: Some(Rates { requested_rps: 50.0, achieved_rps: 49.5 }),
        }
    }

    #[test]
    fn a_quiet_client_passes() {
        let certificate = certify(quiet(), &Thresholds::STANDARD);
        assert!(certificate.violations.is_empty());
        assert_eq!((certificate.issue_lag_p50_ms, certificate.open_sockets), (0.1, 16));
        assert!((certificate.capacity.unwrap().used - 0.275).abs() < 1e-9);
        let unknown = ClientObservations { calibrated: None, socket_limit: None, ..quiet() };
        let certificate = certify(unknown, &Thresholds::STANDARD);
        assert!(certificate.violations.is_empty() && certificate.capacity.is_none());
    }

    #[test]
    fn as_many_sockets_as_may_be_are_no_fault_as_long_as_nothing_is_dropped() {
        let full = ClientObservations { open_sockets: 1_000, ..quiet() };
        assert!(certify(full, &Thresholds::STANDARD).violations.is_empty());
    }

    #[test]
    fn each_threshold_is_named_when_crossed() {
        type Spoil = fn(&mut ClientObservations);
        let cases: [(Spoil, &str); 8] = [
            (|o| o.issue_lags_ms[97..].fill(50.0), "issue lag p99 is 50.0 ms"),
            (|o| o.loop_stalls_ms[97..].fill(50.0), "event-loop stall p99 is 50.0 ms"),
            (|o| o.io_thread_cpu = 0.95, "0.95 of a core"),
            (|o| o.dropped_arrivals = 2, "2 never sent: the server lags, or --max-in-flight 512 is low"),
            (
                |o| (o.dropped_arrivals, o.open_sockets) = (2, 1_000),
                "2 arrivals found all 1000 sockets in use: raise `ulimit -n`",
            ),
            (
                |o| o.calibrated.as_mut().unwrap().1.reads_per_s = 160_000.0,
                "82 % of this client's ceiling was used, allowed are 70 %",
            ),
            (
                |o| o.rates = Some(Rates { requested_rps: 50.0, achieved_rps: 40.0 }),
                "40.0 requests/s were sent of 50.0",
            ),
            (|o| o.loop_stalls_ms.clear(), "not watched"),
        ];
        for (spoil, words) in cases {
            let mut observed = quiet();
            spoil(&mut observed);
            let certificate = certify(observed, &Thresholds::STANDARD);
            assert_eq!(certificate.violations.len(), 1, "{words}");
            assert!(certificate.violations[0].contains(words), "{:?}", certificate.violations);
        }
    }

    #[test]
    fn a_violation_fits_a_terminal() {
        let (most_rps, dropped_arrivals) = (99_999.9, 999_999);
        let ceiling = Ceiling { events_per_s: 1.0, requests_per_s: 1.0 };
        let driven = Driven { reads_per_s: 999.0, requests_per_s: 0.0 };
        let spoilt = ClientObservations {
            issue_lags_ms: vec![99_999.9; 9],
            loop_stalls_ms: vec![99_999.9; 9],
            io_thread_cpu: 1.0,
            client_cpu_cores: 99.0,
            calibrated: Some((ceiling, driven)),
            open_sockets: 65_535,
            socket_limit: Some(65_535),
            dropped_arrivals,
            most_in_flight: 65_535,
            rates: Some(Rates { requested_rps: most_rps, achieved_rps: 0.0 }),
        };
        let unlimited = ClientObservations { socket_limit: None, ..spoilt.clone() };
        for observed in [spoilt, unlimited] {
            let certificate = certify(observed, &Thresholds::STANDARD);
            assert_eq!(certificate.violations.len(), 6);
            // The table indents them by 12.
            assert!(certificate.violations.iter().all(|v| v.len() <= 68), "{:?}", certificate.violations);
        }
    }
}
