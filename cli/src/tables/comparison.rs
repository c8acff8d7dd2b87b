//! Configurations side by side: a column for each, a row for each number.

use catalog::compare::{ComparedMetric, Difference};
use catalog::{CatalogEntry, Comparison, Unit};
use comfy_table::Cell;
use domain::Provenance;

use super::{prose, provenance_note, right, table_within, terminal_width};

/// Characters of the column that names the numbers, and of one with numbers.
const NAMES: usize = 26;
const NUMBERS: usize = 11;

/// A comparison.
pub fn comparison(comparison: &Comparison) -> String {
    comparison_within(terminal_width(), comparison)
}

fn comparison_within(width: Option<u16>, c: &Comparison) -> String {
    let titles: Vec<String> = c
        .configurations
        .iter()
        .enumerate()
        .map(|(at, entry)| format!("#{} {}", at + 1, title(entry)))
        .collect();
    let mut answer = format!("{}\n", prose(width, &titles.join("\n")));
    let places: Vec<usize> = (0..c.configurations.len()).collect();
    let at_once =
        width.map_or(places.len(), |width| (usize::from(width).saturating_sub(NAMES) / NUMBERS).max(2));
    for places in places.chunks(at_once.max(1)) {
        answer.push_str(&format!("{}\n", numbers(width, c, places)));
    }
    let mut text = String::from("* the best, and what cannot be told apart from it by 95 % intervals");
    if c.metrics.iter().any(|m| !m.best.is_empty() && m.distinguishable.is_none()) {
        text.push_str("\n? the best number, without intervals that would tell whether it is by chance");
    }
    if c.metrics.iter().any(|m| m.quantity.unit == Unit::UsdPerMtok) {
        text.push_str(&format!(
            "\nUSD at {} price; USD/Mtok: of machines that are full of such servers",
            c.price
        ));
    }
    for warning in &c.warnings {
        text.push_str(&format!("\n{}", warning.text));
    }
    for provenance in Provenance::ALL {
        if c.configurations.iter().any(|entry| entry.provenance == provenance)
            && let Some(note) = provenance_note(provenance)
        {
            text.push_str(&format!("\n{note}"));
        }
    }
    answer + &prose(width, &text)
}

/// `llama-3.1-8b-instruct fp16 on h100x1 with vllm, chatbot 512>128 c8 [measured 2026-11-24] f877fcae3b006da9`
fn title(entry: &CatalogEntry) -> String {
    let CatalogEntry { configuration, provenance, measured_at, config_id, .. } = entry;
    format!("{configuration} [{provenance} {}] {config_id}", measured_at.format("%Y-%m-%d"))
}

fn numbers(width: Option<u16>, c: &Comparison, places: &[usize]) -> comfy_table::Table {
    let heads: Vec<String> =
        std::iter::once(String::new()).chain(places.iter().map(|at| format!("#{}", at + 1))).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = table_within(width, &heads, &(1..=places.len()).collect::<Vec<_>>());
    for Difference { axis, values } in &c.differences {
        let cells = places.iter().map(|&at| right(values.get(at).map_or("-", String::as_str)));
        table.add_row(std::iter::once(Cell::new(axis.name())).chain(cells));
    }
    for metric in &c.metrics {
        let cells = places.iter().map(|&at| right(number(metric, at)));
        table.add_row(std::iter::once(Cell::new(name(metric))).chain(cells));
    }
    table
}

/// `ttft_p90 ms`: the unit is said once.
fn name(metric: &ComparedMetric) -> String {
    let (column, unit) = (&metric.quantity.column, metric.quantity.unit.name());
    let name =
        ["_ms", "_gib", "_per_mtok_spot", "_per_mtok_on_demand", "_per_hour_spot", "_per_hour_on_demand"]
            .into_iter()
            .find_map(|suffix| column.strip_suffix(suffix))
            .unwrap_or(column);
    let name = if name == "usd" { "machine" } else { name };
    // A share says so by its name.
    if metric.quantity.unit == Unit::Share { name.to_owned() } else { format!("{name} {unit}") }
}

fn number(metric: &ComparedMetric, at: usize) -> String {
    let Some(value) = metric.values.get(at).copied().flatten() else { return "-".to_owned() };
    let digits = match metric.quantity.unit {
        Unit::Share | Unit::UsdPerMtok | Unit::TokensPerToken => 3,
        Unit::Ms | Unit::RequestsPerS | Unit::Gib | Unit::UsdPerHour => 2,
        Unit::TokensPerS => 0,
    };
    let mark = match (metric.best.contains(&at), metric.distinguishable) {
        (false, _) => "",
        (true, Some(_)) => "*",
        (true, None) => "?",
    };
    format!("{value:.digits$}{mark}")
}

#[cfg(test)]
mod tests {
    use catalog::{CompareRequest, PriceKind, Snapshot};
    use testkit::fixtures;

    use super::*;

    #[test]
    fn ten_configurations_fit_a_terminal_of_80_columns() {
        let results: Vec<_> =
            (1..=10).map(|concurrency| fixtures::result("demo", concurrency).build()).collect();
        let ids = results.iter().map(|result| result.config_id.clone()).collect();
        let request = CompareRequest { ids, price: PriceKind::Spot, provenance: None };
        let compared = Snapshot::from_results(results).compare(&request).unwrap();
        let text = comparison_within(Some(80), &compared);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{} columns: {line}\n{text}", line.chars().count());
        }
        assert!(text.contains("#10") && text.contains("ttft_p90 ms") && text.contains("load"), "{text}");
    }
}
