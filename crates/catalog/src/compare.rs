//! A **comparison** sets a few configurations side by side: every number that one of them has, which of them are the best
//! and cannot be told apart, and on which axes they differ.
//!
//! Two values with 95 % intervals are told apart when the interval of their difference does not hold 0: when they lie
//! farther apart than the root of the summed squares of the half-widths that they turn to each other. (That intervals do not overlap
//! asks for more: Schenker & Gentleman, *On Judging the Significance of Differences by Examining the Overlap Between
//! Confidence Intervals*, The American Statistician 55(3), 2001.)
//!
//! Nothing is called the best among results of different provenance or under different traffic, nor for task accuracy of
//! different questions or fidelity to different models. The load may differ: it is an operating point.

use std::collections::BTreeSet;

use domain::metrics::Interval;
use domain::{ConfigId, Provenance, Statistic};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::axis::{Part, wire_name};
use crate::quantity::{Better, Quantity, compared_columns};
use crate::{Axis, CatalogEntry, Column, PriceKind, Snapshot};

/// Fewest and most configurations that are compared.
pub const COMPARED: std::ops::RangeInclusive<usize> = 2..=10;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareRequest {
    /// The configurations.
    pub ids: Vec<ConfigId>,
    /// Which price counts.
    pub price: PriceKind,
    /// Which results of them; when absent, of each what says most: measured before imported, simulated and forecast.
    pub provenance: Option<Provenance>,
}

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Too few or too many.
    #[error(
        "{0} configurations were named: name {least} to {most} of them by their ids, which `assay results --json` and GET \
         /v1/catalog list",
        least = COMPARED.start(),
        most = COMPARED.end()
    )]
    Count(usize),
    /// One is named twice.
    #[error("configuration {0} is named twice")]
    Twice(ConfigId),
    /// There is no result of one.
    #[error(
        "there is no result of a configuration {0}; `assay results --json` and GET /v1/catalog list their ids"
    )]
    Unknown(ConfigId),
    /// There are only results of other provenance.
    #[error("there is no {asked} result of configuration {id}, only {}", list(.available))]
    Provenance {
        /// The configuration.
        id: ConfigId,
        /// What was asked for.
        asked: Provenance,
        /// What there is.
        available: Vec<Provenance>,
    },
}

/// Configurations side by side. Places count from 0, in the order in which they were named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What is compared.
    pub configurations: Vec<CatalogEntry>,
    /// Which price counts.
    pub price: PriceKind,
    /// Every number that one of them has.
    pub metrics: Vec<ComparedMetric>,
    /// On what they differ.
    pub differences: Vec<Difference>,
    /// What must be known before a conclusion is drawn.
    pub warnings: Vec<CompareWarning>,
}

/// One number of each configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedMetric {
    /// Which number.
    #[serde(flatten)]
    pub quantity: Quantity,
    /// By place; null where there is none.
    pub values: Vec<Option<f64>>,
    /// Its 95 % confidence interval, where one is known.
    pub intervals: Vec<Option<Interval>>,
    /// The places of the best, and of those that cannot be told apart from it. Empty where values may not be compared.
    pub best: Vec<usize>,
    /// Whether one is the best beyond doubt. Absent where intervals are missing to tell, or values may not be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinguishable: Option<bool>,
}

/// An axis on which configurations differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The axis.
    pub axis: Axis,
    /// What each is called on it, by place.
    pub values: Vec<String>,
}

/// Something that limits what follows from a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareWarning {
    /// Its kind.
    pub kind: WarningKind,
    /// The places that it is about.
    pub of: Vec<usize>,
    /// What it says, with places from 1.
    pub text: String,
}

/// Kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Results of different provenance are never compared.
    DifferentProvenance,
    /// So are results under different traffic.
    DifferentTraffic,
    /// Operating points differ.
    DifferentLoad,
    /// A faster model is no better one.
    DifferentModels,
    /// The numbers of one say nothing of its service.
    NotComparable,
    /// Something was flagged.
    Flagged,
    /// There are results of other provenance as well.
    OtherProvenance,
}

impl Snapshot {
    /// What is known of a configuration: its latest result of each provenance.
    #[must_use]
    pub fn results_of(&self, id: &ConfigId) -> Vec<CatalogEntry> {
        self.rows_with_id(id).filter_map(|row| self.entry(row)).collect()
    }

    /// The configurations whose ids begin like this, in order.
    #[must_use]
    pub fn ids_that_begin_with(&self, text: &str) -> Vec<ConfigId> {
        let ids = &self.rows.config_ids;
        let from = ids.partition_point(|id| id.as_str() < text);
        let mut found: Vec<ConfigId> =
            ids[from..].iter().take_while(|id| id.as_str().starts_with(text)).cloned().collect();
        found.dedup();
        found
    }

    /// The rows of a configuration: rows are in the order of their ids.
    fn rows_with_id(&self, id: &ConfigId) -> std::ops::Range<usize> {
        let ids = &self.rows.config_ids;
        ids.partition_point(|known| known < id)..ids.partition_point(|known| known <= id)
    }

