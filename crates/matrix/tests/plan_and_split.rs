//! From a spec to batches: the properties that every plan has.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use domain::manifest::MAX_BATCH;
use domain::spec::{AxisLink, Selector};
use domain::{
    Accelerator, CampaignSpec, CheaperOfBoth, ConfigId, Configuration, Engine, LaunchId, OrHosted,
    Quantisation, ServedBy, UseCase,
};
use matrix::{Plan, PlannedBatch, Refusal, expand, plan, split};
use proptest::prelude::*;

use common::{campaign, spec};

fn ids(spec: &CampaignSpec) -> BTreeSet<ConfigId> {
    expand(spec).points().map(|p| p.configuration().id()).collect()
}

/// What must hold of any plan and its batches.
fn check(plan: &Plan, batches: &[PlannedBatch]) {
    let limit = MAX_BATCH;
    let mut seen: BTreeMap<ConfigId, usize> = BTreeMap::new();
    let mut launches: BTreeMap<LaunchId, BTreeSet<usize>> = BTreeMap::new();
    let mut sizes: BTreeMap<LaunchId, usize> = BTreeMap::new();
    for (at, batch) in batches.iter().enumerate() {
        assert_eq!(batch.manifest.batch.as_str(), format!("test-0123.b{at}"));
        let configs: BTreeSet<&ConfigId> = batch.manifest.trials().map(|t| &t.config_id).collect();
        assert!(!configs.is_empty() && configs.len() <= limit);
        let hardware: BTreeSet<_> = batch.manifest.launches.iter().map(|l| l.launch.hardware).collect();
        assert_eq!(hardware.len(), 1, "one job runs on one machine");
        for config in configs {
            *seen.entry(config.clone()).or_default() += 1;
        }
        for launch in &batch.manifest.launches {
            let own: BTreeSet<&ConfigId> = launch.trials.iter().map(|t| &t.config_id).collect();
            let id = launch.launch.id();
            assert!(launches.entry(id.clone()).or_default().insert(at), "a launch twice in a batch");
            *sizes.entry(id).or_default() += own.len();
            assert_eq!(launch.trials.len(), own.len() * plan.spec.trials.get() as usize);
            let longest = launch.trials.iter().map(|t| t.workload.tokens_per_request()).max().unwrap();
            let context = u64::from(launch.context_tokens);
            assert!(
                context >= longest && context <= u64::from(launch.architecture.context_tokens).max(longest)
            );
            let widest = launch.trials.iter().map(|t| t.workload.slots()).max().unwrap();
            assert_eq!(launch.max_concurrency, widest);
        }
        assert!(batch.estimate.run_s > 0.0);
    }
    let expected: BTreeMap<ConfigId, usize> = plan.feasible.iter().map(|f| (f.id.clone(), 1)).collect();
    assert_eq!(seen, expected, "every feasible configuration is in exactly one batch");
    for (id, batches) in launches {
        assert!(batches.len() == 1 || sizes[&id] > limit, "{id} is in {batches:?}");
    }
}

#[test]
fn the_matrix_really_multiplies_out() {
    let spec = spec("");
    assert_eq!(expand(&spec).product(), 4 * 12 * 4 * 48);
    let plan = plan(&spec, &campaign());
    assert_eq!((plan.total, plan.excluded), (9216, 0));
    assert_eq!(plan.feasible.len() + plan.infeasible.len(), 9216);
    assert!(plan.feasible.len() > 7000 && plan.infeasible.len() > 500, "{}", plan.feasible.len());
    assert_eq!(ids(&spec).len(), 9216);
    check(&plan, &split(&plan, &CheaperOfBoth).unwrap());
}

#[test]
fn a_plan_survives_json_and_splits_the_same() {
    let plan = plan(&spec("trials: 2"), &campaign());
    let text = serde_json::to_string(&plan).unwrap();
    let back: Plan = serde_json::from_str(&text).unwrap();
    assert_eq!(back.feasible, plan.feasible);
    let batches = split(&plan, &CheaperOfBoth).unwrap();
    assert_eq!(split(&back, &CheaperOfBoth).unwrap(), batches);
    check(&plan, &batches);
    let json = serde_json::to_string(&batches).unwrap();
    let again: Vec<PlannedBatch> = serde_json::from_str(&json).unwrap();
    assert_eq!(again.len(), batches.len());
}

