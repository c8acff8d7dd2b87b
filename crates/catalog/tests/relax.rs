//! What is said when nothing fits, and the least accuracy.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod accuracy;
mod common;

use accuracy::{with_fidelity, with_tasks};
use catalog::response::{LeftOutReason, Limit};
use catalog::{AccuracyMeasure, MinAccuracy, NoRecommendation, RecommendationRequest, Snapshot, recommend};
use common::{Described, described};
use domain::{MetricId, SloBound, Statistic, UseCase};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn chatbot() -> RecommendationRequest {
    RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) }
}

/// The request with one of its limits at another end.
fn with(request: &RecommendationRequest, limit: Limit, end: f64) -> RecommendationRequest {
    let mut request = request.clone();
    match limit {
        Limit::Latency { bound } => {
            let bounds = request.bounds.as_mut().unwrap();
            bounds.iter_mut().find(|b| **b == bound).unwrap().max_ms = end;
        }
        Limit::UsdPerHour { .. } => request.max_usd_per_hour = Some(end),
        Limit::UsdPerMonth { .. } => request.max_usd_per_month = Some(end),
        Limit::Accuracy { .. } => request.min_accuracy.as_mut().unwrap().at_least = end,
    }
    request
}

/// Whatever is said to be enough is enough, and less is not.
#[test]
fn a_relaxed_request_always_finds_something() {
    let mut rng = StdRng::seed_from_u64(11);
    let hardware = ["l4x1", "a100-80gbx1", "h100x1", "h100x8"];
    let (mut refused, mut alone) = (0, 0);
    for _ in 0..300 {
        let results = (0..12).map(|at| {
            let mut number = |from: f64, to: f64| rng.random_range(from..to);
            let described = Described {
                hardware: hardware[at % 4],
                concurrency: 1 + at as u32,
                ttft: number(50.0, 500.0),
                tpot: (at != 5).then(|| number(5.0, 50.0)),
                tps: number(100.0, 2000.0),
                failed: if at % 3 == 0 { number(0.0, 12.0) as u64 } else { 0 },
                price: None,
                ..described()
            };
            with_tasks(described.result(), "h1", number(0.3, 0.9))
        });
        let snapshot = Snapshot::from_results(results.collect::<Vec<_>>());
        let bound = |metric, statistic, max_ms| SloBound { metric, statistic, max_ms };
        let mut number = |from: f64, to: f64| rng.random_range(from..to);
        let request = RecommendationRequest {
            bounds: Some(vec![
                bound(MetricId::Ttft, Statistic::P95, number(60.0, 300.0)),
                bound(MetricId::Tpot, Statistic::P50, number(5.0, 30.0)),
            ]),
            min_accuracy: Some(MinAccuracy {
                measure: AccuracyMeasure::TaskAccuracy,
                at_least: number(0.3, 0.9),
                questions: None,
            }),
            max_usd_per_hour: Some(number(0.5, 60.0)),
            target_rps: Some(number(1.0, 50.0)),
            max_usd_per_month: Some(number(500.0, 50_000.0)),
            ..chatbot()
        };
        let Err(NoRecommendation::NothingFits { relax, closest, .. }) = recommend(&snapshot, &request) else {
            continue;
        };
        refused += 1;
        alone += relax.len();
        for relaxation in &relax {
            let found = recommend(&snapshot, &with(&request, relaxation.limit, relaxation.needed)).unwrap();
            assert_eq!(found.entries[0].config_id, relaxation.config_id);
            let less =
                if matches!(relaxation.limit, Limit::Accuracy { .. }) { 1.0 + 1e-9 } else { 1.0 - 1e-9 };
            assert!(
                recommend(&snapshot, &with(&request, relaxation.limit, relaxation.needed * less)).is_err()
            );
        }
        if let Some(closest) = closest {
            let all =
                closest.relax.iter().fold(request.clone(), |request, r| with(&request, r.limit, r.needed));
            assert!(recommend(&snapshot, &all).is_ok());
            assert!(relax.is_empty() || relax.iter().any(|r| r.config_id == closest.config_id));
        }
    }
    assert!(refused > 100 && alone > 50, "{refused} {alone}");
}