    /// Sets configurations side by side.
    ///
    /// # Errors
    /// When there are too few or too many, one is named twice, or there is no result of one.
    pub fn compare(&self, request: &CompareRequest) -> Result<Comparison, CompareError> {
        let CompareRequest { ids, price, provenance } = request;
        if !COMPARED.contains(&ids.len()) {
            return Err(CompareError::Count(ids.len()));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = ids.iter().find(|id| !seen.insert(*id)) {
            return Err(CompareError::Twice(twice.clone()));
        }
        let rows: Vec<usize> =
            ids.iter().map(|id| self.row_to_compare(id, *provenance)).collect::<Result<_, _>>()?;
        Ok(Comparison {
            configurations: rows.iter().filter_map(|&row| self.entry(row)).collect(),
            price: *price,
            metrics: compared_columns(*price).filter_map(|column| self.compared(&rows, column)).collect(),
            differences: Axis::ALL.into_iter().filter_map(|axis| self.difference(&rows, axis)).collect(),
            warnings: self.warnings(&rows, ids, *provenance),
        })
    }

    fn row_to_compare(&self, id: &ConfigId, asked: Option<Provenance>) -> Result<usize, CompareError> {
        let mut rows = self.rows_with_id(id);
        // Rows of a configuration are in the order of their provenance, what says most first.
        let found = match asked {
            None => rows.clone().next(),
            Some(asked) => rows.find(|&row| self.provenance(row) == Some(asked)),
        };
        let available: Vec<Provenance> =
            self.rows_with_id(id).filter_map(|row| self.provenance(row)).collect();
        found.ok_or_else(|| match asked {
            Some(asked) if !available.is_empty() => {
                CompareError::Provenance { id: id.clone(), asked, available }
            }
            _ => CompareError::Unknown(id.clone()),
        })
    }

    /// A number of every row; none where no row has it.
    fn compared(&self, rows: &[usize], column: Column) -> Option<ComparedMetric> {
        let values: Vec<Option<f64>> = rows.iter().map(|&row| self.present(row, column)).collect();
        if values.iter().all(Option::is_none) {
            return None;
        }
        let intervals: Vec<Option<Interval>> = rows.iter().map(|&row| self.interval(row, column)).collect();
        let quantity = Quantity::of(column);
        let (mut best, mut distinguishable) = (Vec::new(), None);
        if let Some(better) = quantity.better.filter(|_| self.may_compare(rows, column)) {
            let known: Vec<(usize, f64)> = values
                .iter()
                .enumerate()
                .filter(|(at, _)| self.says_something(rows[*at]))
                .filter_map(|(at, value)| Some((at, (*value)?)))
                .collect();
            (best, distinguishable) = best_of(&known, &intervals, better);
        }
        Some(ComparedMetric { quantity, values, intervals, best, distinguishable })
    }

    /// The 95 % interval of a number. Prices per hour are exact.
    fn interval(&self, row: usize, column: Column) -> Option<Interval> {
        let value = self.present(row, column)?;
        let between = |low, high| Some((self.present(row, low)?, self.present(row, high)?));
        let throughput = || between(Column::OutputTpsLow, Column::OutputTpsHigh);
        let (low, high) = match column {
            Column::Latency(metric, Statistic::P90) => {
                between(Column::P90Low(metric), Column::P90High(metric))?
            }
            Column::OutputTps => throughput()?,
            // Tokens that are sold one by one cost as much however many there are.
            Column::ServingCost(_) if self.is_hosted(row) => (value, value),
            Column::ServingCost(_) => {
                let (low, high) = throughput()?;
                let tps = self.present(row, Column::OutputTps)?;
                (value * tps / high, value * tps / low)
            }
            Column::UsdPerHour(_) => (value, value),
            _ => return None,
        };
        (low.is_finite() && high.is_finite()).then_some(Interval { low, high })
    }

    /// Whether a number of some rows is of the same thing.
    fn may_compare(&self, rows: &[usize], column: Column) -> bool {
        let alike = |part: &dyn Fn(usize) -> Option<String>| {
            rows.windows(2).all(|pair| part(pair[0]) == part(pair[1]))
        };
        let provenance = |row| self.provenance(row).map(|p| p.to_string());
        let questions = |row| self.caveats(row)?.questions.clone();
        let model = |row| self.rows.servings.get(row).map(|serving| serving.model().to_string());
        alike(&provenance)
            && match column {
                // What a machine costs has nothing to do with its traffic.
                Column::UsdPerHour(_) => true,
                Column::TaskAccuracy => alike(&questions),
                Column::Fidelity => alike(&model),
                _ => alike(&|row| self.traffic(row)),
            }
    }

    /// The traffic of a row but for its load.
    fn traffic(&self, row: usize) -> Option<String> {
        let workload = self.workload(row)?;
        Some(format!("{} {}", workload.use_case, workload.shape()))
    }

    fn difference(&self, rows: &[usize], axis: Axis) -> Option<Difference> {
        let names = self.axes.names(axis)?;
        let codes = self.codes(axis.part());
        let name =
            |&row: &usize| Some(names.names.get(*names.of.get(*codes.get(row)? as usize)? as usize)?.clone());
        let values: Vec<String> = rows.iter().map(name).collect::<Option<_>>()?;
        values.windows(2).any(|pair| pair[0] != pair[1]).then_some(Difference { axis, values })
    }

    /// The codes of every row in what decides an axis.
    pub(crate) fn codes(&self, part: Part) -> &[u32] {
        match part {
            Part::Serving => self.rows.servings.codes(),
            Part::Workload => self.rows.workloads.codes(),
            Part::Provenance => self.rows.provenance.codes(),
            Part::EngineVersion => self.rows.engine_versions.codes(),
        }
    }

    fn warnings(&self, rows: &[usize], ids: &[ConfigId], asked: Option<Provenance>) -> Vec<CompareWarning> {
        let everybody: Vec<usize> = (0..rows.len()).collect();
        let distinct = |name: &dyn Fn(usize) -> Option<String>| -> Option<String> {
            let names: BTreeSet<String> = rows.iter().filter_map(|&row| name(row)).collect();
            (names.len() > 1).then(|| list(&names))
        };
        let about_all = |kind, text: String| CompareWarning { kind, of: everybody.clone(), text };
        let mut warnings = Vec::new();
        if let Some(which) = distinct(&|row| self.provenance(row).map(|p| p.to_string())) {
            let text = format!(
                "results of different provenance ({which}) are never compared: nothing is called the best"
            );
            warnings.push(about_all(WarningKind::DifferentProvenance, text));
        }
        if let Some(which) = distinct(&|row| self.traffic(row)) {
            let text = format!(
                "measured under different traffic ({which}): nothing that depends on it is called the best"
            );
            warnings.push(about_all(WarningKind::DifferentTraffic, text));
        }
        if let Some(which) = distinct(&|row| self.workload(row).map(|w| w.load.to_string())) {
            let text =
                format!("measured under different loads ({which}): more load yields more and waits longer");
            warnings.push(about_all(WarningKind::DifferentLoad, text));
        }
        let offered = |row| self.rows.servings.get(row).map(|serving| serving.offered().to_string());
        let accuracy = self.may_compare(rows, Column::TaskAccuracy)
            && rows.iter().all(|&row| self.present(row, Column::TaskAccuracy).is_some());
        if let Some(which) = distinct(&offered).filter(|_| !accuracy) {
            let text = format!("{which}: which of them answers better was not asked with the same tasks");
            warnings.push(about_all(WarningKind::DifferentModels, text));
        }
        for (at, (&row, id)) in rows.iter().zip(ids).enumerate() {
            let mut about = |kind, text| warnings.push(CompareWarning { kind, of: vec![at], text });
            let flags = self.caveats(row).map(|caveats| caveats.flags.as_slice()).unwrap_or_default();
            let flags: Vec<String> = flags.iter().map(wire_name).collect();
            if !self.says_something(row) {
                let why =
                    if flags.is_empty() { "too many requests failed".to_owned() } else { flags.join(", ") };
                about(WarningKind::NotComparable, format!("#{} is never called the best: {why}", at + 1));
            } else if !flags.is_empty() {
                about(WarningKind::Flagged, format!("#{}: {}", at + 1, flags.join(", ")));
            }
            let others = self.rows_with_id(id).filter(|other| *other != row);
            let others: Vec<String> =
                others.filter_map(|row| self.provenance(row)).map(|p| p.to_string()).collect();
            if asked.is_none() && !others.is_empty() {
                let text = format!("#{} has {} results as well", at + 1, others.join(" and "));
                about(WarningKind::OtherProvenance, text);
            }
        }
        warnings
    }
}

/// The places of the best value and of those that cannot be told apart from it, and whether it stands alone beyond doubt.
fn best_of(
    known: &[(usize, f64)],
    intervals: &[Option<Interval>],
    better: Better,
) -> (Vec<usize>, Option<bool>) {
    // Less is better in all that follows.
    let sign = if better == Better::Less { 1.0 } else { -1.0 };
    let by_value = |a: &&(usize, f64), b: &&(usize, f64)| (a.1 * sign).total_cmp(&(b.1 * sign));
    let Some(&(first, best)) = known.iter().min_by(by_value) else { return (Vec::new(), None) };
    // Half-widths towards each other: of the best towards the worse, of another towards the better.
    let half = |at: usize, value: f64, upwards: bool| {
        let Interval { low, high } = intervals.get(at).copied().flatten()?;
        Some(if upwards { high - value } else { value - low })
    };
    let of_best = half(first, best, better == Better::Less);
    let mut alike = Vec::new();
    let mut all_told = true;
    for &(at, value) in known {
        let reach = of_best.zip(half(at, value, better == Better::More)).map(|(a, b)| a.hypot(b));
        if at == first || (value - best) * sign <= reach.unwrap_or(0.0) {
            alike.push(at);
        } else {
            all_told &= reach.is_some();
        }
    }
    let distinguishable = match (known.len(), alike.len()) {
        (0 | 1, _) => None,
        (_, 1) => all_told.then_some(true),
        _ => Some(false),
    };
    (alike, distinguishable)
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
