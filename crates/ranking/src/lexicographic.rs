//! The **lexicographic** order takes one criterion after the other, the most important first: what is within the tolerance of the
//! best in a criterion goes on to the next, and the others stay behind (hierarchical optimisation: Waltz, *An Engineering
//! Approach: Hierarchical Optimization Criteria*, IEEE Transactions on Automatic Control 12(2), 1967; without tolerances it
//! is the plain lexicographic order).
//!
//! For criteria `k = 1..m` with tolerances `t_k`, from all rows `S_0`:
//!
//!     b_k = best of S_{k-1} in k
//!     S_k = rows of S_{k-1} no worse in k than b_k by more than t_k |b_k|
//!
//! A row that gets farther comes before one that stays behind earlier. Those that stay behind at one criterion are ordered
//! by their values of it, and those that pass all of them by the last; equals by all criteria in turn, and then as they
//! were given. So the first row is no worse than the best of all in the first criterion by more than its tolerance.

use std::cmp::Ordering;

use crate::{Direction, ObjectiveError};

/// A criterion in its turn.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Which values are better.
    pub direction: Direction,
    /// The value of every row.
    pub values: &'a [f64],
    /// How much worse than the best a row may be to go on: a share of the best value, 0 and up.
    pub tolerance: f64,
}

/// Rows in lexicographic order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lexicographic {
    /// The best rows, best first.
    pub best: Vec<usize>,
    /// Of each criterion the best value among the rows that got to it.
    pub bests: Vec<f64>,
}

/// Orders some rows. At most `limit` are listed.
///
/// # Errors
/// When there is no criterion, columns differ in length, or a row has no value.
pub fn lexicographic(
    steps: &[Step<'_>],
    rows: &[usize],
    limit: usize,
) -> Result<Lexicographic, ObjectiveError> {
    let expected = steps.first().ok_or(ObjectiveError::NoObjective)?.values.len();
    for (objective, step) in steps.iter().enumerate() {
        if step.values.len() != expected {
            return Err(ObjectiveError::Length { objective, got: step.values.len(), expected });
        }
        if let Some(&row) = rows.iter().find(|&&row| step.values.get(row).is_none_or(|v| v.is_nan())) {
            return Err(ObjectiveError::NotANumber { objective, row });
        }
    }
    // Less is better in all that follows.
    let value = |step: &Step<'_>, row: usize| step.values[row] * step.direction.sign();
    let mut bests = Vec::new();
    let mut behind: Vec<Vec<usize>> = Vec::new();
    let mut in_play = rows.to_vec();
    for step in steps {
        let best = in_play.iter().map(|&row| value(step, row)).fold(f64::INFINITY, f64::min);
        let allowed = best + step.tolerance.max(0.0) * best.abs();
        let (go_on, stay): (Vec<usize>, Vec<usize>) =
            in_play.into_iter().partition(|&row| value(step, row) <= allowed);
        bests.push(best * step.direction.sign());
        behind.push(stay);
        in_play = go_on;
    }
    let last = steps.len() - 1;
    let stages = std::iter::once((last, in_play)).chain(behind.into_iter().enumerate().rev());
    let mut best = Vec::new();
    for (stage, mut rows) in stages {
        let missing = limit.saturating_sub(best.len());
        if missing == 0 {
            break;
        }
        let order = |&a: &usize, &b: &usize| {
            let by = |step: &Step<'_>| value(step, a).total_cmp(&value(step, b));
            let all = || steps.iter().map(by).find(|order| order.is_ne());
            by(&steps[stage]).then_with(|| all().unwrap_or(Ordering::Equal)).then(a.cmp(&b))
        };
        if missing < rows.len() {
            rows.select_nth_unstable_by(missing, order);
            rows.truncate(missing);
        }
        rows.sort_unstable_by(order);
        best.extend(rows);
    }
    Ok(Lexicographic { best, bests })
}
