//! What follows from a ranking: the knee of a front, and how sure the first place is.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use ranking::Direction::{Benefit, Cost};
use ranking::knee::Knee;
use ranking::{Criterion, Interval, Normalisation, Objective, Stability, pareto, stability, topsis};

fn knee(objectives: &[Objective<'_>]) -> Option<Knee> {
    ranking::knee(objectives, &pareto(objectives).unwrap()).unwrap()
}

/// A front like 1/x bends at its middle; what is dominated there does not count.
#[test]
fn the_knee_is_where_the_front_bends() {
    let latency = Objective { direction: Cost, values: &[1.0, 2.0, 4.0, 8.0, 2.1] };
    let cost = Objective { direction: Cost, values: &[8.0, 4.0, 2.0, 1.0, 4.1] };
    let k = knee(&[latency, cost]).unwrap();
    assert_eq!(k.row, 1);
    let expected = (1.0 - 1.0 / 7.0 - 3.0 / 7.0) / 2.0_f64.sqrt();
    assert!((k.distance - expected).abs() < 1e-12);
}

#[test]
fn a_front_without_a_bend_says_so() {
    let o = |values| Objective { direction: Benefit, values };
    // Bulging away from the ideal: the ends are best, at no distance.
    let k = knee(&[o(&[1.0, 0.4, 0.0]), o(&[0.0, 0.4, 1.0])]).unwrap();
    assert_eq!((k.row, k.distance), (0, 0.0));
    assert_eq!(knee(&[o(&[1.0, 1.0]), o(&[2.0, 2.0])]), None);
    assert_eq!(knee(&[o(&[])]), None);
    // A member without a finite value has no place on the scale.
    let k = knee(&[o(&[f64::INFINITY, 1.0, 0.0]), o(&[0.0, 1.0, 2.0])]).unwrap();
    assert_eq!(k.row, 1);
}

fn stable(values: &[f64], low: &[f64], high: &[f64]) -> Stability {
    let criteria = [Criterion { direction: Cost, weight: 1.0, values }];
    let t = topsis(&criteria, Normalisation::Vector).unwrap();
    stability(&t, &criteria, |_, row| Some(Interval { low: low[row], high: high[row] }), &[], 1).unwrap()
}

#[test]
fn what_is_exact_is_certain() {
    let values = [10.0, 11.0, 12.0];
    let s = stable(&values, &values, &values);
    assert_eq!((s.first, s.indistinct), (vec![(0, 1.0)], 1));
}

#[test]
fn intervals_apart_are_told_apart_and_equal_ones_are_not() {
    let s = stable(&[10.0, 20.0, 30.0], &[9.0, 19.0, 29.0], &[11.0, 21.0, 31.0]);
    assert_eq!((s.first, s.indistinct), (vec![(0, 1.0)], 1));
    let s = stable(&[10.0, 10.0, 30.0], &[9.0, 9.0, 29.0], &[11.0, 11.0, 31.0]);
    assert_eq!((s.first.len(), s.indistinct), (2, 2));
    assert!(s.first.iter().all(|(_, p)| (0.4..0.6).contains(p)), "{s:?}");
}

/// Two normal values with standard deviations 1: the second is less with probability Phi(-1 / sqrt 2) = 0.2398.
#[test]
fn the_probability_is_that_of_two_normal_values() {
    let z = 1.959_963_984_540_054;
    let s = stable(&[100.0, 101.0, 150.0], &[100.0 - z, 101.0 - z, 150.0], &[100.0 + z, 101.0 + z, 150.0]);
    let second = s.first.iter().find(|(row, _)| *row == 1).unwrap().1;
    assert!((second - 0.2398).abs() < 0.04, "{second}");
}

#[test]
fn a_lopsided_interval_reaches_to_its_side_only() {
    let s = stable(&[10.0, 10.5, 99.0], &[10.0, 10.5, 99.0], &[14.0, 10.5, 99.0]);
    assert_eq!(s.first.len(), 2);
    let s = stable(&[10.0, 10.5, 99.0], &[6.0, 10.5, 99.0], &[10.0, 10.5, 99.0]);
    assert_eq!(s.first, [(0, 1.0)]);
}

/// Throughput 100 and 101 with standard deviations of 1, and a cost that follows from it: moved together they decide as
/// one criterion does, moved apart the differences average out.
#[test]
fn what_follows_from_one_quantity_is_moved_by_one_draw() {
    let z = 1.959_963_984_540_054;
    let (throughput, cost) = ([100.0, 101.0, 50.0], [1.01, 1.0, 2.0]);
    let criteria = [
        Criterion { direction: Benefit, weight: 0.5, values: &throughput },
        Criterion { direction: Cost, weight: 0.5, values: &cost },
    ];
    let t = topsis(&criteria, Normalisation::MinMax).unwrap();
    let interval = |j: usize, row: usize| {
        let (value, half) = if j == 0 { (throughput[row], z) } else { (cost[row], z / 100.0) };
        (row < 2).then_some(Interval { low: value - half, high: value + half })
    };
    let second = |draws: &[usize]| {
        let s = stability(&t, &criteria, interval, draws, 1).unwrap();
        s.first.iter().find(|(row, _)| *row == 1).map_or(0.0, |(_, p)| *p)
    };
    // Phi(1 / sqrt 2) = 0.7602; independent draws of both would make it surer.
    assert!((second(&[0, 0]) - 0.7602).abs() < 0.04, "{}", second(&[0, 0]));
    assert!(second(&[]) > second(&[0, 0]) + 0.03, "{} {}", second(&[]), second(&[0, 0]));
}

proptest! {
    /// Probabilities add up to 1, are sorted, and the set that is not told apart holds 95 % and no more than it needs.
    #[test]
    fn probabilities_are_probabilities(
        rows in prop::collection::vec((1.0f64..100.0, 0.0f64..20.0, 1.0f64..100.0), 1..40),
        seed in any::<u64>(),
    ) {
        let values: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let low: Vec<f64> = rows.iter().map(|r| r.0 - r.1).collect();
        let high: Vec<f64> = rows.iter().map(|r| r.0 + r.1).collect();
        let exact: Vec<f64> = rows.iter().map(|r| r.2).collect();
        let criteria = [
            Criterion { direction: Cost, weight: 1.0, values: &values },
            Criterion { direction: Benefit, weight: 1.0, values: &exact },
        ];
        let t = topsis(&criteria, Normalisation::Vector).unwrap();
        let interval = |j: usize, row: usize| (j == 0).then(|| Interval { low: low[row], high: high[row] });
        let s = stability(&t, &criteria, interval, &[], seed).unwrap();
        let sum: f64 = s.first.iter().map(|(_, p)| p).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
        prop_assert!(s.first.windows(2).all(|w| w[0].1 >= w[1].1));
        let held = |n: usize| s.first[..n].iter().map(|(_, p)| p).sum::<f64>();
        prop_assert!(held(s.indistinct) >= 0.95 - 1e-9 && held(s.indistinct - 1) < 0.95);
        prop_assert_eq!(stability(&t, &criteria, interval, &[], seed).unwrap(), s);
    }
}
