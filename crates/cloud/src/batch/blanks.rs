//! **Blanks** in the names of an address are filled in for each job, by where it has to run: `assay-{engine}-{hardware}`
//! becomes `assay-vllm-l4x4`. So one address has an image for each engine and a queue for each kind of machine.
//!
//! | blank | becomes |
//! |---|---|
//! | `{engine}` | `vllm`, `tgi` and so on, `llama-cpp`, `simulated`, `hosted` for what no engine is started for |
//! | `{hardware}` | `l4x4`, `cpu` |
//! | `{accelerator}` | `l4`, `cpu`; the only one in names of queues |

use domain::{Accelerator, Engine};
use store::JobPlace;

/// The blank for the kind of machine.
const ACCELERATOR: &str = "{accelerator}";

/// The blank for the hardware config.
pub const HARDWARE: &str = "{hardware}";

/// The blanks in the name of a job definition.
const OF_DEFINITION: [&str; 3] = ["{engine}", HARDWARE, ACCELERATOR];

/// Whether something is to be filled in.
pub fn has_blank(name: &str) -> bool {
    name.contains('{')
}

/// The name of a job definition without its blanks, to check the rest.
pub fn without_blanks(name: &str) -> String {
    OF_DEFINITION.iter().fold(name.to_owned(), |name, blank| name.replace(blank, "x"))
}

/// The name of a queue without its blanks.
pub fn queue_without_blanks(name: &str) -> String {
    name.replace(ACCELERATOR, "x")
}

/// The job definition for a place.
pub fn definition(name: &str, place: JobPlace) -> String {
    // A dot may not be in the name of a job definition.
    let engine = place.engine.map_or("hosted", Engine::name).replace('.', "-");
    let name = name.replace("{engine}", &engine).replace(HARDWARE, &place.hardware.to_string());
    queue(&name, place.accelerator())
}

/// The queue for a kind of machine.
pub fn queue(name: &str, accelerator: Accelerator) -> String {
    name.replace(ACCELERATOR, accelerator.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_filled_by_where_a_job_runs() {
        let name = |engine, hardware: &str| {
            definition("a-{engine}-{hardware}-{accelerator}", JobPlace::of(engine, hardware.parse().unwrap()))
        };
        assert_eq!(name(Engine::Vllm, "a100-80gbx4"), "a-vllm-a100-80gbx4-a100-80gb");
        assert_eq!(name(Engine::LlamaCpp, "cpu"), "a-llama-cpp-cpu-cpu");
        assert_eq!(name(Engine::Simulated, "h100x8"), "a-simulated-cpu-cpu");
        assert_eq!(definition("{engine}-{hardware}", JobPlace::HOSTED), "hosted-cpu");
        assert_eq!(definition("runner", JobPlace::HOSTED), "runner");
    }
}
