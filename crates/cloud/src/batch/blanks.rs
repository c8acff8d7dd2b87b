//! **Blanks** in the names of an address are filled in for each job, by where it has to run: `assay-{engine}-{instance}`
//! becomes `assay-vllm-g6-12xlarge`. So one address has an image for each engine and a queue for each kind of machine.
//!
//! | blank | becomes |
//! |---|---|
//! | `{engine}` | `vllm`, `tgi` and so on, `llama-cpp`, `simulated`, `hosted` for what no engine is started for |
//! | `{hardware}` | `l4x4`, `cpu` |
//! | `{instance}` | the [machine](super::machine), `g6-12xlarge` or `cpu`; the only one in names of queues |

use domain::{Engine, JobPlace};

use super::machine::Machine;

/// The blank for the engine.
pub const ENGINE: &str = "{engine}";

/// The blank for the hardware config.
pub const HARDWARE: &str = "{hardware}";

/// The blank for the machine.
const INSTANCE: &str = "{instance}";

/// The blanks in the name of a job definition.
const OF_DEFINITION: [&str; 3] = [ENGINE, HARDWARE, INSTANCE];

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
    name.replace(INSTANCE, "x")
}

/// The job definition for a place on a machine.
pub fn definition(name: &str, place: JobPlace, machine: Machine) -> String {
    let engine = place.engine.map_or("hosted", Engine::name);
    let name = name.replace(ENGINE, &dashed(engine)).replace(HARDWARE, &place.hardware.to_string());
    queue(&name, machine)
}

/// The queue for a machine.
pub fn queue(name: &str, machine: Machine) -> String {
    name.replace(INSTANCE, &dashed(machine.name()))
}

/// A dot may not be in the names of job definitions and queues.
fn dashed(name: &str) -> String {
    name.replace('.', "-")
}

#[cfg(test)]
mod tests {
    use domain::PriceKind;

    use super::*;

    #[test]
    fn blanks_are_filled_by_where_a_job_runs() {
        let name = |place: JobPlace, price| {
            let machine = Machine::of(place.hardware, price).unwrap();
            definition("a-{engine}-{hardware}-{instance}", place, machine)
        };
        let of = |engine, hardware: &str| JobPlace::of(engine, hardware.parse().unwrap());
        let (spot, on_demand) = (PriceKind::Spot, PriceKind::OnDemand);
        assert_eq!(name(of(Engine::Vllm, "a100-80gbx4"), spot), "a-vllm-a100-80gbx4-p4de-24xlarge");
        assert_eq!(name(of(Engine::Vllm, "l4x2"), spot), "a-vllm-l4x2-g6-12xlarge");
        // Its prices are of two machines.
        assert_eq!(name(of(Engine::Tgi, "h100x1"), spot), "a-tgi-h100x1-p5-48xlarge");
        assert_eq!(name(of(Engine::Tgi, "h100x1"), on_demand), "a-tgi-h100x1-p5-4xlarge");
        assert_eq!(name(of(Engine::LlamaCpp, "cpu"), spot), "a-llama-cpp-cpu-cpu");
        assert_eq!(name(of(Engine::Simulated, "h100x8"), spot), "a-simulated-cpu-cpu");
        assert_eq!(definition("{engine}-{instance}", JobPlace::HOSTED, Machine::Cpu), "hosted-cpu");
        assert_eq!(definition("runner", JobPlace::HOSTED, Machine::Cpu), "runner");
    }
}
