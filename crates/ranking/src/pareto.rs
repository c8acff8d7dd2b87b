//! The **Pareto front**: the rows that no other row dominates. A row dominates another when it is at least
//! as good in every objective and better in one.
//!
//! Rows with equal values do not dominate each other, so that copies are on the front together or not at all.
//!
//! Most rows are dominated by many. So the front of a sample is taken first, and what it dominates is dropped
//! unsorted (the elimination filter of Godfrey, Shipley & Gryz, *Maximal Vector Computation in Large Data Sets*,
//! VLDB 2005). What is left is sorted lexicographically, best first. Whatever dominates a row then comes before it,
//! and it is enough to compare with the front so far, since domination is transitive. With two objectives the front
//! so far is one number; with three it is a staircase that is searched by bisection (Kung, Luccio & Preparata,
//! *On Finding the Maxima of a Set of Vectors*, J. ACM 1975): `n log n` in both cases. With more objectives the
//! front is scanned: `n` times its size at most, and far less where rows are dominated by many.

use crate::objective::Rows;
use crate::staged_front::StagedFront;
use crate::window::Window;
use crate::{Objective, ObjectiveError};

/// One row in so many is in the sample.
const SAMPLED: usize = 16;

/// Members of the sample's front that every row is compared with, before those that are left meet all of them.
const STRONGEST: usize = 4;

/// Rows that are few enough to be sorted at once.
const FEW: usize = 512;

/// Whether each row is on the front.
///
/// # Errors
/// When there is no objective, columns differ in length, or a value is `NaN`.
pub fn pareto(objectives: &[Objective<'_>]) -> Result<Vec<bool>, ObjectiveError> {
    let rows = Rows::of(objectives)?;
    let all = 0..rows.len();
    let candidates = if all.len() > FEW { candidates(&rows) } else { all.collect() };
    let mut on_front = vec![false; rows.len()];
    for row in sweep(&rows, candidates) {
        on_front[row] = true;
    }
    Ok(on_front)
}

/// The rows on the front of some rows.
fn front(rows: &Rows<'_>, among: Vec<usize>) -> Vec<usize> {
    if among.len() <= FEW {
        return sweep(rows, among);
    }
    let mut sample = Sample::of(rows, among.iter().copied());
    let left = among.into_iter().filter(|&row| !sample.beats(rows, row)).collect();
    sweep(rows, left)
}

/// The rows that no member of a sample's front beats in everything.
fn candidates(rows: &Rows<'_>) -> Vec<usize> {
    let mut sample = Sample::of(rows, 0..rows.len());
    // A few members beat most rows, and one member is compared with many rows at once.
    let mut beaten = vec![false; rows.len()];
    sample.members.iter().take(STRONGEST).for_each(|&row| rows.mark_beaten(row, &mut beaten));
    (0..rows.len()).filter(|&row| !beaten[row] && !sample.beats(rows, row)).collect()
}

/// The front of every so many rows.
struct Sample {
    /// Its members, the strongest first.
    members: Vec<usize>,
    window: Window,
    point: Vec<f64>,
}

impl Sample {
    fn of(rows: &Rows<'_>, among: impl Iterator<Item = usize>) -> Self {
        let members = strongest_first(rows, &front(rows, among.step_by(SAMPLED).collect()));
        let mut point = vec![0.0; rows.width()];
        let mut window = Window::new(rows.width());
        for &row in &members {
            rows.read(row, &mut point);
            window.push(&point);
        }
        Self { members, window, point }
    }

    /// Whether a member is better than a row in everything.
    fn beats(&mut self, rows: &Rows<'_>, row: usize) -> bool {
        rows.read(row, &mut self.point);
        self.window.beats(&self.point)
    }
}

/// The rows on the front of some rows, in lexicographic order.
fn sweep(rows: &Rows<'_>, among: Vec<usize>) -> Vec<usize> {
    let sorted = rows.sorted(among);
    let mut front = StagedFront::new(rows.width());
    let mut kept = Vec::new();
    let mut previous: Option<(&[f64], bool)> = None;
    for (row, point) in sorted.iter() {
        // A copy of the row before shares its fate and is not compared with it.
        let keep = match previous {
            Some((before, kept)) if before == point => kept,
            _ if front.dominates(point) => false,
            _ => {
                front.push(point);
                true
            }
        };
        if keep {
            kept.push(row);
        }
        previous = Some((point, keep));
    }
    kept
}

/// Rows by the sum of their places in each objective, so that those that dominate most are met first.
fn strongest_first(rows: &Rows<'_>, among: &[usize]) -> Vec<usize> {
    let mut places = vec![0; among.len()];
    for j in 0..rows.width() {
        let mut order: Vec<usize> = (0..among.len()).collect();
        order.sort_unstable_by(|&a, &b| rows.value(among[a], j).total_cmp(&rows.value(among[b], j)));
        for (place, at) in order.into_iter().enumerate() {
            places[at] += place;
        }
    }
    let mut order: Vec<(usize, usize)> = places.into_iter().zip(among.iter().copied()).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, row)| row).collect()
}
