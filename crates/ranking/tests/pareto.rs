//! Fronts and hypervolumes against their definitions and against another implementation.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ranking::Direction::{Benefit, Cost};
use ranking::{Objective, ObjectiveError, fronts, fronts_of, hypervolume, pareto};
use serde::Deserialize;

/// `vectors/make_pareto.py` says how they were made.
const VECTORS: &str = include_str!("vectors/pareto.json");

#[derive(Deserialize)]
struct Case {
    points: Vec<Vec<f64>>,
    maximise: Vec<bool>,
    front: Vec<bool>,
    ranks: Vec<usize>,
    reference: Vec<f64>,
    hypervolume: f64,
}

fn objectives<'a>(columns: &'a [Vec<f64>], benefit: &[bool]) -> Vec<Objective<'a>> {
    let direction = |&benefit: &bool| if benefit { Benefit } else { Cost };
    columns.iter().zip(benefit).map(|(values, b)| Objective { direction: direction(b), values }).collect()
}

#[test]
fn fronts_ranks_and_hypervolumes_agree_with_moocore() {
    let cases: Vec<Case> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let columns: Vec<Vec<f64>> =
            (0..case.maximise.len()).map(|j| case.points.iter().map(|p| p[j]).collect()).collect();
        let objectives = objectives(&columns, &case.maximise);
        assert_eq!(pareto(&objectives).unwrap(), case.front);
        assert_eq!(fronts(&objectives).unwrap(), case.ranks);
        let volume = hypervolume(&objectives, &case.reference).unwrap();
        assert!((volume / case.hypervolume - 1.0).abs() < 1e-12, "{volume}, moocore {}", case.hypervolume);
    }
}

#[test]
fn a_small_front_by_hand() {
    let latency = Objective { direction: Cost, values: &[1.0, 2.0, 2.0, 3.0, 1.0] };
    let throughput = Objective { direction: Benefit, values: &[5.0, 9.0, 8.0, 9.0, 5.0] };
    assert_eq!(pareto(&[latency, throughput]).unwrap(), [true, true, false, false, true]);
}

#[test]
fn what_has_no_front_is_refused() {
    let o = |values| Objective { direction: Cost, values };
    assert_eq!(pareto(&[]), Err(ObjectiveError::NoObjective));
    assert_eq!(pareto(&[o(&[1.0, f64::NAN])]), Err(ObjectiveError::NotANumber { objective: 0, row: 1 }));
    assert_eq!(
        pareto(&[o(&[1.0]), o(&[])]),
        Err(ObjectiveError::Length { objective: 1, got: 0, expected: 1 })
    );
    assert!(pareto(&[o(&[])]).unwrap().is_empty());
}

#[test]
fn infinities_and_both_zeros_are_values() {
    let inf = f64::INFINITY;
    for (first, second, expected) in [
        ([inf, inf], [inf, inf], [true, true]),
        ([0.0, -0.0], [1.0, 1.0], [true, true]),
        ([-inf, 1.0], [inf, 2.0], [true, true]),
        ([-inf, 1.0], [2.0, inf], [true, false]),
    ] {
        let objectives = [&first, &second].map(|values| Objective { direction: Cost, values });
        assert_eq!(pareto(&objectives).unwrap(), expected, "{first:?} {second:?}");
    }
}

#[test]
fn a_volume_needs_a_reference_and_only_what_reaches_it_counts() {
    let o = |values| Objective { direction: Cost, values };
    let two = [o(&[1.0, 2.0, 5.0]), o(&[2.0, 1.0, 0.0])];
    assert_eq!(hypervolume(&two, &[3.0]), Err(ObjectiveError::Reference { objectives: 2 }));
    assert_eq!(hypervolume(&two, &[3.0, f64::NAN]), Err(ObjectiveError::Reference { objectives: 2 }));
    assert_eq!(hypervolume(&two, &[3.0, 3.0]), Ok(3.0));
    assert_eq!(hypervolume(&two, &[1.0, 1.0]), Ok(0.0));
    assert_eq!(hypervolume(&two[..1], &[4.0]), Ok(3.0));
    assert_eq!(hypervolume(&[o(&[f64::NEG_INFINITY]), o(&[1.0])], &[0.0, 2.0]), Ok(f64::INFINITY));
}

