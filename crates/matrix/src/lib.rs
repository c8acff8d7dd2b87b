//! The **matrix** is everything a campaign spec asks for, multiplied out: model version x hardware x framework
//! x workload. This crate turns a spec into batches that can be run, in steps that do no IO:
//!
//! 1. [`expand`] multiplies the axes, lazily and in an order that depends on the spec alone, and leaves out what
//!    the spec does not want.
//! 2. [`plan()`] sorts the points into those that can run and those that cannot, each with its reason.
//! 3. [`keep_due()`] leaves out what was measured already and is still fresh, where the spec asks for that.
//! 4. [`learn()`] corrects forecasts by what was measured before.
//! 5. [`split()`] cuts what can run into batches, so that every engine is started once, and says what each batch
//!    will take and cost by the forecast. [`stream()`] does 1, 2 and 5 for a matrix of any size in bounded memory.

pub mod due;
pub mod expansion;
pub mod feasibility;
pub mod learn;
mod needs;
pub mod plan;
mod shortages;
pub mod split;
pub mod stream;
pub mod support;

pub use due::{Due, keep_due};
pub use expansion::{Matrix, Point, Server, expand};
pub use feasibility::{Infeasible, feasibility};
pub use learn::learn;
pub use plan::{FeasibleConfiguration, InfeasibleConfiguration, Plan, plan};
pub use shortages::leave_out_shortages;
pub use split::{Estimate, PlannedBatch, Refusal, SplitError, split};
pub use stream::{Tally, stream};
