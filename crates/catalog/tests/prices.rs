//! What hardware costs when a recommendation is made, whatever it cost when it was measured.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod common;

use catalog::response::CriterionId;
use catalog::{
    Column, EstimateRequest, PriceKind, PriceSource, Query, Recommendation, RecommendationRequest, Snapshot,
    Sort, recommend,
};
use common::{Described, described};
use domain::{BenchmarkResult, HourlyPrice, Provenance, Rent, UseCase, known};

/// Without bounds, at the price on demand.
fn on_demand() -> RecommendationRequest {
    RecommendationRequest {
        bounds: Some(Vec::new()),
        price: PriceKind::OnDemand,
        ..RecommendationRequest::new(UseCase::Chatbot)
    }
}

fn answer(results: &[BenchmarkResult], request: &RecommendationRequest) -> Recommendation {
    recommend(&Snapshot::from_results(results.to_vec()), request).unwrap()
}

fn listed(hardware: &'static str) -> Described {
    Described { hardware, price: None, ..described() }
}

fn cost(r: &Recommendation, entry: usize) -> f64 {
    let costs = [CriterionId::ServingCostPerMtok, CriterionId::UsdPerMonth];
    r.entries[entry].criteria.iter().find(|c| costs.contains(&c.criterion)).unwrap().value
}

/// Eight GPUs are the least that p4de is sold with: four servers of two share one bill.
#[test]
fn a_month_is_paid_for_whole_machines() {
    let results = [listed("a100-80gbx2").result()];
    let machine = 27.447_05 * 730.0;
    // 800 tokens/s are 8 requests/s; 58.7 % of them are given to a replica.
    for (target_rps, replicas, machines) in [(1.0, 1, 1), (18.0, 4, 1), (19.0, 5, 2), (40.0, 9, 3)] {
        let r = answer(&results, &RecommendationRequest { target_rps: Some(target_rps), ..on_demand() });
        let capacity = r.entries[0].capacity.unwrap();
        let servers = capacity.servers.unwrap();
        assert_eq!((servers.replicas, servers.machines.unwrap().on_demand), (replicas, machines));
        let usd = machines as f64 * machine;
        assert!((capacity.usd_per_month.unwrap().on_demand - usd).abs() < 1e-6, "{capacity:?}");
        assert!((cost(&r, 0) - usd).abs() < 1e-6);
    }
}

/// On demand an H100 is sold alone, on the spot market by eight.
#[test]
fn machines_may_differ_by_the_kind_of_price() {
    let request = RecommendationRequest { target_rps: Some(12.0), ..on_demand() };
    let r = answer(&[listed("h100x1").result()], &request);
    let (rent, capacity) = (r.entries[0].rent.as_ref().unwrap(), r.entries[0].capacity.unwrap());
    let servers = capacity.servers.unwrap();
    let machines = servers.machines.unwrap();
    assert_eq!((servers.replicas, machines.on_demand, machines.spot), (3, 3, 1));
    assert_eq!(rent.spot.listed.as_ref().unwrap().instance_type, "p5.48xlarge");
    assert_eq!(rent.on_demand.listed.as_ref().unwrap().instance_type, "p5.4xlarge");
    assert!((capacity.usd_per_month.unwrap().spot - 20.20 * 730.0).abs() < 1e-6);
}

#[test]
fn a_token_costs_a_share_of_a_full_machine_and_an_hour_all_of_it() {
    let results = [listed("a100-80gbx2").result()];
    let r = answer(&results, &on_demand());
    assert!((cost(&r, 0) - 27.447_05 / 4.0 / (800.0 * 3600.0) * 1e6).abs() < 1e-9);
    let bounded = |max| RecommendationRequest { max_usd_per_hour: Some(max), ..on_demand() };
    assert!(recommend(&Snapshot::from_results(results.to_vec()), &bounded(27.0)).is_err());
    assert_eq!(answer(&results, &bounded(28.0)).entries.len(), 1);
}

