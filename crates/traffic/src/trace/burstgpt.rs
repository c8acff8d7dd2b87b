//! BurstGPT: `5,ChatGPT,472,18,490,Conversation log`. Newer files have columns for sessions between those.

use super::{Row, csv};

pub(super) fn columns(header: &str) -> Result<[usize; 3], String> {
    csv::find(header, ["Timestamp", "Request tokens", "Response tokens"])
}

pub(super) fn row(columns: &[usize; 3], text: &str) -> Result<Row, String> {
    let [time, input, output] = csv::values(columns, text)?;
    let seconds: f64 = time.parse().map_err(|_| format!("`{time}` is no time in seconds"))?;
    Ok(Row {
        at_ns: seconds * 1e9,
        input_tokens: csv::tokens(input)?,
        output_tokens: csv::tokens(output)?,
        blocks: Vec::new(),
    })
}
