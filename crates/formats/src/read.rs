//! **Reading** a file: what kind it is, and its results.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::content_hash::sha256_hex;
use domain::imported::ForeignFormat;
use domain::{BenchmarkResult, Provenance};
use serde_json::Value;

use crate::node::Node;
use crate::reading::{Format, LeftOut, Reading};
use crate::run::{self, Source};
use crate::{BadFile, Stated, check, export, foreign, own};

/// Largest file of ours: about 10,000 results.
pub const MAX_BYTES: u64 = 64 << 20;

/// Largest file of another tool.
pub const MAX_FOREIGN_BYTES: u64 = 32 << 20;

/// Most values in a file of another tool: what is in memory of it is bounded. A million tokens have two million values.
const MAX_VALUES: usize = 6_000_000;

/// Most bytes that are kept of what the file says of one run.
const MAX_ORIGINAL_BYTES: usize = 1 << 20;

/// Reads a file. What was measured elsewhere is imported; what is simulated stays simulated.
///
/// # Errors
/// When the file cannot be used, with the line and the field.
pub fn read(
    name: Option<&str>,
    file: &[u8],
    stated: &Stated,
    now: DateTime<Utc>,
) -> Result<Reading, BadFile> {
    too_large(file, MAX_BYTES)?;
    let mut reading = Reading {
        file: name.map(str::to_owned),
        sha256: sha256_hex(file),
        format: Format::Assay,
        results: Vec::new(),
        left_out: Vec::new(),
        asks: Vec::new(),
    };
    if file.starts_with(b"PAR1") {
        let text = own::of_parquet(file)?;
        own_results(&mut reading, own::lines_of(&text)?, now)?;
        return Ok(reading);
    }
    let text = std::str::from_utf8(file).map_err(|_| BadFile::whole("is not UTF-8; save it as UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let ours = own::results(text)?;
    if let Some(results) = ours.filter(|_| stated.format.is_none()) {
        own_results(&mut reading, results, now)?;
        return Ok(reading);
    }
    too_large(file, MAX_FOREIGN_BYTES)?;
    foreign_runs(&mut reading, text, stated, now)?;
    Ok(reading)
}

fn too_large(file: &[u8], most: u64) -> Result<(), BadFile> {
    let bytes = file.len() as u64;
    if bytes > most {
        return Err(BadFile::whole(format!("has {bytes} bytes, and {most} are the most; split it")));
    }
    Ok(())
}

fn own_results(reading: &mut Reading, results: Vec<own::Placed>, now: DateTime<Utc>) -> Result<(), BadFile> {
    for (place, mut result) in results {
        check::result(&place, &result, now)?;
        if result.provenance == Provenance::Measured {
            // Measured by a runner, but nothing here saw it.
            result.provenance = Provenance::Imported;
        }
        reading.results.push(result);
    }
    Ok(())
}

fn foreign_runs(
    reading: &mut Reading,
    text: &str,
    stated: &Stated,
    now: DateTime<Utc>,
) -> Result<(), BadFile> {
    let value = parse(text)?;
    let root = Node::root(&value);
    let format = match stated.format {
        Some(format) => format,
        None => foreign::format_of(&value).ok_or_else(|| {
            if text.trim_start().starts_with('[')
                && let Err(bad) = own::parse::<Vec<BenchmarkResult>>(text, 0)
            {
                // A list of nothing else is meant to be ours.
                return bad;
            }
            let names = ForeignFormat::ALL.map(ForeignFormat::name).join(", ");
            BadFile::whole(format!(
                "holds no results that are known here; it should be what `assay results --json` prints, or a file of \
                 {names}"
            ))
        })?,
    };
    reading.format = Format::Foreign(format);
    if let Some(results) = own_in_reports(&value)? {
        return own_results(reading, results, now);
    }
    let sha256 = reading.sha256.clone();
    let source = Source { sha256: &sha256, stated, now };
    let place = |problem| BadFile::of(problem, text);
    let (runs, left_out) = foreign::runs(format, &root).map_err(place)?;
    reading.left_out = left_out;
    let mut trials = BTreeMap::new();
    for run in runs {
        let at = run.path.clone();
        let (outcome, left_out) = run::result(run, &source, &mut trials).map_err(place)?;
        reading.left_out.extend(left_out);
        match outcome {
            Ok(result) => {
                let at = at.to_string();
                let path = if at.is_empty() { at } else { format!("{at}.") };
                let place = own::Place { line: None, path };
                check::result(&place, &result, now)?;
                let original = result.imported.as_ref().map(|imported| &imported.original);
                let bytes =
                    original.map_or(0, |original| serde_json::to_string(original).map_or(0, |t| t.len()));
                if bytes > MAX_ORIGINAL_BYTES {
                    return Err(BadFile::whole(format!(
                        "has {bytes} bytes beside its lists of requests, and {MAX_ORIGINAL_BYTES} are the most for \
                         one run; remove what is no part of the result"
                    )));
                }
                reading.results.push(*result);
            }
            Err(asks) => reading.asks.extend(asks),
        }
    }
    reading.asks.sort();
    reading.asks.dedup();
    if !reading.asks.is_empty() {
        // All of it is taken once that is known.
        reading.results.clear();
    } else if reading.results.is_empty() {
        let why = reading.left_out.iter().map(|LeftOut { place, reason }| format!("; `{place}` {reason}"));
        return Err(BadFile::whole(format!("holds no result{}", why.collect::<String>())));
    }
    Ok(())
}

/// The results in reports of llm-d that we wrote ourselves; None where one is of somebody else.
fn own_in_reports(value: &Value) -> Result<Option<Vec<own::Placed>>, BadFile> {
    let reports = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let documents: Option<Vec<&Value>> =
        reports.iter().map(|report| report.pointer(export::llm_d::DOCUMENT)).collect();
    let Some(documents) = documents.filter(|documents| !documents.is_empty()) else { return Ok(None) };
    let field = export::llm_d::DOCUMENT.trim_start_matches('/').replace('/', ".");
    let read = |(at, document): (usize, &Value)| {
        let path = if value.is_array() { format!("[{at}].{field}.") } else { format!("{field}.") };
        let result = serde_path_to_error::deserialize(document).map_err(|error| BadFile {
            line: None,
            field: format!("{path}{}", error.path()),
            problem: format!("cannot be read: {}", error.inner()),
        })?;
        Ok((own::Place { line: None, path }, result))
    };
    documents.into_iter().enumerate().map(read).collect::<Result<_, BadFile>>().map(Some)
}

/// Parses JSON, a list of JSON where that is an object a line, or YAML where the text does not begin like JSON.
fn parse(text: &str) -> Result<Value, BadFile> {
    if text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{' | b'\n')).count() > MAX_VALUES {
        return Err(BadFile::whole(format!(
            "holds more than {MAX_VALUES} values; save it without lists of requests"
        )));
    }
    if own::has_lines(text) {
        // A blank line is null, so that the place in the list tells the line.
        let lines = text.lines().enumerate().map(|(at, line)| match line.trim() {
            "" => Ok(Value::Null),
            _ => own::parse(line, at),
        });
        return lines.collect::<Result<_, BadFile>>().map(Value::Array);
    }
    if text.trim_start().starts_with(['{', '[']) {
        return own::parse(text, 0);
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let location = error.location();
        BadFile {
            line: location.and_then(|at| usize::try_from(at.line()).ok()),
            field: "file".to_owned(),
            problem: "is neither JSON nor YAML that can be read".to_owned(),
        }
    })
}
