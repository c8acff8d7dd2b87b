//! Results as **CSV**: a row each, with [columns](super::columns) for people and spreadsheets.

use std::io::Write;

use domain::BenchmarkResult;

use super::ExportError;
use super::columns::{self, Cell};

/// Writes results as CSV.
///
/// # Errors
/// When they cannot be written.
pub fn csv(results: &[BenchmarkResult], out: impl Write) -> Result<(), ExportError> {
    let mut writer = ::csv::Writer::from_writer(out);
    for (at, result) in results.iter().enumerate() {
        let columns = columns::of(result);
        if at == 0 {
            writer.write_record(columns.iter().map(|(name, _)| name))?;
        }
        writer.write_record(columns.into_iter().map(|(_, cell)| written(cell)))?;
    }
    writer.flush().map_err(::csv::Error::from)?;
    Ok(())
}

fn written(cell: Cell) -> String {
    match cell {
        // Spreadsheets take a text that begins so for a formula; it may come from a file of somebody else.
        Cell::Text(Some(text)) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Cell::Text(text) => text.unwrap_or_default(),
        Cell::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
        Cell::Count(count) => count.map(|count| count.to_string()).unwrap_or_default(),
    }
}
