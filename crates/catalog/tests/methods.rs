//! Ways to order candidates.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::method::Turn;
use catalog::response::CriterionId;
use catalog::{Method, NoRecommendation, Recommendation, RecommendationRequest, Snapshot, recommend};
use common::{Described, described};
use domain::{BenchmarkResult, ConfigId, UseCase};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn request(method: Method, order: &[&str]) -> RecommendationRequest {
    RecommendationRequest {
        bounds: Some(Vec::new()),
        method,
        order: order.iter().map(|turn| turn.parse().unwrap()).collect(),
        limit: 1000.try_into().unwrap(),
        ..RecommendationRequest::new(UseCase::Chatbot)
    }
}

fn random(rng: &mut StdRng, count: u32) -> Vec<BenchmarkResult> {
    (1..=count)
        .map(|concurrency| {
            let mut number = |to: u32| f64::from(rng.random_range(1..to));
            let (ttft, tps) = (number(30) * 10.0, number(30) * 100.0);
            let tpot = Some(number(20));
            let hardware = if number(3) < 2.0 { "h100x1" } else { "l4x1" };
            Described { concurrency, ttft, tpot, tps, hardware, price: None, ..described() }.result()
        })
        .collect()
}

fn value(r: &Recommendation, at: usize, criterion: CriterionId) -> f64 {
    r.entries[at].criteria.iter().find(|c| c.criterion == criterion).unwrap().value
}

#[test]
fn the_front_is_listed_and_nothing_else() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..20 {
        let results = random(&mut rng, 60);
        let snapshot = Snapshot::from_results(results);
        let everything = recommend(&snapshot, &request(Method::Topsis, &[])).unwrap();
        let mut on_front: Vec<&ConfigId> =
            everything.entries.iter().filter(|e| e.on_pareto_front).map(|e| &e.config_id).collect();
        let r = recommend(&snapshot, &request(Method::Pareto, &[])).unwrap();
        let mut listed: Vec<&ConfigId> = r.entries.iter().map(|e| &e.config_id).collect();
        assert!(r.entries.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(r.entries.iter().all(|e| e.on_pareto_front && e.front == Some(1)));
        assert_eq!((r.counts.ranked, listed.len()), (60, r.front_size));
        on_front.sort();
        listed.sort();
        assert_eq!(on_front, listed);
        let says = format!("of which {} are on the Pareto front of ttft_p90, output_tps,", r.front_size);
        assert!(r.statement.contains(&says), "{}", r.statement);
        assert!(r.indistinct.is_none() && r.alternatives.is_empty());
    }
}

#[test]
fn the_first_by_turns_is_never_beaten_beyond_the_tolerance() {
    let mut rng = StdRng::seed_from_u64(4);
    for _ in 0..20 {
        let snapshot = Snapshot::from_results(random(&mut rng, 60));
        let order = ["ttft_p90:10%", "serving_cost_per_mtok:20%", "output_tps"];
        let r = recommend(&snapshot, &request(Method::Lexicographic, &order)).unwrap();
        assert_eq!(r.entries.len(), 60);
        let all = |criterion| (0..60).map(|at| value(&r, at, criterion)).collect::<Vec<f64>>();
        let waits = all(CriterionId::TtftP90);
        let least = waits.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(waits[0] <= least * 1.1 + 1e-9);
        // Of those, the first is among the cheap.
        let costs = all(CriterionId::ServingCostPerMtok);
        let near = waits.iter().zip(&costs).filter(|(wait, _)| **wait <= least * 1.1).map(|(_, cost)| *cost);
        assert!(costs[0] <= near.fold(f64::INFINITY, f64::min) * 1.2 + 1e-9);
    }
}

#[test]
fn turns_are_told() {
    let results = [("h100x1", 100.0, 900.0), ("l4x1", 104.0, 500.0), ("l4x2", 300.0, 600.0)]
        .map(|(hardware, ttft, tps)| Described { hardware, ttft, tps, price: None, ..described() }.result());
    let snapshot = Snapshot::from_results(results);
    let asked = RecommendationRequest {
        target_rps: Some(1.0),
        ..request(Method::Lexicographic, &["ttft_p90:5%", "serving_cost_per_mtok"])
    };
    let r = recommend(&snapshot, &asked).unwrap();
    let hardware: Vec<String> =
        r.entries.iter().map(|e| e.configuration.serving.hardware().to_string()).collect();
    assert_eq!(hardware, ["l4x1", "h100x1", "l4x2"]);
    assert!(
        r.statement.contains("ordered by ttft_p90 (to within 5 %), then usd_per_month; prices"),
        "{}",
        r.statement
    );
    assert!(
        r.entries[0].explanation[0]
            .starts_with("ttft_p90 104 ms: 4.00 % worse than the best, 100 ms, and the tolerance is 5 %")
    );
    assert!(r.entries[0].explanation[1].ends_with("the best of those that got so far"));
    assert_eq!(r.entries[2].explanation.len(), 1, "it stayed behind at once");
    assert_eq!((r.method, r.order.len()), (Method::Lexicographic, 2));
}

#[test]
fn orders_that_say_nothing_are_refused() {
    let snapshot = Snapshot::from_results([described().result()]);
    let refused = |request: &RecommendationRequest| recommend(&snapshot, request).unwrap_err();
    let field = |request: &RecommendationRequest| match refused(request) {
        NoRecommendation::BadRequest { field, .. } => field,
        other => panic!("{other}"),
    };
    assert_eq!(field(&request(Method::Lexicographic, &[])), "order");
    assert_eq!(field(&request(Method::Topsis, &["ttft_p90"])), "order");
    let twice = ["ttft_p90", "usd_per_month", "serving_cost_per_mtok"];
    assert_eq!(field(&request(Method::Lexicographic, &twice)), "order[2].criterion");
    let mut negative = request(Method::Lexicographic, &["ttft_p90"]);
    negative.order = vec![Turn { criterion: CriterionId::TtftP90, tolerance: -0.1 }];
    assert_eq!(field(&negative), "order[0].tolerance");
    let unknown = refused(&request(Method::Lexicographic, &["accuracy", "ttft_p90"]));
    assert!(
        unknown.to_string().starts_with("candidates cannot be ordered by accuracy: it is not known of any")
    );
}

#[test]
fn who_cannot_be_told_apart_is_listed() {
    let near = Described { hardware: "h100x2", ttft: 100.5, ..described() }.result();
    let far =
        Described { hardware: "l4x1", ttft: 900.0, tpot: Some(90.0), tps: 90.0, ..described() }.result();
    let snapshot = Snapshot::from_results([described().result(), near, far]);
    let r = recommend(&snapshot, &request(Method::Topsis, &[])).unwrap();
    assert_eq!((r.indistinct, r.alternatives.len()), (Some(2), 1));
    let first = &r.entries[0];
    let other = &r.alternatives[0];
    assert_ne!(other.config_id, first.config_id);
    let sum = other.probability_first + first.probability_first.unwrap();
    assert!((sum - 1.0).abs() < 0.01, "{sum}");
}
