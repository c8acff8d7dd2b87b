//! **Known** facts: the models, accelerators, engines, use cases and prices that ship with Assay, from `data/`. Each
//! file names its sources.

mod prices;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use prices::{
    BadSpotHistory, INSTANCES, Instance, ON_DEMAND_PRICES, OnDemandPrices, PRICES_HASH, SPOT_PRICES,
    SPOT_PRICES_FILE, SpotPrices, instance_of, rent_of, smallest_instance, spot_price,
};

use crate::content_hash::content_hash;
use crate::framework::EngineFacts;
use crate::hardware::{AcceleratorFacts, Generation};
use crate::use_case::UseCaseFacts;
use crate::{
    Accelerator, Architecture, Engine, ModelName, Provider, Quantisation, TokenPrice, TokenRate, UseCase,
};

/// A model that can be named in a spec without more ado.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownModel {
    /// The repository with its weights.
    pub hub: String,
    /// The precision of the weights in it.
    #[serde(default = "sixteen_bits")]
    pub precision: Quantisation,
    /// Repositories with the same model in another precision.
    #[serde(default)]
    pub quantised: BTreeMap<Quantisation, String>,
    /// Of these, those whose weights are multiplied at 16 bits (GPTQ).
    #[serde(default)]
    pub weights_only: BTreeSet<Quantisation>,
    /// Its sizes.
    pub architecture: Architecture,
}

const fn sixteen_bits() -> Quantisation {
    Quantisation::Fp16
}

impl KnownModel {
    /// The repository with its safetensors in a precision.
    #[must_use]
    pub fn weights(&self, precision: Quantisation) -> Option<&str> {
        let hub = (precision == self.precision).then_some(&self.hub);
        hub.or_else(|| self.quantised.get(&precision)).map(String::as_str)
    }
}

/// A model behind somebody else's API: no hardware, a price per token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedModel {
    /// Who runs it.
    pub provider: Provider,
    /// What its tokens cost.
    pub usd_per_mtok: TokenPrice,
}

impl HostedModel {
    /// What its tokens cost, by the provider's list.
    #[must_use]
    pub const fn rate(&self) -> TokenRate {
        TokenRate { usd_per_mtok: self.usd_per_mtok, listed: Some(HOSTED_PRICES_READ) }
    }
}

/// The day on which the prices of hosted models were read.
pub const HOSTED_PRICES_READ: NaiveDate = match NaiveDate::from_ymd_opt(2026, 11, 24) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Models by name.
pub static MODELS: LazyLock<BTreeMap<ModelName, KnownModel>> =
    LazyLock::new(|| shipped(include_str!("../data/models.yaml")));

const HOSTED_MODELS_FILE: &str = include_str!("../data/hosted_models.yaml");

/// Hosted models by name.
pub static HOSTED_MODELS: LazyLock<BTreeMap<ModelName, HostedModel>> =
    LazyLock::new(|| shipped(HOSTED_MODELS_FILE));

const FIDELITY_PROMPTS_FILE: &str = include_str!("../data/fidelity_prompts.yaml");

/// Prompts that fidelity is told by, by use case.
pub static FIDELITY_PROMPTS: LazyLock<BTreeMap<UseCase, Vec<String>>> =
    LazyLock::new(|| shipped(FIDELITY_PROMPTS_FILE));

/// Which prompts these are, as a hash of them: answers to others are no reference.
pub static FIDELITY_PROMPTS_HASH: LazyLock<String> =
    LazyLock::new(|| content_hash(&*FIDELITY_PROMPTS).unwrap_or_default());

static ACCELERATORS: LazyLock<BTreeMap<Accelerator, AcceleratorFacts>> =
    LazyLock::new(|| shipped(include_str!("../data/accelerators.yaml")));

static ENGINES: LazyLock<BTreeMap<Engine, EngineFacts>> =
    LazyLock::new(|| shipped(include_str!("../data/engines.yaml")));

static USE_CASES: LazyLock<BTreeMap<UseCase, UseCaseFacts>> =
    LazyLock::new(|| shipped(include_str!("../data/use_cases.yaml")));

/// Reads a file that is part of the program; a test reads each of them, so that none is bad.
fn shipped<T: DeserializeOwned>(text: &str) -> T {
    #[expect(clippy::panic, reason = "the text is a constant that the tests have read")]
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("a shipped data file is damaged: {e}"))
}

/// The data sheet of an accelerator. A processor has none: machines differ too much.
#[must_use]
pub fn accelerator_facts(accelerator: Accelerator) -> Option<AcceleratorFacts> {
    ACCELERATORS.get(&accelerator).copied()
}

/// The generation of an accelerator.
#[must_use]
pub fn generation(accelerator: Accelerator) -> Generation {
    accelerator_facts(accelerator).map_or(Generation::Cpu, |facts| facts.generation)
}

/// Whether only the weights of a model are quantised at a precision, so that products are made at 16 bits. Of 4 bits that
/// holds always (AWQ, GPTQ, W4A16); of 8 bits where the known checkpoint is such a one.
#[must_use]
pub fn weights_only(model: &ModelName, precision: Quantisation) -> bool {
    let listed = || MODELS.get(model).is_some_and(|known| known.weights_only.contains(&precision));
    precision == Quantisation::Int4 || listed()
}

/// What an engine can do.
#[must_use]
pub fn engine_facts(engine: Engine) -> &'static EngineFacts {
    &ENGINES[&engine]
}

/// What is known of a use case.
#[must_use]
pub fn use_case_facts(use_case: UseCase) -> &'static UseCaseFacts {
    &USE_CASES[&use_case]
}

#[cfg(test)]
mod tests;
