//! The entries of the axes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::SpecError;
use super::name_or_map::{self, FromName};
use crate::architecture::BadSize;
use crate::duration::WrittenDuration;
use crate::framework::Endpoint;
use crate::known;
use crate::model::Artifact;
use crate::{
    Accelerator, Architecture, Engine, Framework, Hardware, HourlyPrice, ModelName, Quantisation, Rent,
    UseCase,
};

/// Seconds until an engine must be healthy, unless the spec says otherwise. vLLM on a large model takes minutes.
const DEFAULT_START_TIMEOUT: WrittenDuration = WrittenDuration::from_ms(600_000.0);

/// A model: a known name, or one's own with its sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelEntry {
    /// The name.
    pub name: ModelName,
    /// Path of a Hugging Face `config.json`, relative to the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Sizes; for a model that Assay does not know and that has no `config`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Where its weights are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelMap {
    name: ModelName,
    config: Option<String>,
    architecture: Option<Architecture>,
    #[serde(default)]
    artifacts: Vec<Artifact>,
}

impl From<ModelMap> for ModelEntry {
    fn from(m: ModelMap) -> Self {
        Self { name: m.name, config: m.config, architecture: m.architecture, artifacts: m.artifacts }
    }
}

impl FromName for ModelEntry {
    type Map = ModelMap;
    fn from_name(name: &str) -> Result<Self, String> {
        let name = name.parse::<ModelName>().map_err(|e| e.to_string())?;
        Ok(Self { name, config: None, architecture: None, artifacts: vec![] })
    }
}

impl<'de> Deserialize<'de> for ModelEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        name_or_map::deserialize(deserializer)
    }
}

impl ModelEntry {
    /// The model's sizes: its own, else the known ones.
    #[must_use]
    pub fn resolved_architecture(&self) -> Option<&Architecture> {
        self.architecture.as_ref().or_else(|| known::MODELS.get(&self.name).map(|m| &m.architecture))
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if let Some(own) = &self.architecture {
            let problem = |e: BadSize| {
                SpecError::field(&format!("{field}.architecture"), format!("has no sizes of a model: {e}"))
            };
            own.check_sizes().map_err(problem)?;
        }
        if self.resolved_architecture().is_none() {
            return Err(SpecError::field(
                field,
                format!(
                    "`{}` is not a model that Assay knows; add `config: path/to/config.json` or `architecture:`, or \
                     add it once with `assay model add` (`assay model list` lists those it knows)",
                    self.name
                ),
            ));
        }
        Ok(())
    }
}

/// A hardware config, with its price where that is not known or another holds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HardwareEntry {
    /// Accelerator and count.
    pub name: Hardware,
    /// USD per hour of all of it, rented on its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_hour: Option<HourlyPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HardwareMap {
    name: Hardware,
    usd_per_hour: Option<HourlyPrice>,
}

impl From<HardwareMap> for HardwareEntry {
    fn from(m: HardwareMap) -> Self {
        Self { name: m.name, usd_per_hour: m.usd_per_hour }
    }
}

impl FromName for HardwareEntry {
    type Map = HardwareMap;
    fn from_name(name: &str) -> Result<Self, String> {
        Ok(Self {
            name: name.parse().map_err(|e: crate::hardware::UnknownHardware| e.to_string())?,
            usd_per_hour: None,
        })
    }
}

impl<'de> Deserialize<'de> for HardwareEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        name_or_map::deserialize(deserializer)
    }
}

impl HardwareEntry {
    /// What it is rented as: at the spec's price on its own, else as the known machine.
    #[must_use]
    pub fn rent(&self) -> Option<Rent> {
        self.usd_per_hour.map(Rent::stated).or_else(|| known::rent_of(self.name))
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.usd_per_hour.is_some_and(|p| !p.is_valid()) {
            return Err(SpecError::field(&format!("{field}.usd_per_hour"), "must have both prices above 0"));
        }
        Ok(())
    }
}

/// A framework and how to get to it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FrameworkEntry {
    /// The engine.
    pub name: Engine,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Extra server arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Base URL of a running server; the runner starts one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<String>,
    /// With `attach`: the model name that the server knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// Without `attach`: the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Without `attach`: environment variables.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Without `attach`: time until it must be healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_timeout: Option<WrittenDuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameworkMap {
    name: Engine,
    version: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    attach: Option<String>,
    served_model: Option<String>,
    program: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    start_timeout: Option<WrittenDuration>,
}

