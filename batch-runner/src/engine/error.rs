//! What can go wrong with an engine, told so that a person can mend it.

use domain::Engine;

use crate::control::ControlError;
use crate::transport::AddressError;
use crate::weights::FetchError;

/// Why there is no server to measure.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// An extra argument that the runner sets itself.
    #[error("`{argument}` in `args` of {engine} is set by the runner; remove it")]
    ReservedArgument {
        /// The engine.
        engine: Engine,
        /// The argument.
        argument: String,
    },
    /// A variable that decides which GPUs the engine sees. A number must not be stored under a GPU that it did
    /// not run on.
    #[error(
        "`{variable}` in `env` of {engine} is set by the runner; remove it, and set it for `assay` instead"
    )]
    ReservedVariable {
        /// The engine.
        engine: Engine,
        /// The variable.
        variable: &'static str,
    },
    /// The manifest names no weights for an engine that loads some.
    #[error("no weights of {model} for {engine}; add them to the model's `artifacts`")]
    NoWeights {
        /// The model version.
        model: String,
        /// The engine.
        engine: Engine,
    },
    /// The weights have another precision than the configuration says.
    #[error("{weights} holds {found} weights, not {wanted}; correct `artifacts`")]
    OtherWeights {
        /// Where they are.
        weights: String,
        /// What they are.
        found: String,
        /// What they should be.
        wanted: domain::Quantisation,
    },
    /// The configuration's GPUs are not on this machine.
    #[error(
        "the launch needs {wanted}, but this machine has {found}; run it where that is, or `attach` to a server there"
    )]
    OtherHardware {
        /// The hardware config.
        wanted: domain::Hardware,
        /// What is there.
        found: String,
    },
    /// The weights could not be fetched.
    #[error("no weights: {0}")]
    Weights(FetchError),
    /// The operating system refused something.
    #[error("{what} failed ({detail})")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        detail: String,
    },
    /// It could not be started at all.
    #[error("{0}")]
    NotStarted(String),
    /// It ended before it was healthy.
    #[error("{program} ended before it was healthy ({status}); {log}")]
    EndedEarly {
        /// The program.
        program: String,
        /// How.
        status: String,
        /// Its last lines.
        log: String,
    },
    /// Memory did not suffice.
    #[error("{program} ran out of memory: {said}")]
    OutOfMemory {
        /// The program.
        program: String,
        /// The line of its log that says so.
        said: String,
        /// The GPUs it had, as in `CUDA_VISIBLE_DEVICES`.
        gpus: Vec<String>,
    },
    /// It was not healthy in time.
    #[error(
        "{program} was not healthy within {limit_s} s ({last}); {log}; raise `start_timeout` if it only needs longer"
    )]
    NotHealthy {
        /// The program.
        program: String,
        /// How long was waited, s.
        limit_s: f64,
        /// What the last check said.
        last: String,
        /// Its last lines.
        log: String,
    },
    /// Nobody is at the address.
    #[error("{url} cannot be reached ({cause}); start it, or correct `attach`")]
    NotReachable {
        /// The address.
        url: String,
        /// Why.
        cause: ControlError,
    },
    /// The address is none.
    #[error("{0}; correct `attach`")]
    Address(AddressError),
    /// Another model is served.
    #[error("{url} serves {}, not {wanted}; {}", list(served), mend_model(served))]
    OtherModel {
        /// The address.
        url: String,
        /// The models it serves.
        served: Vec<String>,
        /// The model that was asked for.
        wanted: String,
    },
    /// Another engine answers.
    #[error("{url} is {found}, not {wanted}; correct the framework's `name`")]
    OtherEngine {
        /// The address.
        url: String,
        /// What it is.
        found: Engine,
        /// What the configuration says.
        wanted: Engine,
    },
    /// Another version answers.
    #[error("{url} is {engine} {found}, not {wanted}; correct the framework's `version`")]
    OtherVersion {
        /// The address.
        url: String,
        /// The engine.
        engine: Engine,
        /// What it says it is.
        found: String,
        /// What the configuration says.
        wanted: String,
    },
    /// We were told to stop.
    #[error("told to stop while the engine was starting")]
    Cancelled,
}

impl EngineError {
    /// Whether the same launch may start when it is tried again: it took too long or was killed, and did not say that
    /// anything is wrong.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::NotHealthy { .. } | Self::System { .. } => true,
            Self::Weights(error) => error.may_pass(),
            Self::EndedEarly { status, .. } => status.starts_with("signal"),
            _ => false,
        }
    }
}

impl From<FetchError> for EngineError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Cancelled => Self::Cancelled,
            error => Self::Weights(error),
        }
    }
}

fn list(served: &[String]) -> String {
    if served.is_empty() { "no model".to_owned() } else { served.join(", ") }
}

fn mend_model(served: &[String]) -> String {
    match served {
        [only] => format!("set `served_model: {only}`"),
        [] => "load one".to_owned(),
        _ => "set `served_model` to one of them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_model_is_told_with_its_mend() {
        let error = |served: &[&str]| {
            EngineError::OtherModel {
                url: "http://127.0.0.1:8000".to_owned(),
                served: served.iter().map(ToString::to_string).collect(),
                wanted: "foo".to_owned(),
            }
            .to_string()
        };
        assert_eq!(
            error(&["tiny-llama"]),
            "http://127.0.0.1:8000 serves tiny-llama, not foo; set `served_model: tiny-llama`"
        );
        assert_eq!(
            error(&["a", "b"]),
            "http://127.0.0.1:8000 serves a, b, not foo; set `served_model` to one of them"
        );
    }
}
