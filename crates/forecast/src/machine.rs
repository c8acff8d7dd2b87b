//! A **machine** is a hardware config as a roofline sees it: operations and bytes per second.

use domain::hardware::Link;
use domain::model::Format;
use domain::{Accelerator, Hardware, Quantisation, known};

use crate::Setup;

/// A processor has no data sheet here, since machines differ too much. These are figures that almost any
/// server reaches: 8 cores at 2.5 GHz with two 256-bit FMA units do 8 x 2.5e9 x 32 = 0.64 TFLOP/s in 32 bits.
const CPU_TFLOPS: f64 = 0.5;

/// Two channels of DDR4-3200 have 51 GB/s; programs see about four fifths.
const CPU_BANDWIDTH_GB_PER_S: f64 = 40.0;

/// What a hardware config does per second, all of its accelerators together, at its data sheet's peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Machine {
    /// FLOP/s with 16-bit operands.
    pub flops_16_bit: f64,
    /// FLOP/s with 8-bit operands; with 16-bit ones where there are no 8-bit units.
    pub flops_8_bit: f64,
    /// Operations/s with 8-bit integers.
    pub ops_8_bit: f64,
    /// Bytes/s from memory.
    pub bytes_per_s: f64,
    /// Bytes/s that one accelerator sends to its neighbours while it receives as many.
    pub link_bytes_per_s: f64,
    /// Whether they are connected to each other and not through the host.
    pub nvlink: bool,
    /// How many accelerators share the model by tensor parallelism.
    pub count: u32,
}

impl Machine {
    /// The machine of a hardware config: its data sheet, or the assumed figures for a processor.
    #[must_use]
    pub fn of(hardware: Hardware) -> Self {
        let count = hardware.count();
        match (hardware.accelerator(), known::accelerator_facts(hardware.accelerator())) {
            (Accelerator::Cpu, _) | (_, None) => Self {
                flops_16_bit: CPU_TFLOPS * 1e12,
                flops_8_bit: CPU_TFLOPS * 1e12,
                ops_8_bit: CPU_TFLOPS * 1e12,
                bytes_per_s: CPU_BANDWIDTH_GB_PER_S * 1e9,
                link_bytes_per_s: CPU_BANDWIDTH_GB_PER_S * 1e9,
                nvlink: false,
                count,
            },
            (_, Some(facts)) => {
                let n = f64::from(count);
                Self {
                    flops_16_bit: facts.fp16_tflops * 1e12 * n,
                    flops_8_bit: facts.fp8_tflops.unwrap_or(facts.fp16_tflops) * 1e12 * n,
                    ops_8_bit: facts.int8_tops * 1e12 * n,
                    bytes_per_s: facts.bandwidth_gb_per_s * 1e9 * n,
                    // The data sheet adds both directions.
                    link_bytes_per_s: facts.interconnect_gb_per_s * 1e9 / 2.0,
                    nvlink: facts.link == Link::Nvlink,
                    count,
                }
            }
        }
    }

    /// Operations per second of a setup. Weights of 4 bits are always unpacked to 16 bits before they are multiplied, and
    /// so are those of GGUF files by the forecast, which is the careful side.
    #[must_use]
    pub fn ops_per_s(&self, setup: &Setup<'_>) -> f64 {
        if setup.weights_only || setup.engine.format() == Some(Format::Gguf) {
            return self.flops_16_bit;
        }
        match setup.quantisation {
            Quantisation::Fp16 | Quantisation::Int4 => self.flops_16_bit,
            Quantisation::Fp8 => self.flops_8_bit,
            Quantisation::Int8 => self.ops_8_bit,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Engine;

    use super::*;

    #[test]
    fn only_8_bit_activations_are_multiplied_in_8_bits() {
        let machine = Machine::of("h100x1".parse().unwrap());
        let architecture = &known::MODELS[&"qwen2.5-7b-instruct".parse().unwrap()].architecture;
        let hardware = "h100x1".parse().unwrap();
        let (quantisation, engine) = (Quantisation::Int8, Engine::Vllm);
        let w8a8 = Setup { architecture, quantisation, weights_only: false, hardware, engine };
        assert_eq!(machine.ops_per_s(&w8a8), machine.ops_8_bit);
        for setup in [
            Setup { weights_only: true, ..w8a8 },
            Setup { engine: Engine::LlamaCpp, ..w8a8 },
            Setup { quantisation: Quantisation::Int4, ..w8a8 },
        ] {
            assert_eq!(machine.ops_per_s(&setup), machine.flops_16_bit, "{setup:?}");
        }
    }

    #[test]
    fn accelerators_add_up_and_a_processor_has_assumed_figures() {
        let one = Machine::of("h100x1".parse().unwrap());
        let four = Machine::of("h100x4".parse().unwrap());
        assert_eq!(four.flops_16_bit, 4.0 * one.flops_16_bit);
        assert_eq!(four.link_bytes_per_s, one.link_bytes_per_s);
        let cpu = Machine::of(Hardware::CPU);
        assert!(cpu.flops_16_bit < one.flops_16_bit / 100.0 && cpu.count == 1);
    }
}
