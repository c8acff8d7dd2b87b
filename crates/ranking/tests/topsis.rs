//! TOPSIS against the numbers of another implementation, and its properties.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use ranking::Direction::{Benefit, Cost};
use ranking::topsis::{Criterion, Excluded, Topsis, TopsisError, topsis};
use serde::Deserialize;

/// `vectors/make.py` says how they were made.
const VECTORS: &str = include_str!("vectors/topsis.json");

#[derive(Deserialize)]
struct Case {
    matrix: Vec<Vec<f64>>,
    weights: Vec<f64>,
    types: Vec<i8>,
    scores: Vec<f64>,
}

#[test]
fn scores_agree_with_pymcdm() {
    let cases: Vec<Case> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let columns: Vec<Vec<f64>> =
            (0..case.weights.len()).map(|j| case.matrix.iter().map(|row| row[j]).collect()).collect();
        let criteria: Vec<Criterion<'_>> = columns
            .iter()
            .enumerate()
            .map(|(j, values)| Criterion {
                direction: if case.types[j] > 0 { Benefit } else { Cost },
                weight: case.weights[j],
                values,
            })
            .collect();
        let got = by_row(&topsis(&criteria).unwrap(), case.matrix.len());
        for (row, (got, expected)) in got.iter().zip(&case.scores).enumerate() {
            assert!((got.unwrap() - expected).abs() < 1e-12, "row {row}: {got:?}, pymcdm {expected}");
        }
    }
}

/// By hand: norms 5 and 13, so v = (0.3, 0.4) and (5/26, 12/26). The first row has the better (lower) second value
/// and the worse (lower) first. d+ of row 0 = 0.1, d- = 7/26; row 1 the other way round.
#[test]
fn two_rows_by_hand() {
    let criteria = [
        Criterion { direction: Benefit, weight: 1.0, values: &[3.0, 4.0] },
        Criterion { direction: Cost, weight: 1.0, values: &[5.0, 12.0] },
    ];
    let t = topsis(&criteria).unwrap();
    let expected = (7.0 / 26.0) / (0.1 + 7.0 / 26.0);
    assert_eq!(t.ranked[0].0, 0);
    assert!((t.ranked[0].1 - expected).abs() < 1e-12 && (t.ranked[1].1 - (1.0 - expected)).abs() < 1e-12);
    assert_eq!((t.norms[0], t.norms[1]), (5.0, 13.0));
}

#[test]
fn a_criterion_without_values_is_dropped_and_its_weight_shared_out() {
    let criteria = [
        Criterion { direction: Benefit, weight: 0.3, values: &[1.0, 2.0] },
        Criterion { direction: Benefit, weight: 0.5, values: &[f64::NAN, f64::NAN] },
        Criterion { direction: Cost, weight: 0.1, values: &[1.0, 2.0] },
    ];
    let t = topsis(&criteria).unwrap();
    assert_eq!(t.dropped, [1]);
    assert!(
        (t.weights[0] - 0.75).abs() < 1e-12 && t.weights[1] == 0.0 && (t.weights[2] - 0.25).abs() < 1e-12
    );
    assert_eq!(t.ranked.len(), 2);
}

#[test]
fn a_row_that_lacks_what_others_have_is_excluded_and_named() {
    let criteria = [
        Criterion { direction: Benefit, weight: 1.0, values: &[1.0, 2.0, 3.0] },
        Criterion { direction: Cost, weight: 1.0, values: &[1.0, f64::NAN, 3.0] },
        Criterion { direction: Cost, weight: 0.0, values: &[f64::NAN, 1.0, 1.0] },
    ];
    let t = topsis(&criteria).unwrap();
    assert_eq!(t.excluded, [Excluded { row: 1, criterion: 1 }]);
    assert_eq!(t.ranked.len(), 2);
}

