//! Requests, answers, refusals and entries as JSON.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::{NoRecommendation, PriceKind, Recommendation, RecommendationRequest, Snapshot, recommend};
use common::{Described, described};
use domain::{Provenance, UseCase};
use serde_json::json;

#[test]
fn a_request_has_defaults_and_refuses_unknown_fields() {
    let request: RecommendationRequest = serde_json::from_value(json!({"use_case": "qa"})).unwrap();
    assert_eq!(request, RecommendationRequest::new(UseCase::Qa));
    let full = json!({
        "use_case": "chatbot", "input_tokens": 512, "output_tokens": 128, "concurrency": 8,
        "min_accuracy": {"measure": "task_accuracy", "at_least": 0.5, "questions": "h1"},
        "method": "lexicographic", "order": [{"criterion": "ttft_p90", "tolerance": 0.05}, {"criterion": "usd_per_month"}],
        "bounds": [{"metric": "ttft", "statistic": "p90", "max_ms": 300.0}],
        "max_usd_per_hour": 5.0, "target_rps": 20.0, "max_usd_per_month": 9000.0, "price": "on-demand", "provenance": "simulated", "limit": 3, "normalisation": "min-max",
        "weights": {"accuracy": 0.0, "latency": 0.5, "throughput": 0.25, "cost": 0.25, "memory": 0.0}
    });
    let request: RecommendationRequest = serde_json::from_value(full.clone()).unwrap();
    assert_eq!(request.price, PriceKind::OnDemand);
    assert_eq!(serde_json::to_value(&request).unwrap(), full);
    for bad in [json!({"use_case": "qa", "x": 1}), json!({"use_case": "qa", "limit": 0})] {
        assert!(serde_json::from_value::<RecommendationRequest>(bad).is_err());
    }
    let of_nothing: RecommendationRequest = serde_json::from_value(json!({})).unwrap();
    let refused = recommend(&Snapshot::default(), &of_nothing).unwrap_err();
    assert!(
        matches!(&refused, NoRecommendation::BadRequest { field, .. } if field == "use_case"),
        "{refused}"
    );
}

#[test]
fn an_answer_survives_json() {
    let snapshot = Snapshot::from_results([
        described().result(),
        Described { hardware: "l4x1", ttft: 256.0, tpot: Some(32.0), ..described() }.result(),
    ]);
    let mut request =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    let answer = recommend(&snapshot, &request).unwrap();
    let text = serde_json::to_string(&answer).unwrap();
    let back: Recommendation = serde_json::from_str(&text).unwrap();
    assert_eq!(back.entries.len(), answer.entries.len());
    assert_eq!(back.counts, answer.counts);
    assert_eq!(serde_json::to_value(&back).unwrap()["entries"][0]["rank"], 1);

    request.bounds = Some(vec!["ttft_p90=50ms".parse().unwrap()]);
    let refused = recommend(&snapshot, &request).unwrap_err();
    let json = serde_json::to_value(&refused).unwrap();
    assert_eq!(json["reason"], "nothing_fits");
    assert_eq!(json["closest"]["relax"][0]["needed"], 100.0);
    assert_eq!(serde_json::from_value::<NoRecommendation>(json).unwrap(), refused);

    request.provenance = Provenance::Imported;
    let refused = recommend(&snapshot, &request).unwrap_err();
    let json = serde_json::to_value(&refused).unwrap();
    assert_eq!(json["available"], json!({"measured": 2}));
    assert_eq!(serde_json::from_value::<NoRecommendation>(json).unwrap(), refused);
}
