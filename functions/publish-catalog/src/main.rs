//! publish-catalog on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use events::{Event, EventBody};
use lambda::{Environment, Failure, Told};
use publish_catalog::{Context, handle, refresh};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        ledger: environment.ledger().await?,
        stores: environment.result_stores().await?,
        objects: environment.objects().await?,
        bus: environment.bus().await?,
        notifiers: environment.notifiers().await?,
        public_url: environment.public_url(),
    };
    lambda::run(Some(context.ledger.clone()), async |told| {
        let now = Utc::now();
        let handled = match told {
            Told::Event(Event { body: EventBody::CampaignCompleted(e), .. }) => {
                handle(&context, e, now).await
            }
            Told::Due { .. } => {
                refresh(&context.stores, context.ledger.as_ref(), context.objects.as_ref(), now)
                    .await
                    .map(drop)
            }
            _ => return Err(Failure::for_another(told)),
        };
        handled.map_err(|error| Failure::new(error.kind(), &error))
    })
    .await?;
    Ok(())
}
