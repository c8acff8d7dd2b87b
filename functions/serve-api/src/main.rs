//! serve-api on AWS Lambda, behind an HTTP API of API Gateway.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Error, Result};
use lambda::Environment;
use serve_api::{Context, CurrentSnapshot, Streams, TriggerByUpload, router};
use store::HotAnswers;

/// How long a question waits for a newer catalogue: nothing is read behind an answer, since the process is frozen then.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let (ledger, objects) = (environment.ledger().await?, environment.objects().await?);
    let stores = environment.result_stores().await?;
    let snapshot = CurrentSnapshot::new(stores.results.clone(), objects.clone());
    let context = Context {
        ledger: ledger.clone(),
        results: stores.results,
        rollups: stores.rollups,
        objects: objects.clone(),
        hot: HotAnswers::new(environment.hot()?),
        snapshot: Arc::new(snapshot.patient_for(PATIENCE).kept_in(&std::env::temp_dir())),
        bus: environment.bus().await?,
        trigger: Arc::new(TriggerByUpload { ledger, objects }),
        // An answer is sent as a whole.
        streams: Streams { once: true, ..Streams::default() },
    };
    lambda_http::run(router(context)).await.map_err(Error::from_boxed)
}
