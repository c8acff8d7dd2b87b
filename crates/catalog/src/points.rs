//! **Points** are two numbers of every result that a query matches, as columns: what a scatter plot is drawn from.
//!
//! With them come their Pareto fronts. A front holds only among results of one provenance and one traffic, where it says
//! that nothing that was measured alike is better in both numbers; so there is one for each.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use domain::{ConfigId, Provenance, Shape, UseCase};
use ranking::{Objective, pareto};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::filter::Failing;
use crate::quantity::Quantity;
use crate::query::Range;
use crate::{Axis, Column, Filter, Snapshot};

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct PointsRequest {
    /// What a result must match.
    pub filter: Filter,
    /// Where its numbers must lie.
    pub ranges: Vec<Range>,
    /// The number that lies across.
    pub x: Column,
    /// The number that goes up.
    pub y: Column,
    /// Most points, beside those on fronts.
    pub limit: NonZeroUsize,
}

/// Two numbers of every result. All columns are of one length, in the order of configuration ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// What lies across.
    pub x: Quantity,
    /// What goes up.
    pub y: Quantity,
    /// Which configuration each point is of.
    pub config_ids: Vec<ConfigId>,
    /// Its number across.
    pub xs: Vec<f64>,
    /// Its number up.
    pub ys: Vec<f64>,
    /// What each point is called on some axes, its provenance among them.
    pub labels: BTreeMap<Axis, Labels>,
    /// Points that are on no front whatever their numbers are: the client was the bottleneck, or more than a tenth of the
    /// requests failed.
    pub not_comparable: Vec<usize>,
    /// The fronts; none where a number has no better side.
    pub fronts: Vec<PointsFront>,
    /// How many results match.
    pub total: usize,
    /// How many of them lack one of the two numbers.
    pub left_out: usize,
    /// How many were passed over for `limit`, evenly.
    pub thinned: usize,
}

/// The names of points on an axis, each once.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// The names.
    pub values: Vec<String>,
    /// For each point the place of its name.
    pub codes: Vec<u32>,
}

/// A front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsFront {
    /// Where its numbers come from.
    pub provenance: Provenance,
    /// What its traffic is for.
    pub use_case: UseCase,
    /// The shape of its traffic.
    pub shape: Shape,
    /// Where a number is the task accuracy: which questions were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<String>,
    /// Where a number is the fidelity to a model: which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its points, by their number across.
    pub members: Vec<usize>,
}

/// Axes that points are called by.
const LABELLED: [Axis; 8] = [
    Axis::Model,
    Axis::Quantisation,
    Axis::Hardware,
    Axis::Engine,
    Axis::UseCase,
    Axis::Shape,
    Axis::Load,
    Axis::Provenance,
];

/// What tells the fronts apart: the codes of provenance and traffic, and of questions and model where these matter.
type Alike = [u32; 4];

/// A front with its rows.
type RowsOfFront = (PointsFront, Vec<usize>);

impl Snapshot {
    /// Two numbers of every result that matches.
    #[must_use]
    pub fn points(&self, request: &PointsRequest) -> Points {
        let &PointsRequest { ref filter, ref ranges, x, y, limit } = request;
        let failing = Failing::of(self, filter);
        let in_range = self.in_ranges(ranges);
        let matches =
            |(row, axes): &(usize, u32)| *axes == 0 && in_range.get(*row).is_none_or(|in_range| *in_range);
        let matching: Vec<usize> =
            failing.rows(self).enumerate().filter(matches).map(|(row, _)| row).collect();
        let total = matching.len();
        let has_both = |row: &usize| !self.number(*row, x).is_nan() && !self.number(*row, y).is_nan();
        let mut rows: Vec<usize> = matching.into_iter().filter(has_both).collect();
        let left_out = total - rows.len();
        let fronts = self.fronts_of(&rows, x, y);
        let found = rows.len();
        thin(&mut rows, limit.get(), fronts.iter().flat_map(|(_, members)| members));
        let place = |row: &usize| rows.binary_search(row).ok();
        let fronts = fronts
            .into_iter()
            .map(|(front, members)| PointsFront {
                members: members.iter().filter_map(place).collect(),
                ..front
            })
            .collect();
        let numbers = |column| rows.iter().map(|&row| self.number(row, column)).collect();
        let not_comparable = rows.iter().enumerate().filter(|(_, row)| !self.says_something(**row));
        Points {
            x: Quantity::of(x),
            y: Quantity::of(y),
            config_ids: rows.iter().filter_map(|&row| self.rows.config_ids.get(row).cloned()).collect(),
            xs: numbers(x),
            ys: numbers(y),
            labels: LABELLED.into_iter().map(|axis| (axis, self.labels(axis, &rows))).collect(),
            not_comparable: not_comparable.map(|(at, _)| at).collect(),
            fronts,
            total,
            left_out,
            thinned: found - rows.len(),
        }
    }

