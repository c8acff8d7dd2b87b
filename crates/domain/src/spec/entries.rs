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
    Accelerator, Architecture, BadWeightsAddress, Engine, Framework, Hardware, Hosted, HostedEndpoint,
    HourlyPrice, KeySource, ModelName, OrHosted, Provider, Quantisation, Rent, ServedBy, TokenPrice,
    TokenRate, UseCase, WeightsAddress,
};

/// Seconds until an engine must be healthy, unless the spec says otherwise. vLLM on a large model takes minutes.
const DEFAULT_START_TIMEOUT: WrittenDuration = WrittenDuration::from_ms(600_000.0);

/// A model: a known name, or one's own with its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
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
    /// That somebody else serves it, and how to get to it. Known hosted models need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted: Option<HostedEntry>,
}

/// How to get to a hosted model, where that differs from what is known, and what its tokens cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostedEntry {
    /// Who serves it: whose protocol is spoken. Known for known models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Base URL without `/v1`; the provider's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the key is kept: `env:VARIABLE` or `aws-sm:NAME`. The provider's usual variable when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeySource>,
    /// The model's name there, when it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// USD for a million tokens, where that is not known or another price holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_per_mtok: Option<TokenPrice>,
}

/// A hosted model of a spec with everything that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedHosted {
    /// The model.
    pub hosted: Hosted,
    /// How to get to it.
    pub endpoint: HostedEndpoint,
    /// What its tokens cost.
    pub rate: TokenRate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelMap {
    name: ModelName,
    config: Option<String>,
    architecture: Option<Architecture>,
    #[serde(default)]
    artifacts: Vec<Artifact>,
    hosted: Option<HostedEntry>,
}

impl From<ModelMap> for ModelEntry {
    fn from(m: ModelMap) -> Self {
        let ModelMap { name, config, architecture, artifacts, hosted } = m;
        Self { name, config, architecture, artifacts, hosted }
    }
}

impl FromName for ModelEntry {
    type Map = ModelMap;
    fn from_name(name: &str) -> Result<Self, String> {
        let name = name.parse::<ModelName>().map_err(|e| e.to_string())?;
        Ok(Self { name, config: None, architecture: None, artifacts: vec![], hosted: None })
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

    /// Whether somebody else serves it.
    #[must_use]
    pub fn is_hosted(&self) -> bool {
        self.hosted.is_some() || known::HOSTED_MODELS.contains_key(&self.name)
    }

    /// What is known of it as a hosted model. None when it is not hosted, or its provider or its price is not known.
    #[must_use]
    pub fn resolved_hosted(&self) -> Option<ResolvedHosted> {
        let listed = known::HOSTED_MODELS.get(&self.name);
        let own = self.hosted.clone().unwrap_or_default();
        let provider = own.provider.or_else(|| listed.map(|model| model.provider))?;
        let stated = own.usd_per_mtok.map(|usd_per_mtok| TokenRate { usd_per_mtok, listed: None });
        // Another provider has its own prices for a model of that name.
        let of_list = listed.filter(|model| model.provider == provider).map(known::HostedModel::rate);
        Some(ResolvedHosted {
            hosted: Hosted { model: self.name.clone(), provider },
            endpoint: HostedEndpoint {
                url: own.url.unwrap_or_else(|| provider.url().to_owned()),
                key: own.key.unwrap_or_else(|| KeySource::Variable(provider.key_variable().to_owned())),
                served_model: own.served_model,
            },
            rate: stated.or(of_list)?,
        })
    }

    fn check_hosted(&self, field: &str) -> Result<(), SpecError> {
        let refuse = |name: &str, problem: String| Err(SpecError::field(&format!("{field}.{name}"), problem));
        let of_weights = [
            ("config", self.config.is_some()),
            ("architecture", self.architecture.is_some()),
            ("artifacts", !self.artifacts.is_empty()),
        ];
        if let Some((name, _)) = of_weights.into_iter().find(|(_, given)| *given) {
            let model = &self.name;
            return refuse(
                name,
                format!(
                    "is for models that Assay runs, and `{model}` is hosted; remove it, or rename the model"
                ),
            );
        }
        let Some(own) = &self.hosted else { return Ok(()) };
        if let Some(url) = own.url.as_ref().filter(|url| !keeps_a_key(url)) {
            return refuse(
                "hosted.url",
                format!(
                    "`{url}` is no place to send a key to; write https://host without a path such as /v1 (http:// is for \
                 localhost alone)"
                ),
            );
        }
        if own.usd_per_mtok.is_some_and(|price| !price.is_valid()) {
            return refuse(
                "hosted.usd_per_mtok",
                "must have prices of at least 0, and above 0 for output".to_owned(),
            );
        }
        if own.provider.is_none() && !known::HOSTED_MODELS.contains_key(&self.name) {
            return refuse(
                "hosted.provider",
                "is not known of this model; say openai or anthropic, whose protocol it speaks".to_owned(),
            );
        }
        if self.resolved_hosted().is_none() {
            return refuse(
                "hosted.usd_per_mtok",
                "is not known of this model; state {input: …, output: …}, without which no budget holds"
                    .to_owned(),
            );
        }
        Ok(())
    }

    pub(super) fn check(&self, field: &str) -> Result<(), SpecError> {
        if self.is_hosted() {
            return self.check_hosted(field);
        }
        if let Some(own) = &self.architecture {
            let problem = |e: BadSize| {
                SpecError::field(&format!("{field}.architecture"), format!("has no sizes of a model: {e}"))
            };
            own.check_sizes().map_err(problem)?;
        }
        for (i, artifact) in self.artifacts.iter().enumerate() {
            let problem = |e: BadWeightsAddress| {
                SpecError::field(&format!("{field}.artifacts[{i}].path"), e.to_string())
            };
            artifact.path.parse::<WeightsAddress>().map_err(problem)?;
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

/// Whether a URL is a server that a key may be sent to: over TLS, or on this machine.
fn keeps_a_key(url: &str) -> bool {
    let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return false,
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let is_plain = !authority.is_empty()
        && !authority.contains(['/', '?', '#', '@'])
        && !authority.contains(char::is_whitespace);
    is_plain && (secure || matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
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
    #[schemars(default)]
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
    #[schemars(default)]
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
            match name.parse::<ServedBy>() {
                Ok(provider) => format!(
                    "`{provider}` serves hosted models, which are named under `models` and need no framework; choose one \
                     of {names} for the others"
                ),
                Err(_) => format!("`{name}` is no framework: choose one of {names}"),
            }
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
    /// This hardware config, or `hosted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<OrHosted<Hardware>>,
    /// This engine, or this provider of hosted models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<ServedBy>,
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
