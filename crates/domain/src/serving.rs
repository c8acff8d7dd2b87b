//! **Serving** is what answers a configuration's requests: an engine that runs on some hardware, or a model that somebody
//! else hosts. A hosted model has no hardware and no precision, and an engine has both: neither can be written otherwise.
//!
//! In JSON both have the same three fields, so that readers find them in one place; for a hosted model `hardware` is
//! `hosted`, the engine is its provider, and there is no `quantisation`.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::content_hash::content_hash;
use crate::{
    Accelerator, Engine, Framework, Hardware, Hosted, Launch, LaunchId, ModelName, ModelVersion, Provider,
    Quantisation,
};

/// What is written where an engine has its hardware, its accelerator or its precision.
pub const HOSTED: &str = "hosted";

/// What answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Serving {
    /// An engine.
    Launch(Launch),
    /// A hosted model.
    Hosted(Hosted),
}

impl Serving {
    /// The stable id.
    #[must_use]
    pub fn id(&self) -> LaunchId {
        match self {
            Self::Launch(launch) => launch.id(),
            // Names of closed sets: writing them as JSON cannot fail.
            Self::Hosted(_) => LaunchId::from_parts(content_hash(self).unwrap_or_default()),
        }
    }

    /// The engine's launch, where an engine answers.
    #[must_use]
    pub const fn launch(&self) -> Option<&Launch> {
        match self {
            Self::Launch(launch) => Some(launch),
            Self::Hosted(_) => None,
        }
    }

    /// The same, to be changed.
    pub const fn launch_mut(&mut self) -> Option<&mut Launch> {
        match self {
            Self::Launch(launch) => Some(launch),
            Self::Hosted(_) => None,
        }
    }

    /// The hosted model, where one answers.
    #[must_use]
    pub const fn hosted(&self) -> Option<&Hosted> {
        match self {
            Self::Launch(_) => None,
            Self::Hosted(hosted) => Some(hosted),
        }
    }

    /// The model's name.
    #[must_use]
    pub const fn model(&self) -> &ModelName {
        match self {
            Self::Launch(launch) => &launch.model.model,
            Self::Hosted(hosted) => &hosted.model,
        }
    }

    /// The model with its precision, where that is known.
    #[must_use]
    pub fn offered(&self) -> Offered {
        let quantisation = self.launch().map(|launch| launch.model.quantisation);
        Offered { model: self.model().clone(), quantisation }
    }

    /// The precision of the weights.
    #[must_use]
    pub const fn quantisation(&self) -> OrHosted<Quantisation> {
        match self {
            Self::Launch(launch) => OrHosted::Own(launch.model.quantisation),
            Self::Hosted(_) => OrHosted::Hosted(Elsewhere::Hosted),
        }
    }

    /// What it runs on.
    #[must_use]
    pub const fn hardware(&self) -> OrHosted<Hardware> {
        match self {
            Self::Launch(launch) => OrHosted::Own(launch.hardware),
            Self::Hosted(_) => OrHosted::Hosted(Elsewhere::Hosted),
        }
    }

    /// The accelerator, in any count.
    #[must_use]
    pub const fn accelerator(&self) -> OrHosted<Accelerator> {
        match self {
            Self::Launch(launch) => OrHosted::Own(launch.hardware.accelerator()),
            Self::Hosted(_) => OrHosted::Hosted(Elsewhere::Hosted),
        }
    }

    /// The engine, or the provider.
    #[must_use]
    pub const fn served_by(&self) -> ServedBy {
        match self {
            Self::Launch(launch) => ServedBy::Engine(launch.framework.engine),
            Self::Hosted(hosted) => ServedBy::Provider(hosted.provider),
        }
    }

    /// The engine with its version, or the provider.
    #[must_use]
    pub fn framework(&self) -> String {
        match self {
            Self::Launch(launch) => launch.framework.to_string(),
            Self::Hosted(hosted) => hosted.provider.to_string(),
        }
    }
}

impl From<Launch> for Serving {
    fn from(launch: Launch) -> Self {
        Self::Launch(launch)
    }
}

impl From<Hosted> for Serving {
    fn from(hosted: Hosted) -> Self {
        Self::Hosted(hosted)
    }
}

impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launch(launch) => launch.fmt(f),
            Self::Hosted(hosted) => hosted.fmt(f),
        }
    }
}

/// A model with its precision, where that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Offered {
    /// The model.
    pub model: ModelName,
    /// The precision of its weights; none of a hosted model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<Quantisation>,
}

impl Offered {
    /// The name of the precision in tables: [`HOSTED`] where it is not known.
    #[must_use]
    pub const fn precision_name(&self) -> &'static str {
        match self.quantisation {
            Some(quantisation) => quantisation.name(),
            None => HOSTED,
        }
    }
}

impl From<ModelVersion> for Offered {
    fn from(version: ModelVersion) -> Self {
        Self { model: version.model, quantisation: Some(version.quantisation) }
    }
}

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.model, self.precision_name()))
    }
}

/// A value that an engine has and a hosted model has not: then it is written [`HOSTED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "{T}OrHosted")]
pub enum OrHosted<T> {
    /// Of an engine.
    Own(T),
    /// Of a hosted model.
    Hosted(Elsewhere),
}

/// Nobody told: somebody else hosts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Elsewhere {
    /// Hosted.
    Hosted,
}

impl<T> OrHosted<T> {
    /// That of a hosted model.
    pub const HOSTED: Self = Self::Hosted(Elsewhere::Hosted);

    /// The engine's.
    pub fn own(self) -> Option<T> {
        match self {
            Self::Own(value) => Some(value),
            Self::Hosted(_) => None,
        }
    }
}

