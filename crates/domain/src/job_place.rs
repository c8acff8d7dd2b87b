//! A **job's place** is where a batch has to run: on one kind of machine, with one engine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Accelerator, BatchManifest, Engine, Hardware};

/// What a job needs to be there: one kind of machine, and one engine. A batch needs no more than one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobPlace {
    /// The machine. For the simulated engine and for hosted models it is a processor.
    pub hardware: Hardware,
    /// The engine that is started, none for hosted models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
}

impl JobPlace {
    /// Where hosted models are measured from.
    pub const HOSTED: Self = Self { hardware: Hardware::CPU, engine: None };

    /// Where an engine runs on some hardware. The simulated one says that it is on a GPU and needs none.
    #[must_use]
    pub const fn of(engine: Engine, hardware: Hardware) -> Self {
        let hardware = match engine {
            Engine::Simulated => Hardware::CPU,
            _ => hardware,
        };
        Self { hardware, engine: Some(engine) }
    }

    /// Where a batch has to run.
    #[must_use]
    pub fn of_batch(manifest: &BatchManifest) -> Self {
        let launch = manifest.launches.first().map(|planned| &planned.launch);
        launch.map_or(Self::HOSTED, |launch| Self::of(launch.framework.engine, launch.hardware))
    }

    /// The kind of machine.
    #[must_use]
    pub const fn accelerator(self) -> Accelerator {
        self.hardware.accelerator()
    }
}
