//! What is **known**: the models, hardware, engines and use cases that can be asked for or were measured, each with how many
//! results there are of it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::response::Response;
use catalog::{Axis, Filter, Query, Snapshot};
use domain::framework::Parallelism;
use domain::hardware::Generation;
use domain::known::{self, HOSTED_MODELS, MODELS};
use domain::use_case::UseCaseFacts;
use domain::{
    Accelerator, Engine, Hardware, ModelName, Provenance, Provider, Quantisation, Rent, TokenPrice, UseCase,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::Asked;
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// Results by provenance; one that has none is not listed.
type Counts = BTreeMap<Provenance, usize>;

/// Models by name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Models {
    /// Those that ship with Assay and those that were measured.
    pub models: Vec<Model>,
}

/// A model.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Model {
    /// Its name.
    pub name: ModelName,
    /// Who runs it, where it is a hosted one that ships with Assay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// What its tokens cost, USD per million.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd_per_mtok: Option<TokenPrice>,
    /// The repository with its weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
    /// Precisions in which its weights can be got.
    pub quantisations: BTreeSet<Quantisation>,
    /// All parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<u64>,
    /// Those that a token takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_parameters: Option<u64>,
    /// Longest context, tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    /// How many results there are.
    pub results: Counts,
}

/// Hardware configs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HardwareList {
    /// All that can be asked for.
    pub hardware: Vec<HardwareConfig>,
}

/// A hardware config.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HardwareConfig {
    /// Its name.
    pub name: Hardware,
    /// The accelerator.
    pub accelerator: Accelerator,
    /// How many.
    pub count: u32,
    /// Its generation.
    pub generation: Generation,
    /// Memory of each, GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib: Option<f64>,
    /// Memory bandwidth of each, GB/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_gb_per_s: Option<f64>,
    /// What it is rented as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rent: Option<Rent>,
    /// How many results there are.
    pub results: Counts,
}

/// Engines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Frameworks {
    /// All that can be asked for.
    pub frameworks: Vec<FrameworkFacts>,
}

/// An engine.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FrameworkFacts {
    /// Its name.
    pub name: Engine,
    /// Precisions that it runs, and on which generations.
    pub precisions: BTreeMap<Quantisation, Vec<Generation>>,
    /// How it shares a model out over GPUs.
    pub parallelism: Vec<Parallelism>,
    /// How many results there are by the version that was asked for.
    pub versions: BTreeMap<String, Counts>,
    /// How many results there are.
    pub results: Counts,
}

/// Use cases.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UseCases {
    /// All of them.
    pub use_cases: Vec<KnownUseCase>,
}

/// A use case.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownUseCase {
    /// Its name.
    pub name: UseCase,
    /// What is usual for it.
    #[serde(flatten)]
    pub facts: UseCaseFacts,
    /// The shapes of traffic that were measured for it.
    pub shapes: BTreeMap<String, Counts>,
    /// How many results there are.
    pub results: Counts,
}

/// `GET /v1/models`
pub async fn models(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    Parameters::of(&asked.uri)?.none_left("it has none")?;
    asked.json(&context, |snapshot, _| Ok(known_models(snapshot))).await
}

/// `GET /v1/hardware`
pub async fn hardware(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    Parameters::of(&asked.uri)?.none_left("it has none")?;
    asked.json(&context, |snapshot, _| Ok(known_hardware(snapshot))).await
}

/// `GET /v1/frameworks`
pub async fn frameworks(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    Parameters::of(&asked.uri)?.none_left("it has none")?;
    asked.json(&context, |snapshot, _| Ok(known_frameworks(snapshot))).await
}

/// `GET /v1/use-cases`
pub async fn use_cases(State(context): State<Context>, asked: Asked) -> Result<Response, Problem> {
    Parameters::of(&asked.uri)?.none_left("it has none")?;
    asked.json(&context, |snapshot, _| Ok(known_use_cases(snapshot))).await
}

/// Results by the name on each axis, of some results.
struct Counted(BTreeMap<Axis, BTreeMap<String, Counts>>);

