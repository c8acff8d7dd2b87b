//! A **ranking** orders alternatives by several criteria at once, of which some are better when larger and
//! some when smaller.
//!
//! - [`mod@topsis`] gives every alternative one score from weights: how close it is to the best value of every
//!   criterion, and how far from the worst.
//! - [`mod@stability`] says how sure the first place is when the values have confidence intervals.
//! - [`mod@lexicographic`] takes one criterion after the other, each with a tolerance.
//! - [`mod@pareto`] needs no weights: it keeps the alternatives that no other beats in everything; [`mod@fronts`]
//!   repeats that with what is left.
//! - [`mod@knee`] is the member of a front after which an objective costs most, and [`mod@hypervolume`] is how much
//!   a set of alternatives achieves altogether.
//!
//! All of them work on columns of numbers and know nothing of what the numbers mean. docs/ranking.md has the
//! formulas and how long they take.

pub mod fronts;
pub mod hypervolume;
pub mod knee;
pub mod lexicographic;
pub mod objective;
pub mod pareto;
mod scale;
pub mod stability;
mod staged_front;
pub mod topsis;
mod window;

pub use fronts::{fronts, fronts_of};
pub use hypervolume::hypervolume;
pub use knee::knee;
pub use lexicographic::{Lexicographic, Step, lexicographic};
pub use objective::{Objective, ObjectiveError};
pub use pareto::pareto;
pub use scale::{Normalisation, Scale};
pub use stability::{Interval, Stability, stability};
pub use topsis::{Criterion, Excluded, Topsis, TopsisError, topsis};

/// Which values of a criterion are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better: throughput, accuracy.
    Benefit,
    /// Less is better: latency, cost.
    Cost,
}
