//! **Known facts** are what the program knows without measuring, from the data files of `domain`, as rows of tables, so
//! that a query can join them with results. A database takes them over when it is migrated.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::known::{
    HOSTED_MODELS, INSTANCES, MODELS, ON_DEMAND_PRICES, SPOT_PRICES, accelerator_facts, engine_facts,
    generation, rent_of, smallest_instance, use_case_facts,
};
use domain::{
    Accelerator, Architecture, Engine, Hardware, ModelName, Provenance, Quantisation, UseCase, content_hash,
};
use serde_json::{Value, json};

use crate::figures::FORM;

/// Where the prices on demand are from.
const ON_DEMAND_SOURCE: &str = "domain/data/instances.yaml";

/// A table with all of its rows. A row is an object whose fields are the columns, in their order.
pub struct Table {
    pub name: &'static str,
    pub rows: Vec<Value>,
}

/// Every table that holds known facts alone, those that others refer to first. They refer to `models`.
pub fn tables() -> [Table; 5] {
    [
        Table { name: "model_versions", rows: model_versions() },
        Table { name: "hardware_configs", rows: hardware_configs() },
        Table { name: "inference_frameworks", rows: Engine::ALL.map(inference_framework).into() },
        Table { name: "use_case_taxonomy", rows: UseCase::ALL.map(use_case).into() },
        Table { name: "provenance", rows: Provenance::ALL.map(provenance).into() },
    ]
}

/// Rows of `price_history`. Spot prices have a date; those on demand hold since `today` for whoever did not know them.
pub fn prices(today: NaiveDate) -> Vec<Value> {
    let row = |instance: &str, region: &str, kind: &str, since: NaiveDate, usd: f64, source: &str| {
        json!({
            "instance_type": instance, "region": region, "kind": kind, "since": since.to_string(),
            "usd_per_hour": usd, "source": source,
        })
    };
    let spot = SPOT_PRICES.iter().flat_map(|sheet| {
        let prices = sheet.usd_per_hour.iter();
        prices.map(move |(name, usd)| row(name, &sheet.region, "spot", sheet.date, *usd, &sheet.source))
    });
    let on_demand = INSTANCES.iter().map(|(name, instance)| {
        row(name, &ON_DEMAND_PRICES.region, "on-demand", today, instance.usd_per_hour, ON_DEMAND_SOURCE)
    });
    spot.chain(on_demand).collect()
}

/// Which facts these are, but for `today`, and which figures of a result this program knows.
pub fn fingerprint() -> String {
    let rows = tables().map(|table| table.rows);
    let all = json!([models(), rows, prices(NaiveDate::MIN), *FORM]);
    content_hash::hash_bytes(all.to_string().as_bytes())
}

/// Rows of `models`, which has those too that campaigns brought with them.
pub fn models() -> Vec<Value> {
    let own = MODELS.iter().map(|(name, model)| own_model(name, Some(&model.hub), &model.architecture, None));
    let hosted = HOSTED_MODELS.iter().map(|(name, model)| {
        let usd = model.usd_per_mtok;
        json!({
            "name": name, "provider": model.provider, "repository": null,
            "parameters": null, "active_parameters": null, "context_tokens": null, "architecture": null,
            "usd_per_mtok_input": usd.input, "usd_per_mtok_cached_input": usd.cached_input,
            "usd_per_mtok_output": usd.output, "added_at": null,
        })
    });
    own.chain(hosted).collect()
}

/// The row of a model that a campaign brought with it.
pub fn added_model(name: &ModelName, sizes: &Architecture, at: DateTime<Utc>) -> Value {
    own_model(name, None, sizes, Some(at.to_rfc3339_opts(SecondsFormat::Nanos, true)))
}

fn own_model(name: &ModelName, hub: Option<&str>, sizes: &Architecture, added_at: Option<String>) -> Value {
    json!({
        "name": name, "provider": null, "repository": hub,
        "parameters": sizes.parameters, "active_parameters": sizes.active_parameters,
        "context_tokens": sizes.context_tokens, "architecture": sizes,
        "usd_per_mtok_input": null, "usd_per_mtok_cached_input": null, "usd_per_mtok_output": null,
        "added_at": added_at,
    })
}

fn model_versions() -> Vec<Value> {
    let versions = MODELS.iter().flat_map(|(name, model)| {
        let precisions = [Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int8, Quantisation::Int4];
        precisions.into_iter().filter_map(move |precision| {
            let repository = model.weights(precision)?;
            Some(json!({
                "model": name, "quantisation": precision, "format": "safetensors", "repository": repository,
            }))
        })
    });
    versions.collect()
}

fn hardware_configs() -> Vec<Value> {
    let counted = |accelerator| [1, 2, 4, 8].map(|count| Hardware::new(accelerator, count));
    let all = Accelerator::ALL.into_iter().flat_map(counted).flatten();
    all.map(|hardware| {
        let accelerator = hardware.accelerator();
        let memory = accelerator_facts(accelerator).map(|f| f.memory_gib * f64::from(hardware.count()));
        let price = rent_of(hardware).map(|rent| rent.share());
        json!({
            "name": hardware.to_string(), "accelerator": accelerator.name(),
            "generation": generation(accelerator), "gpu_count": hardware.gpu_count(), "memory_gib": memory,
            "instance_type": smallest_instance(hardware).map(|(name, _)| name),
            "usd_per_hour_on_demand": price.map(|p| p.on_demand), "usd_per_hour_spot": price.map(|p| p.spot),
        })
    })
    .collect()
}

fn inference_framework(engine: Engine) -> Value {
    let facts = engine_facts(engine);
    json!({
        "engine": engine.name(), "format": engine.format(), "precisions": facts.precisions,
        "parallelism": facts.parallelism,
    })
}

fn use_case(use_case: UseCase) -> Value {
    let facts = use_case_facts(use_case);
    json!({
        "use_case": use_case.name(), "pipeline_tags": facts.pipeline_tags,
        "input_tokens_mean": facts.input_tokens.mean, "input_tokens_deviation": facts.input_tokens.deviation,
        "output_tokens_mean": facts.output_tokens.mean,
        "output_tokens_deviation": facts.output_tokens.deviation, "slo": facts.slo, "weights": facts.weights,
    })
}

fn provenance(provenance: Provenance) -> Value {
    json!({ "name": provenance.name(), "meaning": provenance.meaning() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_the_same_every_time_and_have_unique_keys() {
        assert_eq!(fingerprint(), fingerprint());
        for table in tables().into_iter().chain([Table { name: "models", rows: models() }]) {
            let key = |row: &Value| row.as_object().unwrap().values().take(2).map(Value::to_string).collect();
            let mut keys: Vec<Vec<String>> = table.rows.iter().map(key).collect();
            let rows = keys.len();
            keys.sort();
            keys.dedup();
            assert!(rows > 0 && keys.len() == rows, "{}", table.name);
        }
    }
}