/// What a result was charged stays in it, and what it is compared at is that of today.
#[test]
fn results_of_another_day_are_ranked_at_the_prices_of_today() {
    let mut dear = listed("l4x1").result();
    let mut rent = known::rent_of("l4x1".parse().unwrap()).unwrap();
    (rent.on_demand.usd_per_hour, rent.spot.usd_per_hour) = (80.0, 40.0);
    rent.on_demand.listed.as_mut().unwrap().date = "2020-01-01".parse().unwrap();
    dear.rent = Some(rent);
    let same = Described { concurrency: 16, ..listed("l4x1") }.result();
    let r = answer(&[dear, same], &on_demand());
    assert_eq!(cost(&r, 0), cost(&r, 1));
    let list = PriceSource::List {
        price: PriceKind::OnDemand,
        region: "us-east-1".to_owned(),
        date: known::ON_DEMAND_PRICES.date,
    };
    assert_eq!(r.prices, std::slice::from_ref(&list));
    assert!(r.statement.contains(&format!("; prices: {list};")), "{}", r.statement);
    let planned = RecommendationRequest { target_rps: Some(1.0), ..on_demand() };
    assert_eq!(
        answer(&[listed("l4x1").result()], &planned).prices.len(),
        2,
        "a month is told at both prices"
    );
}

/// Of a hardware config whose price specs stated, the last one counts for all results, of its provenance alone.
#[test]
fn a_hardware_config_has_one_price() {
    let stated = |usd: f64, minute: i64, concurrency: u32, provenance| {
        let price = Some(HourlyPrice { on_demand: usd, spot: usd / 2.0 });
        Described { price, minute, concurrency, provenance, ..listed("l4x1") }.result()
    };
    let measured = Provenance::Measured;
    let results = [
        stated(9.0, 0, 8, measured),
        stated(3.0, 1, 16, measured),
        Described { concurrency: 32, minute: 2, ..listed("l4x1") }.result(),
        stated(0.1, 3, 8, Provenance::Simulated),
    ];
    let r = answer(&results, &on_demand());
    assert_eq!(r.entries.len(), 3);
    for entry in &r.entries {
        assert_eq!(entry.rent, Some(Rent::stated(HourlyPrice { on_demand: 3.0, spot: 1.5 })));
    }
    assert_eq!(r.prices[0].to_string(), "l4x1 as a spec stated on 1970-01-01");
    assert_eq!(r.prices.len(), 1);
}

#[test]
fn lists_and_estimates_are_at_the_prices_of_today() {
    let results = [listed("l4x1").result(), Described { tps: 900.0, ..listed("a100-80gbx2") }.result()];
    let snapshot = Snapshot::from_results(results);
    let all = || Query { limit: 10, ..Query::default() };
    let sort = Sort { column: Column::UsdPerHour(PriceKind::Spot), descending: true };
    let page = snapshot.query(&Query { sort: Some(sort), ..all() });
    let hourly: Vec<f64> = page.entries.iter().map(|e| e.rent.as_ref().unwrap().spot.usd_per_hour).collect();
    assert_eq!(hourly, [9.31, 0.382]);
    let per_mtok = page.entries[0].serving_cost_per_mtok.unwrap().spot;
    assert!((per_mtok - 9.31 / 4.0 / (900.0 * 3600.0) * 1e6).abs() < 1e-9);
    let n = |n: u32| n.try_into().unwrap();
    let estimates =
        snapshot.estimates(&EstimateRequest::new(UseCase::Chatbot, [n(512), n(128)], n(8))).unwrap();
    assert_eq!(estimates.prices[0].to_string(), "spot of us-east-1, 2026-11-24");
    assert!(estimates.entries.iter().any(|e| e.serving_cost_per_mtok == Some(per_mtok)));
    // The file does not keep what follows from prices.
    let read = Snapshot::from_file(&snapshot.to_file().unwrap()).unwrap();
    assert_eq!(read.query(&all()).entries, snapshot.query(&all()).entries);
}
