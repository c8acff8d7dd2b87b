//! The **matrix** is everything a campaign spec asks for, multiplied out: model version x hardware x framework
//! x workload. This crate turns a spec into batches that can be run, in steps that do no IO:
//!
//! 1. [`expand`] multiplies the axes, lazily and in an order that depends on the spec alone, and leaves out what
//!    the spec does not want.
//! 2. [`plan()`] sorts the points into those that can run and those that cannot, each with its reason.
//! 3. [`due`](due::due) leaves out what was measured already and is still fresh.
//! 4. [`split()`] cuts what can run into batches, so that every engine is started once, and says what each batch
//!    will take and cost by the forecast.

pub mod due;
pub mod expansion;
pub mod feasibility;
mod needs;
pub mod plan;
pub mod split;
pub mod support;

pub use due::{Due, Freshness, Measured};
pub use expansion::{Matrix, Point, Server, expand};
pub use feasibility::{Infeasible, feasibility};
pub use plan::{FeasibleConfiguration, InfeasibleConfiguration, Plan, plan};
pub use split::{
    Estimate, JobArray, PlannedBatch, Refusal, SplitError, job_arrays, split, split_calibrated, stream,
};
