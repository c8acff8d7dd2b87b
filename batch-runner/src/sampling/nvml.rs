//! **NVML** is the library of NVIDIA's driver that tells what GPUs do. It is looked for when a job starts; where there is no
//! driver there is none, which is recorded.

use std::sync::Arc;

use async_trait::async_trait;
use nvml_wrapper::bitmasks::device::ThrottleReasons;
use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
use nvml_wrapper::{Device, Nvml};

use super::gpu_probe::{GpuProbe, GpuReading};

/// Clocks kept down by heat or power, not by a setting or for want of work.
const THROTTLED: ThrottleReasons = ThrottleReasons::SW_POWER_CAP
    .union(ThrottleReasons::HW_SLOWDOWN)
    .union(ThrottleReasons::SW_THERMAL_SLOWDOWN)
    .union(ThrottleReasons::HW_THERMAL_SLOWDOWN)
    .union(ThrottleReasons::HW_POWER_BRAKE_SLOWDOWN);

/// The driver's library.
#[derive(Debug, Clone)]
pub struct NvmlProbe(Arc<Nvml>);

impl NvmlProbe {
    /// Loads the library.
    ///
    /// # Errors
    /// The reason for people when there is none.
    pub fn load() -> Result<Self, String> {
        Nvml::init().map(|nvml| Self(Arc::new(nvml))).map_err(|error| format!("NVML is not there: {error}"))
    }
}

#[async_trait]
impl GpuProbe for NvmlProbe {
    async fn read(&self, devices: &[String]) -> Result<Vec<GpuReading>, String> {
        let (nvml, devices) = (Arc::clone(&self.0), devices.to_vec());
        // The driver may take its time.
        let read = move || devices.iter().map(|device| read_one(&nvml, device)).collect();
        tokio::task::spawn_blocking(read).await.map_err(|error| error.to_string())?
    }
}

fn read_one(nvml: &Nvml, name: &str) -> Result<GpuReading, String> {
    let found = match name.parse() {
        Ok(index) => nvml.device_by_index(index),
        Err(_) => nvml.device_by_uuid(name),
    };
    let device: Device<'_> = found.map_err(|error| format!("GPU {name}: {error}"))?;
    Ok(GpuReading {
        utilisation: device.utilization_rates().ok().map(|rates| f64::from(rates.gpu) / 100.0),
        memory_bytes: device.memory_info().ok().map(|memory| memory.used),
        power_w: device.power_usage().ok().map(|milliwatts| f64::from(milliwatts) / 1_000.0),
        energy_j: device.total_energy_consumption().ok().map(|millijoules| millijoules as f64 / 1_000.0),
        sm_clock_mhz: device.clock_info(Clock::SM).ok().map(f64::from),
        temperature_c: device.temperature(TemperatureSensor::Gpu).ok().map(f64::from),
        throttled: device.current_throttle_reasons().ok().map(|reasons| reasons.intersects(THROTTLED)),
    })
}
