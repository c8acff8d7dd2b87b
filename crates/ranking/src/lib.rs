//! A **ranking** orders alternatives by several criteria at once, of which some are better when larger and
//! some when smaller.
//!
//! - [`mod@topsis`] gives every alternative one score from weights: how close it is to the best value of every
//!   criterion, and how far from the worst.
//! - [`mod@pareto`] needs no weights: it keeps the alternatives that no other beats in everything.
//!
//! Both work on columns of numbers and know nothing of what the numbers mean.

pub mod pareto;
pub mod topsis;

pub use pareto::{Objective, ParetoError, pareto};
pub use topsis::{Criterion, Excluded, Topsis, TopsisError, topsis};

/// Which values of a criterion are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better: throughput, accuracy.
    Benefit,
    /// Less is better: latency, cost.
    Cost,
}
