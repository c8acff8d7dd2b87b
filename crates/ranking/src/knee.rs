//! The **knee** of a front is the member from which on a little more in one objective costs much in the others: what
//! one takes who has no weights.
//!
//! Each objective is scaled over the front, so that its best value is 0 and its worst 1. The knee is the member that
//! lies farthest from the plane through the points that are worst in one objective and best in all others
//! (`sum_j r_j = 1`), on the side of the ideal (Das, *On Characterizing the "Knee" of the Pareto Curve Based on
//! Normal-Boundary Intersection*, Structural Optimization 18, 1999).

use crate::objective::Rows;
use crate::{Objective, ObjectiveError};

/// The knee of a front.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knee {
    /// The row; the first one of equals.
    pub row: usize,
    /// How far it is from the plane: `(1 - sum_j r_j) / sqrt(m)` with `m` objectives that differ over the front.
    /// At most 0 when the front bulges away from the ideal and has no knee to speak of.
    pub distance: f64,
}

/// The knee of the front that [`pareto`](crate::pareto()) found. None when it has no member, or when all members are
/// equal. Members with an infinite value are passed over.
///
/// # Errors
/// When there is no objective, columns differ in length, or a value is `NaN`.
pub fn knee(objectives: &[Objective<'_>], on_front: &[bool]) -> Result<Option<Knee>, ObjectiveError> {
    let rows = Rows::of(objectives)?;
    let mut members = Vec::new();
    for (row, _) in on_front.iter().take(rows.len()).enumerate().filter(|(_, on)| **on) {
        let mut point = vec![0.0; rows.width()];
        rows.read(row, &mut point);
        if point.iter().all(|x| x.is_finite()) {
            members.push((row, point));
        }
    }
    let ranges: Vec<(f64, f64)> = (0..rows.width())
        .map(|j| {
            let values = members.iter().map(|(_, point)| point[j]);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
        })
        .collect();
    let differ = ranges.iter().filter(|(low, high)| low < high).count();
    let distance = |point: &[f64]| {
        let scaled = point.iter().zip(&ranges).filter(|(_, (low, high))| low < high);
        let sum: f64 = scaled.map(|(x, (low, high))| (x - low) / (high - low)).sum();
        (1.0 - sum) / (differ as f64).sqrt()
    };
    let knees = members.iter().map(|(row, point)| Knee { row: *row, distance: distance(point) });
    Ok(knees.filter(|_| differ > 0).reduce(|best, k| if k.distance > best.distance { k } else { best }))
}
