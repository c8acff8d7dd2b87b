//! `assay db`: prepares the stores and looks whether they can be used.

use anyhow::{Result, bail};
use chrono::Utc;
use store::open::{Tables, migrate_results, tables_of_results, without_credentials};

use super::say;
use crate::arguments::Db;
use crate::data_folder::DataFolder;
use crate::exit::Exit;
use crate::host::runner_program;
use crate::jobs::open_workflows;

/// Prepares or checks the stores.
pub async fn db(data: &DataFolder, command: &Db) -> Result<Exit> {
    match command {
        Db::Migrate => migrate(data).await,
        Db::Doctor { hot, dispatcher } => doctor(data, hot, dispatcher.as_deref()).await,
    }
}

async fn migrate(data: &DataFolder) -> Result<Exit> {
    let url = data.results_url();
    let shown = without_credentials(&url);
    say(match migrate_results(&url, Utc::now().date_naive()).await? {
        (Tables::Shared { missing, .. }, Tables::Shared { mode, .. }) if missing > 0 => {
            format!("{shown}: {missing} migrations applied\n{mode}")
        }
        (Tables::Shared { facts_known: true, .. }, Tables::Shared { mode, .. }) => {
            format!("{shown}: it is up to date\n{mode}")
        }
        (_, Tables::Shared { mode, .. }) => {
            format!("{shown}: it now knows the models and prices of this version\n{mode}")
        }
        (_, Tables::KeptByOpening) => {
            format!("{shown}: nothing to do; a SQLite file is kept up to date by whoever opens it")
        }
    })?;
    Ok(Exit::Done)
}

/// One line for each thing, so that the first that is wrong does not hide the others.
async fn doctor(data: &DataFolder, hot: &str, dispatcher: Option<&str>) -> Result<Exit> {
    let jobs = match dispatcher {
        Some(url) => ("workflows", workflows(data, url).await),
        None => ("runner", runner_program().map(|path| path.display().to_string())),
    };
    let checks = [
        ("results", results(data).await),
        ("ledger", data.ledger().await.map(|_| data.ledger_url())),
        ("objects", data.objects().await.map(|_| data.objects_url())),
        ("bus", bus(data).await),
        ("hot results", hot_results(hot).await),
        jobs,
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
    let shown = without_credentials(&url);
    let kind = match tables_of_results(&url).await? {
        Tables::KeptByOpening => String::new(),
        Tables::Shared { missing, .. } if missing > 0 => {
            bail!("{shown} lacks {missing} migrations; apply them with `assay db migrate`")
        }
        Tables::Shared { facts_known: true, mode, .. } => format!("\n       {mode}"),
        Tables::Shared { mode, .. } => format!(
            "\n       {mode}\n       it knows the models and prices of another version (`assay db migrate`)"
        ),
    };
    let stored = data.result_stores().await?.results.revision().await?;
    Ok(format!("{shown}, {stored} stored so far{kind}"))
}

/// The bus is in the file of the folder's own ledger.
async fn bus(data: &DataFolder) -> Result<String> {
    let (_, bus) = data.ledger_and_bus().await?;
    let waiting = bus.waiting(None).await?;
    let who = if waiting.is_some() { "events wait for `assay run` or `assay up`" } else { "no event waits" };
    Ok(format!("{}, {who}", data.own_ledger_url()))
}

/// Whoever may not list workflows hears of no end.
async fn workflows(data: &DataFolder, url: &str) -> Result<String> {
    let opened = open_workflows(url, &data.ledger_url(), &data.objects_url()).await?;
    Ok(format!("{url}, {} run or wait to be heard", opened.not_told().await?))
}

async fn hot_results(url: &str) -> Result<String> {
    cloud::open::open_hot_results(url)?.check().await?;
    Ok(without_credentials(url))
}
