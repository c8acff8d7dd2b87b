//! `assay import`: results of another store, and of other tools.

use anyhow::Result;
use chrono::Utc;
use formats::{Ask, Format};
use ingest_results::{HandlerError, ImportReport, Ingested, ingest};

use super::{print_json, progress, say};
use crate::arguments::Import;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};

/// Takes files in, one after the other, up to the first that cannot be used.
pub async fn import(data: &DataFolder, arguments: &Import) -> Result<Exit> {
    let stores = data.result_stores().await?;
    let stated = arguments.stated();
    let mut reports = Vec::new();
    for path in &arguments.files {
        let named = |problem: String| Unusable(format!("{}: {problem}", path.display()));
        let file = std::fs::read(path).map_err(|e| named(format!("cannot be read ({e}); check the path")))?;
        let name = path.file_name().map(|name| name.to_string_lossy());
        let taken = ingest(stores.results.as_ref(), name.as_deref(), &file, &stated, Utc::now()).await;
        let report = match taken {
            Err(HandlerError::File(bad)) => return Err(named(bad.to_string()).into()),
            taken => taken?,
        };
        if !report.asks.is_empty() {
            return Err(named(questions(&report)).into());
        }
        if !arguments.json {
            let Ingested { results, new } = (&report).into();
            let of = match report.format {
                Format::Assay => String::new(),
                Format::Foreign(format) => format!(" of {format}"),
            };
            say(format_args!("{}: {results} results{of}, {new} of them new", path.display()))?;
        }
        for left_out in &report.left_out {
            progress(format_args!("left out: {} {}", left_out.place, left_out.reason));
        }
        reports.push(report);
    }
    if arguments.json {
        print_json(&reports)?;
    }
    // The API answers from what was published last.
    let (ledger, objects) = (data.ledger().await?, data.objects().await?);
    publish_catalog::refresh(&stores, ledger.as_ref(), objects.as_ref(), Utc::now()).await?;
    progress("what was measured elsewhere is found with --provenance imported");
    Ok(Exit::Done)
}

/// What must be stated.
fn questions(report: &ImportReport) -> String {
    let ask = |ask: &Ask| format!("--{} ({})", ask.field.replace('_', "-"), ask.why);
    let asks: Vec<String> = report.asks.iter().map(ask).collect();
    format!("is of {}, and does not say everything; state it with {}", report.format, asks.join(", "))
}
