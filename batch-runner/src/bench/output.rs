//! An **output** is a file that a bench leaves behind. It is created before the measurement, so that a folder
//! that cannot be written to is told at once, and takes its name when it is complete.

mod csv;
mod html;
mod parquet;
mod vllm;

use std::fs::{OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use domain::Provenance;
use measurement::record::{Outcome, RequestRecord};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::document::BenchDocument;
use super::explore::document::ExplorationDocument;
use crate::load::TrialMeasurement;

/// Which files to write.
#[derive(Debug, Clone, clap::Args)]
pub struct OutputArgs {
    /// Write the result to this file; may be repeated. The name's end says how: .html a report for people,
    /// .json the whole result, .vllm.json the same as `vllm bench serve` writes it; .csv, .parquet
    /// or .jsonl every request. Of several loads: .html, .json, or .csv with a line for each run
    #[arg(long = "output", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What every --output holds, whatever its name
    #[arg(long, value_enum, requires = "files")]
    pub output_format: Option<OutputFormat>,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OutputFormat {
    /// A page with plots that needs nothing else
    Html,
    /// The whole result
    Json,
    /// The result and the latencies of each request, as `vllm bench serve --save-detailed` writes them
    Vllm,
    /// Instants and latencies of each request, one a line
    Csv,
    /// The record of each request with every instant, in columns
    Parquet,
    /// The same, one a line
    Jsonl,
}

/// The ends of names, longest first.
const ENDS: [(&str, OutputFormat); 6] = [
    (".html", OutputFormat::Html),
    (".vllm.json", OutputFormat::Vllm),
    (".parquet", OutputFormat::Parquet),
    (".jsonl", OutputFormat::Jsonl),
    (".json", OutputFormat::Json),
    (".csv", OutputFormat::Csv),
];

/// Why outputs cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The name says nothing.
    #[error("{} does not say what to write: end its name in {} or add --output-format", .0.display(), ends())]
    UnknownEnd(PathBuf),
    /// The same file twice.
    #[error("{} is given twice: leave one out", .0.display())]
    Twice(PathBuf),
    /// It holds requests, or is a shape for one load.
    #[error("{} would hold one load, and several are measured: end its name in .html, .json or .csv", .0.display())]
    OneLoad(PathBuf),
    /// The system refuses.
    #[error("cannot write {}: choose another file or folder", path.display())]
    Refused {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn ends() -> String {
    ENDS.map(|(end, _)| end).join(", ")
}

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// One load.
    Load,
    /// Several, or one several times.
    Loads,
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Of one load.
    Load(Findings<'a>),
    /// Of several.
    Loads(&'a ExplorationDocument),
}

/// What was found at one load.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The result.
    pub document: &'a BenchDocument,
    /// What it was made from.
    pub measured: &'a TrialMeasurement,
}

/// A file that waits for the findings.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    format: OutputFormat,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A new file beside the place that it will take.
    Draft(NamedTempFile),
    /// Something that is there and is no file, such as /dev/stdout.
    Device,
}

impl OutputArgs {
    /// Creates the outputs.
    ///
    /// # Errors
    /// When the format of one is unknown or cannot hold so much, or it cannot be written.
    pub fn open(&self, extent: Extent) -> Result<Vec<Output>, OutputError> {
        let mut outputs: Vec<Output> = Vec::with_capacity(self.files.len());
        for path in &self.files {
            if outputs.iter().any(|output| output.path == *path) {
                return Err(OutputError::Twice(path.clone()));
            }
            let format = self.output_format.or_else(|| format_of(path));
            let format = format.ok_or_else(|| OutputError::UnknownEnd(path.clone()))?;
            if extent == Extent::Loads && !format.holds_loads() {
                return Err(OutputError::OneLoad(path.clone()));
            }
            let place = Place::at(path).map_err(|source| refused(path, source))?;
            outputs.push(Output { path: path.clone(), format, place });
        }
        Ok(outputs)
    }
}

fn format_of(path: &Path) -> Option<OutputFormat> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    ENDS.iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| *format)
}

fn refused(path: &Path, source: io::Error) -> OutputError {
    OutputError::Refused { path: path.to_owned(), source }
}

