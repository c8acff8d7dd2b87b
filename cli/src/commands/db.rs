//! `assay db`: prepares the stores and looks whether they can be used.

use anyhow::{Result, bail};
use store::open::{Tables, migrate_results, tables_of_results, without_credentials};

use super::say;
use crate::arguments::Db;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::host::runner_program;

/// Prepares or checks the stores.
pub async fn db(data: &DataFolder, command: &Db) -> Result<Exit> {
    match command {
        Db::Migrate => migrate(data).await,
        Db::Doctor => doctor(data).await,
    }
}

async fn migrate(data: &DataFolder) -> Result<Exit> {
    let url = data.results_url();
    let shown = without_credentials(&url);
    say(match migrate_results(&url).await? {
        Tables::KeptByOpening => {
            format!("{shown}: nothing to do; a SQLite file is kept up to date by whoever opens it")
        }
        Tables::UpToDate => format!("{shown}: nothing to do; it is up to date"),
        Tables::Behind(n) => format!("{shown}: {n} migrations applied"),
    })?;
    Ok(Exit::Done)
}

/// One line for each thing, so that the first that is wrong does not hide the others.
async fn doctor(data: &DataFolder) -> Result<Exit> {
    let checks = [
        ("results", results(data).await),
        ("ledger", data.ledger().await.map(|_| data.ledger_url())),
        ("objects", data.objects().await.map(|_| data.objects_url())),
        ("runner", runner_program().map(|path| path.display().to_string())),
    ];
    let wrong = checks.iter().filter(|(_, found)| found.is_err()).count();
    for (name, found) in checks {
        match found {
            Ok(what) => say(format_args!("ok     {name}: {what}"))?,
            Err(error) => say(format_args!("wrong  {name}: {error:#}"))?,
        }
    }
    if wrong > 0 {
        bail!("{wrong} of these cannot be used; mend them as their lines say");
    }
    Ok(Exit::Done)
}

async fn results(data: &DataFolder) -> Result<String> {
    let url = data.results_url();
    if let Tables::Behind(missing) = tables_of_results(&url).await? {
        bail!("{} lacks {missing} migrations; apply them with `assay db migrate`", without_credentials(&url));
    }
    let stored = data.results().await?.revision().await?;
    Ok(format!("{}, {stored} stored so far", without_credentials(&url)))
}
