//! Tables for people. Numbers always stand under a heading with their provenance, and a note says so when they
//! are not measurements.

mod campaigns;
mod comparison;
mod estimates;
mod history;
mod known;
mod plan;
mod prose;
mod ranking;
mod results;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};
use domain::serving::HOSTED;
use domain::{Configuration, Hosted, Launch, Provenance, Serving};

pub use campaigns::{batches, campaigns, schedules};
pub use comparison::comparison;
pub use estimates::estimates;
pub use history::history;
pub use known::{hosted_models, models, prices};
pub use plan::{Sum, plan, streamed};
pub use prose::prose;
pub use ranking::{recommendation, recommended};
pub use results::{line, results};

/// A rule under the header and nothing else: what is left of the width belongs to the numbers.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table as wide as the terminal that it is for, if any.
fn table(heads: &[&str], wrap: &[usize]) -> Table {
    table_within(terminal_width(), heads, wrap)
}

/// Characters in a line of the terminal that standard output is.
fn terminal_width() -> Option<u16> {
    let table = Table::new();
    if table.is_tty() { table.width() } else { None }
}

/// A table. In a width the columns at `wrap` give way when it is narrow; without one every row is one line, for grep
/// and for files.
fn table_within(width: Option<u16>, heads: &[&str], wrap: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(heads);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 1));
        if !wrap.contains(&i) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// What answers. In a width it takes two lines.
fn serving(width: Option<u16>, serving: &Serving) -> String {
    let line_break = if width.is_some() { "\n  " } else { "  " };
    match serving {
        Serving::Launch(Launch { model, hardware, framework }) => {
            format!("{model}{line_break}{hardware} {framework}")
        }
        Serving::Hosted(Hosted { model, provider }) => format!("{model}{line_break}{HOSTED} {provider}"),
    }
}

/// What was run. In a width it takes two lines, so that ten columns fit into 80 characters.
fn configuration(width: Option<u16>, c: &Configuration) -> Cell {
    Cell::new(format!("{} {}", serving(width, &c.serving), c.workload.load))
}

fn number(value: Option<f64>, digits: usize) -> Cell {
    right(value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}")))
}

fn right(text: impl ToString) -> Cell {
    Cell::new(text.to_string()).set_alignment(CellAlignment::Right)
}

/// What must be said about numbers that nobody measured.
fn provenance_note(provenance: Provenance) -> Option<&'static str> {
    match provenance {
        Provenance::Measured => None,
        Provenance::Imported => Some("imported: measured by another tool"),
        Provenance::Simulated => Some("simulated: from the bundled simulated engine, not from any GPU"),
        Provenance::Forecast => Some("forecast: computed, not measured"),
    }
}

/// The name of a stored enum, as it is in JSON.
pub fn stored_name<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
