//! The **meter** counts what a runner does, for whoever watches it while it runs: how many trials are done and left, what its
//! machine is doing now, and where its time went. Results do not depend on it. `docs/runner-metrics.md` lists the metrics.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use store::TrialOutcome;

use crate::load::TrialMeasurement;

/// What the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No engine is up and none starts: for the lease, for a pause, for the next launch.
    Waiting,
    /// Weights are fetched, or an engine starts.
    Starting,
    /// An engine or a hosted model is under load, or is asked about its accuracy.
    Measuring,
    /// An engine is up and nothing is asked of it: prompts are made, results are stored, the next trial is begun.
    Idle,
}

impl State {
    const ALL: [Self; 4] = [Self::Waiting, Self::Starting, Self::Measuring, Self::Idle];

    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Measuring => "measuring",
            Self::Idle => "idle",
        }
    }
}

type Seconds = Counter<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

/// Time by state.
struct Watch {
    state: State,
    /// Tells the time since some instant.
    clock: Box<dyn Fn() -> Duration + Send>,
    /// Until when the time is counted.
    counted: Duration,
    waiting: Seconds,
    starting: Seconds,
    measuring: Seconds,
    idle: Seconds,
}

/// Counts what a runner does.
pub struct Meter {
    registry: Registry,
    watch: Mutex<Watch>,
    state: Family<InState, Gauge>,
    trials: Family<Ended, Counter>,
    trials_left: Gauge,
    engine_starts: Family<Ended, Counter>,
    requests: Family<Ended, Counter>,
    lease_renewals: Counter,
    lost: Seconds,
    weights: Counter,
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// Counts from now on.
    #[must_use]
    pub fn new() -> Self {
        let begun = Instant::now();
        Self::by(Box::new(move || begun.elapsed()))
    }

    fn by(clock: Box<dyn Fn() -> Duration + Send>) -> Self {
        let mut registry = Registry::with_prefix("assay_runner");
        let seconds = Seconds::default;
        let watch = Watch {
            state: State::Waiting,
            counted: clock(),
            clock,
            waiting: seconds(),
            starting: seconds(),
            measuring: seconds(),
            idle: seconds(),
        };
        for (name, help, counter) in [
            ("waiting", "Time in which no engine was up and none started", &watch.waiting),
            ("starting", "Time in which weights were fetched or an engine started", &watch.starting),
            (
                "measuring",
                "Time in which an engine was under load or asked about its accuracy",
                &watch.measuring,
            ),
            ("idle", "Time in which an engine was up and nothing was asked of it", &watch.idle),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, counter.clone());
        }
        let meter = Self {
            watch: Mutex::new(watch),
            state: Family::default(),
            trials: Family::default(),
            trials_left: Gauge::default(),
            engine_starts: Family::default(),
            requests: Family::default(),
            lease_renewals: Counter::default(),
            lost: seconds(),
            weights: Counter::default(),
            registry,
        };
        meter.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register(
            "state",
            "What the machine does now: 1 for one state, 0 for the others",
            self.state.clone(),
        );
        registry.register("trials", "Trials that came to an outcome in this attempt", self.trials.clone());
        registry.register("trials_left", "Trials of the batch without an outcome", self.trials_left.clone());
        registry.register(
            "engine_starts",
            "Engines that were started, or attached to",
            self.engine_starts.clone(),
        );
        registry.register(
            "requests",
            "Requests of measured windows, told when their trial has ended",
            self.requests.clone(),
        );
        registry.register(
            "lease_renewals",
            "Times that the claim on the batch was renewed",
            self.lease_renewals.clone(),
        );
        let help = "Work of earlier tries and attempts that was charged to stored results";
        registry.register_with_unit("lost", help, Unit::Seconds, self.lost.clone());
        registry.register_with_unit(
            "weights_fetched",
            "Weights that were fetched",
            Unit::Bytes,
            self.weights.clone(),
        );
        for outcome in ["stored", "failed"] {
            drop(self.trials.get_or_create(&Ended { outcome }));
        }
        for outcome in ["up", "failed"] {
            drop(self.engine_starts.get_or_create(&Ended { outcome }));
        }
        for outcome in ["succeeded", "failed"] {
            drop(self.requests.get_or_create(&Ended { outcome }));
        }
        self.show(State::Waiting);
        self
    }

    /// The page of metrics, in the text format of OpenMetrics.
    #[must_use]
    pub fn page(&self) -> String {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).count();
        let mut page = String::new();
        // Writing into a text does not fail.
        let _ = encode(&mut page, &self.registry);
        page
    }

    /// The machine does something else from now on.
    pub(super) fn enter(&self, state: State) {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).enter(state);
        self.show(state);
    }

    fn show(&self, now: State) {
        for state in State::ALL {
            self.state.get_or_create(&InState { state: state.name() }).set(i64::from(state == now));
        }
    }

    /// A trial was measured: what it took besides its load, as for making its prompts, was idle.
    pub(super) fn measured(&self, measured: &TrialMeasurement) {
        let loaded = Duration::try_from_secs_f64(measured.warm_up_s + measured.window.seconds());
        self.loaded(loaded.unwrap_or(Duration::MAX));
        for (outcome, count) in
            [("succeeded", measured.counts.succeeded), ("failed", measured.counts.failures())]
        {
            self.requests.get_or_create(&Ended { outcome }).inc_by(count);
        }
    }

    /// The load has ended, and the engine is idle from now on.
    fn loaded(&self, loaded: Duration) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.leave(loaded);
        watch.state = State::Idle;
        drop(watch);
        self.show(State::Idle);
    }

    /// So many trials have no outcome.
    pub(super) fn left(&self, trials: usize) {
        self.trials_left.set(i64::try_from(trials).unwrap_or(i64::MAX));
    }

    /// A trial came to its outcome.
    pub(super) fn ended(&self, outcome: &TrialOutcome) {
        let outcome = match outcome {
            TrialOutcome::Stored => "stored",
            TrialOutcome::Failed { .. } => "failed",
        };
        self.trials.get_or_create(&Ended { outcome }).inc();
        self.trials_left.dec();
    }

    /// An engine was started, or could not be.
    pub(super) fn started(&self, is_up: bool) {
        let outcome = if is_up { "up" } else { "failed" };
        self.engine_starts.get_or_create(&Ended { outcome }).inc();
    }

    /// The claim was renewed.
    pub(super) fn renewed(&self) {
        self.lease_renewals.inc();
    }

    /// A result was charged for lost work, s.
    pub(super) fn lost(&self, seconds: f64) {
        self.lost.inc_by(seconds.max(0.0));
    }

    /// Weights were fetched, bytes.
    pub(super) fn fetched(&self, bytes: u64) {
        self.weights.inc_by(bytes);
    }
}