#[test]
fn a_launch_too_large_for_a_batch_is_cut() {
    let mut spec = spec("");
    let many: Vec<_> = (1..=25).map(|n| n.try_into().unwrap()).collect();
    spec.workloads.iter_mut().for_each(|w| w.concurrency.clone_from(&many));
    spec.hardware.retain(|h| h.name.to_string() == "h100x8");
    spec.quantisations = vec![Quantisation::Fp16];
    spec.frameworks.truncate(2);
    let plan = plan(&spec, &campaign());
    let batches = split(&plan, &CheaperOfBoth).unwrap();
    assert_eq!(batches.len(), 4, "150 configurations of each launch are 100 and 50");
    check(&plan, &batches);
}

#[test]
fn interactive_use_cases_and_low_concurrency_come_first() {
    let plan = plan(&spec(""), &campaign());
    let batches = split(&plan, &CheaperOfBoth).unwrap();
    for batch in &batches {
        for launch in &batch.manifest.launches {
            let order: Vec<(UseCase, u32)> =
                launch.trials.iter().map(|t| (t.workload.use_case, t.workload.slots())).collect();
            assert_eq!(order[0], (UseCase::Chatbot, 1));
            let chats: Vec<u32> =
                order.iter().filter(|(u, _)| *u == UseCase::Chatbot).map(|(_, c)| *c).collect();
            assert!(chats.is_sorted());
        }
    }
}

#[test]
fn urgent_launches_come_before_others() {
    let mut spec = spec(
        "exclude: [{accelerator: l4, use_case: chatbot}, {accelerator: l4, use_case: code-generation}, {accelerator: l4, use_case: qa}]",
    );
    spec.quantisations = vec![Quantisation::Fp16];
    let batches = split(&plan(&spec, &campaign()), &CheaperOfBoth).unwrap();
    let first_l4 = batches.iter().position(|b| accelerator(b) == Accelerator::L4).unwrap();
    assert!(
        batches[first_l4..].iter().all(|b| accelerator(b) == Accelerator::L4),
        "L4 has no interactive work"
    );
}

fn accelerator(batch: &PlannedBatch) -> Accelerator {
    batch.manifest.launches[0].launch.hardware.accelerator()
}

#[test]
fn the_budget_is_kept_and_what_does_not_fit_says_so() {
    let everything = split(&plan(&spec(""), &campaign()), &CheaperOfBoth).unwrap();
    let cost: f64 = everything.iter().map(|b| b.estimate.usd_spot.unwrap()).sum();
    assert!(everything.iter().all(|b| b.refused.is_none()));
    let batches =
        split(&plan(&spec(&format!("budget_usd: {}", cost / 3.0)), &campaign()), &CheaperOfBoth).unwrap();
    let (granted, refused): (Vec<_>, Vec<_>) = batches.iter().partition(|b| b.refused.is_none());
    let spent: f64 = granted.iter().map(|b| b.estimate.usd_spot.unwrap()).sum();
    assert!(spent <= cost / 3.0 && !granted.is_empty() && !refused.is_empty());
    let reason = refused[0].refused.unwrap();
    assert!(matches!(reason, Refusal::Budget { usd, left_usd, .. } if usd > left_usd));
    assert!(reason.to_string().contains("USD of the budget are left"), "{reason}");
    assert!(granted.iter().all(|b| b.estimate.usd_on_demand > b.estimate.usd_spot));
}

