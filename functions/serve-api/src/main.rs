//! serve-api on AWS Lambda, behind an HTTP API of API Gateway.

use std::sync::Arc;

use anyhow::{Error, Result};
use lambda::Environment;
use serve_api::{Context, CurrentSnapshot, TriggerByUpload, router};
use store::HotAnswers;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let (ledger, objects) = (environment.ledger().await?, environment.objects().await?);
    let results = environment.result_stores().await?.results;
    let context = Context {
        ledger: ledger.clone(),
        hot: HotAnswers::new(environment.hot()?),
        snapshot: Arc::new(CurrentSnapshot::new(results, objects.clone())),
        trigger: Arc::new(TriggerByUpload { ledger, objects }),
    };
    lambda_http::run(router(context)).await.map_err(Error::from_boxed)
}
