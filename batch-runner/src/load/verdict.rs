//! The **verdict** over a finished load: is there something to measure, and could the client be trusted.

use std::collections::BTreeMap;

use domain::RequestSlo;
use domain::result::{Certificate, FailureReason};
use measurement::certificate::{Ceiling, ClientObservations, Driven, Rates, Thresholds, certify};
use measurement::record::{Outcome, RequestRecord};
use measurement::window::{Selects, Window};

use super::LoadError;
use super::timed::{CpuReading, Observations};

/// Refuses a run in which all or most of the requests of `records` failed.
pub(super) fn check_failures<'a>(
    records: impl Iterator<Item = &'a RequestRecord>,
    slo: &RequestSlo,
) -> Result<(), LoadError> {
    let tally = Tally::of(records, slo);
    if tally.succeeded > 0 && tally.failed() <= tally.succeeded { Ok(()) } else { Err(tally.error()) }
}

/// The error of a run that was given up because every slot kept failing.
pub(super) fn failing(records: &[RequestRecord], slo: &RequestSlo) -> LoadError {
    Tally::of(records.iter(), slo).error()
}

#[derive(Default)]
struct Tally {
    succeeded: u64,
    good: u64,
    reasons: BTreeMap<FailureReason, u64>,
    sample: Option<String>,
}

impl Tally {
    fn of<'a>(records: impl Iterator<Item = &'a RequestRecord>, slo: &RequestSlo) -> Self {
        let mut tally = Self::default();
        for record in records {
            tally.good += u64::from(record.meets(slo));
            match &record.outcome {
                Outcome::Succeeded => tally.succeeded += 1,
                Outcome::Failed { reason, detail } => {
                    *tally.reasons.entry(*reason).or_default() += 1;
                    tally.sample.get_or_insert_with(|| detail.clone());
                }
                Outcome::Cut => {}
            }
        }
        tally
    }

    fn failed(&self) -> u64 {
        self.reasons.values().sum()
    }

    fn error(self) -> LoadError {
        let (reasons, sample) = (self.reasons, self.sample.unwrap_or_default());
        if self.succeeded == 0 {
            LoadError::AllFailed { reasons, sample }
        } else {
            let (succeeded, good) = (self.succeeded, self.good);
            LoadError::TooManyFailures { succeeded, good, reasons, sample }
        }
    }
}

/// What is known of the client before a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Client {
    /// What it can do on this host. None: it was not calibrated.
    pub ceiling: Option<Ceiling>,
    /// Sockets that it may open; the most there are when there is no limit.
    pub most_sockets: u32,
    /// Requests that it may have in flight at a rate.
    pub most_in_flight: u32,
}

/// Judges the client over the window.
pub(super) fn certificate(
    client: Client,
    records: &[RequestRecord],
    observations: &Observations,
    window: &Window,
) -> Certificate {
    let in_window = observations.ticks.iter().filter(|t| window.contains(t.at_ns));
    let cpu: Vec<_> = observations.cpu.iter().filter(|c| window.contains(c.at_ns)).collect();
    let per_ns = |count: fn(&CpuReading) -> u64| match (cpu.first(), cpu.last()) {
        (Some(first), Some(last)) if last.at_ns > first.at_ns => {
            Some(count(last).saturating_sub(count(first)) as f64 / (last.at_ns - first.at_ns) as f64)
        }
        _ => None,
    };
    let driven = per_ns(|c| c.reads).map(|reads_per_ns| Driven {
        reads_per_s: reads_per_ns * 1e9,
        requests_per_s: window.ended(records).count() as f64 / window.seconds(),
    });
    let dropped = observations.dropped_in(window).count() as u64;
    let observed = ClientObservations {
        issue_lags_ms: window.measured(records).filter_map(RequestRecord::issue_lag_ms).collect(),
        loop_stalls_ms: in_window.map(|t| t.late_ns as f64 / 1e6).collect(),
        io_thread_cpu: per_ns(|c| c.thread_ns).unwrap_or(0.0),
        client_cpu_cores: per_ns(|c| c.process_ns).unwrap_or(0.0),
        calibrated: client.ceiling.zip(driven),
        open_sockets: observations.most_sockets,
        socket_limit: (client.most_sockets < u32::MAX).then_some(client.most_sockets),
        // A closed loop has no arrivals to drop: a slot that is late shows as issue lag.
        dropped_arrivals: dropped,
        most_in_flight: client.most_in_flight,
        rates: (window.selects == Selects::Due).then(|| {
            let due = records.iter().filter(|r| window.contains(r.t_sched_ns)).count() as u64 + dropped;
            let sent = records.iter().filter_map(|r| r.t_send_ns).filter(|t| window.contains(*t)).count();
            Rates {
                requested_rps: due as f64 / window.seconds(),
                achieved_rps: sent as f64 / window.seconds(),
            }
        }),
    };
    certify(observed, &Thresholds::STANDARD)
}
