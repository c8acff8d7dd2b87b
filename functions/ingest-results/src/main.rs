//! ingest-results on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use ingest_results::{Context, uploaded};
use lambda::{Environment, Failure, Told};
use store::Uploads;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        results: environment.result_stores().await?.results,
        objects: environment.objects().await?,
    };
    lambda::run(None, async |told| {
        let note = match told {
            Told::Uploaded { bucket, key, size, .. } => match environment.uploaded(bucket, key)? {
                Some((Uploads::Imports, key)) => uploaded(&context, &key, *size, Utc::now()).await,
                _ => return Err(Failure::for_another(told)),
            },
            Told::Event(_) | Told::Due { .. } | Told::Starting { .. } | Told::Notified { .. } => {
                return Err(Failure::for_another(told));
            }
        };
        let note = note.map_err(|error| Failure::new(error.kind(), &error))?;
        tracing::info!(?told, ?note);
        Ok(())
    })
    .await?;
    Ok(())
}