#[test]
fn other_ways_out_are_told() {
    let cheap = Described { hardware: "l4x1", ttft: 400.0, price: None, ..described() };
    let snapshot =
        Snapshot::from_results([Described { price: None, ..described() }.result(), cheap.result()]);
    let request = RecommendationRequest {
        bounds: Some(vec!["ttft_p90=300ms".parse().unwrap()]),
        max_usd_per_hour: Some(1.0),
        ..chatbot()
    };
    let text = recommend(&snapshot, &request).unwrap_err().to_string();
    assert!(text.contains("; for the closest (llama-3.1-8b-instruct fp16 on l4x1"), "{text}");
    assert!(
        text.contains("ttft_p90 <= 300 ms would have to be 400; or else price <= 1 USD per hour would"),
        "{text}"
    );
}

#[test]
fn any_statistic_of_any_latency_may_be_bounded() {
    let mut result = described().result();
    result.metrics.itl = result.metrics.ttft.clone();
    let snapshot = Snapshot::from_results([result.clone()]);
    for metric in MetricId::ALL {
        for statistic in Statistic::ALL {
            let value = result.metrics.latency(metric).unwrap().get(statistic);
            let fits = |max_ms: f64| {
                let bounds = Some(vec![SloBound { metric, statistic, max_ms }]);
                recommend(&snapshot, &RecommendationRequest { bounds, ..chatbot() }).is_ok()
            };
            assert!(fits(value) && !fits(value * 0.999), "{metric} {}", statistic.name());
        }
    }
}

fn least(text: &str) -> RecommendationRequest {
    RecommendationRequest { min_accuracy: Some(text.parse().unwrap()), ..chatbot() }
}

#[test]
fn what_answers_worse_or_was_not_asked_is_left_out() {
    let of = |hardware, share| with_tasks(Described { hardware, ..described() }.result(), "h1", share);
    let unasked = Described { hardware: "l4x2", ..described() }.result();
    let snapshot = Snapshot::from_results([of("h100x1", 0.8), of("l4x1", 0.6), unasked]);
    let r = recommend(&snapshot, &least("task_accuracy=0.7")).unwrap();
    assert_eq!(r.entries.len(), 1);
    let limit = Limit::Accuracy { measure: AccuracyMeasure::TaskAccuracy, at_least: 0.7 };
    let reasons: Vec<LeftOutReason> = r.counts.left_out.iter().map(|l| l.reason).collect();
    assert_eq!(reasons, [LeftOutReason::AccuracyUnknown, LeftOutReason::LimitNotMet { limit }]);
    assert!(r.statement.contains(" with task_accuracy >= 0.7, ranked by"), "{}", r.statement);
    let text = recommend(&snapshot, &least("task_accuracy=0.9")).unwrap_err().to_string();
    assert!(text.contains("task_accuracy >= 0.9 would have to be 0.8"), "{text}");
}

#[test]
fn accuracy_of_different_questions_is_not_mixed() {
    let of = |hardware, questions, share| {
        with_tasks(Described { hardware, ..described() }.result(), questions, share)
    };
    let results = [of("h100x1", "h1", 0.8), of("l4x1", "h2", 0.9), of("l4x2", "h2", 0.7)];
    let snapshot = Snapshot::from_results(results);
    let refused = recommend(&snapshot, &least("task_accuracy=0.7")).unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("state `min_accuracy.questions` as one of h1 (1 results), h2 (2 results)"),
        "{refused}"
    );
    let mut request = least("task_accuracy=0.7");
    request.min_accuracy.as_mut().unwrap().questions = Some("h2".to_owned());
    assert_eq!(recommend(&snapshot, &request).unwrap().entries.len(), 2);
}

#[test]
fn fidelity_has_a_least_as_well() {
    let snapshot = Snapshot::from_results([with_fidelity(described().result(), 0.9)]);
    assert!(recommend(&snapshot, &least("fidelity=0.9")).is_ok());
    assert!(recommend(&snapshot, &least("fidelity=0.91")).is_err());
    for text in ["fidelity", "fidelity=1.1", "fidelity=x", "bleu=0.5"] {
        assert!(text.parse::<MinAccuracy>().is_err(), "{text}");
    }
    let mut wrong = least("fidelity=0.9");
    wrong.min_accuracy.as_mut().unwrap().at_least = f64::NAN;
    let refused = recommend(&snapshot, &wrong).unwrap_err();
    assert!(refused.to_string().starts_with("`min_accuracy.at_least` must be a share"), "{refused}");
}
