//! **Which GPUs** a launch gets, and whether they are the ones that its configuration names: a number is
//! never stored under a GPU that it did not run on.

use domain::{Accelerator, Engine, Hardware, Launch};

use super::EngineError;
use crate::host_facts::Gpu;

/// The environment variable by which a dispatcher hands GPUs to a job, and we to an engine.
pub const VISIBLE_GPUS_VARIABLE: &str = "CUDA_VISIBLE_DEVICES";

/// Chooses the GPUs of a launch and checks them. Returns the value for [`VISIBLE_GPUS_VARIABLE`]: as many of
/// those that we were `given` (all when None) as the launch needs.
///
/// # Errors
/// When this machine does not have them.
pub fn choose(launch: &Launch, given: Option<&str>, gpus: &[Gpu]) -> Result<String, EngineError> {
    let hardware = launch.hardware;
    if hardware.gpu_count() == 0 || launch.framework.engine == Engine::Simulated {
        return Ok(String::new());
    }
    let other = || EngineError::OtherHardware { wanted: hardware, found: describe(gpus) };
    let all = (0..gpus.len()).map(|n| n.to_string()).collect();
    let names: Vec<String> = match given {
        Some(given) => given.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect(),
        None => all,
    };
    let wanted = usize::try_from(hardware.gpu_count()).map_err(|_| other())?;
    let chosen = names.get(..wanted).ok_or_else(other)?;
    // Indices say which GPU it is. UUIDs do not: then every GPU of the machine has to fit.
    let indices: Option<Vec<usize>> = chosen.iter().map(|name| name.parse().ok()).collect();
    let seen: Vec<Option<&Gpu>> = match indices {
        Some(indices) => indices.into_iter().map(|index| gpus.get(index)).collect(),
        None => gpus.iter().map(Some).collect(),
    };
    let fits = |gpu: &Option<&Gpu>| gpu.is_some_and(|gpu| is_product(hardware, &gpu.name));
    if !seen.is_empty() && seen.iter().all(fits) { Ok(chosen.join(",")) } else { Err(other()) }
}

/// Whether a product name is the accelerator of a hardware config. Words are compared whole, since an L40S
/// is no L4.
fn is_product(hardware: Hardware, name: &str) -> bool {
    let accelerator = hardware.accelerator();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |word: &str| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    let named = accelerator.nvidia_product().is_some_and(has);
    named
        && match accelerator {
            Accelerator::Cpu => false,
            Accelerator::L4 | Accelerator::L40s | Accelerator::A10g | Accelerator::B200 => true,
            Accelerator::A100Gb40 => has("40GB"),
            Accelerator::A100Gb80 => has("80GB"),
            // The SXM module is named by its memory; the PCIe and NVL cards are slower and faster.
            Accelerator::H100 | Accelerator::H200 => !has("PCIe") && !has("NVL"),
        }
}

fn describe(gpus: &[Gpu]) -> String {
    if gpus.is_empty() {
        return "no NVIDIA GPU that nvidia-smi can see".to_owned();
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for gpu in gpus {
        match kinds.iter_mut().find(|(name, _)| *name == gpu.name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&gpu.name, 1)),
        }
    }
    kinds.iter().map(|(name, count)| format!("{count} x {name}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use domain::{Framework, ModelVersion, Quantisation};

    use super::*;

    fn launch(hardware: &str, engine: Engine) -> Launch {
        Launch {
            model: ModelVersion { model: "tiny".parse().unwrap(), quantisation: Quantisation::Fp16 },
            hardware: hardware.parse().unwrap(),
            framework: Framework { engine, version: None, args: vec![] },
        }
    }

    fn machine(names: &[&str]) -> Vec<Gpu> {
        names.iter().map(|name| Gpu { name: (*name).to_owned(), driver: "570".to_owned() }).collect()
    }

    #[test]
    fn the_gpu_must_be_the_one_of_the_configuration() {
        for (hardware, product, fits) in [
            ("h100x1", "NVIDIA H100 80GB HBM3", true),
            ("h100x1", "NVIDIA H100 PCIe", false),
            ("h100x1", "NVIDIA GH200 480GB", false),
            ("a100-80gbx1", "NVIDIA A100-SXM4-80GB", true),
            ("a100-80gbx1", "NVIDIA A100-SXM4-40GB", false),
            ("l4x1", "NVIDIA L4", true),
            ("l4x1", "NVIDIA L40S", false),
        ] {
            let chosen = choose(&launch(hardware, Engine::Vllm), None, &machine(&[product]));
            assert_eq!(chosen.is_ok(), fits, "{hardware} on {product}");
        }
    }

    #[test]
    fn a_launch_gets_as_many_as_it_needs_of_those_given() {
        let four = machine(&["NVIDIA L4"; 4]);
        let two = launch("l4x2", Engine::Vllm);
        assert_eq!(choose(&two, None, &four).unwrap(), "0,1");
        assert_eq!(choose(&two, Some("2, 3"), &four).unwrap(), "2,3");
        assert_eq!(choose(&two, Some("GPU-a,GPU-b,GPU-c"), &four).unwrap(), "GPU-a,GPU-b");
        assert!(choose(&two, Some("3"), &four).is_err() && choose(&two, Some("3,4"), &four).is_err());
        let mixed = machine(&["NVIDIA L4", "NVIDIA T4", "NVIDIA T4"]);
        assert_eq!(
            choose(&two, None, &mixed).unwrap_err().to_string(),
            "the launch needs l4x2, but this machine has 1 x NVIDIA L4, 2 x NVIDIA T4; run it where that is, or \
             `attach` to a server there"
        );
    }

    #[test]
    fn a_processor_and_a_simulation_need_none_and_see_none() {
        assert_eq!(choose(&launch("cpu", Engine::Vllm), None, &machine(&["NVIDIA L4"])).unwrap(), "");
        assert_eq!(choose(&launch("h100x8", Engine::Simulated), None, &[]).unwrap(), "");
        let message = choose(&launch("l4x1", Engine::Vllm), None, &[]).unwrap_err().to_string();
        assert!(message.contains("this machine has no NVIDIA GPU"), "{message}");
    }
}
