//! Hosted models beside engines: the same questions, tokens for hours.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::response::{CriterionId, LeftOutReason, RankedEntry};
use catalog::{
    AnyOf, Axis, Filter, PriceSource, Query, Recommendation, RecommendationRequest, Snapshot, recommend,
};
use common::described;
use domain::result::Flag;
use domain::{BenchmarkResult, Hosted, OrHosted, Provider, ServedBy, TokenPrice, TokenRate, UseCase, known};

/// A result of a hosted model: 100 answer tokens to a prompt of 300, of which a cache answered 60.
fn hosted(model: &str) -> BenchmarkResult {
    let mut result = described().result();
    result.configuration.serving =
        Hosted { model: model.parse().unwrap(), provider: Provider::Openai }.into();
    result.config_id = result.configuration.id();
    result.run_id = domain::RunId::new(&result.campaign, &result.config_id, 1);
    result.rent = None;
    result.token_rate = known::HOSTED_MODELS.get(&model.parse().unwrap()).map(|model| model.rate());
    result.counts.input_tokens = 60_000;
    result.counts.cached_input_tokens = 12_000;
    result.counts.output_tokens = 20_000;
    result
}

/// Of `hosted`: USD per million output tokens at 2.5, 1.25 and 10 USD.
const GPT_4O: f64 = 2.4 * 2.5 + 0.6 * 1.25 + 10.0;

fn snapshot(results: &[BenchmarkResult]) -> Snapshot {
    Snapshot::from_results(results.to_vec())
}

fn request() -> RecommendationRequest {
    RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) }
}

fn answer(results: &[BenchmarkResult], request: &RecommendationRequest) -> Recommendation {
    recommend(&snapshot(results), request).unwrap()
}

fn entry<'a>(r: &'a Recommendation, hardware: &str) -> &'a RankedEntry {
    r.entries.iter().find(|e| e.configuration.serving.hardware().to_string() == hardware).unwrap()
}

fn value(entry: &RankedEntry, criterion: CriterionId) -> f64 {
    entry.criteria.iter().find(|c| c.criterion == criterion).unwrap().value
}

#[test]
fn they_are_ranked_side_by_side_and_tokens_are_the_price() {
    let r = answer(&[described().result(), hosted("gpt-4o")], &request());
    let entry = entry(&r, "hosted");
    assert_eq!(r.counts.ranked, 2);
    assert!((value(entry, CriterionId::ServingCostPerMtok) - GPT_4O).abs() < 1e-9);
    let rate = entry.token_rate.unwrap();
    assert_eq!((rate.usd_per_mtok.output, rate.listed), (10.0, Some(known::HOSTED_PRICES_READ)));
    let list = PriceSource::Provider { provider: Provider::Openai, date: known::HOSTED_PRICES_READ };
    assert!(
        r.prices.contains(&list) && r.statement.contains("tokens of openai, 2026-11-24"),
        "{}",
        r.statement
    );
    assert!(r.statement.contains("2 models or precisions compete"), "{}", r.statement);
}

/// 800 tokens/s are 8 requests/s: 100 tokens each, at any load.
#[test]
fn a_month_costs_the_tokens_of_its_requests() {
    let with_target = |target_rps| RecommendationRequest { target_rps: Some(target_rps), ..request() };
    for target_rps in [0.5, 40.0] {
        let r = answer(&[described().result(), hosted("gpt-4o")], &with_target(target_rps));
        let capacity = entry(&r, "hosted").capacity.unwrap();
        let usd = target_rps * 3600.0 * 730.0 * 100.0 * GPT_4O / 1e6;
        let told = capacity.usd_per_month.unwrap();
        assert!(
            (told.spot - usd).abs() < usd * 1e-9 && (told.on_demand - usd).abs() < usd * 1e-9,
            "{told:?}"
        );
        assert!(capacity.servers.is_none());
        let json = serde_json::to_value(capacity).unwrap();
        assert!(json.get("replicas").is_none(), "{json}");
        assert_eq!(serde_json::from_value::<catalog::Capacity>(json).unwrap(), capacity);
        let own = entry(&r, "h100x1").capacity.unwrap();
        assert_eq!(
            serde_json::from_value::<catalog::Capacity>(serde_json::to_value(own).unwrap()).unwrap(),
            own
        );
        assert!(own.servers.unwrap().replicas >= 1);
    }
}

#[test]
fn a_price_that_a_spec_stated_holds() {
    let mut own = hosted("house");
    let usd_per_mtok = TokenPrice { input: 1.0, cached_input: None, output: 4.0 };
    own.token_rate = Some(TokenRate { usd_per_mtok, listed: None });
    let r = answer(&[own], &request());
    assert!((value(&r.entries[0], CriterionId::ServingCostPerMtok) - 7.0).abs() < 1e-9);
    assert!(matches!(&r.prices[..], [PriceSource::SpecTokens { model, .. }] if model.as_str() == "house"));
}

/// What it costs is not known where nobody counted the prompts.
#[test]
fn uncounted_prompts_are_not_free() {
    let mut uncounted = hosted("gpt-4o");
    uncounted.counts.input_uncounted = 1;
    let r = answer(&[described().result(), uncounted], &request());
    let criterion = CriterionId::ServingCostPerMtok;
    assert!(r.counts.left_out.iter().any(|left| left.reason == LeftOutReason::MissingValue { criterion }));
}

#[test]
fn facets_and_filters_know_them() {
    let snapshot = snapshot(&[described().result(), hosted("gpt-4o")]);
    let page = |filter| snapshot.query(&Query { filter, limit: 10, ..Query::default() });
    let all = page(Filter::default());
    for (axis, name) in [(Axis::Hardware, "hosted"), (Axis::Engine, "openai"), (Axis::Quantisation, "hosted")]
    {
        let counts = &all.facets[&axis];
        assert!(counts.iter().any(|facet| facet.value == name && facet.count == 1), "{counts:?}");
    }
    for filter in [
        Filter { hardware: AnyOf(vec![OrHosted::HOSTED]), ..Filter::default() },
        Filter { engine: AnyOf(vec![ServedBy::Provider(Provider::Openai)]), ..Filter::default() },
        serde_json::from_str(r#"{"accelerator": "hosted", "quantisation": ["hosted", "int4"]}"#).unwrap(),
    ] {
        let found = page(filter);
        assert_eq!(found.total, 1);
        assert_eq!(found.entries[0].configuration.serving.to_string(), "gpt-4o hosted by openai");
        assert!((found.entries[0].serving_cost_per_mtok.unwrap().spot - GPT_4O).abs() < 1e-9);
    }
    let file = Snapshot::from_file(&snapshot.to_file().unwrap()).unwrap();
    assert_eq!(file.query(&Query { limit: 10, ..Query::default() }).entries, all.entries);
}

#[test]
fn a_run_at_the_limit_of_its_key_is_not_ranked() {
    let mut limited = hosted("gpt-4o");
    limited.flags.push(Flag::RateLimited);
    let r = answer(&[described().result(), limited], &request());
    assert_eq!(r.counts.ranked, 1);
    assert_eq!(r.counts.left_out[0].reason, LeftOutReason::RateLimited);
}
