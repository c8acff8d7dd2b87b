//! A **trace** is traffic as somebody recorded it: when each request came and how long it and its answer were.
//!
//! Three published formats are read:
//!
//! | format | each line | time |
//! |---|---|---|
//! | [`Format::Mooncake`] | JSON with `timestamp`, `input_length`, `output_length`, `hash_ids` | ms |
//! | [`Format::Azure`] | CSV with `TIMESTAMP`, `ContextTokens`, `GeneratedTokens` | a date and time |
//! | [`Format::BurstGpt`] | CSV with `Timestamp`, `Request tokens`, `Response tokens` and others | s |
//!
//! Instants count from the first request; requests that are out of order are put in order. Some traces
//! record failed requests with 0 tokens: a request cannot ask for none, so that is 1.

mod azure;
mod burstgpt;
mod csv;
mod mooncake;

use std::io::BufRead;
use std::num::NonZeroU32;

/// Longest time between the first and the last request: a hundred years, far below what nanoseconds hold.
const LONGEST_NS: f64 = 100.0 * 365.25 * 86_400.0 * 1e9;

/// Tokens of a named block of a prompt.
pub const BLOCK_TOKENS: u32 = 512;

/// Which format a trace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Mooncake's JSONL.
    Mooncake,
    /// Microsoft Azure's LLM inference traces of 2023 and 2024.
    Azure,
    /// BurstGPT, with or without the columns of sessions.
    BurstGpt,
}

impl Format {
    /// The format whose first line this is.
    #[must_use]
    pub fn of(first_line: &str) -> Option<Self> {
        let line = first_line.trim_start_matches('\u{feff}').trim_start();
        match line {
            json if json.starts_with('{') => Some(Self::Mooncake),
            header if header.contains("ContextTokens") => Some(Self::Azure),
            header if header.contains("Request tokens") => Some(Self::BurstGpt),
            _ => None,
        }
    }
}

/// A request of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceRequest {
    /// When it came, ns after the first.
    pub at_ns: u64,
    /// Tokens of its prompt.
    pub input_tokens: NonZeroU32,
    /// Tokens of its answer.
    pub output_tokens: NonZeroU32,
    /// Names of the prompt's blocks of 512 tokens: equal names at the start of two prompts are a prefix that
    /// they share. Only Mooncake tells.
    pub blocks: Box<[u64]>,
}

/// Why a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The text itself.
    #[error("line {line} cannot be read")]
    Io {
        /// From 1.
        line: usize,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What a line says.
    #[error("line {line}: {what}")]
    Bad {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// There is nothing to replay.
    #[error("the trace holds no request")]
    Empty,
}

/// A row as its format tells it.
struct Row {
    /// On a clock of the trace's own, ns.
    at_ns: f64,
    input_tokens: u64,
    output_tokens: u64,
    blocks: Vec<u64>,
}

/// Reads a line.
type ReadRow = dyn Fn(&str) -> Result<Row, String>;

/// Reads the first `most` requests of a trace.
///
/// # Errors
/// When a line is not what the format says, naming it; when there is no request.
pub fn read(format: Format, text: impl BufRead, most: usize) -> Result<Vec<TraceRequest>, TraceError> {
    let mut lines = (1..).zip(text.lines()).map(|(line, text)| match text {
        Ok(text) => Ok((line, text)),
        Err(source) => Err(TraceError::Io { line, source }),
    });
    let row: Box<ReadRow> = match format {
        Format::Mooncake => Box::new(mooncake::row),
        Format::Azure | Format::BurstGpt => {
            let (line, header) = lines.next().ok_or(TraceError::Empty)??;
            let header = header.trim_start_matches('\u{feff}');
            let bad = |what| TraceError::Bad { line, what };
            if format == Format::Azure {
                let columns = azure::columns(header).map_err(bad)?;
                Box::new(move |text| azure::row(&columns, text))
            } else {
                let columns = burstgpt::columns(header).map_err(bad)?;
                Box::new(move |text| burstgpt::row(&columns, text))
            }
        }
    };
    requests(lines, row, most)
}

fn requests(
    lines: impl Iterator<Item = Result<(usize, String), TraceError>>,
    row: impl Fn(&str) -> Result<Row, String>,
    most: usize,
) -> Result<Vec<TraceRequest>, TraceError> {
    let mut rows: Vec<(f64, TraceRequest)> = Vec::new();
    for line in lines {
        if rows.len() >= most {
            break;
        }
        let (line, text) = line?;
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let bad = |what| TraceError::Bad { line, what };
        let row = row(text).map_err(bad)?;
        if !row.at_ns.is_finite() || row.at_ns.abs() > LONGEST_NS {
            return Err(bad("its time is more than a hundred years away".to_owned()));
        }
        let tokens = |n: u64, name: &str| {
            let n = u32::try_from(n.max(1)).ok().and_then(NonZeroU32::new);
            n.ok_or_else(|| bad(format!("{name} is above {}", u32::MAX)))
        };
        let request = TraceRequest {
            at_ns: 0,
            input_tokens: tokens(row.input_tokens, "the prompt's length")?,
            output_tokens: tokens(row.output_tokens, "the answer's length")?,
            blocks: row.blocks.into(),
        };
        rows.push((row.at_ns, request));
    }
    rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let first = rows.first().ok_or(TraceError::Empty)?.0;
    let from_first =
        |(at, request): (f64, TraceRequest)| TraceRequest { at_ns: (at - first) as u64, ..request };
    Ok(rows.into_iter().map(from_first).collect())
}

/// The instants of a trace at `speed` times its pace.
pub fn instants(requests: &[TraceRequest], speed: f64) -> impl Iterator<Item = u64> + '_ {
    requests.iter().map(move |r| (r.at_ns as f64 / speed) as u64)
}

#[cfg(test)]
mod tests;
