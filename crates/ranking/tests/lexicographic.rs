//! One criterion after the other.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use ranking::{Direction, ObjectiveError, Step, lexicographic};

const fn cost(values: &[f64], tolerance: f64) -> Step<'_> {
    Step { direction: Direction::Cost, values, tolerance }
}

#[test]
fn within_the_tolerance_the_next_criterion_decides() {
    let wait = [100.0, 104.0, 106.0, 100.0];
    let usd = [9.0, 5.0, 1.0, 8.0];
    let best = |tolerance| {
        let found = lexicographic(&[cost(&wait, tolerance), cost(&usd, 0.0)], &[0, 1, 2, 3], 10).unwrap();
        (found.best, found.bests)
    };
    assert_eq!(best(0.0), (vec![3, 0, 1, 2], vec![100.0, 8.0]));
    assert_eq!(best(0.05), (vec![1, 3, 0, 2], vec![100.0, 5.0]));
    assert_eq!(best(0.06), (vec![2, 1, 3, 0], vec![100.0, 1.0]));
}

#[test]
fn more_may_be_better_and_only_some_rows_count() {
    let speed = Step { direction: Direction::Benefit, values: &[100.0, 95.0, 1000.0], tolerance: 0.05 };
    let found = lexicographic(&[speed, cost(&[2.0, 1.0, 0.0], 0.0)], &[0, 1], 1).unwrap();
    assert_eq!((found.best, found.bests), (vec![1], vec![100.0, 1.0]));
}

#[test]
fn nothing_that_has_no_number_is_ordered() {
    let refused = |steps: &[Step<'_>]| lexicographic(steps, &[0, 1], 1).unwrap_err();
    assert_eq!(refused(&[]), ObjectiveError::NoObjective);
    assert_eq!(refused(&[cost(&[1.0, f64::NAN], 0.0)]), ObjectiveError::NotANumber { objective: 0, row: 1 });
    let lengths = refused(&[cost(&[1.0, 2.0], 0.0), cost(&[1.0], 0.0)]);
    assert_eq!(lengths, ObjectiveError::Length { objective: 1, got: 1, expected: 2 });
}

/// Against the definition, written down without a thought for speed.
#[test]
fn random_rows_are_in_the_order_of_the_definition() {
    let mut rng = StdRng::seed_from_u64(1967);
    for _ in 0..300 {
        let rows = rng.random_range(1..40);
        let width = rng.random_range(1..5);
        let columns: Vec<Vec<f64>> =
            (0..width).map(|_| (0..rows).map(|_| f64::from(rng.random_range(1..12))).collect()).collect();
        let steps: Vec<Step<'_>> = columns
            .iter()
            .map(|values| Step {
                direction: if rng.random() { Direction::Cost } else { Direction::Benefit },
                values,
                tolerance: [0.0, 0.1, 0.5][rng.random_range(0..3)],
            })
            .collect();
        let all: Vec<usize> = (0..rows).collect();
        let found = lexicographic(&steps, &all, rows).unwrap();

        let loss = |step: &Step<'_>, row: usize| match step.direction {
            Direction::Cost => step.values[row],
            Direction::Benefit => -step.values[row],
        };
        let mut stage = vec![width; rows];
        for (k, step) in steps.iter().enumerate() {
            let in_play: Vec<usize> = all.iter().copied().filter(|&row| stage[row] >= k).collect();
            let best = in_play.iter().map(|&row| loss(step, row)).fold(f64::INFINITY, f64::min);
            let out = in_play.iter().filter(|&&row| loss(step, row) > best + step.tolerance * best.abs());
            out.for_each(|&row| stage[row] = k);
        }
        let mut expected = all.clone();
        expected.sort_by(|&a, &b| {
            let decisive = &steps[stage[a].min(width - 1)];
            stage[b].cmp(&stage[a]).then(loss(decisive, a).total_cmp(&loss(decisive, b))).then_with(|| {
                let differs = |step: &Step<'_>| loss(step, a).total_cmp(&loss(step, b));
                steps.iter().map(differs).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            })
        });
        assert_eq!(found.best, expected);
        let some = lexicographic(&steps, &all, 3).unwrap();
        assert_eq!(some.best, expected[..rows.min(3)]);
        // The first is never beaten in the first criterion beyond its tolerance.
        let best = all.iter().map(|&row| loss(&steps[0], row)).fold(f64::INFINITY, f64::min);
        assert!(loss(&steps[0], found.best[0]) <= best + steps[0].tolerance * best.abs());
    }
}
