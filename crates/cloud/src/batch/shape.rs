//! The **shape** of a job: what is the same for all jobs of an array, with the blanks of the address filled in.

use domain::{Engine, JobPlace, PriceKind};
use store::{Job, StoreError};

use super::blanks::{self, ENGINE, has_blank};
use super::machine::Machine;
use super::{BatchConfig, BatchDispatcher};

/// What is the same for all jobs of an array.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    pub gpu_count: u32,
    pub definition: String,
    pub queue: String,
    /// What the machines of the queue are paid at.
    pub price: PriceKind,
}

impl BatchDispatcher {
    /// The shape of a job, by whether an earlier one of its batch lost its host.
    pub(super) fn shape(&self, job: &Job, lost_a_host: bool) -> Result<Shape, StoreError> {
        let BatchConfig { definition, capacity, machines, .. } = &self.config;
        // Of batches that were added before places were noted nothing is known but that they run somewhere.
        let price = capacity.price(job.place.unwrap_or(JobPlace::HOSTED), machines, lost_a_host);
        let queue = capacity.queue(price);
        if !has_blank(definition) && !has_blank(queue) {
            let (definition, queue) = (definition.clone(), queue.to_owned());
            return Ok(Shape { gpu_count: job.gpu_count, definition, queue, price });
        }
        let Some(place) = job.place else {
            let detail = format!("where batch {} has to run is not known", job.batch);
            return Err(self.place.refused(detail, "start the campaign again under another name"));
        };
        let machine = self.machine(job, place, price)?;
        Ok(Shape {
            gpu_count: place.hardware.gpu_count(),
            definition: blanks::definition(definition, place, machine),
            queue: blanks::queue(queue, machine),
            price,
        })
    }

    fn machine(&self, job: &Job, place: JobPlace, price: PriceKind) -> Result<Machine, StoreError> {
        let BatchConfig { definition, machines, engines, .. } = &self.config;
        let (batch, hardware) = (&job.batch, place.hardware);
        let Some(machine) = Machine::of(hardware, price) else {
            return Err(self.place.refused(
                format!("batch {batch} needs {hardware}, and no instance type that Assay knows has it"),
                format!("take {hardware} out of the spec, or run it where such a machine is: `assay run`"),
            ));
        };
        if !machines.contains(&machine) {
            let known: Vec<&str> = machines.iter().map(|known| known.name()).collect();
            return Err(self.place.refused(
                format!(
                    "batch {batch} needs {hardware}, so {}, and there are {}",
                    machine.name(),
                    known.join(", ")
                ),
                format!(
                    "take {hardware} out of the spec, or deploy the queues of {} and add it to `instances`",
                    machine.name()
                ),
            ));
        }
        let engine =
            place.engine.filter(|engine| *engine != Engine::Simulated && definition.contains(ENGINE));
        match engine {
            Some(engine) if !engines.contains(&engine) => Err(self.place.refused(
                format!("batch {batch} needs {engine}, and there are job definitions of {}", listed(engines)),
                format!("take {engine} out of the spec, or deploy its image and add it to `engines`"),
            )),
            Some(engine) if machine == Machine::Cpu => Err(self.place.refused(
                format!("batch {batch} needs {engine} on a processor, and images of engines are for GPUs"),
                "take `cpu` out of the spec, or run it on a machine of your own: `assay run`",
            )),
            _ => Ok(machine),
        }
    }
}

fn listed(engines: &[Engine]) -> String {
    match engines {
        [] => "none".to_owned(),
        _ => engines.iter().map(|engine| engine.name()).collect::<Vec<_>>().join(", "),
    }
}
