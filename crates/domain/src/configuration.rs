//! A **configuration** is one point of the matrix. Its id is a hash of its canonical form, the same in
//! every campaign and on every machine. A **launch** is what its server-side part needs: one engine start.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content_hash::{Begun, canonical_json, content_hash};
use crate::{ConfigId, Framework, Hardware, LaunchId, ModelVersion, Serving, Workload};

/// One point of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Configuration {
    /// What answers.
    #[serde(flatten)]
    pub serving: Serving,
    /// The traffic it gets.
    pub workload: Workload,
}

/// The server-side settings: configurations that share them share one engine start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Launch {
    /// The model version.
    pub model: ModelVersion,
    /// What it runs on.
    pub hardware: Hardware,
    /// The engine.
    pub framework: Framework,
}

impl Configuration {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> ConfigId {
        ConfigId::from_parts(hash_of(self))
    }
}

impl Launch {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> LaunchId {
        LaunchId::from_parts(hash_of(self))
    }
}

/// The ids of configurations that share a launch, at a fraction of the cost: what they have in common is hashed once.
///
/// It relies on the canonical form having the launch's fields in front of `workload`; a test compares the ids.
#[derive(Debug, Clone)]
pub struct LaunchHasher(Begun);

/// The canonical form of a workload, to be hashed under many launches.
#[derive(Debug, Clone)]
pub struct WorkloadForm(String);

impl WorkloadForm {
    /// The form of a workload.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        Self(canonical_json(workload).unwrap_or_default() + "}")
    }
}

impl LaunchHasher {
    /// A hasher for the configurations of one serving.
    #[must_use]
    pub fn of(serving: &Serving) -> Self {
        let form = canonical_json(serving).unwrap_or_default();
        Self(Begun::with(&format!("{},\"workload\":", form.strip_suffix('}').unwrap_or(&form))))
    }

    /// The id of the configuration with a workload.
    #[must_use]
    pub fn id(&self, workload: &WorkloadForm) -> ConfigId {
        ConfigId::from_parts(self.0.ended_by(&workload.0))
    }
}

/// These types are structs of strings and numbers, so writing them as JSON cannot fail.
fn hash_of<T: Serialize>(value: &T) -> String {
    content_hash(value).unwrap_or_default()
}

impl std::fmt::Display for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {} with {}", self.model, self.hardware, self.framework)
    }
}

impl std::fmt::Display for Configuration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} {}", self.serving, self.workload.use_case, self.workload.label())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::{Engine, Hosted, Load, Provider, Quantisation, UseCase};

    fn example() -> Configuration {
        let n = |n| NonZeroU32::new(n).unwrap();
        Configuration {
            serving: Serving::Launch(Launch {
                model: ModelVersion {
                    model: "llama-3.1-8b-instruct".parse().unwrap(),
                    quantisation: Quantisation::Fp16,
                },
                hardware: "h100x1".parse().unwrap(),
                framework: Framework { engine: Engine::Vllm, version: None, args: vec![] },
            }),
            workload: Workload {
                use_case: UseCase::Chatbot,
                input_tokens: n(512),
                output_tokens: n(128),
                load: Load::ClosedLoop { concurrency: n(16) },
                protocol: crate::workload::Protocol::Chat,
                variety: crate::Variety::default(),
            },
        }
    }

    /// Results are joined by this id across versions of the program: a change here orphans every stored
    /// result, so it must never happen by accident.
    #[test]
    fn the_id_of_a_known_configuration_never_changes() {
        let known = example();
        assert_eq!(known.id().as_str(), "f877fcae3b006da9");
        let hashed = LaunchHasher::of(&known.serving).id(&WorkloadForm::of(&known.workload));
        assert_eq!(hashed, known.id());
        let model = "gpt-4o".parse().unwrap();
        let hosted = Serving::Hosted(Hosted { model, provider: Provider::Openai });
        let hashed = LaunchHasher::of(&hosted).id(&WorkloadForm::of(&known.workload));
        let hosted = Configuration { serving: hosted, ..known };
        assert_eq!((hosted.id().as_str(), hashed), ("14c3f90f337ca392", hosted.id()));
    }

    #[test]
    fn the_launch_is_shared_across_workloads_only() {
        let a = example();
        let mut b = a.clone();
        b.workload.output_tokens = NonZeroU32::new(256).unwrap();
        assert_eq!(a.serving.id(), b.serving.id());
        assert_ne!(a.id(), b.id());
        b.serving.launch_mut().unwrap().framework.args.push("--enforce-eager".into());
        assert_ne!(a.serving.id(), b.serving.id());
    }

    #[test]
    fn it_reads_as_a_sentence() {
        assert_eq!(
            example().to_string(),
            "llama-3.1-8b-instruct fp16 on h100x1 with vllm, chatbot 512>128 c16"
        );
    }
}