impl Counted {
    fn of(snapshot: &Snapshot, filter: &Filter) -> Self {
        let mut counted: BTreeMap<Axis, BTreeMap<String, Counts>> = BTreeMap::new();
        for provenance in Provenance::ALL {
            let filter = Filter { provenance: Some(provenance), ..filter.clone() };
            let page = snapshot.query(&Query { filter, ..Query::default() });
            // The axis of the provenance itself says what the others would find.
            for (axis, values) in page.facets.into_iter().filter(|(axis, _)| *axis != Axis::Provenance) {
                for value in values {
                    let names = counted.entry(axis).or_default();
                    names.entry(value.value).or_default().insert(provenance, value.count);
                }
            }
        }
        Self(counted)
    }

    fn names(&mut self, axis: Axis) -> BTreeMap<String, Counts> {
        self.0.remove(&axis).unwrap_or_default()
    }
}

fn known_models(snapshot: &Snapshot) -> Models {
    let mut counted = Counted::of(snapshot, &Filter::default()).names(Axis::Model);
    let measured = counted.keys().filter_map(|name| name.parse::<ModelName>().ok()).collect::<Vec<_>>();
    let names: BTreeSet<ModelName> =
        MODELS.keys().chain(HOSTED_MODELS.keys()).cloned().chain(measured).collect();
    let model = |name: ModelName| {
        let (own, hosted) = (MODELS.get(&name), HOSTED_MODELS.get(&name));
        let precisions = own.map(|m| m.quantised.keys().copied().chain([m.precision]).collect());
        Model {
            provider: hosted.map(|m| m.provider),
            usd_per_mtok: hosted.map(|m| m.usd_per_mtok),
            hub: own.map(|m| m.hub.clone()),
            quantisations: precisions.unwrap_or_default(),
            parameters: own.map(|m| m.architecture.parameters),
            active_parameters: own.map(|m| m.architecture.active_parameters),
            context_tokens: own.map(|m| m.architecture.context_tokens),
            results: counted.remove(name.as_str()).unwrap_or_default(),
            name,
        }
    };
    Models { models: names.into_iter().map(model).collect() }
}

fn known_hardware(snapshot: &Snapshot) -> HardwareList {
    let mut counted = Counted::of(snapshot, &Filter::default()).names(Axis::Hardware);
    let all = Accelerator::ALL.into_iter().flat_map(|a| [1, 2, 4, 8].map(|count| Hardware::new(a, count)));
    let config = |name: Hardware| {
        let facts = known::accelerator_facts(name.accelerator());
        HardwareConfig {
            name,
            accelerator: name.accelerator(),
            count: name.count(),
            generation: known::generation(name.accelerator()),
            memory_gib: facts.map(|facts| facts.memory_gib),
            bandwidth_gb_per_s: facts.map(|facts| facts.bandwidth_gb_per_s),
            rent: known::rent_of(name),
            results: counted.remove(&name.to_string()).unwrap_or_default(),
        }
    };
    HardwareList { hardware: all.flatten().map(config).collect() }
}

fn known_frameworks(snapshot: &Snapshot) -> Frameworks {
    let mut counted = Counted::of(snapshot, &Filter::default());
    let (mut engines, versions) = (counted.names(Axis::Engine), counted.names(Axis::Framework));
    let framework = |name: Engine| {
        let facts = known::engine_facts(name);
        let prefix = format!("{name} ");
        let of_it = |(version, counts): (&String, &Counts)| {
            let version = if version == name.name() { "" } else { version.strip_prefix(&prefix)? };
            (!version.is_empty()).then(|| (version.to_owned(), counts.clone()))
        };
        FrameworkFacts {
            name,
            precisions: facts.precisions.clone(),
            parallelism: facts.parallelism.clone(),
            versions: versions.iter().filter_map(of_it).collect(),
            results: engines.remove(name.name()).unwrap_or_default(),
        }
    };
    Frameworks { frameworks: Engine::ALL.map(framework).into() }
}

fn known_use_cases(snapshot: &Snapshot) -> UseCases {
    let use_case = |name: UseCase| {
        let filter = Filter { use_case: Some(name), ..Filter::default() };
        let mut counted = Counted::of(snapshot, &filter);
        KnownUseCase {
            name,
            facts: known::use_case_facts(name).clone(),
            shapes: counted.names(Axis::Shape),
            results: counted.names(Axis::UseCase).remove(name.name()).unwrap_or_default(),
        }
    };
    UseCases { use_cases: UseCase::ALL.map(use_case).into() }
}
