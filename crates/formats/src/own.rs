//! **Our own** files of results: a JSON array of them, one of them, one a line, the report of a campaign, or the Parquet
//! file that [`crate::export`] writes.

use std::fmt;

use bytes::Bytes;
use domain::BenchmarkResult;
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::read::MAX_BYTES;
use crate::{BadFile, export};

/// Results that are read from Parquet together.
const ROWS: usize = 1_024;

/// Where in its file a result is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The line, where it is known.
    pub line: Option<usize>,
    /// What the path of its fields begins with, such as `[3].`.
    pub path: String,
}

/// A result with its place.
pub type Placed = (Place, BenchmarkResult);

/// The report of a campaign.
#[derive(Deserialize)]
struct Report {
    results: Vec<BenchmarkResult>,
}

/// The results of a file; None where it is none of ours.
pub fn results(text: &str) -> Result<Option<Vec<Placed>>, BadFile> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().ok_or_else(|| BadFile::whole("is empty"))?;
    if !first.trim_start().starts_with(['{', '[']) {
        return Ok(None);
    }
    let several_lines = lines.next().is_some();
    if let Some(probe) = several_lines.then(|| serde_json::from_str::<Probe>(first).ok()).flatten()
        && matches!(probe, Probe::Map { .. })
    {
        return match probe {
            Probe::Map { run_id: true, .. } => Ok(Some(lines_of(text)?)),
            _ => Ok(None),
        };
    }
    let results = match parse::<Probe>(text, 0)? {
        Probe::List(None) => Vec::new(),
        Probe::List(Some(first)) if first.is_result() => placed("", parse(text, 0)?),
        Probe::Map { run_id: true, .. } => {
            vec![(Place { line: None, path: String::new() }, parse(text, 0)?)]
        }
        Probe::Map { results: Some(list), .. } => match *list {
            Probe::List(None) => Vec::new(),
            Probe::List(Some(first)) if first.is_result() => {
                placed("results", parse::<Report>(text, 0)?.results)
            }
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    if results.is_empty() { Err(BadFile::whole("holds no results")) } else { Ok(Some(results)) }
}

/// What tells the kinds of files apart, without holding any of them.
enum Probe {
    /// A list, by its first item.
    List(Option<Box<Probe>>),
    /// An object.
    Map {
        /// It has a run id.
        run_id: bool,
        /// What it has under `results`.
        results: Option<Box<Probe>>,
    },
    /// Anything else.
    Other,
}

impl Probe {
    const fn is_result(&self) -> bool {
        matches!(self, Self::Map { run_id: true, .. })
    }
}

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ProbeVisitor)
    }
}

struct ProbeVisitor;

impl<'de> Visitor<'de> for ProbeVisitor {
    type Value = Probe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("results")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Probe, A::Error> {
        let first = list.next_element::<Probe>()?.map(Box::new);
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Probe::List(first))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Probe, A::Error> {
        let (mut run_id, mut results) = (false, None);
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "results" => results = Some(Box::new(map.next_value()?)),
                _ => {
                    run_id |= key == "run_id";
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Probe::Map { run_id, results })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Probe, E> {
        Ok(Probe::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Probe, E> {
        Ok(Probe::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Probe, E> {
        Ok(Probe::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Probe, E> {
        Ok(Probe::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Probe, E> {
        Ok(Probe::Other)
    }

    fn visit_unit<E>(self) -> Result<Probe, E> {
        Ok(Probe::Other)
    }
}

fn placed(path: &str, results: Vec<BenchmarkResult>) -> Vec<Placed> {
    let place = |at| Place { line: None, path: format!("{path}[{at}].") };
    results.into_iter().enumerate().map(|(at, result)| (place(at), result)).collect()
}

/// The results of a text with one a line.
pub fn lines_of(text: &str) -> Result<Vec<Placed>, BadFile> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| Ok((Place { line: Some(at + 1), path: String::new() }, parse(line, at)?)))
        .collect()
}

/// Whether a text has an object a line, and several of them.
pub fn has_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().filter(|first| first.trim_start().starts_with('{'));
    first.is_some_and(|first| lines.next().is_some() && serde_json::from_str::<IgnoredAny>(first).is_ok())
}

/// Parses JSON that begins after so many lines.
pub fn parse<T: DeserializeOwned>(text: &str, lines_before: usize) -> Result<T, BadFile> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        bad(&path, &error.into_inner(), lines_before)
    })?;
    deserializer.end().map_err(|error| bad(".", &error, lines_before))?;
    Ok(parsed)
}

fn bad(path: &str, error: &serde_json::Error, lines_before: usize) -> BadFile {
    let told = error.to_string();
    // The position is told in front.
    let problem = told.rfind(" at line ").map_or(&*told, |at| &told[..at]);
    BadFile {
        line: Some(lines_before + error.line()),
        field: if path == "." { "file".to_owned() } else { path.to_owned() },
        problem: format!("cannot be read: {problem}"),
    }
}

/// The results of a Parquet file of ours, one a line.
pub fn of_parquet(file: &[u8]) -> Result<String, BadFile> {
    let unreadable = |error: ParquetError| BadFile::whole(format!("is no Parquet that can be read: {error}"));
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(file)).map_err(unreadable)?;
    let columns = reader.metadata().file_metadata().schema_descr();
    let column = columns.columns().iter().position(|column| column.path().string() == export::DOCUMENT);
    let column = column.ok_or_else(|| BadFile {
        line: None,
        field: export::DOCUMENT.to_owned(),
        problem: "is no column of it; it should be what `assay results --format parquet` writes".to_owned(),
    })?;
    let too_much = || BadFile::whole(format!("holds more than {MAX_BYTES} bytes of results; split it"));
    let mut text = String::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(unreadable)?;
        let bytes = group.metadata().column(column).uncompressed_size();
        if u64::try_from(bytes).map_or(true, |bytes| bytes > MAX_BYTES) {
            return Err(too_much());
        }
        let ColumnReader::ByteArrayColumnReader(mut values) =
            group.get_column_reader(column).map_err(unreadable)?
        else {
            return Err(BadFile::whole(format!("has a column `{}` that is no text", export::DOCUMENT)));
        };
        loop {
            let mut page: Vec<ByteArray> = Vec::new();
            let (rows, ..) = values.read_records(ROWS, None, None, &mut page).map_err(unreadable)?;
            if rows == 0 {
                break;
            }
            for value in &page {
                let line = std::str::from_utf8(value.data()).map_err(|_| BadFile::whole("is not UTF-8"))?;
                text.push_str(line);
                text.push('\n');
            }
            if text.len() as u64 > MAX_BYTES {
                return Err(too_much());
            }
        }
    }
    Ok(text)
}