impl<T: DeserializeOwned> std::str::FromStr for OrHosted<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == HOSTED {
            return Ok(Self::HOSTED);
        }
        let named = StrDeserializer::<serde::de::value::Error>::new(text);
        T::deserialize(named).map(Self::Own).map_err(|e| format!("{e}; {HOSTED} for hosted models"))
    }
}

// Not untagged, which would not say what is wrong with a value.
impl<'de, T: DeserializeOwned> Deserialize<'de> for OrHosted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<T: fmt::Display> fmt::Display for OrHosted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(value) => value.fmt(f),
            Self::Hosted(_) => f.pad(HOSTED),
        }
    }
}

/// An engine, or the provider of hosted models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ServedBy {
    /// An engine.
    Engine(Engine),
    /// A provider.
    Provider(Provider),
}

impl ServedBy {
    /// The name in specs, results and queries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine(engine) => engine.name(),
            Self::Provider(provider) => provider.name(),
        }
    }
}

impl fmt::Display for ServedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is neither an engine nor a provider.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no framework: choose one of {names}", names = names_of_all())]
pub struct UnknownFramework(pub String);

fn names_of_all() -> String {
    let engines = Engine::ALL.iter().map(|engine| engine.name());
    engines.chain(Provider::ALL.iter().map(|provider| provider.name())).collect::<Vec<_>>().join(", ")
}

impl std::str::FromStr for ServedBy {
    type Err = UnknownFramework;

    fn from_str(text: &str) -> Result<Self, UnknownFramework> {
        let engine = Engine::ALL.into_iter().find(|engine| engine.name() == text).map(Self::Engine);
        let provider =
            || Provider::ALL.into_iter().find(|provider| provider.name() == text).map(Self::Provider);
        engine.or_else(provider).ok_or_else(|| UnknownFramework(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ServedBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Either as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Serving")]
struct Form {
    /// What answers; a hosted model has no precision that is known.
    model: Offered,
    /// What it runs on.
    hardware: OrHosted<Hardware>,
    /// The engine, or the provider.
    framework: FrameworkForm,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ServingFramework")]
struct FrameworkForm {
    /// The engine, or the provider.
    engine: ServedBy,
    /// Its version, where the spec asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Extra server arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    args: Vec<String>,
}

impl Serialize for Serving {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Launch(launch) => launch.serialize(serializer),
            Self::Hosted(Hosted { model, provider }) => Form {
                model: Offered { model: model.clone(), quantisation: None },
                hardware: OrHosted::HOSTED,
                framework: FrameworkForm {
                    engine: ServedBy::Provider(*provider),
                    version: None,
                    args: Vec::new(),
                },
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Serving {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Form { model, hardware, framework } = Form::deserialize(deserializer)?;
        let Offered { model, quantisation } = model;
        let FrameworkForm { engine, version, args } = framework;
        match (engine, hardware, quantisation) {
            (ServedBy::Engine(engine), OrHosted::Own(hardware), Some(quantisation)) => {
                Ok(Self::Launch(Launch {
                    model: ModelVersion { model, quantisation },
                    hardware,
                    framework: Framework { engine, version, args },
                }))
            }
            (ServedBy::Engine(_), OrHosted::Own(_), None) => Err(D::Error::missing_field("quantisation")),
            (ServedBy::Engine(engine), OrHosted::Hosted(_), _) => Err(D::Error::custom(format!(
                "`hardware` is {HOSTED}, which {engine} is not; name what it runs on"
            ))),
            (ServedBy::Provider(provider), OrHosted::Hosted(_), None)
                if version.is_none() && args.is_empty() =>
            {
                Ok(Self::Hosted(Hosted { model, provider }))
            }
            (ServedBy::Provider(provider), ..) => Err(D::Error::custom(format!(
                "models of {provider} have no hardware but {HOSTED}, no quantisation, version or arguments; leave them out"
            ))),
        }
    }
}

impl JsonSchema for Serving {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Form::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Form::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosted() -> Serving {
        Hosted { model: "gpt-4o".parse().unwrap(), provider: Provider::Openai }.into()
    }

    #[test]
    fn a_hosted_model_is_written_with_the_fields_of_others() {
        let json = serde_json::json!({"model": {"model": "gpt-4o"}, "hardware": "hosted", "framework": {"engine": "openai"}});
        assert_eq!(serde_json::to_value(hosted()).unwrap(), json);
        assert_eq!(serde_json::from_value::<Serving>(json).unwrap(), hosted());
        assert_eq!(hosted().to_string(), "gpt-4o hosted by openai");
        assert_eq!(hosted().offered().to_string(), "gpt-4o hosted");
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_mend() {
        for (hardware, engine, quantisation, mend) in [
            ("h100x1", "openai", None, "models of openai have no hardware"),
            ("hosted", "openai", Some("fp16"), "models of openai have no hardware"),
            ("hosted", "vllm", Some("fp16"), "name what it runs on"),
            ("h100x1", "vllm", None, "quantisation"),
            ("h100x9", "vllm", Some("fp16"), "is no hardware"),
            ("h100x1", "gpt", Some("fp16"), "choose one of vllm"),
        ] {
            let mut json = serde_json::json!({"model": {"model": "m"}, "hardware": hardware, "framework": {"engine": engine}});
            if let Some(quantisation) = quantisation {
                json["model"]["quantisation"] = quantisation.into();
            }
            let refused = serde_json::from_value::<Serving>(json).unwrap_err().to_string();
            assert!(refused.contains(mend), "{refused}");
        }
    }
}
