//! A **hardware config** is a type of accelerator and how many of it one engine gets: `h100x2`.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The accelerators that can be named in a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Accelerator {
    /// The machine's own processor; always one.
    Cpu,
    /// NVIDIA L4, 24 GB.
    L4,
    /// NVIDIA L40S, 48 GB.
    L40s,
    /// NVIDIA A10G, 24 GB: the A10 of AWS.
    A10g,
    /// NVIDIA A100 SXM, 40 GB.
    #[serde(rename = "a100-40gb")]
    A100Gb40,
    /// NVIDIA A100, 80 GB.
    #[serde(rename = "a100-80gb")]
    A100Gb80,
    /// NVIDIA H100 SXM, 80 GB.
    H100,
    /// NVIDIA H200 SXM, 141 GB.
    H200,
    /// NVIDIA B200, 180 GB.
    B200,
}

impl Accelerator {
    /// Every accelerator.
    pub const ALL: [Self; 9] = [
        Self::Cpu,
        Self::L4,
        Self::L40s,
        Self::A10g,
        Self::A100Gb40,
        Self::A100Gb80,
        Self::H100,
        Self::H200,
        Self::B200,
    ];

    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::L4 => "l4",
            Self::L40s => "l40s",
            Self::A10g => "a10g",
            Self::A100Gb40 => "a100-40gb",
            Self::A100Gb80 => "a100-80gb",
            Self::H100 => "h100",
            Self::H200 => "h200",
            Self::B200 => "b200",
        }
    }

    /// The part of `nvidia-smi`'s product name that identifies it; none for the processor.
    #[must_use]
    pub const fn nvidia_product(self) -> Option<&'static str> {
        match self {
            Self::Cpu => None,
            Self::L4 => Some("L4"),
            Self::L40s => Some("L40S"),
            Self::A10g => Some("A10G"),
            Self::A100Gb40 | Self::A100Gb80 => Some("A100"),
            Self::H100 => Some("H100"),
            Self::H200 => Some("H200"),
            Self::B200 => Some("B200"),
        }
    }
}

impl fmt::Display for Accelerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Accelerator and count. Written `l4x1`, `h100x8`, or `cpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Hardware {
    accelerator: Accelerator,
    count: NonZeroU32,
}

/// A text that names no hardware config.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no hardware: write `cpu`, or l4, l40s, a10g, a100-40gb, a100-80gb, h100, h200 or b200 with a count of 1, \
     2, 4 or 8, such as h100x2"
)]
pub struct UnknownHardware(pub String);

impl Hardware {
    /// The machine's processor.
    pub const CPU: Self = Self { accelerator: Accelerator::Cpu, count: NonZeroU32::MIN };

    /// A config, when the count is one that exists: 1, 2, 4 or 8 GPUs, or one processor.
    #[must_use]
    pub fn new(accelerator: Accelerator, count: u32) -> Option<Self> {
        let exists = match accelerator {
            Accelerator::Cpu => count == 1,
            _ => matches!(count, 1 | 2 | 4 | 8),
        };
        NonZeroU32::new(count).filter(|_| exists).map(|count| Self { accelerator, count })
    }

    /// The type.
    #[must_use]
    pub const fn accelerator(self) -> Accelerator {
        self.accelerator
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// How many of them are GPUs.
    #[must_use]
    pub const fn gpu_count(self) -> u32 {
        match self.accelerator {
            Accelerator::Cpu => 0,
            _ => self.count.get(),
        }
    }
}

impl fmt::Display for Hardware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.accelerator {
            Accelerator::Cpu => f.pad("cpu"),
            other => f.pad(&format!("{other}x{}", self.count)),
        }
    }
}

impl FromStr for Hardware {
    type Err = UnknownHardware;

    fn from_str(text: &str) -> Result<Self, UnknownHardware> {
        let unknown = || UnknownHardware(text.to_owned());
        if text == "cpu" {
            return Ok(Self::CPU);
        }
        let (name, count) = text.rsplit_once('x').ok_or_else(unknown)?;
        let accelerator = Accelerator::ALL
            .into_iter()
            .find(|a| a.name() == name && *a != Accelerator::Cpu)
            .ok_or_else(unknown)?;
        // Only the canonical digits: `l4x01` would be a second name of the same thing.
        if count.len() != 1 {
            return Err(unknown());
        }
        Self::new(accelerator, count.parse().map_err(|_| unknown())?).ok_or_else(unknown)
    }
}

impl TryFrom<String> for Hardware {
    type Error = UnknownHardware;
    fn try_from(text: String) -> Result<Self, UnknownHardware> {
        text.parse()
    }
}

impl From<Hardware> for String {
    fn from(hardware: Hardware) -> String {
        hardware.to_string()
    }
}

/// A **generation** of accelerators: what decides which precisions its arithmetic units know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// A processor.
    Cpu,
    /// NVIDIA Ampere: compute capability 8.0 and 8.6.
    Ampere,
    /// NVIDIA Ada Lovelace: 8.9.
    Ada,
    /// NVIDIA Hopper: 9.0.
    Hopper,
    /// NVIDIA Blackwell in data centres: 10.0.
    Blackwell,
}

/// How the accelerators of one machine are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// Through the host.
    Pcie,
    /// To each other.
    Nvlink,
}

/// What the data sheet says of one accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceleratorFacts {
    /// Its generation.
    pub generation: Generation,
    /// Memory in GiB that programs can use.
    pub memory_gib: f64,
    /// Memory bandwidth in GB/s (10^9 bytes).
    pub bandwidth_gb_per_s: f64,
    /// Dense 16-bit TFLOP/s.
    pub fp16_tflops: f64,
    /// Dense 8-bit TFLOP/s; none without such units.
    #[serde(default)]
    pub fp8_tflops: Option<f64>,
    /// Dense 8-bit integer TOP/s.
    pub int8_tops: f64,
    /// The link to its neighbours.
    pub link: Link,
    /// Bandwidth to its neighbours in GB/s, both directions added.
    pub interconnect_gb_per_s: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_names_round_trip() {
        for text in ["cpu", "l4x1", "l40sx2", "a100-40gbx8", "a100-80gbx4", "h100x8", "b200x1"] {
            let hardware: Hardware = text.parse().unwrap();
            assert_eq!(hardware.to_string(), text);
        }
        for bad in ["", "h100", "h100x3", "h100x0", "h100x01", "cpux1", "b300x1", "x1"] {
            assert!(bad.parse::<Hardware>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_processor_is_no_gpu() {
        assert_eq!(Hardware::CPU.gpu_count(), 0);
        assert_eq!("l4x4".parse::<Hardware>().unwrap().gpu_count(), 4);
    }
}
