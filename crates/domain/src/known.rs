//! **Known** facts: the models, accelerators and prices that ship with Assay, from `data/`. Each file
//! names its sources.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::hardware::AcceleratorFacts;
use crate::{Accelerator, Architecture, Hardware, HourlyPrice, ModelName};

/// A model that can be named in a spec without more ado.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    /// The repository with its 16-bit weights.
    pub hub: String,
    /// Its sizes.
    pub architecture: Architecture,
}

/// What a hardware config costs, and where that is said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPrice {
    /// The instance type it is taken from.
    pub instance_type: String,
    /// GPUs on that instance. A config that uses fewer pays its share.
    pub instance_gpus: u32,
    /// USD per hour of the whole instance.
    pub usd_per_hour: HourlyPrice,
}

/// Models by name.
pub static MODELS: LazyLock<BTreeMap<ModelName, KnownModel>> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("../data/models.yaml")).unwrap_or_default());

static ACCELERATORS: LazyLock<BTreeMap<Accelerator, AcceleratorFacts>> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("../data/accelerators.yaml")).unwrap_or_default());

static PRICES: LazyLock<BTreeMap<Hardware, KnownPrice>> =
    LazyLock::new(|| serde_saphyr::from_str(include_str!("../data/prices.yaml")).unwrap_or_default());

/// The data sheet of an accelerator. A processor has none: machines differ too much.
#[must_use]
pub fn accelerator_facts(accelerator: Accelerator) -> Option<AcceleratorFacts> {
    ACCELERATORS.get(&accelerator).copied()
}

/// The price of a hardware config: its share of the instance it runs on.
#[must_use]
pub fn price_of(hardware: Hardware) -> Option<HourlyPrice> {
    let known = PRICES.get(&hardware)?;
    Some(known.usd_per_hour.scaled(f64::from(hardware.count()) / f64::from(known.instance_gpus)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_data_is_complete_and_sane() {
        assert!(MODELS.contains_key(&"llama-3.1-8b-instruct".parse().unwrap()));
        for (name, model) in MODELS.iter() {
            let a = &model.architecture;
            assert!(a.active_parameters <= a.parameters && a.layers > 0, "{name}");
            assert_eq!(a.attention_heads % a.kv_heads, 0, "{name}");
        }
        for accelerator in Accelerator::ALL.into_iter().filter(|a| *a != Accelerator::Cpu) {
            assert!(accelerator_facts(accelerator).is_some(), "{accelerator}");
            for count in [1, 2, 4, 8] {
                let hardware = Hardware::new(accelerator, count).unwrap();
                let price = price_of(hardware).unwrap_or_else(|| panic!("{hardware} has no price"));
                assert!(price.is_valid() && price.spot < price.on_demand, "{hardware}");
            }
        }
    }
}
