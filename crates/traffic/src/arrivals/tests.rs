use std::num::NonZeroU32;

use domain::{Burstiness, Rate};
use proptest::prelude::*;

use super::*;

fn plan(text: &str) -> RatePlan {
    text.parse().unwrap()
}

fn gamma(shape: f64) -> Arrival {
    Arrival::Gamma(Burstiness::try_from(shape).unwrap())
}

fn gaps_s(arrival: Arrival, rps: f64, seed: u64, count: usize) -> Vec<f64> {
    let plan = RatePlan::Steady(Rate::try_from(rps).unwrap());
    let instants: Vec<u64> = Schedule::new(arrival, &plan, seed).take(count + 1).collect();
    instants.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e9).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation / mean.
fn variation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    variance.sqrt() / mean
}

fn any_arrival() -> impl Strategy<Value = Arrival> {
    prop_oneof![
        Just(Arrival::Constant),
        Just(Arrival::Poisson),
        (0.1..50.0_f64).prop_map(gamma),
        (1..20_u32).prop_map(|size| Arrival::Bursts(NonZeroU32::new(size).unwrap())),
    ]
}

fn any_plan() -> impl Strategy<Value = RatePlan> {
    let stage = (0..500_u32, 0..500_u32, 1..2000_u32);
    prop::collection::vec(stage, 1..6).prop_filter_map("no arrivals", |stages| {
        let text: Vec<String> = stages.iter().map(|(a, b, ms)| format!("{a}-{b}:{ms}ms")).collect();
        text.join(",").parse().ok()
    })
}

proptest! {
    #[test]
    fn a_schedule_is_a_function_of_plan_and_seed_and_never_goes_back(
        arrival in any_arrival(), plan in any_plan(), seed: u64,
    ) {
        let instants: Vec<u64> = Schedule::new(arrival, &plan, seed).take(5_000).collect();
        let again: Vec<u64> = Schedule::new(arrival, &plan, seed).take(5_000).collect();
        prop_assert_eq!(&instants, &again);
        prop_assert!(instants.is_sorted());
        let end_ns = plan.seconds().unwrap() * 1e9 + 1.0;
        prop_assert!(instants.iter().all(|t| (*t as f64) <= end_ns));
    }

    #[test]
    fn the_mean_rate_is_the_one_asked_for(arrival in any_arrival(), rps in 0.1..5000.0_f64, seed: u64) {
        let count = 20_000;
        let gaps = gaps_s(arrival, rps, seed, count);
        // Five standard errors, plus an unfinished burst and the rounding to nanoseconds.
        let cv = match arrival {
            Arrival::Constant | Arrival::Bursts(_) => 0.0,
            Arrival::Poisson => 1.0,
            Arrival::Gamma(burstiness) => 1.0 / burstiness.shape().sqrt(),
        };
        let tolerance = 5.0 * cv / (count as f64).sqrt() + 2e-3;
        prop_assert!((mean(&gaps) * rps - 1.0).abs() < tolerance, "{} {tolerance}", mean(&gaps) * rps);
    }

    #[test]
    fn the_gaps_of_gamma_vary_by_one_over_the_root_of_the_shape(shape in 0.25..30.0_f64, seed: u64) {
        let cv = variation(&gaps_s(gamma(shape), 100.0, seed, 40_000));
        let expected = 1.0 / shape.sqrt();
        prop_assert!((cv / expected - 1.0).abs() < 0.08, "{cv} {expected}");
    }

    #[test]
    fn every_process_follows_the_plan(arrival in any_arrival(), seed: u64) {
        // 100 in the first second, none in the next, 0 to 200/s in two more: 200 there.
        let plan = plan("100:1s,0:1s,0-200:2s");
        let instants: Vec<u64> = Schedule::new(arrival, &plan, seed).collect();
        let within = |from_s: f64, to_s: f64| {
            instants.iter().filter(|t| (from_s..to_s).contains(&(**t as f64 / 1e9))).count() as f64
        };
        let cv = match arrival {
            Arrival::Gamma(burstiness) => 1.0 / burstiness.shape().sqrt(),
            _ => 1.0,
        };
        prop_assert_eq!(within(1.000_001, 2.0), 0.0);
        for (from, to, expected) in [(0.0, 1.000_001, 100.0), (2.0, 3.0, 50.0), (3.0, 4.1, 150.0)] {
            let found = within(from, to);
            let tolerance = 20.0 + 6.0 * cv * f64::sqrt(expected);
            prop_assert!((found - expected).abs() <= tolerance, "{from} {found} {expected}");
        }
    }
}

#[test]
fn poisson_gaps_are_exponential() {
    // Kolmogorov-Smirnov: at 1.63 / sqrt(n) one of a hundred seeds fails; these do not.
    let (rps, count) = (250.0, 20_000);
    for seed in 0..5 {
        let mut gaps = gaps_s(Arrival::Poisson, rps, seed, count);
        gaps.sort_unstable_by(f64::total_cmp);
        let n = count as f64;
        let distance = gaps.iter().enumerate().map(|(i, gap)| {
            let expected = 1.0 - (-gap * rps).exp();
            (expected - i as f64 / n).abs().max(((i + 1) as f64 / n - expected).abs())
        });
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 1.63 / n.sqrt(), "seed {seed}: {distance}");
    }
}

#[test]
fn poisson_counts_are_as_variable_as_they_are_many() {
    let plan = plan("50");
    let mut counts = vec![0.0; 2_000];
    for instant in Schedule::new(Arrival::Poisson, &plan, 3) {
        let Some(count) = counts.get_mut((instant / 1_000_000_000) as usize) else { break };
        *count += 1.0;
    }
    let dispersion = variation(&counts).powi(2) * mean(&counts);
    assert!((dispersion - 1.0).abs() < 0.15, "{dispersion}");
}

#[test]
fn constant_and_bursts_are_exact() {
    let plan = plan("10:1s");
    let ms = |arrival| -> Vec<u64> { Schedule::new(arrival, &plan, 0).map(|t| t / 1_000_000).collect() };
    assert_eq!(ms(Arrival::Constant), [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    assert_eq!(ms(Arrival::Bursts(NonZeroU32::new(4).unwrap())), [400, 400, 400, 400, 800, 800, 800, 800]);
}

#[test]
fn seeds_differ() {
    let plan = plan("100");
    let first = |seed| Schedule::new(Arrival::Poisson, &plan, seed).next();
    assert_ne!(first(1), first(2));
}
