//! **Statistics** of a distribution, under the names that tools give them.

use domain::untold::{is_untold, told, untold};
use domain::{Statistic, Summary};

use crate::node::{Node, Problem};

/// The names of each number, the first that is there counts.
const NAMES: [(Number, &[&str]); 8] = [
    (Number::Mean, &["mean", "avg"]),
    (Number::Std, &["std", "stddev", "std_dev"]),
    (Number::Min, &["min"]),
    (Number::Max, &["max"]),
    (Number::P50, &["p50", "median"]),
    (Number::P90, &["p90"]),
    (Number::P95, &["p95"]),
    (Number::P99, &["p99"]),
];

#[derive(Clone, Copy)]
enum Number {
    Mean,
    Std,
    Min,
    Max,
    P50,
    P90,
    P95,
    P99,
}

/// What rounding may change.
const ROUNDING: f64 = 1e-6;

/// The distribution whose numbers `find` finds by their names, each times `factor`; of so many values, where that is known.
/// None where no number is there.
pub fn summary<'a>(
    find: impl Fn(&str) -> Option<Node<'a>>,
    factor: f64,
    count: Option<u64>,
) -> Result<Option<Summary>, Problem> {
    let mut summary = unknown(count.unwrap_or(0));
    let mut found: Option<Node<'a>> = None;
    for (number, names) in NAMES {
        let Some(node) = names.iter().find_map(|name| find(name)) else { continue };
        *place(&mut summary, number) = node.number()? * factor;
        found = Some(node);
    }
    let Some(last) = found else { return Ok(None) };
    let in_order = [summary.min, summary.p50, summary.p90, summary.p95, summary.p99, summary.max];
    let in_order: Vec<f64> = in_order.into_iter().filter_map(told).collect();
    let sorted = in_order.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + ROUNDING));
    let most = told(summary.max).unwrap_or(f64::MAX) * (1.0 + ROUNDING);
    let least = told(summary.min).unwrap_or(0.0) * (1.0 - ROUNDING);
    if !sorted || !is_untold(&summary.mean) && !(least..=most).contains(&summary.mean) {
        return Err(
            last.bad("is of numbers that cannot be those of one distribution: percentiles are in order")
        );
    }
    // What rounding put out of order is put back.
    let mut floor = 0.0_f64;
    for number in [Number::Min, Number::P50, Number::P90, Number::P95, Number::P99, Number::Max] {
        let value = place(&mut summary, number);
        if !is_untold(value) {
            *value = value.max(floor);
            floor = *value;
        }
    }
    if let (Some(mean), Some(min), Some(max)) = (told(summary.mean), told(summary.min), told(summary.max)) {
        summary.mean = mean.clamp(min, max);
    }
    let few = |statistic: &Statistic| {
        summary.known(*statistic).is_some() && summary.count < statistic.samples_needed()
    };
    summary.insufficient_samples = Statistic::ALL.into_iter().filter(few).collect();
    Ok(Some(summary))
}

/// A distribution of which only the number of values is known.
fn unknown(count: u64) -> Summary {
    Summary {
        count,
        mean: untold(),
        std: untold(),
        min: untold(),
        max: untold(),
        p50: untold(),
        p90: untold(),
        p95: untold(),
        p99: untold(),
        ci95: [].into(),
        insufficient_samples: Vec::new(),
    }
}

const fn place(summary: &mut Summary, number: Number) -> &mut f64 {
    match number {
        Number::Mean => &mut summary.mean,
        Number::Std => &mut summary.std,
        Number::Min => &mut summary.min,
        Number::Max => &mut summary.max,
        Number::P50 => &mut summary.p50,
        Number::P90 => &mut summary.p90,
        Number::P95 => &mut summary.p95,
        Number::P99 => &mut summary.p99,
    }
}

/// The distribution in an object, with its percentiles beside the other numbers or in an object of their own.
pub fn of(node: &Node<'_>, factor: f64, count: Option<u64>) -> Result<Option<Summary>, Problem> {
    summary(|name| node.get(name).or_else(|| node.at(["percentiles", name])), factor, count)
}
