//! A **filter** says which results a query is about: those that match everything it states.

use std::num::NonZeroU32;

use domain::workload::Protocol;
use domain::{Accelerator, Hardware, ModelName, OrHosted, Provenance, Quantisation, ServedBy, UseCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::axis::wire_name;
use crate::{AnyOf, Axis, Snapshot};

/// What a result must match; a field that is not stated matches everything. Each field is named as its [`Axis`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// These models.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub model: AnyOf<ModelName>,
    /// These precisions, or `hosted`.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub quantisation: AnyOf<OrHosted<Quantisation>>,
    /// These accelerators, in any count, or `hosted`.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub accelerator: AnyOf<OrHosted<Accelerator>>,
    /// These hardware configs, or `hosted`.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub hardware: AnyOf<OrHosted<Hardware>>,
    /// These engines, in any version, or these providers of hosted models.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub engine: AnyOf<ServedBy>,
    /// This engine at a version: `vllm 0.11.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// Engines that said to be of these versions, whichever was asked for; `unknown` where none was told.
    #[serde(default, skip_serializing_if = "AnyOf::is_anything")]
    pub engine_version: AnyOf<String>,
    /// This use case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCase>,
    /// This provenance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// This shape of traffic: `512>128`, `512>128, 64 shared`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// Prompts of so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<NonZeroU32>,
    /// Answers of so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<NonZeroU32>,
    /// Requests that arrive like this: `c16`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<String>,
    /// This endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
}

impl Filter {
    /// The axes that it states something about, with the names that it wants there.
    pub(crate) fn stated(&self) -> Vec<(Axis, Vec<String>)> {
        let fields = serde_json::to_value(self).unwrap_or_default();
        let names = |field: &Value| match field {
            Value::Array(values) => values.iter().map(wire_name).collect(),
            one => vec![wire_name(one)],
        };
        let stated = |axis: Axis| Some((axis, names(fields.get(axis.name())?)));
        Axis::ALL.into_iter().filter_map(stated).collect()
    }
}

/// For each distinct launch, workload, provenance and version, the set of axes on which it does not match a filter
/// ([`Axis::bit`]). A row does not match on the axes of its four sets together.
#[derive(Debug, Default)]
pub(crate) struct Failing {
    /// By [`crate::axis::Part`].
    pub(crate) sets: [Vec<u32>; 4],
}

impl Failing {
    pub(crate) fn of(snapshot: &Snapshot, filter: &Filter) -> Self {
        let rows = &snapshot.rows;
        let distinct = [
            rows.servings.values().len(),
            rows.workloads.values().len(),
            rows.provenance.values().len(),
            rows.engine_versions.values().len(),
        ];
        let mut failing = Self { sets: distinct.map(|values| vec![0; values]) };
        for (axis, wanted) in filter.stated() {
            let Some(names) = snapshot.axes.names(axis) else { continue };
            let wanted: Vec<bool> = names.names.iter().map(|name| wanted.contains(name)).collect();
            for (sets, &name) in failing.sets[axis.part() as usize].iter_mut().zip(&names.of) {
                if !wanted[name as usize] {
                    *sets |= axis.bit();
                }
            }
        }
        failing
    }

    /// The set of every row, in the snapshot's order.
    pub(crate) fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> impl Iterator<Item = u32> + 'a {
        let [launches, workloads, provenances, versions] = &self.sets;
        snapshot.rows.codes().map(|[launch, workload, provenance, version]| {
            launches[launch] | workloads[workload] | provenances[provenance] | versions[version]
        })
    }
}

/// `model a or b, engine vllm`
impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stated = self.stated();
        let stated = stated.iter().map(|(axis, names)| format!("{} {}", axis.name(), names.join(" or ")));
        f.write_str(&stated.collect::<Vec<_>>().join(", "))
    }
}

impl Snapshot {
    /// Rows that match a filter, in the snapshot's order.
    pub(crate) fn rows_of(&self, filter: &Filter) -> Vec<usize> {
        let failing = Failing::of(self, filter);
        failing.rows(self).enumerate().filter(|(_, axes)| *axes == 0).map(|(row, _)| row).collect()
    }
}
