//! An **estimate** says what a launch would yield under a workload that was not measured, from the measured ones around
//! it.
//!
//! A workload is a point: the base-2 logarithms of its input tokens, output tokens and requests in flight. Measured
//! workloads form a grid there. Where all corners of the cell around the point were measured, the logarithm of each
//! number is interpolated linearly between them in every direction, which is exact where a number is a power of the
//! lengths and the load, as latencies and throughputs nearly are over a factor of two. Elsewhere the nearest measured
//! workload stands for the point, since what lies outside the measured workloads is not made up. The distance to the
//! nearest one is stated either way, in doublings: 1 is twice or half of one length.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use domain::{ConfigId, Launch, Load, Provenance, Shape, UseCase, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Column, Filter, Snapshot};

/// Input tokens, output tokens, requests in flight.
type Point = [u32; 3];

/// What is asked about: a closed loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Which results count.
    pub provenance: Provenance,
    /// The lengths, and what else must be as it was measured.
    pub shape: Shape,
    /// Requests in flight.
    pub concurrency: NonZeroU32,
}

/// What a workload would yield. It is a forecast, whatever it is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// [`Provenance::Forecast`], unless the workload itself was measured.
    pub provenance: Provenance,
    /// The measured configurations that it was made from: one when it was measured itself or is the nearest.
    pub from: Vec<ConfigId>,
    /// Doublings from the nearest of them; 0 when it was measured itself.
    pub distance: f64,
    /// The numbers that were asked for, in their order. A number that one of the configurations lacks is absent.
    pub numbers: Vec<Option<f64>>,
}

impl Snapshot {
    /// Estimates numbers of a launch. None when no closed loop was measured on it for the use case and provenance.
    #[must_use]
    pub fn estimate(&self, launch: &Launch, target: &Target, columns: &[Column]) -> Option<Estimate> {
        let filter = Filter {
            use_case: Some(target.use_case),
            provenance: Some(target.provenance),
            model: Some(launch.model.model.clone()),
            hardware: Some(launch.hardware),
            ..Filter::default()
        };
        let measured: Vec<(Point, usize)> = self
            .rows_of(&filter)
            .into_iter()
            .filter(|&row| self.rows.launches.get(row) == Some(launch))
            .filter(|&row| self.caveats(row).is_some_and(|caveats| caveats.rankable))
            .filter_map(|row| Some((point_of(self.workload(row)?, &target.shape)?, row)))
            .collect();
        let asked =
            [target.shape.input_tokens, target.shape.output_tokens, target.concurrency].map(|n| n.get());
        let nearest =
            *measured.iter().min_by(|a, b| distance(a.0, asked).total_cmp(&distance(b.0, asked)))?;
        let corners = if nearest.0 == asked { None } else { cell(&measured, asked) };
        let corners = corners.unwrap_or_else(|| vec![(nearest.1, 1.0)]);
        let number = |column: &Column| {
            let interpolated =
                |(row, weight): &(usize, f64)| Some(self.present(*row, *column)?.ln() * weight);
            match corners.as_slice() {
                [(row, _)] => self.present(*row, *column),
                corners => corners.iter().map(interpolated).sum::<Option<f64>>().map(f64::exp),
            }
        };
        let measured_itself = nearest.0 == asked;
        Some(Estimate {
            provenance: if measured_itself { target.provenance } else { Provenance::Forecast },
            from: corners.iter().filter_map(|(row, _)| self.rows.config_ids.get(*row).cloned()).collect(),
            distance: distance(nearest.0, asked),
            numbers: columns.iter().map(number).collect(),
        })
    }
}

/// The point of a closed loop whose requests are of a shape, but for their lengths. Batches of as many are none: their
/// requests wait for each other.
fn point_of(workload: &Workload, like: &Shape) -> Option<Point> {
    let Load::ClosedLoop { concurrency } = workload.load else { return None };
    let alike = workload.variety == like.variety && workload.protocol == like.protocol;
    alike.then(|| [workload.input_tokens, workload.output_tokens, concurrency].map(NonZeroU32::get))
}

fn doublings(from: u32, to: u32) -> f64 {
    (f64::from(to) / f64::from(from)).log2()
}

fn distance(a: Point, b: Point) -> f64 {
    a.iter().zip(b).map(|(&a, b)| doublings(a, b).powi(2)).sum::<f64>().sqrt()
}

/// The rows at the corners of the cell around a point with their weights, which add up to 1. None when the point is
/// outside the grid or a corner was not measured. In a direction in which the point is on the grid, the cell has no
/// extent.
fn cell(measured: &[(Point, usize)], asked: Point) -> Option<Vec<(usize, f64)>> {
    let mut corners: Vec<(Vec<u32>, f64)> = vec![(Vec::new(), 1.0)];
    for (direction, &at) in asked.iter().enumerate() {
        let grid: BTreeSet<u32> = measured.iter().map(|(point, _)| point[direction]).collect();
        let below = *grid.range(..=at).next_back()?;
        let above = *grid.range(at..).next()?;
        let share = if above == below { 0.0 } else { doublings(below, at) / doublings(below, above) };
        let ends = [(below, 1.0 - share), (above, share)].into_iter().filter(|(_, weight)| *weight > 0.0);
        corners = corners
            .into_iter()
            .flat_map(|(corner, weight)| {
                ends.clone().map(move |(end, share)| ([corner.clone(), vec![end]].concat(), weight * share))
            })
            .collect();
    }
    let row_at = |corner: &[u32]| measured.iter().find(|(point, _)| point == corner).map(|(_, row)| *row);
    corners.into_iter().map(|(corner, weight)| Some((row_at(&corner)?, weight))).collect()
}