impl From<FrameworkMap> for FrameworkEntry {
    fn from(m: FrameworkMap) -> Self {
        Self {
            name: m.name,
            version: m.version,
            args: m.args,
            attach: m.attach,
            served_model: m.served_model,
            program: m.program,
            env: m.env,
            start_timeout: m.start_timeout,
        }
    }
}

impl FromName for FrameworkEntry {
    type Map = FrameworkMap;
    fn from_name(name: &str) -> Result<Self, String> {
        let engine = Engine::ALL.into_iter().find(|e| e.name() == name).ok_or_else(|| {
            let names = Engine::ALL.map(Engine::name).join(", ");
            format!("`{name}` is no framework: choose one of {names}")
        })?;
        Ok(Self::of(engine))
    }
}

impl<'de> Deserialize<'de> for FrameworkEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        name_or_map::deserialize(deserializer)
    }
}

impl FrameworkEntry {
    /// An engine, in whatever version is there, started by Assay.
    pub(super) const fn of(engine: Engine) -> Self {
        Self {
            name: engine,
            version: None,
            args: vec![],
            attach: None,
            served_model: None,
            program: None,
            env: BTreeMap::new(),
            start_timeout: None,
        }
    }

    /// The part that belongs to a configuration's id.
    #[must_use]
    pub fn framework(&self) -> Framework {
        Framework { engine: self.name, version: self.version.clone(), args: self.args.clone() }
    }

    /// How to get to it.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        match &self.attach {
            Some(url) => Endpoint::Attach { url: url.clone(), served_model: self.served_model.clone() },
            None => Endpoint::Launch {
                program: self.program.clone(),
                env: self.env.clone(),
                start_timeout_s: self.start_timeout.unwrap_or(DEFAULT_START_TIMEOUT).as_ms() / 1000.0,
            },
        }
    }

    /// Two entries with the same key would be the same point of the axis.
    pub(super) fn framework_key(&self) -> String {
        let mut key = self.framework().to_string();
        for arg in &self.args {
            key.push(' ');
            key.push_str(arg);
        }
        key
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        let Some(url) = &self.attach else {
            if self.served_model.is_some() {
                return Err(SpecError::field(
                    &format!("{field}.served_model"),
                    "only goes with `attach`; remove it, since a launched server gets our model name",
                ));
            }
            return Ok(());
        };
        let host = url.strip_prefix("http://").unwrap_or_default();
        let authority = host.strip_suffix('/').unwrap_or(host);
        if authority.is_empty()
            || authority.contains(['/', '?', '#'])
            || authority.contains(char::is_whitespace)
        {
            return Err(SpecError::field(
                &format!("{field}.attach"),
                format!("`{url}` is no server; write http://host:port, without a path such as /v1"),
            ));
        }
        let launch_only = [
            ("program", self.program.is_some()),
            ("env", !self.env.is_empty()),
            ("args", !self.args.is_empty()),
            ("start_timeout", self.start_timeout.is_some()),
        ];
        match launch_only.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(SpecError::field(
                &format!("{field}.{name}"),
                "is for a server that Assay starts; remove it or `attach`",
            )),
            None => Ok(()),
        }
    }
}

/// Selects points of the matrix: those that match every stated field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// This model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelName>,
    /// This quantisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantisation: Option<Quantisation>,
    /// This accelerator, in any count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    /// This hardware config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<Hardware>,
    /// This engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<Engine>,
    /// This use case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCase>,
    /// The workload of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
}

impl Selector {
    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if *self == Self::default() {
            return Err(SpecError::field(field, "states nothing and would match everything; state a field"));
        }
        Ok(())
    }
}

/// Links axes: points that match `when` are kept only when they match one of `only`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AxisLink {
    /// The points that it is about.
    pub when: Selector,
    /// What is left of them.
    pub only: Vec<Selector>,
}

impl AxisLink {
    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        self.when.check(&format!("{field}.when"))?;
        super::not_empty(&format!("{field}.only"), &self.only)?;
        self.only.iter().enumerate().try_for_each(|(i, only)| only.check(&format!("{field}.only[{i}]")))
    }
}
