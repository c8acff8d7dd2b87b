use std::collections::BTreeSet;

use super::*;
use crate::Hardware;
use crate::framework::Parallelism;

#[test]
fn models_have_the_parameters_that_their_sizes_add_up_to() {
    assert!(MODELS.len() >= 30, "{}", MODELS.len());
    for (name, model) in MODELS.iter() {
        let a = &model.architecture;
        let counted = a.counted_parameters().unwrap_or_else(|| panic!("{name}: no intermediate_size")) as f64;
        let error = counted / a.parameters as f64 - 1.0;
        assert!(error.abs() < 0.013, "{name}: {counted} counted, {} stated", a.parameters);
        assert_eq!(a.active_parameters < a.parameters, a.blocks.experts.is_some(), "{name}");
        assert_eq!(a.attention_heads % a.kv_heads, 0, "{name}");
        let windowed = a.blocks.sliding_window.map_or(0, |w| w.layers);
        let sparse = a.blocks.experts.map_or(0, |e| e.layers);
        assert!(windowed <= a.layers && sparse <= a.layers, "{name}");
        assert!(!model.quantised.contains_key(&model.precision), "{name}");
    }
}

/// Cards that promise less than `max_position_embeddings` does, or than the rest of the family.
#[test]
fn the_context_is_what_the_model_card_promises() {
    for (name, tokens) in [("gemma-3-1b-it", 32_768), ("deepseek-v3", 131_072), ("deepseek-r1", 131_072)] {
        assert_eq!(MODELS[&name.parse().unwrap()].architecture.context_tokens, tokens, "{name}");
    }
}

#[test]
fn gptq_quantises_weights_only() {
    for (name, model) in MODELS.iter() {
        for (precision, repository) in &model.quantised {
            let expected = repository.contains("GPTQ") || *precision == Quantisation::Int4;
            assert_eq!(weights_only(name, *precision), expected, "{repository}");
        }
        assert!(model.weights_only.iter().all(|p| model.quantised.contains_key(p)), "{name}");
    }
}

/// Two names may share weights of another model's precision, but no repository is two models.
#[test]
fn no_repository_is_listed_twice() {
    let mut seen = BTreeSet::new();
    for (name, model) in MODELS.iter() {
        for repository in std::iter::once(&model.hub).chain(model.quantised.values()) {
            assert!(seen.insert(repository), "{name}: {repository}");
            assert_eq!(repository.split('/').count(), 2, "{name}: {repository}");
        }
    }
}

#[test]
fn every_family_that_is_asked_for_is_there() {
    for family in [
        "llama-3.1",
        "llama-3.2",
        "llama-3.3",
        "llama-4",
        "qwen2.5",
        "qwen3",
        "mistral",
        "mixtral",
        "gemma-2",
        "gemma-3",
        "phi-4",
        "deepseek-v2",
        "deepseek-v3",
        "deepseek-r1",
    ] {
        assert!(MODELS.keys().any(|name| name.as_str().starts_with(family)), "{family}");
    }
    for family in ["gpt-4", "claude"] {
        assert!(HOSTED_MODELS.keys().any(|name| name.as_str().starts_with(family)), "{family}");
    }
}

#[test]
fn hosted_models_have_prices_and_no_namesake() {
    for (name, model) in HOSTED_MODELS.iter() {
        let price = model.usd_per_mtok;
        assert!(0.0 < price.input && price.input < price.output, "{name}");
        assert!(price.cached_input.is_none_or(|cached| 0.0 < cached && cached < price.input), "{name}");
        assert!(!MODELS.contains_key(name), "{name}");
    }
    let file = include_str!("../../data/hosted_models.yaml");
    assert!(file.contains(&format!("Reviewed {HOSTED_PRICES_READ}")), "the day is that of the file");
}

#[test]
fn every_accelerator_has_a_data_sheet_and_prices() {
    for accelerator in Accelerator::ALL.into_iter().filter(|a| *a != Accelerator::Cpu) {
        let facts = accelerator_facts(accelerator).unwrap_or_else(|| panic!("{accelerator}"));
        assert_eq!(facts.fp8_tflops.is_some(), facts.generation >= Generation::Ada, "{accelerator}");
        for count in [1, 2, 4, 8] {
            let hardware = Hardware::new(accelerator, count).unwrap();
            let rent = rent_of(hardware).unwrap_or_else(|| panic!("{hardware} has no price"));
            assert!(rent.share().is_valid() && rent.share().spot < rent.share().on_demand, "{hardware}");
        }
    }
    assert!(accelerator_facts(Accelerator::Cpu).is_none() && rent_of(Hardware::CPU).is_none());
}

#[test]
fn every_use_case_has_prompts_and_none_is_there_twice() {
    let all: BTreeSet<&String> = FIDELITY_PROMPTS.values().flatten().collect();
    assert_eq!(FIDELITY_PROMPTS.len(), UseCase::ALL.len());
    assert_eq!((all.len(), FIDELITY_PROMPTS.values().flatten().count()), (40, 40));
    // References are kept under it: a change orphans them, so it must not happen by accident.
    assert_eq!(*FIDELITY_PROMPTS_HASH, "4096913ef143bfd8");
}

#[test]
fn every_engine_and_use_case_is_described() {
    for engine in Engine::ALL {
        let facts = engine_facts(engine);
        assert!(facts.precisions.contains_key(&Quantisation::Fp16), "{engine}");
        assert_eq!(facts.parallelism.contains(&Parallelism::Tensor), engine != Engine::LlamaCpp, "{engine}");
        let fp8 = facts.precisions.get(&Quantisation::Fp8);
        assert!(fp8.is_none_or(|on| on.iter().all(|generation| *generation >= Generation::Ada)), "{engine}");
    }
    for use_case in UseCase::ALL {
        let facts = use_case_facts(use_case);
        assert!(!facts.pipeline_tags.is_empty() && !facts.slo.is_empty(), "{use_case}");
        assert!(facts.input_tokens.mean > 0.0 && facts.output_tokens.mean > 0.0, "{use_case}");
    }
}
