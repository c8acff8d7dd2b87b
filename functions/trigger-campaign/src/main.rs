//! trigger-campaign on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use lambda::{Campaigns, Environment, Failure, Told};
use store::Uploads;
use trigger_campaign::{Context, Upload, scheduled, uploaded};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        ledger: environment.ledger().await?,
        objects: environment.objects().await?,
        bus: environment.bus().await?,
    };
    let campaigns = Campaigns::of(&context.ledger, &context.bus);
    lambda::run(Some(campaigns), async |told| {
        let now = Utc::now();
        let noted = match told {
            Told::Uploaded { bucket, key, size, sequencer } => match environment.uploaded(bucket, key)? {
                Some((Uploads::Specs, key)) => {
                    let upload = Upload { key: &key, bytes: *size, sequencer: sequencer.as_deref() };
                    uploaded(&context, &upload, now).await
                }
                _ => return Err(Failure::for_another(told)),
            },
            Told::Due { schedule, at } => scheduled(&context, schedule, *at, now).await,
            Told::Event(_) | Told::Starting { .. } | Told::Notified { .. } => {
                return Err(Failure::for_another(told));
            }
        };
        let note = noted.map_err(|error| Failure::new(error.kind(), &error))?;
        tracing::info!(?told, ?note);
        Ok(())
    })
    .await?;
    Ok(())
}
