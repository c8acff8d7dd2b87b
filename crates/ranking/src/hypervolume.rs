//! The **hypervolume** of a set of rows is the volume of everything that they dominate up to a reference point: one
//! number for how much a set of alternatives achieves (Zitzler & Thiele, *Multiobjective Evolutionary Algorithms: A
//! Comparative Case Study and the Strength Pareto Approach*, IEEE Trans. Evol. Comp. 3(4), 1999).
//!
//! The rows are taken from the worst to the best value of the last objective. What a row adds to all after it is its
//! box without what they cover of that box; they reach through it in the last objective, so that this is a
//! hypervolume with one objective less (WFG: While, Bradstreet & Barone, *A Fast Way of Calculating Exact
//! Hypervolumes*, IEEE Trans. Evol. Comp. 16(1), 2012). Two and three objectives are swept (Beume et al., *On the
//! Complexity of Computing the Hypervolume Indicator*, IEEE Trans. Evol. Comp. 13(5), 2009). Exact, and exponential in the
//! number of further objectives.

use crate::objective::{Rows, lexicographic};
use crate::staged_front::StagedFront;
use crate::{Objective, ObjectiveError};

/// The hypervolume up to `reference`, which has a value for each objective, in the objective's unit. A row that is
/// not better than the reference in every objective adds nothing.
///
/// # Errors
/// When there is no objective, columns differ in length, a value is `NaN`, or the reference does not fit.
pub fn hypervolume(objectives: &[Objective<'_>], reference: &[f64]) -> Result<f64, ObjectiveError> {
    let rows = Rows::of(objectives)?;
    if reference.len() != objectives.len() || !reference.iter().all(|x| x.is_finite()) {
        return Err(ObjectiveError::Reference { objectives: objectives.len() });
    }
    let mut point = vec![0.0; rows.width()];
    let mut boxes = Vec::new();
    for row in 0..rows.len() {
        rows.read(row, &mut point);
        let from_reference: Vec<f64> = point
            .iter()
            .zip(reference)
            .zip(objectives)
            .map(|((x, r), o)| x - r * o.direction.sign())
            .collect();
        if from_reference.iter().all(|x| *x < 0.0) {
            boxes.push(from_reference);
        }
    }
    if boxes.iter().flatten().any(|x| x.is_infinite()) {
        return Ok(f64::INFINITY);
    }
    Ok(union(front(boxes)))
}

/// The volume of the union of boxes from points below 0 up to 0, none of which dominates another.
fn union(mut boxes: Vec<Vec<f64>>) -> f64 {
    let Some(last) = boxes.first().map(|point| point.len() - 1) else { return 0.0 };
    boxes.sort_unstable_by(|a, b| b[last].total_cmp(&a[last]));
    match last {
        0 => boxes.last().map_or(0.0, |best| -best[0]),
        1 => swept(&boxes),
        2 => swept_in_space(&boxes),
        _ => {
            let mut volume = 0.0;
            for (at, own) in boxes.iter().enumerate() {
                let own_area: f64 = own[..last].iter().map(|x| -x).product();
                let inside =
                    |other: &Vec<f64>| own[..last].iter().zip(other).map(|(a, b)| a.max(*b)).collect();
                let covered = union(front(boxes[at + 1..].iter().map(inside).collect()));
                volume += -own[last] * (own_area - covered);
            }
            volume
        }
    }
}

/// Two objectives: from the worst to the best second value, each box is as wide as its first value and as high as it
/// is above the box before.
fn swept(boxes: &[Vec<f64>]) -> f64 {
    let mut below = 0.0;
    let mut area = 0.0;
    for point in boxes {
        area += -point[0] * (below - point[1]);
        below = point[1];
    }
    area
}

/// Three objectives: from the best to the worst third value, what the points so far cover in the plane of the others is
/// as deep as it is to the next point.
fn swept_in_space(boxes: &[Vec<f64>]) -> f64 {
    // First values ascending with second values descending.
    let mut steps: Vec<(f64, f64)> = Vec::new();
    let (mut area, mut volume, mut depth) = (0.0, 0.0, 0.0);
    for point in boxes.iter().rev() {
        let (x, y, z) = (point[0], point[1], point[2]);
        volume += area * (z - depth);
        depth = z;
        let from = steps.partition_point(|&(step_x, _)| step_x < x);
        let below = from.checked_sub(1).map_or(0.0, |at| steps[at].1);
        let to = from + steps[from..].partition_point(|&(_, step_y)| step_y >= y);
        if below <= y || steps[from..].first().is_some_and(|&(step_x, step_y)| step_x == x && step_y <= y) {
            continue;
        }
        // From here to the next step that stays, the plane was covered up to `height`, and now is up to `y`.
        let (mut left, mut height) = (x, below);
        for &(step_x, step_y) in &steps[from..to] {
            area += (step_x - left) * (height - y);
            (left, height) = (step_x, step_y);
        }
        area += (steps.get(to).map_or(0.0, |step| step.0) - left) * (height - y);
        steps.splice(from..to, [(x, y)]);
    }
    volume - area * depth
}

/// The points that no other dominates, each once.
fn front(mut points: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    points.sort_unstable_by(|a, b| lexicographic(a, b));
    points.dedup();
    let mut front = StagedFront::new(points.first().map_or(0, Vec::len));
    points.retain(|point| {
        let keep = !front.dominates(point);
        if keep {
            front.push(point);
        }
        keep
    });
    points
}
