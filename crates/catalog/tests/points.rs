//! Points of a scatter plot and their fronts.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::{Axis, Column, Filter, Points, PointsRequest, Snapshot};
use common::{Described, described};
use domain::result::Flag;
use domain::{BenchmarkResult, MetricId, Provenance, Statistic, UseCase};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const TTFT: Column = Column::Latency(MetricId::Ttft, Statistic::P90);

fn asked() -> PointsRequest {
    PointsRequest {
        filter: Filter::default(),
        ranges: Vec::new(),
        x: TTFT,
        y: Column::OutputTps,
        limit: 1000.try_into().unwrap(),
    }
}

fn points(results: &[BenchmarkResult], request: &PointsRequest) -> Points {
    Snapshot::from_results(results.to_vec()).points(request)
}

/// As a person would write the definition down: nothing is at least as good in both and better in one.
fn front_by_definition(points: &[(f64, f64)]) -> Vec<bool> {
    let beats = |a: &(f64, f64), b: &(f64, f64)| a.0 <= b.0 && a.1 >= b.1 && a != b;
    points.iter().map(|p| !points.iter().any(|other| beats(other, p))).collect()
}

#[test]
fn a_front_is_of_one_provenance_and_one_traffic() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut results = Vec::new();
    for concurrency in 1..=60 {
        for (use_case, provenance) in [
            (UseCase::Chatbot, Provenance::Measured),
            (UseCase::Qa, Provenance::Measured),
            (UseCase::Qa, Provenance::Simulated),
        ] {
            let (ttft, tps) = (rng.random_range(1..20), rng.random_range(1..20));
            let (ttft, tps) = (f64::from(ttft), f64::from(tps));
            results.push(Described { use_case, provenance, concurrency, ttft, tps, ..described() }.result());
        }
    }
    let points = points(&results, &asked());
    assert_eq!((points.total, points.left_out, points.thinned), (180, 0, 0));
    assert_eq!(points.fronts.len(), 3);
    let of = |axis: Axis, at: usize| {
        let labels = &points.labels[&axis];
        labels.values[labels.codes[at] as usize].clone()
    };
    for front in &points.fronts {
        let is_alike = |at: &usize| {
            of(Axis::UseCase, *at) == front.use_case.to_string()
                && of(Axis::Provenance, *at) == front.provenance.to_string()
        };
        let alike: Vec<usize> = (0..180).filter(is_alike).collect();
        assert_eq!(alike.len(), 60);
        let values: Vec<(f64, f64)> = alike.iter().map(|&at| (points.xs[at], points.ys[at])).collect();
        let on_front = front_by_definition(&values);
        let expected: Vec<usize> =
            alike.iter().zip(on_front).filter(|(_, on)| *on).map(|(at, _)| *at).collect();
        let mut members = front.members.clone();
        members.sort_unstable();
        assert_eq!(members, expected);
        assert!(front.members.windows(2).all(|pair| points.xs[pair[0]] <= points.xs[pair[1]]));
    }
}

#[test]
fn columns_belong_together_and_missing_numbers_are_left_out() {
    let results: Vec<BenchmarkResult> = [Some(10.0), None, Some(20.0)]
        .into_iter()
        .zip(1..)
        .map(|(tpot, concurrency)| Described { tpot, concurrency, ..described() }.result())
        .collect();
    let tpot = Column::Latency(MetricId::Tpot, Statistic::P90);
    let points = points(&results, &PointsRequest { x: tpot, ..asked() });
    assert_eq!((points.total, points.left_out, points.xs.len()), (3, 1, 2));
    for (at, id) in points.config_ids.iter().enumerate() {
        let result = results.iter().find(|r| r.config_id == *id).unwrap();
        assert_eq!((points.xs[at], points.ys[at]), (tpot.of(result), Column::OutputTps.of(result)));
        let load = &points.labels[&Axis::Load];
        assert_eq!(load.values[load.codes[at] as usize], result.configuration.workload.load.to_string());
    }
    let json = serde_json::to_value(&points).unwrap();
    assert_eq!(json["x"], serde_json::json!({"column": "tpot_p90_ms", "unit": "ms", "better": "less"}));
    assert_eq!(json["y"]["better"], "more");
}

#[test]
fn what_says_nothing_is_drawn_and_never_on_a_front() {
    let mut limited = Described { concurrency: 9, ttft: 1.0, tps: 1e6, ..described() }.result();
    limited.flags.push(Flag::ClientLimited);
    let failing = Described { concurrency: 10, ttft: 2.0, tps: 1e5, failed: 100, ..described() }.result();
    let points = points(&[described().result(), limited.clone(), failing.clone()], &asked());
    let good =
        points.config_ids.iter().position(|id| ![&limited.config_id, &failing.config_id].contains(&id));
    assert_eq!(points.fronts[0].members, [good.unwrap()]);
    assert_eq!(points.not_comparable.len(), 2);
    assert!(!points.not_comparable.contains(&good.unwrap()));
}

#[test]
fn thinned_points_keep_their_fronts() {
    let results: Vec<BenchmarkResult> = (1..=500)
        .map(|concurrency| {
            let tps = f64::from(if concurrency % 50 == 0 { 10_000 + concurrency } else { concurrency });
            Described { concurrency, ttft: f64::from(concurrency), tps, ..described() }.result()
        })
        .collect();
    let all = points(&results, &asked());
    let some = points(&results, &PointsRequest { limit: 20.try_into().unwrap(), ..asked() });
    let ids = |points: &Points| -> Vec<String> {
        points.fronts[0].members.iter().map(|&at| points.config_ids[at].to_string()).collect()
    };
    assert_eq!(ids(&all), ids(&some));
    assert_eq!((some.total, some.thinned + some.xs.len()), (500, 500));
    assert!(some.xs.len() <= 20 + all.fronts[0].members.len());
}

#[test]
fn a_column_without_a_better_side_has_no_front() {
    let request = PointsRequest { y: Column::OutputTpsLow, ..asked() };
    let points = points(&[described().result()], &request);
    assert!(points.fronts.is_empty() && points.y.better.is_none() && points.xs.len() == 1);
}
