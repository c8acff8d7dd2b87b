//! The Pareto front against its definition.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use ranking::Direction::{Benefit, Cost};
use ranking::pareto::{Objective, ParetoError, pareto};

#[test]
fn a_small_front_by_hand() {
    let latency = Objective { direction: Cost, values: &[1.0, 2.0, 2.0, 3.0, 1.0] };
    let throughput = Objective { direction: Benefit, values: &[5.0, 9.0, 8.0, 9.0, 5.0] };
    assert_eq!(pareto(&[latency, throughput]).unwrap(), [true, true, false, false, true]);
}

#[test]
fn what_has_no_front_is_refused() {
    let o = |values| Objective { direction: Cost, values };
    assert_eq!(pareto(&[]), Err(ParetoError::NoObjective));
    assert_eq!(pareto(&[o(&[1.0, f64::NAN])]), Err(ParetoError::NotANumber { objective: 0, row: 1 }));
    assert_eq!(pareto(&[o(&[1.0]), o(&[])]), Err(ParetoError::Length { objective: 1, got: 0, expected: 1 }));
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
        let objectives: Vec<Objective<'_>> = columns
            .iter()
            .zip(&benefit)
            .map(|(values, &b)| Objective { direction: if b { Benefit } else { Cost }, values })
            .collect();
        let front = pareto(&objectives).unwrap();
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
        }
    }
}
