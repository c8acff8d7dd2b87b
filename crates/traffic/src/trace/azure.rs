//! Azure's traces: `2023-11-16 18:15:46.6805900,374,44`; those of 2024 end the time with `+00:00`.

use chrono::{DateTime, NaiveDateTime};

use super::{Row, csv};

pub(super) fn columns(header: &str) -> Result<[usize; 3], String> {
    csv::find(header, ["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
}

pub(super) fn row(columns: &[usize; 3], text: &str) -> Result<Row, String> {
    let [time, input, output] = csv::values(columns, text)?;
    Ok(Row {
        at_ns: nanos(time)
            .ok_or_else(|| format!("`{time}` is no time such as 2023-11-16 18:15:46.6805900"))?,
        input_tokens: csv::tokens(input)?,
        output_tokens: csv::tokens(output)?,
        blocks: Vec::new(),
    })
}

/// Nanoseconds since 2023. A double holds those of the traces to 16 ns.
fn nanos(time: &str) -> Option<f64> {
    /// 2023-01-01 in seconds since 1970.
    const NEW_YEAR_2023: i64 = 1_672_531_200;
    let time = DateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.f%:z")
        .map(|t| t.to_utc())
        .or_else(|_| NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S%.f").map(|t| t.and_utc()))
        .ok()?;
    let seconds = (time.timestamp() - NEW_YEAR_2023) as f64;
    Some(seconds * 1e9 + f64::from(time.timestamp_subsec_nanos()))
}