/// Enough rows for samples to be taken; copies and ties are common.
#[test]
fn a_large_front_is_the_same_in_any_order() {
    let mut rng = StdRng::seed_from_u64(7);
    for width in 1..=6 {
        let columns: Vec<Vec<f64>> = (0..width)
            .map(|j| {
                let coarse = j % 2 == 1;
                let value = |_| if coarse { f64::from(rng.random_range(0..30u8)) } else { rng.random() };
                (0..5000).map(value).collect()
            })
            .collect();
        let benefit: Vec<bool> = (0..width).map(|j| j % 3 == 1).collect();
        let front = pareto(&objectives(&columns, &benefit)).unwrap();
        let ranks = fronts(&objectives(&columns, &benefit)).unwrap();
        assert!(front.iter().zip(&ranks).all(|(on, rank)| *on == (*rank == 0)));
        // Its definition, with the front as the only possible dominators.
        let point = |row: usize| (0..width).map(move |j| (j, row));
        let signed = |j: usize, row: usize| if benefit[j] { -columns[j][row] } else { columns[j][row] };
        let dominates = |a: usize, b: usize| {
            point(a).all(|(j, a)| signed(j, a) <= signed(j, b))
                && point(a).any(|(j, a)| signed(j, a) < signed(j, b))
        };
        let members: Vec<usize> = (0..front.len()).filter(|&row| front[row]).collect();
        for (row, &on_front) in front.iter().enumerate() {
            assert_eq!(
                on_front,
                !members.iter().any(|&m| dominates(m, row)),
                "row {row} of {width} objectives"
            );
        }
        let turned: Vec<Vec<f64>> =
            columns.iter().map(|c| c.iter().cycle().skip(1234).take(c.len()).copied().collect()).collect();
        let mut again = pareto(&objectives(&turned, &benefit)).unwrap();
        again.rotate_right(1234);
        assert_eq!(again, front);
    }
}

proptest! {
    /// The front is exactly the rows that nothing dominates, and whatever is outside is dominated by a member.
    #[test]
    fn the_front_is_its_definition(
        (columns, benefit) in (1usize..6, 0usize..40).prop_flat_map(|(width, rows)| {
            let value = prop_oneof![(0u8..4).prop_map(f64::from), -10.0f64..10.0];
            (
                prop::collection::vec(prop::collection::vec(value, rows), width),
                prop::collection::vec(any::<bool>(), width),
            )
        }),
    ) {
        let objectives = objectives(&columns, &benefit);
        let front = pareto(&objectives).unwrap();
        let ranks = fronts(&objectives).unwrap();
        let signed = |row: usize, j: usize| if benefit[j] { -columns[j][row] } else { columns[j][row] };
        let dominates = |a: usize, b: usize| {
            (0..columns.len()).all(|j| signed(a, j) <= signed(b, j))
                && (0..columns.len()).any(|j| signed(a, j) < signed(b, j))
        };
        for row in 0..front.len() {
            let by_any = (0..front.len()).any(|other| dominates(other, row));
            let by_member = (0..front.len()).any(|other| front[other] && dominates(other, row));
            prop_assert_eq!(front[row], !by_any);
            prop_assert_eq!(!front[row], by_member);
            // A row's front comes right after the last front that dominates it.
            let after = (0..front.len()).filter(|&other| dominates(other, row)).map(|other| ranks[other] + 1).max();
            prop_assert_eq!(ranks[row], after.unwrap_or(0));
        }
        let some: Vec<usize> = (0..front.len()).rev().step_by(3).collect();
        let of_some: Vec<usize> = some.iter().map(|&row| ranks[row]).collect();
        prop_assert_eq!(fronts_of(&objectives, &some).unwrap(), of_some);
    }

    /// Volume by counting the unit cubes of a grid that some point dominates.
    #[test]
    fn a_volume_is_what_is_dominated(
        points in (1usize..5).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec(0u8..5, width), 0..12)
        }),
    ) {
        let width = points.first().map_or(1, Vec::len);
        let columns: Vec<Vec<f64>> =
            (0..width).map(|j| points.iter().map(|p| f64::from(p[j])).collect()).collect();
        let objectives = objectives(&columns, &vec![false; width]);
        let cubes = (0..4usize.pow(width as u32)).filter(|cube| {
            let corner = |j: usize| (cube / 4usize.pow(j as u32) % 4) as u8;
            points.iter().any(|p| (0..width).all(|j| p[j] <= corner(j)))
        });
        prop_assert_eq!(hypervolume(&objectives, &vec![4.0; width]).unwrap(), cubes.count() as f64);
    }
}
