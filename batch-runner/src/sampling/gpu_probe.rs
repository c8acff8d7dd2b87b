//! A **GPU probe** tells what GPUs do at one instant: [NVML](super::nvml) or a [DCGM exporter](super::dcgm).

use async_trait::async_trait;

/// What one GPU does at one instant. What its driver does not tell is absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GpuReading {
    /// Share of the time in which some kernel ran, since the last reading or over the driver's own short period.
    pub utilisation: Option<f64>,
    /// Memory in use, by whatever uses it, bytes.
    pub memory_bytes: Option<u64>,
    /// Board power, W.
    pub power_w: Option<f64>,
    /// Energy since the driver was loaded, J.
    pub energy_j: Option<f64>,
    /// Clock of the multiprocessors, MHz.
    pub sm_clock_mhz: Option<f64>,
    /// Temperature, degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Whether heat or power keeps the clocks down.
    pub throttled: Option<bool>,
}

impl GpuReading {
    /// Each value under the name that it is stored by.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [
            ("utilisation", self.utilisation),
            ("memory_bytes", self.memory_bytes.map(|bytes| bytes as f64)),
            ("power_w", self.power_w),
            ("energy_j_total", self.energy_j),
            ("sm_clock_mhz", self.sm_clock_mhz),
            ("temperature_c", self.temperature_c),
            ("throttled", self.throttled.map(|throttled| f64::from(u8::from(throttled)))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Reads GPUs.
#[async_trait]
pub trait GpuProbe: Send + Sync {
    /// What these GPUs do, in their order; each is named as in `CUDA_VISIBLE_DEVICES`: by its index in the order of the PCI
    /// bus, or by its UUID. The error is the reason for people why nobody can tell.
    async fn read(&self, devices: &[String]) -> Result<Vec<GpuReading>, String>;
}

/// The probe of a machine where nobody can tell, with the reason.
#[derive(Debug, Clone)]
pub struct NoGpuProbe(pub String);

#[async_trait]
impl GpuProbe for NoGpuProbe {
    async fn read(&self, _devices: &[String]) -> Result<Vec<GpuReading>, String> {
        Err(self.0.clone())
    }
}
