//! serve-api on AWS Lambda, behind an HTTP API of API Gateway.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Error, Result};
use lambda::Environment;
use serve_api::{
    Context, CurrentSnapshot, Measures, MostBytes, PublishedBySchedule, Settings, Stated, TriggerByUpload,
    router,
};
use store::HotAnswers;

/// How long a question waits for a newer catalogue: nothing is read behind an answer, since the process is frozen then.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let mut settings = Settings::of(stated(&environment)?, lambda::small_file::text)?
        .of_function(environment.setting("ASSAY_ACCESS").as_deref())?;
    // An answer is sent as a whole.
    settings.streams.once = true;
    settings.most_bytes = Some(MostBytes::OF_LAMBDA);
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
        market: environment.market()?,
        trigger: Arc::new(TriggerByUpload { ledger, objects }),
        publishing: Arc::new(PublishedBySchedule),
        settings,
        measures: Measures::default(),
    };
    lambda_http::run(router(context)).await.map_err(Error::from_boxed)
}

fn stated(environment: &Environment) -> Result<Stated> {
    let setting = |name| environment.setting(name);
    let rate =
        setting("ASSAY_RATE_LIMIT").map(|rate| rate.parse().context("ASSAY_RATE_LIMIT is no number above 0"));
    let origins = setting("ASSAY_CORS_ORIGINS").unwrap_or_default();
    Ok(Stated {
        keys: setting("ASSAY_API_KEYS"),
        jwks: setting("ASSAY_JWKS"),
        jwt_issuer: setting("ASSAY_JWT_ISSUER"),
        jwt_audience: setting("ASSAY_JWT_AUDIENCE"),
        rate_limit: rate.transpose()?,
        origins: origins
            .split(',')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}
