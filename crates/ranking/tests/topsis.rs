//! TOPSIS against the numbers of another implementation, and its properties.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use proptest::prelude::*;
use ranking::Direction::{Benefit, Cost};
use ranking::{Criterion, Excluded, Normalisation, Topsis, TopsisError};
use serde::Deserialize;

/// `vectors/make_topsis.py` says how they were made.
const VECTORS: &str = include_str!("vectors/topsis.json");

#[derive(Deserialize)]
struct Case {
    normalisation: String,
    matrix: Vec<Vec<f64>>,
    weights: Vec<f64>,
    types: Vec<i8>,
    scores: Vec<f64>,
}

#[test]
fn scores_agree_with_pymcdm() {
    let cases: Vec<Case> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(cases.len(), 12);
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
        let normalisation =
            if case.normalisation == "vector" { Normalisation::Vector } else { Normalisation::MinMax };
        let got = ranking::topsis(&criteria, normalisation).unwrap();
        for (row, expected) in case.scores.iter().enumerate() {
            let got = got.score(row).unwrap();
            assert!((got - expected).abs() < 1e-12, "row {row}: {got}, pymcdm {expected}");
        }
    }
}

fn topsis(criteria: &[Criterion<'_>]) -> Result<Topsis, TopsisError> {
    ranking::topsis(criteria, Normalisation::Vector)
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
    let best = t.best(10);
    assert_eq!(best[0].0, 0);
    assert!((best[0].1 - expected).abs() < 1e-12 && (best[1].1 - (1.0 - expected)).abs() < 1e-12);
    assert_eq!((t.scales[0].norm, t.scales[1].norm), (5.0, 13.0));
    assert_eq!((t.scales[1].best, t.scales[1].worst), (5.0, 12.0));
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
        (t.scales[0].weight - 0.75).abs() < 1e-12
            && t.scales[1].weight == 0.0
            && (t.scales[2].weight - 0.25).abs() < 1e-12
    );
    assert_eq!(t.ranked(), 2);
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
    assert_eq!(t.score(1), None);
    let rows: Vec<usize> = t.best(10).iter().map(|(row, _)| *row).collect();
    assert_eq!(rows.len(), 2);
    assert!(!rows.contains(&1));
    assert_eq!(t.ranked(), 2);
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
    assert!(topsis(&[c(1.0, &[])]).unwrap().best(3).is_empty());
}

#[test]
fn equal_rows_are_all_ideal() {
    let t = topsis(&[Criterion { direction: Cost, weight: 1.0, values: &[7.0, 7.0] }]).unwrap();
    assert_eq!(t.best(2), [(0, 1.0), (1, 1.0)]);
    assert_eq!(t.best(1), [(0, 1.0)]);
    assert!(t.best(0).is_empty());
}

/// Squares of these overflow or vanish, and one column does not differ at all.
#[test]
fn extreme_magnitudes_are_scaled() {
    for normalisation in [Normalisation::Vector, Normalisation::MinMax] {
        let scores = |values: &[f64; 3]| {
            let criteria = [
                Criterion { direction: Benefit, weight: 1.0, values },
                Criterion { direction: Cost, weight: 1.0, values: &[0.0, 0.0, 0.0] },
            ];
            let t = ranking::topsis(&criteria, normalisation).unwrap();
            [0, 1, 2].map(|row| t.score(row).unwrap())
        };
        let expected = scores(&[3.0, 2.0, 1.0]);
        assert_eq!((expected[0], expected[2]), (1.0, 0.0));
        for magnitude in [1e300, 1e-300] {
            let got = scores(&[3.0 * magnitude, 2.0 * magnitude, magnitude]);
            assert!(got.iter().zip(expected).all(|(g, e)| (g - e).abs() < 1e-9), "{got:?} {expected:?}");
        }
    }
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

fn scores((columns, weights, benefit): &Matrix, normalisation: Normalisation) -> Vec<f64> {
    let criteria: Vec<Criterion<'_>> = columns
        .iter()
        .zip(weights.iter().zip(benefit))
        .map(|(values, (&weight, &benefit))| Criterion {
            direction: if benefit { Benefit } else { Cost },
            weight,
            values,
        })
        .collect();
    let t = ranking::topsis(&criteria, normalisation).unwrap();
    let scores: Vec<f64> = (0..columns[0].len()).map(|row| t.score(row).unwrap()).collect();
    let best = t.best(columns[0].len());
    assert!(best.windows(2).all(|w| w[0].1 >= w[1].1));
    assert!(best.iter().all(|&(row, score)| scores[row] == score));
    assert_eq!(t.best(3), best[..best.len().min(3)]);
    scores
}

fn normalisations() -> impl Strategy<Value = Normalisation> {
    prop_oneof![Just(Normalisation::Vector), Just(Normalisation::MinMax)]
}

proptest! {
    /// The unit of a criterion (ms or s) does not matter.
    #[test]
    fn scale_does_not_matter(m in matrices(), n in normalisations(), factor in 1e-6f64..1e6, column in 0usize..5) {
        let mut scaled = m.clone();
        let column = column % m.0.len();
        scaled.0[column].iter_mut().for_each(|v| *v *= factor);
        for (a, b) in scores(&m, n).iter().zip(scores(&scaled, n)) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    /// Under the range, an offset does not matter either.
    #[test]
    fn an_offset_does_not_matter_to_the_range(m in matrices(), offset in -1e3f64..1e3) {
        let mut moved = m.clone();
        moved.0[0].iter_mut().for_each(|v| *v += offset);
        for (a, b) in scores(&m, Normalisation::MinMax).iter().zip(scores(&moved, Normalisation::MinMax)) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    /// The order in which rows are given does not matter.
    #[test]
    fn order_does_not_matter(m in matrices(), n in normalisations(), turn in 0usize..25) {
        let mut turned = m.clone();
        let rows = m.0[0].len();
        turned.0.iter_mut().for_each(|c| c.rotate_left(turn % rows));
        let mut back = scores(&turned, n);
        back.rotate_right(turn % rows);
        for (a, b) in scores(&m, n).iter().zip(back) {
            prop_assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    }

    /// A row that is at least as good in everything never scores less, to the last bit.
    #[test]
    fn a_dominating_row_never_ranks_below(m in matrices(), n in normalisations()) {
        let s = scores(&m, n);
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
