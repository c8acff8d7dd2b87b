//! A few configurations side by side.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::compare::{ComparedMetric, WarningKind};
use catalog::{Axis, CompareError, CompareRequest, Comparison, PriceKind, Snapshot};
use common::{Described, described};
use domain::result::Flag;
use domain::{BenchmarkResult, ConfigId, Engine, Provenance, UseCase};

fn asked(ids: &[&ConfigId]) -> CompareRequest {
    CompareRequest {
        ids: ids.iter().map(|&id| id.clone()).collect(),
        price: PriceKind::Spot,
        provenance: None,
    }
}

/// In the order of the results.
fn compare(results: &[BenchmarkResult]) -> Comparison {
    let ids: Vec<&ConfigId> = results.iter().map(|r| &r.config_id).collect();
    Snapshot::from_results(results.to_vec()).compare(&asked(&ids)).unwrap()
}

fn metric<'a>(comparison: &'a Comparison, column: &str) -> &'a ComparedMetric {
    comparison.metrics.iter().find(|m| m.quantity.column == column).unwrap()
}

fn kinds(comparison: &Comparison) -> Vec<WarningKind> {
    comparison.warnings.iter().map(|w| w.kind).collect()
}

#[test]
fn the_best_are_those_that_cannot_be_told_apart() {
    // Intervals of TTFT reach 3 % either way, of the throughput 2 %.
    let results: Vec<BenchmarkResult> =
        [(Engine::Vllm, 100.0, 800.0), (Engine::Sglang, 104.0, 1000.0), (Engine::Tgi, 150.0, 500.0)]
            .into_iter()
            .map(|(engine, ttft, tps)| Described { engine, ttft, tps, ..described() }.result())
            .collect();
    let c = compare(&results);
    let ttft = metric(&c, "ttft_p90_ms");
    assert_eq!(ttft.values, [Some(100.0), Some(104.0), Some(150.0)]);
    assert_eq!((ttft.best.as_slice(), ttft.distinguishable), ([0, 1].as_slice(), Some(false)));
    let tps = metric(&c, "output_tps");
    assert_eq!((tps.best.as_slice(), tps.distinguishable), ([1].as_slice(), Some(true)));
    // Cost follows from the throughput, and so does its interval.
    let cost = metric(&c, "serving_cost_per_mtok_spot");
    let (value, interval) = (cost.values[1].unwrap(), cost.intervals[1].unwrap());
    assert!((value / interval.high - 0.98).abs() < 1e-9 && (value / interval.low - 1.02).abs() < 1e-9);
    assert_eq!((cost.best.as_slice(), cost.distinguishable), ([1].as_slice(), Some(true)));
    // A median has no interval, so that nobody knows.
    let median = metric(&c, "ttft_p50_ms");
    assert_eq!((median.best.as_slice(), median.distinguishable), ([0].as_slice(), None));
    assert!(c.metrics.iter().all(|m| !m.quantity.column.ends_with("on_demand")));
    let axes: Vec<Axis> = c.differences.iter().map(|d| d.axis).collect();
    assert_eq!(axes, [Axis::Engine, Axis::Framework]);
    assert_eq!(c.differences[0].values, ["vllm", "sglang", "tgi"]);
    assert!(c.warnings.is_empty(), "{:?}", c.warnings);
}

#[test]
fn the_difference_has_an_interval_of_its_own() {
    // 3 % of 100 and of 104.3 are 3 and 3.129: together 4.33 apart may be chance, though not 4.4.
    let of = |ttft: f64| {
        let other = Described { engine: Engine::Tgi, ttft, ..described() };
        let c = compare(&[described().result(), other.result()]);
        metric(&c, "ttft_p90_ms").distinguishable
    };
    assert_eq!((of(104.3), of(104.5)), (Some(false), Some(true)));
}

