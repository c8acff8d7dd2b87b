//! `assay import`: results of another store.

use anyhow::Result;
use chrono::Utc;
use ingest_results::{HandlerError, Ingested, ingest};

use super::{progress, say};
use crate::arguments::Import;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};

/// Takes files in, one after the other, up to the first that cannot be used.
pub async fn import(data: &DataFolder, arguments: &Import) -> Result<Exit> {
    let stores = data.result_stores().await?;
    for path in &arguments.files {
        let named = |problem: String| Unusable(format!("{}: {problem}", path.display()));
        let file = std::fs::read(path).map_err(|e| named(format!("cannot be read ({e}); check the path")))?;
        let Ingested { results, new } = match ingest(stores.results.as_ref(), &file, Utc::now()).await {
            Err(HandlerError::File(bad)) => return Err(named(bad.to_string()).into()),
            ingested => ingested?,
        };
        say(format_args!("{}: {results} results, {new} of them new", path.display()))?;
    }
    // The API answers from what was published last.
    let (ledger, objects) = (data.ledger().await?, data.objects().await?);
    publish_catalog::refresh(&stores, ledger.as_ref(), objects.as_ref(), Utc::now()).await?;
    progress("what was measured elsewhere is found with --provenance imported");
    Ok(Exit::Done)
}
