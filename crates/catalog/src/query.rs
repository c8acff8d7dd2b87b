//! A **query** asks for a page of the catalogue: results that match a filter and lie in ranges, sorted, with facets.
//!
//! A **facet** counts what each value of an axis would yield. It leaves out what the filter says about its own axis and
//! keeps everything else, so that it shows what choosing another value there would find.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::filter::Failing;
use crate::{Axis, CatalogEntry, Column, Filter, Snapshot};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// What a result must match.
    pub filter: Filter,
    /// Where its numbers must lie. A missing number lies nowhere.
    pub ranges: Vec<Range>,
    /// What is sorted by; by configuration id when absent.
    pub sort: Option<Sort>,
    /// How many of the first are passed over.
    pub skip: usize,
    /// Most entries of the page.
    pub limit: usize,
}

/// Where a number must lie, ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Which number.
    pub column: Column,
    /// At least this; `-inf` for no bound.
    pub min: f64,
    /// At most this; `inf` for no bound.
    pub max: f64,
}

/// What is sorted by. Results without the number come last either way; equals in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Which number.
    pub column: Column,
    /// Whether the largest come first.
    pub descending: bool,
}

/// What is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// How many results there are in all.
    pub total: usize,
    /// How many of them were passed over.
    pub skip: usize,
    /// Those of the page.
    pub entries: Vec<CatalogEntry>,
    /// For each axis its values and what choosing each instead would find, the most first. A value that finds nothing
    /// is not listed.
    pub facets: BTreeMap<Axis, Vec<FacetValue>>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FacetValue {
    /// As a filter states it.
    pub value: String,
    /// How many results.
    pub count: usize,
}

impl Snapshot {
    /// Answers a query.
    #[must_use]
    pub fn query(&self, query: &Query) -> Page {
        let failing = Failing::of(self, &query.filter);
        let in_range = self.in_ranges(&query.ranges);
        let mut matching = Vec::new();
        let mut counts = Counts::new(&failing);
        for ((row, axes), codes) in failing.rows(self).enumerate().zip(self.rows.codes()) {
            if axes & axes.wrapping_sub(1) != 0 || !in_range.get(row).is_none_or(|in_range| *in_range) {
                continue;
            }
            if axes == 0 {
                matching.push(row);
            }
            counts.add(axes, codes);
        }
        let total = matching.len();
        let page = self.page(matching, query);
        Page {
            total,
            skip: query.skip,
            entries: page.into_iter().filter_map(|row| self.entry(row)).collect(),
            facets: Axis::ALL.into_iter().map(|axis| (axis, counts.facet(self, &failing, axis))).collect(),
        }
    }

    /// Whether each row lies in all ranges; empty when there is none.
    pub(crate) fn in_ranges(&self, ranges: &[Range]) -> Vec<bool> {
        let mut all = if ranges.is_empty() { Vec::new() } else { vec![true; self.len()] };
        for range in ranges {
            for (all, value) in all.iter_mut().zip(self.column(range.column)) {
                *all &= *value >= range.min && *value <= range.max;
            }
        }
        all
    }

    /// The rows of the page, in order. Only as many are sorted as are passed over and shown.
    pub(crate) fn page(&self, matching: Vec<usize>, query: &Query) -> Vec<usize> {
        let Some(sort) = query.sort else {
            return matching.into_iter().skip(query.skip).take(query.limit).collect();
        };
        let values = self.column(sort.column);
        let key = |row: usize| match values.get(row) {
            Some(value) if value.is_nan() => f64::INFINITY,
            Some(value) if sort.descending => -value,
            Some(value) => *value,
            None => f64::INFINITY,
        };
        let mut keyed: Vec<(f64, usize)> = matching.into_iter().map(|row| (key(row), row)).collect();
        let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let last = query.skip.saturating_add(query.limit);
        if last < keyed.len() {
            keyed.select_nth_unstable_by(last, order);
            keyed.truncate(last);
        }
        keyed.sort_unstable_by(order);
        keyed.into_iter().skip(query.skip).map(|(_, row)| row).collect()
    }
}

/// How many rows each launch, workload and provenance has: of those that match, and of those that one axis keeps from
/// it. Which axis that is, the launch (workload, provenance) says itself, if it is one of its own.
struct Counts {
    matching: [Vec<usize>; 4],
    but_for_one: [Vec<usize>; 4],
}

impl Counts {
    fn new(failing: &Failing) -> Self {
        let zeros = || failing.sets.each_ref().map(|sets| vec![0_usize; sets.len()]);
        Self { matching: zeros(), but_for_one: zeros() }
    }

    fn add(&mut self, axes: u32, codes: [usize; 4]) {
        let counts = if axes == 0 { &mut self.matching } else { &mut self.but_for_one };
        for (counts, code) in counts.iter_mut().zip(codes) {
            counts[code] += 1;
        }
    }

    fn facet(&self, snapshot: &Snapshot, failing: &Failing, axis: Axis) -> Vec<FacetValue> {
        let Some(names) = snapshot.axes.names(axis) else { return Vec::new() };
        let part = axis.part() as usize;
        let sets = &failing.sets[part];
        let mut counts = vec![0; names.names.len()];
        for (code, (&name, &set)) in names.of.iter().zip(sets).enumerate() {
            counts[name as usize] += self.matching[part][code];
            if set == axis.bit() {
                counts[name as usize] += self.but_for_one[part][code];
            }
        }
        let mut values: Vec<FacetValue> = names
            .names
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(value, count)| FacetValue { value: value.clone(), count })
            .collect();
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        values
    }
}
