//! `assay report`: the report of a campaign.

use std::io::{IsTerminal, Write, stdout};

use anyhow::{Context, Result, bail};
use store::{ObjectKey, ReportForm};

use super::{campaign_id, progress};
use crate::arguments::Report;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};

/// Prints a report, or writes it to a file.
pub async fn report(data: &DataFolder, arguments: &Report) -> Result<Exit> {
    data.must_exist()?;
    let id = campaign_id(&arguments.campaign)?;
    let form = match arguments {
        Report { pdf: true, .. } => ReportForm::Pdf,
        Report { json: true, .. } => ReportForm::Json,
        _ => ReportForm::Html,
    };
    if form == ReportForm::Pdf && arguments.out.is_none() && stdout().is_terminal() {
        return Err(Unusable("a PDF is nothing for a terminal; add --out FILE".to_owned()).into());
    }
    let Some(report) = data.objects().await?.get(&ObjectKey::report(&id, form)).await? else {
        bail!(
            "there is no report of a campaign {id}; it is made when the campaign has ended: `assay campaign list` tells"
        );
    };
    match &arguments.out {
        Some(file) => {
            tokio::fs::write(file, &report)
                .await
                .with_context(|| format!("{} cannot be written", file.display()))?;
            progress(format_args!("report written to {}", file.display()));
        }
        None => {
            stdout().lock().write_all(&report).context("the report cannot be written to standard output")?;
        }
    }
    Ok(Exit::Done)
}
