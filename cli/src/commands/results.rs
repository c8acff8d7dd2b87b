//! `assay results`: what was measured.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use domain::BenchmarkResult;
use formats::export::{self, ExportError};

use super::{campaign_id, print_json, say};
use crate::arguments::{Results, ResultsFormat};
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::tables;

/// Prints results.
pub async fn results(data: &DataFolder, arguments: &Results) -> Result<Exit> {
    data.must_exist()?;
    let store = data.results_to_read().await?;
    let mut results = match &arguments.campaign {
        Some(id) => store.of_campaign(&campaign_id(id)?).await?,
        None => store.latest().await?,
    };
    results.retain(|r| arguments.provenance.is_none_or(|p| p == r.provenance));
    let out = arguments.out.as_deref();
    match (arguments.format(), out) {
        (ResultsFormat::Table, None) => say(tables::results(&results))?,
        (ResultsFormat::Table, Some(_)) => {
            return Err(Unusable(
                "`--out` is for files; add --format json, csv, parquet or llm-d".to_owned(),
            )
            .into());
        }
        (ResultsFormat::Json, None) => print_json(&results)?,
        (ResultsFormat::LlmD, Some(folder)) => reports(&results, folder)?,
        (ResultsFormat::LlmD, None) => match results.as_slice() {
            [only] => print_json(&export::llm_d::report(only)?)?,
            several => {
                let count = several.len();
                let told = format!("there are {count} results, and a report is of one; add --out FOLDER");
                return Err(Unusable(told).into());
            }
        },
        (ResultsFormat::Parquet, None) if std::io::stdout().is_terminal() => {
            return Err(Unusable("Parquet is nothing to be read; add --out FILE".to_owned()).into());
        }
        (format, None) => write(&results, format, std::io::stdout())?,
        (format, Some(path)) => {
            let named = || format!("{} cannot be written", path.display());
            let mut file = BufWriter::new(File::create(path).with_context(named)?);
            write(&results, format, &mut file).with_context(named)?;
            file.flush().with_context(named)?;
        }
    }
    Ok(if results.is_empty() { Exit::NothingFits } else { Exit::Done })
}

/// Writes results as a file. Who stops reading has read enough.
fn write(results: &[BenchmarkResult], format: ResultsFormat, mut out: impl Write + Send) -> Result<()> {
    let written = match format {
        ResultsFormat::Csv => export::csv(results, &mut out),
        ResultsFormat::Parquet => export::parquet(results, &mut out),
        ResultsFormat::Table | ResultsFormat::Json | ResultsFormat::LlmD => {
            serde_json::to_writer_pretty(&mut out, results).map_err(ExportError::from)
        }
    };
    match written {
        Err(error) if error.is_broken_pipe() => Ok(()),
        written => Ok(written?),
    }
}

/// A report for each result, by its run.
fn reports(results: &[BenchmarkResult], folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for result in results {
        let path = folder.join(format!("{}.json", result.run_id));
        let text = serde_json::to_string_pretty(&export::llm_d::report(result)?)?;
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}
