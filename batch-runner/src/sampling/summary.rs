//! The **summary** of the readings in a window.

use chrono::{DateTime, Utc};
use domain::run_telemetry::{EngineTelemetry, GpuTelemetry, MeanAndMax, RunTelemetry, Watched};

use super::engine_metrics::EngineReading;
use super::gpu_probe::GpuReading;
use super::reading::{At, Readings};

impl Readings {
    /// What they say of the part of a run that counts: by the readings within it. Counters and energy need two of them.
    #[must_use]
    pub fn summary(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> RunTelemetry {
        let all_gpus = |seen: &[&At<Vec<GpuReading>>]| {
            self.devices.iter().enumerate().map(|(n, device)| gpu(n, device, seen)).collect()
        };
        RunTelemetry {
            gpus: of_window(&self.gpus, from, to, all_gpus),
            engine: of_window(&self.engine, from, to, engine),
        }
    }
}

/// The summary of those readings that lie in a window, or why there is none.
fn of_window<T, S>(
    readings: &Watched<Vec<At<T>>>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    summary: impl FnOnce(&[&At<T>]) -> S,
) -> Watched<S> {
    let series = match readings {
        Watched::Seen(series) => series,
        Watched::Unseen(reason) => return Watched::Unseen(reason.clone()),
    };
    let seen: Vec<&At<T>> = series.iter().filter(|reading| (from..=to).contains(&reading.at)).collect();
    if seen.is_empty() {
        Watched::Unseen("the window was too short to look".to_owned())
    } else {
        Watched::Seen(summary(&seen))
    }
}

fn gpu(n: usize, device: &str, series: &[&At<Vec<GpuReading>>]) -> GpuTelemetry {
    let own: Vec<(DateTime<Utc>, &GpuReading)> =
        series.iter().filter_map(|reading| Some((reading.at, reading.value.get(n)?))).collect();
    let values =
        |of: fn(&GpuReading) -> Option<f64>| own.iter().filter_map(|(_, r)| of(r)).collect::<Vec<f64>>();
    let energies: Vec<(DateTime<Utc>, f64)> =
        own.iter().filter_map(|(at, reading)| Some((*at, reading.energy_j?))).collect();
    GpuTelemetry {
        device: device.to_owned(),
        readings: count(own.len()),
        utilisation_mean: mean(&values(|r| r.utilisation)),
        memory_max_bytes: own.iter().filter_map(|(_, reading)| reading.memory_bytes).max(),
        power_mean_w: power(&energies).or_else(|| mean(&values(|r| r.power_w))),
        sm_clock_mean_mhz: mean(&values(|r| r.sm_clock_mhz)),
        temperature_max_c: values(|r| r.temperature_c).into_iter().reduce(f64::max),
        throttled_share: mean(&values(|r| r.throttled.map(|throttled| f64::from(u8::from(throttled))))),
    }
}

/// Mean power between the first and the last reading of an energy counter. None when it went back: the driver was loaded
/// anew.
fn power(energies: &[(DateTime<Utc>, f64)]) -> Option<f64> {
    let ((begin, first), (end, last)) = (energies.first()?, energies.last()?);
    let seconds = (*end - *begin).as_seconds_f64();
    (seconds > 0.0 && last >= first).then(|| (last - first) / seconds)
}

fn engine(series: &[&At<EngineReading>]) -> EngineTelemetry {
    let gauge = |of: fn(&EngineReading) -> Option<f64>| {
        let values: Vec<f64> = series.iter().filter_map(|reading| of(&reading.value)).collect();
        let max = values.iter().copied().reduce(f64::max)?;
        Some(MeanAndMax { mean: mean(&values)?, max })
    };
    // A counter that went back belongs to an engine that was started anew.
    let increase = |of: fn(&EngineReading) -> Option<f64>| {
        let (first, last) = (of(&series.first()?.value)?, of(&series.last()?.value)?);
        (series.len() > 1 && last >= first).then_some(last - first)
    };
    let queries = increase(|r| r.prefix_cache_queries).filter(|tokens| *tokens > 0.0);
    EngineTelemetry {
        readings: count(series.len()),
        running: gauge(|r| r.running),
        waiting: gauge(|r| r.waiting),
        kv_cache_use: gauge(|r| r.kv_cache_use),
        preemptions: increase(|r| r.preemptions).map(whole),
        prefix_cache_hit_share: queries.zip(increase(|r| r.prefix_cache_hits)).map(|(all, hits)| hits / all),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn count(readings: usize) -> u32 {
    u32::try_from(readings).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the increase of a counter")]
fn whole(increase: f64) -> u64 {
    increase.round() as u64
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap()
    }

    fn readings() -> Readings {
        let gpu = |n: i64| GpuReading {
            utilisation: Some(0.1 * n as f64),
            memory_bytes: Some(1_000 - n.unsigned_abs()),
            power_w: Some(1.0),
            energy_j: Some(300.0 * n as f64),
            throttled: Some(n == 2),
            ..GpuReading::default()
        };
        let engine = |n: i64| EngineReading {
            running: Some(n as f64),
            preemptions: Some(2.0 * n as f64),
            prefix_cache_queries: Some(100.0 * n as f64),
            prefix_cache_hits: Some(25.0 * n as f64),
            ..EngineReading::default()
        };
        Readings {
            devices: vec!["0".to_owned()],
            gpus: Watched::Seen((0..6).map(|n| At { at: at(n), value: vec![gpu(n)] }).collect()),
            engine: Watched::Seen((0..6).map(|n| At { at: at(n), value: engine(n) }).collect()),
        }
    }

    #[test]
    fn only_the_window_counts() {
        let summary = readings().summary(at(1), at(3));
        let [gpu] = summary.gpus.seen().unwrap().as_slice() else { panic!("one GPU") };
        assert_eq!((gpu.readings, gpu.memory_max_bytes, gpu.power_mean_w), (3, Some(999), Some(300.0)));
        assert!((gpu.utilisation_mean.unwrap() - 0.2).abs() < 1e-9);
        assert!((gpu.throttled_share.unwrap() - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(gpu.temperature_max_c, None);
        assert_eq!(summary.power_w(), Some(300.0));
        let engine = summary.engine.seen().unwrap();
        assert_eq!(engine.running, Some(MeanAndMax { mean: 2.0, max: 3.0 }));
        assert_eq!((engine.preemptions, engine.prefix_cache_hit_share), (Some(4), Some(0.25)));
        assert_eq!(engine.waiting, None);
    }

    #[test]
    fn a_window_without_readings_says_so_and_a_counter_that_went_back_tells_nothing() {
        let short =
            readings().summary(at(1) + TimeDelta::milliseconds(1), at(1) + TimeDelta::milliseconds(2));
        assert_eq!((short.gpus.seen(), short.engine.seen(), short.power_w()), (None, None, None));
        let mut restarted = readings();
        let Watched::Seen(series) = &mut restarted.engine else { panic!("seen") };
        series[3].value.preemptions = Some(0.0);
        assert_eq!(restarted.summary(at(1), at(3)).engine.seen().unwrap().preemptions, None);
    }
}
