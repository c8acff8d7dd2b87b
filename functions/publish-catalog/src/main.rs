//! publish-catalog on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use events::{Event, EventBody};
use lambda::{Campaigns, Environment, Failure, Told};
use publish_catalog::{Context, handle, handle_failure, refresh};

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
    let campaigns = Campaigns::of(&context.ledger, &context.bus);
    lambda::run(Some(campaigns), async |told| {
        let now = Utc::now();
        let handled = match told {
            Told::Event(Event { body: EventBody::CampaignCompleted(e), .. }) => {
                handle(&context, e, now).await
            }
            Told::Event(Event { body: EventBody::CampaignFailed(e), .. }) => {
                handle_failure(&context, e, now).await
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
