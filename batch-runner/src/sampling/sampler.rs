//! A **sampler** takes readings once a second while a trial is measured, beside the load generator and never on its thread.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::run_telemetry::Watched;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::engine_metrics::{EngineReading, MetricsMap};
use super::gpu_probe::{GpuProbe, GpuReading};
use super::reading::{At, Readings};
use crate::control::{Answer, get};
use crate::engine::ServerFacts;
use crate::transport::Address;

/// How often is looked.
const PERIOD: Duration = Duration::from_secs(1);
/// Longest that an engine's page may take. An engine under load answers late; a reading is then missing.
const LIMIT: Duration = Duration::from_secs(5);

/// Says what time it is.
type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Takes readings until it is asked for them. Dropping it ends it.
#[derive(Debug)]
pub struct Sampler {
    stop: CancellationToken,
    engine: JoinHandle<Series<EngineReading>>,
    gpus: JoinHandle<Series<Vec<GpuReading>>>,
    devices: Vec<String>,
}

/// Readings, or the last reason why there are none.
type Series<T> = Watched<Vec<At<T>>>;

impl Sampler {
    /// Begins to look at a server and its GPUs.
    #[must_use]
    pub fn begin(server: &ServerFacts, probe: Arc<dyn GpuProbe>, clock: Clock) -> Self {
        let stop = CancellationToken::new();
        let devices = server.gpus.clone();
        let engine = EngineView { address: server.address.clone(), map: MetricsMap::of(server.engine) };
        let gpus = GpuView { probe, devices: devices.clone(), is_attached: server.is_attached };
        Self {
            engine: take(engine, PERIOD, Arc::clone(&clock), stop.clone()),
            gpus: take(gpus, PERIOD, clock, stop.clone()),
            stop,
            devices,
        }
    }

    /// Ends it; what it read.
    pub async fn end(mut self) -> Readings {
        self.stop.cancel();
        Readings {
            devices: std::mem::take(&mut self.devices),
            gpus: (&mut self.gpus).await.unwrap_or_else(|error| Watched::Unseen(error.to_string())),
            engine: (&mut self.engine).await.unwrap_or_else(|error| Watched::Unseen(error.to_string())),
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What can be looked at again and again.
#[async_trait]
trait View: Send + Sync + 'static {
    type Reading: Send + 'static;

    /// What is seen now. The error is the reason for people why nothing is.
    async fn look(&self) -> Result<Self::Reading, String>;
}

/// Looks once a period until told to stop, and then a last time.
fn take<V: View>(
    view: V,
    period: Duration,
    clock: Clock,
    stop: CancellationToken,
) -> JoinHandle<Series<V::Reading>> {
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut series, mut reason) = (Vec::new(), String::new());
        loop {
            let is_last = tokio::select! {
                biased;
                () = stop.cancelled() => true,
                _ = ticks.tick() => false,
            };
            match view.look().await {
                Ok(value) => series.push(At { at: clock(), value }),
                Err(error) => reason = error,
            }
            if is_last {
                break;
            }
        }
        if series.is_empty() { Watched::Unseen(reason) } else { Watched::Seen(series) }
    })
}

struct EngineView {
    address: Address,
    map: Option<&'static MetricsMap>,
}

#[async_trait]
impl View for EngineView {
    type Reading = EngineReading;

    async fn look(&self) -> Result<EngineReading, String> {
        let map = self.map.ok_or("the simulated engine has no metrics of its own")?;
        let answer = get(&self.address, "/metrics", LIMIT).await.and_then(Answer::success);
        let answer = answer.map_err(|error| format!("/metrics: {error}"))?;
        let reading = map.read(&String::from_utf8_lossy(&answer.body));
        if reading.is_empty() { Err("/metrics tells nothing that is known".to_owned()) } else { Ok(reading) }
    }
}

struct GpuView {
    probe: Arc<dyn GpuProbe>,
    devices: Vec<String>,
    is_attached: bool,
}

#[async_trait]
impl View for GpuView {
    type Reading = Vec<GpuReading>;

    async fn look(&self) -> Result<Vec<GpuReading>, String> {
        match (self.devices.is_empty(), self.is_attached) {
            (true, true) => Err("the server was attached to: its GPUs are not known".to_owned()),
            (true, false) => Err("the engine has no GPU".to_owned()),
            (false, _) => self.probe.read(&self.devices).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Count(AtomicU32, CancellationToken);

    #[async_trait]
    impl View for Count {
        type Reading = u32;

        async fn look(&self) -> Result<u32, String> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                // A look that fails is missing, and the next one is not.
                1 => return Err("late".to_owned()),
                3 => self.1.cancel(),
                _ => {}
            }
            Ok(self.0.load(Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn it_looks_until_it_is_told_to_stop_and_then_a_last_time() {
        let stop = CancellationToken::new();
        let view = Count(AtomicU32::new(0), stop.clone());
        let series = take(view, Duration::from_millis(1), Arc::new(Utc::now), stop).await.unwrap();
        let values: Vec<u32> = series.seen().unwrap().iter().map(|at| at.value).collect();
        assert_eq!(values, [1, 3, 4, 5]);
    }
}