#[test]
fn nothing_is_the_best_of_what_may_not_be_compared() {
    let measured = described().result();
    let simulated = Described { provenance: Provenance::Simulated, concurrency: 9, ..described() }.result();
    let c = compare(&[measured.clone(), simulated]);
    assert!(c.metrics.iter().all(|m| m.best.is_empty() && m.distinguishable.is_none()));
    assert_eq!(kinds(&c)[0], WarningKind::DifferentProvenance);

    let other = Described { use_case: UseCase::Qa, hardware: "l4x1", price: None, ..described() }.result();
    let c = compare(&[measured, other]);
    assert!(metric(&c, "output_tps").best.is_empty());
    assert_eq!(metric(&c, "usd_per_hour_spot").best, [1]);
    assert_eq!(kinds(&c), [WarningKind::DifferentTraffic]);
    assert!(c.warnings[0].text.contains("chatbot 512>128, qa 512>128"), "{}", c.warnings[0].text);
}

#[test]
fn what_limits_a_conclusion_is_said() {
    let mut limited = Described { concurrency: 64, ttft: 1.0, ..described() }.result();
    limited.flags.push(Flag::ClientLimited);
    let other = Described { model: "qwen3-8b", ..described() }.result();
    let c = compare(&[limited, other]);
    assert_eq!(metric(&c, "ttft_p90_ms").best, [1]);
    assert_eq!(
        kinds(&c),
        [WarningKind::DifferentLoad, WarningKind::DifferentModels, WarningKind::NotComparable]
    );
    let texts: Vec<&str> = c.warnings.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(texts[0], "measured under different loads (c64, c8): more load yields more and waits longer");
    assert_eq!(texts[2], "#1 is never called the best: client_limited");
}

#[test]
fn of_several_provenances_the_measured_one_counts() {
    let measured = described().result();
    let simulated = Described { provenance: Provenance::Simulated, ttft: 1.0, ..described() }.result();
    let other = Described { concurrency: 16, ..described() }.result();
    let snapshot = Snapshot::from_results([measured.clone(), simulated, other.clone()]);
    let request = asked(&[&other.config_id, &measured.config_id]);
    let c = snapshot.compare(&request).unwrap();
    assert!(c.configurations.iter().all(|e| e.provenance == Provenance::Measured));
    let warning = c.warnings.last().unwrap();
    assert_eq!((warning.kind, warning.of.as_slice()), (WarningKind::OtherProvenance, [1].as_slice()));
    let only = CompareRequest { provenance: Some(Provenance::Simulated), ..request };
    let refused = snapshot.compare(&only).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("there is no simulated result of configuration {}, only measured", other.config_id)
    );
    let both: Vec<Provenance> =
        snapshot.results_of(&measured.config_id).iter().map(|entry| entry.provenance).collect();
    assert_eq!(both, [Provenance::Measured, Provenance::Simulated]);
    let id = measured.config_id.as_str();
    assert_eq!(snapshot.ids_that_begin_with(&id[..6]), std::slice::from_ref(&measured.config_id));
    assert_eq!(snapshot.ids_that_begin_with("").len(), 2);
    assert!(snapshot.ids_that_begin_with("zz").is_empty());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let (a, b) = (described().result(), Described { concurrency: 9, ..described() }.result());
    let snapshot = Snapshot::from_results([a.clone(), b.clone()]);
    let refused = |ids: &[&ConfigId]| snapshot.compare(&asked(ids)).unwrap_err();
    assert_eq!(refused(&[&a.config_id]), CompareError::Count(1));
    assert_eq!(refused(&[&a.config_id; 11]), CompareError::Count(11));
    assert_eq!(
        refused(&[&a.config_id, &b.config_id, &a.config_id]),
        CompareError::Twice(a.config_id.clone())
    );
    let unknown: ConfigId = "0123456789abcdef".parse().unwrap();
    assert_eq!(refused(&[&a.config_id, &unknown]), CompareError::Unknown(unknown.clone()));
    assert!(snapshot.results_of(&unknown).is_empty());
}