    /// The fronts of some rows, each with its rows.
    fn fronts_of(&self, rows: &[usize], x: Column, y: Column) -> Vec<RowsOfFront> {
        let better = [x, y].map(|column| Quantity::of(column).better);
        let [Some(better_x), Some(better_y)] = better else { return Vec::new() };
        let asks = |column| x == column || y == column;
        let mut groups: BTreeMap<Alike, Vec<usize>> = BTreeMap::new();
        for &row in rows.iter().filter(|row| self.says_something(**row)) {
            groups
                .entry(self.alike(row, asks(Column::TaskAccuracy), asks(Column::Fidelity)))
                .or_default()
                .push(row);
        }
        // Workloads that differ in their load alone have a code each, and are one traffic.
        let mut by_front: Vec<RowsOfFront> = Vec::new();
        for rows in groups.into_values() {
            let Some(front) =
                self.front_of(rows.first().copied(), asks(Column::TaskAccuracy), asks(Column::Fidelity))
            else {
                continue;
            };
            match by_front.iter_mut().find(|(known, _)| *known == front) {
                Some((_, known)) => known.extend(rows),
                None => by_front.push((front, rows)),
            }
        }
        for (_, rows) in &mut by_front {
            let values = |column| -> Vec<f64> { rows.iter().map(|&row| self.number(row, column)).collect() };
            let (xs, ys) = (values(x), values(y));
            let on_front = pareto(&[
                Objective { direction: better_x.direction(), values: &xs },
                Objective { direction: better_y.direction(), values: &ys },
            ]);
            let mut on_front = on_front.unwrap_or_default().into_iter();
            rows.retain(|_| on_front.next().unwrap_or(false));
            rows.sort_by(|&a, &b| {
                self.number(a, x)
                    .total_cmp(&self.number(b, x))
                    .then(self.number(a, y).total_cmp(&self.number(b, y)))
            });
        }
        by_front
    }

    fn alike(&self, row: usize, of_questions: bool, of_model: bool) -> Alike {
        let code = |codes: &[u32]| codes.get(row).copied().unwrap_or_default();
        [
            code(self.rows.provenance.codes()),
            code(self.rows.workloads.codes()),
            if of_questions { code(self.rows.caveats.codes()) } else { 0 },
            if of_model { code(self.rows.servings.codes()) } else { 0 },
        ]
    }

    /// The front that a row would be on, without members.
    fn front_of(&self, row: Option<usize>, of_questions: bool, of_model: bool) -> Option<PointsFront> {
        let row = row?;
        let workload = self.workload(row)?;
        let model = || self.rows.servings.get(row).map(|serving| serving.model().to_string());
        Some(PointsFront {
            provenance: self.provenance(row)?,
            use_case: workload.use_case,
            shape: workload.shape(),
            questions: if of_questions { self.caveats(row)?.questions.clone() } else { None },
            model: if of_model { model() } else { None },
            members: Vec::new(),
        })
    }

    /// What some rows are called on an axis, with the names that are used.
    fn labels(&self, axis: Axis, rows: &[usize]) -> Labels {
        let Some(names) = self.axes.names(axis) else { return Labels::default() };
        let of_part = self.codes(axis.part());
        let mut places = vec![u32::MAX; names.names.len()];
        let mut labels = Labels::default();
        for &row in rows {
            let name = of_part.get(row).and_then(|&code| names.of.get(code as usize)).copied();
            let Some(name) = name.map(|name| name as usize) else { continue };
            if places[name] == u32::MAX {
                places[name] = labels.values.len() as u32;
                labels.values.push(names.names[name].clone());
            }
            labels.codes.push(places[name]);
        }
        labels
    }
}

/// Leaves at most so many rows, evenly, and those that must stay. Rows ascend.
fn thin<'a>(rows: &mut Vec<usize>, limit: usize, stay: impl Iterator<Item = &'a usize>) {
    if rows.len() <= limit {
        return;
    }
    let found = rows.len();
    let mut kept: Vec<usize> = (0..limit).filter_map(|at| rows.get(at * found / limit).copied()).collect();
    kept.extend(stay);
    kept.sort_unstable();
    kept.dedup();
    *rows = kept;
}