#[test]
fn without_a_price_there_is_a_time_and_no_cost() {
    let text = "
name: cpu
models: [{name: llama-3.1-8b-instruct}]
quantisations: [fp16]
hardware: [cpu]
frameworks: [{name: vllm, attach: 'http://127.0.0.1:8000', served_model: m}]
workloads: [{name: w, use_case: chatbot, input_tokens: 64, output_tokens: 32, concurrency: [1, 4], requests: 20, warm_up: 2}]
budget_usd: 1
trials: 3
";
    let plan = plan(&CampaignSpec::from_yaml(text).unwrap(), &campaign());
    let batches = split(&plan, &CheaperOfBoth).unwrap();
    assert_eq!(batches.len(), 1);
    assert!(batches[0].estimate.usd_spot.is_none() && batches[0].refused.is_none());
    let launch = &batches[0].manifest.launches[0];
    assert_eq!((launch.weights.as_ref(), launch.rent.as_ref()), (None, None));
    let trials: Vec<u32> = launch.trials.iter().map(|t| t.trial).collect();
    assert_eq!(trials, [1, 1, 2, 2, 3, 3]);
    let seeds: BTreeSet<u64> = launch.trials.iter().map(|t| t.seed).collect();
    assert_eq!(seeds.len(), 6);
    assert!(seeds.iter().all(|s| *s < 1 << 53));
    check(&plan, &batches);
}

#[test]
fn two_names_for_one_workload_are_one_point() {
    let mut spec = spec("");
    let mut copy = spec.workloads[0].clone();
    copy.name = "copy".to_owned();
    copy.requests = 7.try_into().unwrap();
    spec.workloads.push(copy);
    let plan = plan(&spec, &campaign());
    assert_eq!(plan.total, 9216);
    assert!(plan.feasible.iter().all(|f| f.requests.get() == 200));
}

#[test]
fn a_plan_with_a_stranger_is_refused() {
    let mut plan = plan(&spec(""), &campaign());
    plan.spec.frameworks.retain(|f| f.name != Engine::Vllm);
    let message = split(&plan, &CheaperOfBoth).unwrap_err().to_string();
    assert!(message.contains("does not ask for") && message.contains("with vllm"), "{message}");
}

prop_compose! {
    fn selectors()(
        quantisation in prop::option::of(prop::sample::select(vec![Quantisation::Fp16, Quantisation::Int4])),
        accelerator in prop::option::of(prop::sample::select(vec![Accelerator::L4, Accelerator::H100])),
        hardware in prop::option::of(prop::sample::select(vec!["l4x1", "h100x8"])),
        framework in prop::option::of(prop::sample::select(vec![Engine::Vllm, Engine::Simulated])),
        use_case in prop::option::of(prop::sample::select(UseCase::ALL.to_vec())),
    ) -> Selector {
        let hardware = hardware.map(|h| h.parse().unwrap());
        Selector {
            model: None,
            quantisation,
            accelerator,
            hardware: hardware.map(OrHosted::Own),
            framework: framework.map(ServedBy::Engine),
            use_case,
            workload: None,
        }
    }
}

