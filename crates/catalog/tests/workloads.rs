//! What is asked about by its numbers.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use std::num::NonZeroU32;

use catalog::{NoRecommendation, RecommendationRequest, Snapshot, recommend};
use common::{Described, described};
use domain::{BenchmarkResult, UseCase};

fn n(number: u32) -> NonZeroU32 {
    number.try_into().unwrap()
}

fn about(input: u32, output: u32) -> RecommendationRequest {
    RecommendationRequest::for_lengths(n(input), n(output))
}

/// Chat of 512>128 at 8 and 64 in flight, questions of 2048>128 at 8.
fn results() -> Vec<BenchmarkResult> {
    let slow = 9000.0;
    [(UseCase::Chatbot, (512, 128), 8), (UseCase::Chatbot, (512, 128), 64), (UseCase::Qa, (2048, 128), 8)]
        .into_iter()
        .map(|(use_case, shape, concurrency)| {
            Described { use_case, shape, concurrency, ttft: slow, ..described() }.result()
        })
        .collect()
}

#[test]
fn the_nearest_stands_for_it_and_is_named() {
    let snapshot = Snapshot::from_results(results());
    let r = recommend(&snapshot, &about(700, 128)).unwrap();
    let nearest = r.nearest.clone().unwrap();
    assert_eq!(
        (r.use_case, r.shape.to_string().as_str(), r.counts.considered),
        (UseCase::Chatbot, "512>128", 2)
    );
    assert!((nearest.doublings - (700.0_f64 / 512.0).log2()).abs() < 1e-12);
    assert!(
        r.statement
            .contains("; 700>128 was not measured: chatbot 512>128 is the nearest, 0.5 doublings away"),
        "{}",
        r.statement
    );
    // The usual bounds of chat would have left nothing, and nobody asked for them.
    assert!(r.bounds.is_empty() && !r.usual_bounds);
    let weights: Vec<f64> = r.weights.iter().map(|w| (w.weight * 1000.0).round() / 1000.0).collect();
    assert_eq!(weights, [0.167, 0.167, 0.333, 0.333]);

    let exact = recommend(&snapshot, &about(2048, 128)).unwrap();
    assert!(exact.statement.contains("; 2048>128 was measured as qa 2048>128"), "{}", exact.statement);
}

#[test]
fn requests_in_flight_choose_the_operating_point() {
    let snapshot = Snapshot::from_results(results());
    let r =
        recommend(&snapshot, &RecommendationRequest { concurrency: Some(n(50)), ..about(512, 128) }).unwrap();
    assert_eq!((r.nearest.unwrap().concurrency, r.counts.considered), (Some(n(64)), 1));
    assert!(
        r.statement.starts_with("1 measured results for chatbot 512>128 c64 at spot price, ranked"),
        "{}",
        r.statement
    );
    // With a use case too.
    let chat =
        RecommendationRequest { bounds: Some(Vec::new()), ..RecommendationRequest::new(UseCase::Chatbot) };
    let r = recommend(&snapshot, &RecommendationRequest { concurrency: Some(n(8)), ..chat }).unwrap();
    assert_eq!((r.counts.considered, r.nearest.unwrap().doublings), (1, 0.0));
}

#[test]
fn what_is_far_away_stands_for_nothing() {
    let snapshot = Snapshot::from_results(results());
    let refused = recommend(&snapshot, &about(8192, 128)).unwrap_err();
    assert!(matches!(refused, NoRecommendation::NoWorkloadNear { nearest: Some(_), .. }));
    let text = refused.to_string();
    assert!(
        text.starts_with("nothing near 8192>128 was measured: qa 2048>128 is 2.0 doublings away"),
        "{text}"
    );
    assert!(text.contains("assay estimate"));
    let of_half = RecommendationRequest { output_tokens: None, ..about(512, 128) };
    let NoRecommendation::BadRequest { field, .. } = recommend(&snapshot, &of_half).unwrap_err() else {
        panic!()
    };
    assert_eq!(field, "use_case");
    assert_eq!(recommend(&Snapshot::default(), &about(1, 1)).unwrap_err(), NoRecommendation::NoResults);
}

/// Prompts with a shared beginning are answered faster: they are asked for by their shape.
#[test]
fn only_requests_that_stand_alone_are_near() {
    let mut shared = described().result();
    shared.configuration.workload.variety.shared_prefix_tokens = 256;
    shared.config_id = shared.configuration.id();
    let snapshot = Snapshot::from_results([shared.clone()]);
    let refused = recommend(&snapshot, &about(512, 128)).unwrap_err();
    assert!(matches!(refused, NoRecommendation::NoWorkloadNear { nearest: None, .. }), "{refused}");
    let shape = Some(shared.configuration.workload.shape().to_string());
    assert!(recommend(&snapshot, &RecommendationRequest { shape, ..about(512, 128) }).is_ok());
}
