//! An **axis** is a property that a catalogue is filtered by and counted along, such as the engine.

use std::collections::BTreeMap;

use domain::{Serving, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::snapshot::Rows;

/// The axes. Each is named as the field of [`crate::Filter`] that filters by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// The model.
    Model,
    /// The precision of its weights; `hosted` where nobody tells.
    Quantisation,
    /// The accelerator, in any count; `hosted` where nobody tells.
    Accelerator,
    /// The hardware config; `hosted` where nobody tells.
    Hardware,
    /// The engine, in any version, or the provider of a hosted model.
    Engine,
    /// The engine at a version.
    Framework,
    /// The version of the engine that answered.
    EngineVersion,
    /// The use case.
    UseCase,
    /// The shape of the traffic.
    Shape,
    /// Tokens of a prompt.
    InputTokens,
    /// Tokens of an answer.
    OutputTokens,
    /// How requests arrive: `c16`.
    Load,
    /// Which endpoint carries them.
    Protocol,
    /// Where the numbers come from.
    Provenance,
}

/// Which part of a row decides its value on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Serving,
    Workload,
    Provenance,
    EngineVersion,
}

/// What an engine's version is called that was not told.
const NOT_TOLD: &str = "unknown";

impl Axis {
    /// Every axis.
    pub const ALL: [Self; 14] = [
        Self::Model,
        Self::Quantisation,
        Self::Accelerator,
        Self::Hardware,
        Self::Engine,
        Self::Framework,
        Self::EngineVersion,
        Self::UseCase,
        Self::Shape,
        Self::InputTokens,
        Self::OutputTokens,
        Self::Load,
        Self::Protocol,
        Self::Provenance,
    ];

    pub(crate) const fn part(self) -> Part {
        match self {
            Self::Model
            | Self::Quantisation
            | Self::Accelerator
            | Self::Hardware
            | Self::Engine
            | Self::Framework => Part::Serving,
            Self::UseCase
            | Self::Shape
            | Self::InputTokens
            | Self::OutputTokens
            | Self::Load
            | Self::Protocol => Part::Workload,
            Self::Provenance => Part::Provenance,
            Self::EngineVersion => Part::EngineVersion,
        }
    }

    /// A set of axes is a number with this bit for each.
    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The name in queries: `use_case`.
    #[must_use]
    pub fn name(self) -> String {
        wire_name(&self)
    }

    fn of_serving(self, serving: &Serving) -> Option<String> {
        Some(match self {
            Self::Model => serving.model().to_string(),
            Self::Quantisation => serving.quantisation().to_string(),
            Self::Accelerator => serving.accelerator().to_string(),
            Self::Hardware => serving.hardware().to_string(),
            Self::Engine => serving.served_by().to_string(),
            Self::Framework => serving.framework(),
            _ => return None,
        })
    }

    fn of_workload(self, workload: &Workload) -> Option<String> {
        Some(match self {
            Self::UseCase => workload.use_case.to_string(),
            Self::Shape => workload.shape().to_string(),
            Self::InputTokens => workload.input_tokens.to_string(),
            Self::OutputTokens => workload.output_tokens.to_string(),
            Self::Load => workload.load.to_string(),
            Self::Protocol => workload.protocol.to_string(),
            _ => return None,
        })
    }
}

/// How a value is written in JSON, without the quotes: the name of a unit variant, or a number.
pub(crate) fn wire_name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// For each axis, what the distinct launches, workloads, provenances or versions are called on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Axes(Vec<Names>);

/// The names on one axis.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Each once.
    pub(crate) names: Vec<String>,
    /// For each launch, workload, provenance or version, which of them is its own.
    pub(crate) of: Vec<u32>,
}

impl Axes {
    pub(crate) fn of(rows: &Rows) -> Self {
        let version = |told: &Option<String>| told.clone().unwrap_or_else(|| NOT_TOLD.to_owned());
        let names = |axis: Axis| match axis.part() {
            Part::Serving => rows.servings.values().iter().filter_map(|l| axis.of_serving(l)).collect(),
            Part::Workload => rows.workloads.values().iter().filter_map(|w| axis.of_workload(w)).collect(),
            Part::Provenance => rows.provenance.values().iter().map(ToString::to_string).collect(),
            Part::EngineVersion => rows.engine_versions.values().iter().map(version).collect(),
        };
        Self(Axis::ALL.map(names).to_vec())
    }

    pub(crate) fn names(&self, axis: Axis) -> Option<&Names> {
        self.0.get(axis as usize)
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let of = names
            .into_iter()
            .map(|name| {
                let next = known.len() as u32;
                *known.entry(name).or_insert(next)
            })
            .collect();
        let mut by_code: Vec<(u32, String)> = known.into_iter().map(|(name, code)| (code, name)).collect();
        by_code.sort_unstable();
        Self { names: by_code.into_iter().map(|(_, name)| name).collect(), of }
    }
}
