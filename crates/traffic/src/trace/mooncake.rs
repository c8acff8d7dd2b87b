//! Mooncake's traces: one JSON object a line.

use serde::Deserialize;

use super::Row;

#[derive(Deserialize)]
struct Line {
    /// Milliseconds.
    timestamp: f64,
    input_length: u64,
    output_length: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

pub(super) fn row(text: &str) -> Result<Row, String> {
    let text = text.trim_start_matches('\u{feff}');
    let Line { timestamp, input_length, output_length, hash_ids } =
        serde_json::from_str(text).map_err(|error| crate::told(&error))?;
    Ok(Row {
        at_ns: timestamp * 1e6,
        input_tokens: input_length,
        output_tokens: output_length,
        blocks: hash_ids,
    })
}