#[test]
fn what_cannot_be_ranked_is_refused() {
    let c = |weight, values| Criterion { direction: Benefit, weight, values };
    assert_eq!(topsis(&[c(0.0, &[1.0])]), Err(TopsisError::NothingWeighs));
    assert_eq!(topsis(&[c(1.0, &[f64::NAN])]), Err(TopsisError::NothingWeighs));
    assert_eq!(topsis(&[c(-1.0, &[1.0])]), Err(TopsisError::Weight(0)));
    assert_eq!(topsis(&[c(1.0, &[f64::INFINITY])]), Err(TopsisError::Infinite { criterion: 0, row: 0 }));
    assert_eq!(
        topsis(&[c(1.0, &[1.0]), c(1.0, &[])]),
        Err(TopsisError::Length { criterion: 1, got: 0, expected: 1 })
    );
    assert!(topsis(&[c(1.0, &[])]).unwrap().ranked.is_empty());
}

#[test]
fn equal_rows_are_all_ideal() {
    let t = topsis(&[Criterion { direction: Cost, weight: 1.0, values: &[7.0, 7.0] }]).unwrap();
    assert_eq!(t.ranked, [(0, 1.0), (1, 1.0)]);
}

fn by_row(t: &Topsis, rows: usize) -> Vec<Option<f64>> {
    let mut scores = vec![None; rows];
    for &(row, score) in &t.ranked {
        scores[row] = Some(score);
    }
    scores
}

type Matrix = (Vec<Vec<f64>>, Vec<f64>, Vec<bool>);

/// Columns of equal length with weights and directions. Small integers make ties and domination common.
fn matrices() -> impl Strategy<Value = Matrix> {
    (1usize..5, 1usize..25).prop_flat_map(|(columns, rows)| {
        let value = prop_oneof![(0u8..6).prop_map(f64::from), 0.01f64..1e4];
        (
            prop::collection::vec(prop::collection::vec(value, rows), columns),
            prop::collection::vec(0.01f64..10.0, columns),
            prop::collection::vec(any::<bool>(), columns),
        )
    })
}

fn scores((columns, weights, benefit): &Matrix) -> Vec<f64> {
    let criteria: Vec<Criterion<'_>> = columns
        .iter()
        .zip(weights.iter().zip(benefit))
        .map(|(values, (&weight, &benefit))| Criterion {
            direction: if benefit { Benefit } else { Cost },
            weight,
            values,
        })
        .collect();
    let rows = columns[0].len();
    by_row(&topsis(&criteria).unwrap(), rows).into_iter().map(Option::unwrap).collect()
}

proptest! {
    /// The unit of a criterion (ms or s) does not matter.
    #[test]
    fn scale_does_not_matter(m in matrices(), factor in 1e-6f64..1e6, column in 0usize..5) {
        let mut scaled = m.clone();
        let column = column % m.0.len();
        scaled.0[column].iter_mut().for_each(|v| *v *= factor);
        for (a, b) in scores(&m).iter().zip(scores(&scaled)) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    /// The order in which rows are given does not matter.
    #[test]
    fn order_does_not_matter(m in matrices(), turn in 0usize..25) {
        let mut turned = m.clone();
        let rows = m.0[0].len();
        turned.0.iter_mut().for_each(|c| c.rotate_left(turn % rows));
        let mut back = scores(&turned);
        back.rotate_right(turn % rows);
        for (a, b) in scores(&m).iter().zip(back) {
            prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }

    /// A row that is at least as good in everything never scores less, to the last bit.
    #[test]
    fn a_dominating_row_never_ranks_below(m in matrices()) {
        let s = scores(&m);
        let at_least = |a: usize, b: usize| {
            m.0.iter().zip(&m.2).all(|(c, &benefit)| if benefit { c[a] >= c[b] } else { c[a] <= c[b] })
        };
        for a in 0..s.len() {
            prop_assert!((0.0..=1.0).contains(&s[a]));
            for b in 0..s.len() {
                prop_assert!(!at_least(a, b) || s[a] >= s[b], "{a} {b} {s:?}");
            }
        }
    }
}