/// A small piece of the large spec, with its axes in some order.
fn pieces() -> impl Strategy<Value = CampaignSpec> {
    let full = spec("");
    (
        Just(full.quantisations.clone()).prop_shuffle(),
        Just(full.hardware.clone()).prop_shuffle(),
        Just(full.frameworks.clone()).prop_shuffle(),
        Just(full.workloads.clone()).prop_shuffle(),
        (1usize..4, 1usize..5, 1usize..4, 1usize..7),
        1u32..3,
        any::<u64>(),
    )
        .prop_map(move |(quantisations, hardware, frameworks, workloads, keep, trials, seed)| {
            let mut spec = full.clone();
            spec.quantisations = quantisations.into_iter().take(keep.0).collect();
            spec.hardware = hardware.into_iter().take(keep.1).collect();
            spec.frameworks = frameworks.into_iter().take(keep.2).collect();
            spec.workloads = workloads.into_iter().take(keep.3).collect();
            spec.trials = trials.try_into().unwrap();
            spec.seed = seed;
            spec
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_plan_splits_soundly(spec in pieces()) {
        let plan = plan(&spec, &campaign());
        check(&plan, &split(&plan, &CheaperOfBoth).unwrap());
    }

    /// Expanding again, or with the axes in another order, gives the same ids.
    #[test]
    fn expansion_depends_on_what_is_asked_and_not_on_its_order(spec in pieces()) {
        let first: Vec<_> = expand(&spec).points().map(|p| p.configuration()).collect();
        let second: Vec<_> = expand(&spec).points().map(|p| p.configuration()).collect();
        prop_assert_eq!(first, second);
        let mut turned = spec.clone();
        turned.quantisations.reverse();
        turned.hardware.reverse();
        turned.frameworks.reverse();
        turned.workloads.reverse();
        prop_assert_eq!(ids(&spec), ids(&turned));
        prop_assert_eq!(ids(&spec).len() as u64, expand(&spec).product());
    }

    /// What is left is what some inclusion matches, no exclusion does, and every link allows.
    #[test]
    fn selectors_leave_exactly_what_they_say(
        mut spec in pieces(),
        include in prop::collection::vec(selectors(), 0..3),
        exclude in prop::collection::vec(selectors(), 0..3),
        link in prop::collection::vec((selectors(), prop::collection::vec(selectors(), 1..3)), 0..2),
    ) {
        let matches = |e: &Selector, c: &Configuration| {
            e.quantisation.is_none_or(|q| OrHosted::Own(q) == c.serving.quantisation())
                && e.accelerator.is_none_or(|a| OrHosted::Own(a) == c.serving.accelerator())
                && e.hardware.is_none_or(|h| h == c.serving.hardware())
                && e.framework.is_none_or(|f| f == c.serving.served_by())
                && e.use_case.is_none_or(|u| u == c.workload.use_case)
        };
        let any = |selectors: &[Selector], c: &Configuration| selectors.iter().any(|s| matches(s, c));
        let wanted = |c: &&Configuration| {
            (include.is_empty() || any(&include, c))
                && !any(&exclude, c)
                && link.iter().all(|(when, only)| !matches(when, c) || any(only, c))
        };
        let all: Vec<_> = expand(&spec).points().map(|p| p.configuration()).collect();
        let expected: Vec<_> = all.iter().filter(wanted).cloned().collect();
        spec.include.clone_from(&include);
        spec.exclude.clone_from(&exclude);
        spec.link = link.iter().cloned().map(|(when, only)| AxisLink { when, only }).collect();
        let left: Vec<_> = expand(&spec).points().map(|p| p.configuration()).collect();
        prop_assert_eq!(&left, &expected);
        let plan = plan(&spec, &campaign());
        prop_assert_eq!(plan.total, left.len() as u64);
        prop_assert_eq!(plan.excluded, (all.len() - left.len()) as u64);
        prop_assert!(plan.feasible.iter().all(|f| f.id == f.configuration.id()));
        check(&plan, &split(&plan, &CheaperOfBoth).unwrap());
    }
}

#[test]
fn links_tie_axes_together() {
    let spec = spec(
        "link: [{when: {quantisation: fp8}, only: [{accelerator: h100}]}]\ninclude: [{workload: chat}, {use_case: qa}]",
    );
    let all: Vec<_> = expand(&spec).points().map(|p| p.configuration()).collect();
    let fp8 = || all.iter().filter(|c| c.serving.quantisation() == OrHosted::Own(Quantisation::Fp8));
    assert!(fp8().all(|c| c.serving.accelerator() == OrHosted::Own(Accelerator::H100)));
    assert_eq!(fp8().count(), 4 * 4 * 16);
    assert_eq!(all.len(), (3 * 12 + 4) * 4 * 16);
}

#[test]
fn weights_of_known_models_are_the_hubs_and_artifacts_come_before_them() {
    let weights = |model: &str| {
        let text = format!(
            "name: t\nmodels: [{model}]\nquantisations: [fp16]\nhardware: [h100x1]\nframeworks: [vllm]\n\
             workloads: [{{name: w, use_case: qa, input_tokens: 64, output_tokens: 16, concurrency: [1]}}]\n"
        );
        let batches =
            split(&plan(&CampaignSpec::from_yaml(&text).unwrap(), &campaign()), &CheaperOfBoth).unwrap();
        batches[0].manifest.launches[0].weights.clone().unwrap()
    };
    assert_eq!(weights("llama-3.1-8b-instruct"), "hf:meta-llama/Llama-3.1-8B-Instruct");
    let own = "{name: llama-3.1-8b-instruct, artifacts: [{quantisation: fp16, format: safetensors, path: 's3://b/m'}]}";
    assert_eq!(weights(own), "s3://b/m");
}
