//! **Reading** a file of results: a JSON array of them, one of them, one a line, or the report of a campaign.

use domain::BenchmarkResult;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::BadFile;

/// Where in its file a result is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The line, where it is known.
    pub line: Option<usize>,
    /// What the path of its fields begins with, such as `[3].`.
    pub path: String,
}

/// What tells the kinds of files apart.
#[derive(Deserialize)]
struct Marks {
    results: Option<IgnoredAny>,
    run_id: Option<IgnoredAny>,
}

/// The report of a campaign.
#[derive(Deserialize)]
struct Report {
    results: Vec<BenchmarkResult>,
}

/// The results of a file.
pub fn results(file: &[u8]) -> Result<Vec<(Place, BenchmarkResult)>, BadFile> {
    let text = std::str::from_utf8(file).map_err(|_| BadFile::whole("is not UTF-8; save it as UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().ok_or_else(|| BadFile::whole("is empty"))?;
    let results = if text.trim_start().starts_with('[') {
        placed("", parse(text, 0)?)
    } else if lines.next().is_some() && serde_json::from_str::<IgnoredAny>(first).is_ok() {
        lines_of(text)?
    } else {
        let marks: Marks = parse(text, 0)?;
        match marks {
            Marks { run_id: Some(_), .. } => {
                vec![(Place { line: None, path: String::new() }, parse(text, 0)?)]
            }
            Marks { results: Some(_), .. } => placed("results", parse::<Report>(text, 0)?.results),
            Marks { .. } => {
                let mend =
                    "holds no results that are known here; it should be what `assay results --json` prints";
                return Err(BadFile::whole(mend));
            }
        }
    };
    if results.is_empty() { Err(BadFile::whole("holds no results")) } else { Ok(results) }
}

fn placed(path: &str, results: Vec<BenchmarkResult>) -> Vec<(Place, BenchmarkResult)> {
    let place = |at| Place { line: None, path: format!("{path}[{at}].") };
    results.into_iter().enumerate().map(|(at, result)| (place(at), result)).collect()
}

fn lines_of(text: &str) -> Result<Vec<(Place, BenchmarkResult)>, BadFile> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| Ok((Place { line: Some(at + 1), path: String::new() }, parse(line, at)?)))
        .collect()
}

/// Parses JSON that begins after so many lines.
fn parse<T: DeserializeOwned>(text: &str, lines_before: usize) -> Result<T, BadFile> {
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
