//! The **DCGM exporter** serves what NVIDIA's data centre manager knows of GPUs as Prometheus metrics, from its own container
//! (<https://github.com/NVIDIA/dcgm-exporter>): for a runner that has no driver's library of its own.

use std::time::Duration;

use async_trait::async_trait;

use super::exposition::{Line, lines};
use super::gpu_probe::{GpuProbe, GpuReading};
use crate::control::get;
use crate::transport::Address;

/// The variable with the exporter's address: `http://127.0.0.1:9400`.
pub const DCGM_VARIABLE: &str = "ASSAY_DCGM_URL";

/// Longest that a page may take.
const LIMIT: Duration = Duration::from_secs(2);
const MIB: f64 = 1_048_576.0;
/// Bits of `DCGM_FI_DEV_CLOCK_THROTTLE_REASONS`, which are NVML's: power cap, and slowdowns for heat or power.
const THROTTLED: u64 = 0x4 | 0x8 | 0x20 | 0x40 | 0x80;

/// A DCGM exporter.
#[derive(Debug, Clone)]
pub struct DcgmProbe {
    address: Address,
}

impl DcgmProbe {
    /// The exporter at a URL.
    ///
    /// # Errors
    /// The reason for people when the URL is none.
    pub fn at(url: &str) -> Result<Self, String> {
        let address = Address::parse(url).map_err(|error| format!("{DCGM_VARIABLE}: {error}"))?;
        Ok(Self { address })
    }
}

#[async_trait]
impl GpuProbe for DcgmProbe {
    async fn read(&self, devices: &[String]) -> Result<Vec<GpuReading>, String> {
        let answer = get(&self.address, "/metrics", LIMIT).await.and_then(crate::control::Answer::success);
        let answer = answer.map_err(|error| format!("DCGM exporter at {}: {error}", self.address.url()))?;
        let page = String::from_utf8_lossy(&answer.body);
        devices.iter().map(|device| read_one(&page, device)).collect()
    }
}

fn read_one(page: &str, device: &str) -> Result<GpuReading, String> {
    let is_it = |line: &Line<'_>| line.label("gpu") == Some(device) || line.label("UUID") == Some(device);
    let mut found = false;
    let mut reading = GpuReading::default();
    for line in lines(page).filter(is_it) {
        found = true;
        let value = line.value;
        match line.name {
            "DCGM_FI_DEV_GPU_UTIL" => reading.utilisation = Some(value / 100.0),
            "DCGM_FI_DEV_FB_USED" => reading.memory_bytes = whole(value * MIB),
            "DCGM_FI_DEV_POWER_USAGE" => reading.power_w = Some(value),
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" => reading.energy_j = Some(value / 1_000.0),
            "DCGM_FI_DEV_SM_CLOCK" => reading.sm_clock_mhz = Some(value),
            "DCGM_FI_DEV_GPU_TEMP" => reading.temperature_c = Some(value),
            // Renamed in DCGM 3.3.
            "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS" | "DCGM_FI_DEV_CLOCKS_EVENT_REASONS" => {
                reading.throttled = whole(value).map(|bits| bits & THROTTLED != 0);
            }
            _ => {}
        }
    }
    if found { Ok(reading) } else { Err(format!("the DCGM exporter has no GPU {device}")) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only what is within range")]
fn whole(value: f64) -> Option<u64> {
    (0.0..1e18).contains(&value).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_of_each_gpu_in_our_units() {
        let page = "DCGM_FI_DEV_GPU_UTIL{gpu=\"0\",UUID=\"GPU-a\"} 50\nDCGM_FI_DEV_GPU_UTIL{gpu=\"1\",UUID=\"GPU-b\"} 97\n\
                    DCGM_FI_DEV_FB_USED{gpu=\"1\",UUID=\"GPU-b\"} 2\nDCGM_FI_DEV_POWER_USAGE{gpu=\"1\",UUID=\"GPU-b\"} 345.5\n\
                    DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"1\",UUID=\"GPU-b\"} 2500\n\
                    DCGM_FI_DEV_CLOCK_THROTTLE_REASONS{gpu=\"1\",UUID=\"GPU-b\"} 4\n";
        let expected = GpuReading {
            utilisation: Some(0.97),
            memory_bytes: Some(2 << 20),
            power_w: Some(345.5),
            energy_j: Some(2.5),
            throttled: Some(true),
            ..GpuReading::default()
        };
        assert_eq!(read_one(page, "1").unwrap(), expected);
        assert_eq!(read_one(page, "GPU-b").unwrap(), expected);
        assert_eq!(read_one(page, "GPU-a").unwrap().utilisation, Some(0.5));
        assert_eq!(read_one(page, "7").unwrap_err(), "the DCGM exporter has no GPU 7");
    }
}