impl Place {
    fn at(path: &Path) -> io::Result<Self> {
        match path.metadata() {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => return Ok(Self::Device),
            Ok(_) | Err(_) => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // As any new file: the umask takes away what the user does not want to give.
        let draft = tempfile::Builder::new()
            .prefix(".assay-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        Ok(Self::Draft(draft))
    }
}

impl Output {
    /// Writes what was found and gives the file its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self, content: Content<'_>) -> Result<(), OutputError> {
        let Self { path, format, place } = self;
        let written = match place {
            Place::Draft(mut draft) => format
                .write(content, draft.as_file_mut())
                .and_then(|()| Ok(draft.persist(&path).map(drop)?)),
            Place::Device => OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|mut device| format.write(content, &mut device)),
        };
        written.map_err(|source| refused(&path, source))
    }
}

impl OutputFormat {
    /// Whether what was found at several loads can be written so.
    const fn holds_loads(self) -> bool {
        matches!(self, Self::Html | Self::Json | Self::Csv)
    }

    fn write(self, content: Content<'_>, file: &mut std::fs::File) -> io::Result<()> {
        let mut out = BufWriter::new(file);
        match content {
            Content::Load(findings) => {
                self.write_load(&findings, &mut out)?;
                findings.measured.records.check()?;
            }
            Content::Loads(explored) => self.write_loads(explored, &mut out)?,
        }
        out.flush()
    }

    fn write_load(self, findings: &Findings<'_>, out: &mut (impl Write + Send)) -> io::Result<()> {
        match self {
            Self::Html => html::write(findings, out),
            Self::Json => out.write_all(findings.document.to_json()?.as_bytes()),
            Self::Vllm => vllm::write(findings, out),
            Self::Csv => csv::write(findings, out),
            Self::Parquet => parquet::write(findings, out),
            Self::Jsonl => write_records(findings, out),
        }
    }

    fn write_loads(self, explored: &ExplorationDocument, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Html => html::loads::write(explored, out),
            Self::Json => out.write_all(explored.to_json()?.as_bytes()),
            Self::Csv => csv::loads::write(explored, out),
            Self::Vllm | Self::Parquet | Self::Jsonl => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// How a request ended, in words.
struct Ending<'a> {
    outcome: &'static str,
    failure: Option<&'static str>,
    detail: Option<&'a str>,
}

impl<'a> Ending<'a> {
    fn of(record: &'a RequestRecord) -> Self {
        match &record.outcome {
            Outcome::Succeeded => Self { outcome: "succeeded", failure: None, detail: None },
            Outcome::Failed { reason, detail } => Self {
                outcome: "failed",
                failure: Some(crate::load::reason_name(*reason)),
                detail: Some(detail),
            },
            Outcome::Cut => Self { outcome: "cut", failure: None, detail: None },
        }
    }
}

/// A record that says by itself where it comes from.
#[derive(Serialize)]
struct Line<'a> {
    provenance: Provenance,
    #[serde(flatten)]
    record: &'a RequestRecord,
}

fn write_records(findings: &Findings<'_>, out: &mut impl Write) -> io::Result<()> {
    for record in &findings.measured.records {
        serde_json::to_writer(&mut *out, &Line { provenance: findings.document.provenance, record })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_what_to_write() {
        let format = |name: &str| format_of(Path::new(name));
        assert_eq!(format("a/b.JSON"), Some(OutputFormat::Json));
        assert_eq!(format("b.jsonl"), Some(OutputFormat::Jsonl));
        assert_eq!(format("b.vllm.json"), Some(OutputFormat::Vllm));
        assert_eq!(format("b.txt"), None);
        assert_eq!(format("json/b"), None);
    }

    #[test]
    fn what_cannot_be_written_is_told_before_the_measurement() {
        let folder = tempfile::tempdir().unwrap();
        let open = |names: &[&str]| {
            let files = names.iter().map(|name| folder.path().join(name)).collect();
            OutputArgs { files, output_format: None }.open(Extent::Load)
        };
        assert!(matches!(open(&["a.txt"]), Err(OutputError::UnknownEnd(_))));
        assert!(matches!(open(&["a.json", "a.json"]), Err(OutputError::Twice(_))));
        assert!(matches!(open(&["none/a.json"]), Err(OutputError::Refused { .. })));
        std::fs::create_dir(folder.path().join("b.json")).unwrap();
        assert!(matches!(open(&["b.json"]), Err(OutputError::Refused { .. })));
        let files = vec![folder.path().join("a.parquet")];
        let several = OutputArgs { files, output_format: None }.open(Extent::Loads);
        assert!(matches!(several, Err(OutputError::OneLoad(_))));
        // Nothing is left of an output that never came to be.
        assert_eq!(open(&["a.json", "a.jsonl"]).unwrap().len(), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