impl Watch {
    /// Counts the time until now. What of a trial was load is known when it has ended, so that it is counted then.
    fn count(&mut self) {
        if self.state != State::Measuring {
            self.leave(Duration::ZERO);
        }
    }

    /// Counts the time until now, of which the engine was under load for so long.
    fn leave(&mut self, loaded: Duration) {
        let now = (self.clock)();
        let passed = now.saturating_sub(self.counted);
        self.counted = now;
        let loaded = loaded.min(passed);
        let rest = match self.state {
            State::Waiting => &self.waiting,
            State::Starting => &self.starting,
            State::Measuring | State::Idle => &self.idle,
        };
        rest.inc_by((passed - loaded).as_secs_f64());
        self.measuring.inc_by(loaded.as_secs_f64());
    }

    fn enter(&mut self, state: State) {
        // A trial that was not measured to its end was load all the same.
        let loaded = if self.state == State::Measuring { Duration::MAX } else { Duration::ZERO };
        self.leave(loaded);
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::*;

    fn value(meter: &Meter, series: &str) -> f64 {
        let page = meter.page();
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{series} in {page}")).parse().unwrap()
    }

    #[test]
    fn every_second_is_in_one_state() {
        let now = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now);
        let meter = Meter::by(Box::new(move || Duration::from_secs(clock.load(Ordering::Relaxed))));
        let pass = |seconds| now.fetch_add(seconds, Ordering::Relaxed);
        pass(1);
        meter.enter(State::Starting);
        pass(20);
        meter.enter(State::Idle);
        pass(2);
        meter.enter(State::Measuring);
        pass(100);
        assert_eq!(value(&meter, "assay_runner_measuring_seconds_total"), 0.0);
        assert_eq!(value(&meter, "assay_runner_state{state=\"measuring\"}"), 1.0);
        // Prompts took five of them.
        meter.loaded(Duration::from_secs(95));
        pass(3);
        meter.enter(State::Measuring);
        pass(7);
        meter.enter(State::Waiting);
        for (state, seconds) in [("waiting", 1.0), ("starting", 20.0), ("measuring", 102.0), ("idle", 10.0)] {
            assert_eq!(value(&meter, &format!("assay_runner_{state}_seconds_total")), seconds, "{state}");
        }
        assert_eq!(value(&meter, "assay_runner_state{state=\"measuring\"}"), 0.0);
        assert_eq!(value(&meter, "assay_runner_state{state=\"waiting\"}"), 1.0);
    }

    #[test]
    fn the_page_has_every_metric_from_the_start() {
        let meter = Meter::new();
        meter.left(3);
        meter.ended(&TrialOutcome::Stored);
        meter.ended(&TrialOutcome::Failed { reason: "it died".to_owned() });
        meter.started(true);
        meter.renewed();
        meter.lost(1.5);
        meter.fetched(7);
        for (series, expected) in [
            ("trials_total{outcome=\"stored\"}", 1.0),
            ("trials_total{outcome=\"failed\"}", 1.0),
            ("trials_left", 1.0),
            ("engine_starts_total{outcome=\"up\"}", 1.0),
            ("engine_starts_total{outcome=\"failed\"}", 0.0),
            ("requests_total{outcome=\"failed\"}", 0.0),
            ("lease_renewals_total", 1.0),
            ("lost_seconds_total", 1.5),
            ("weights_fetched_bytes_total", 7.0),
        ] {
            assert_eq!(value(&meter, &format!("assay_runner_{series}")), expected, "{series}");
        }
        assert!(meter.page().ends_with("# EOF\n"));
    }
}
