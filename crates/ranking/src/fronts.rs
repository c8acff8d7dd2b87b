//! **Fronts by rank**: front 0 is the Pareto front, front 1 the Pareto front of what is left without it, and so on
//! (non-dominated sorting; Goldberg, *Genetic Algorithms in Search, Optimization and Machine Learning*, 1989).
//!
//! Rows are taken in lexicographic order and each goes to the first front that does not dominate it. A front that
//! dominates a row has its own dominators in every front before it, so that this front is found by bisection (ENS-BS:
//! Zhang, Tian, Cheng & Jin, *An Efficient Approach to Nondominated Sorting*, IEEE Trans. Evol. Comp. 19(2), 2015).

use crate::objective::Rows;
use crate::staged_front::StagedFront;
use crate::{Objective, ObjectiveError};

/// The rank of each row's front, from 0. Copies have the same rank.
///
/// # Errors
/// When there is no objective, columns differ in length, or a value is `NaN`.
pub fn fronts(objectives: &[Objective<'_>]) -> Result<Vec<usize>, ObjectiveError> {
    let rows = Rows::of(objectives)?;
    let sorted = rows.sorted((0..rows.len()).collect());
    let mut fronts: Vec<StagedFront> = Vec::new();
    let mut ranks = vec![0; rows.len()];
    let mut previous: Option<(&[f64], usize)> = None;
    for (row, point) in sorted.iter() {
        let rank = match previous {
            Some((before, rank)) if before == point => rank,
            _ => {
                let rank = first_that_does_not_dominate(&mut fronts, point);
                if rank == fronts.len() {
                    fronts.push(StagedFront::new(rows.width()));
                }
                fronts[rank].push(point);
                rank
            }
        };
        ranks[row] = rank;
        previous = Some((point, rank));
    }
    Ok(ranks)
}

/// The ranks of some rows only, in their order: as [`fronts`] gives them, at the cost of ranking those rows that dominate
/// one of them. Nothing else decides, since whatever dominates a dominator dominates the row as well.
///
/// # Errors
/// As [`fronts`]. A row beyond the end is in no front and is passed over.
pub fn fronts_of(objectives: &[Objective<'_>], some: &[usize]) -> Result<Vec<usize>, ObjectiveError> {
    let rows = Rows::of(objectives)?;
    let mut decides = vec![false; rows.len()];
    for &row in some.iter().filter(|&&row| row < rows.len()) {
        rows.mark_as_good_as(row, &mut decides);
    }
    let kept: Vec<usize> = (0..rows.len()).filter(|&row| decides[row]).collect();
    let columns: Vec<Vec<f64>> =
        objectives.iter().map(|o| kept.iter().map(|&row| o.values[row]).collect()).collect();
    let among: Vec<Objective<'_>> = objectives
        .iter()
        .zip(&columns)
        .map(|(o, values)| Objective { direction: o.direction, values })
        .collect();
    let ranks = fronts(&among)?;
    Ok(some.iter().filter_map(|row| ranks.get(kept.binary_search(row).ok()?).copied()).collect())
}

fn first_that_does_not_dominate(fronts: &mut [StagedFront], point: &[f64]) -> usize {
    let (mut low, mut high) = (0, fronts.len());
    while low < high {
        let middle = low.midpoint(high);
        if fronts[middle].dominates(point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
