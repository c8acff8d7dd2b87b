//! track-progress on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use events::{Event, EventBody};
use lambda::{Campaigns, Environment, Failure, Told};
use track_progress::{
    Context, SPENT, batch_ended, batches_submitted, campaign_held, campaign_unsettled, money_spent,
    reconcile, still_starting,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        ledger: environment.ledger().await?,
        dispatcher: environment.dispatcher().await?,
        objects: environment.objects().await?,
        bus: environment.bus().await?,
    };
    let campaigns = Campaigns::of(&context.ledger, &context.bus);
    lambda::run(Some(campaigns), async |told| {
        let now = Utc::now();
        let handled = match told {
            Told::Event(Event { body: EventBody::BatchesSubmitted(e), .. }) => {
                batches_submitted(&context, e, now).await
            }
            Told::Event(Event { body: EventBody::BatchEnded(e), .. }) => batch_ended(&context, e, now).await,
            Told::Event(Event { body: EventBody::CampaignHeld(e), .. }) => {
                campaign_held(&context, e, now).await
            }
            Told::Event(Event { body: EventBody::CampaignUnsettled(e), .. }) => {
                campaign_unsettled(&context, e, now).await
            }
            Told::Notified { topic } if topic.ends_with(SPENT) => money_spent(&context, now).await,
            Told::Starting { job, at } => still_starting(&context, job, *at, now).await,
            Told::Due { at, .. } => reconcile(&context, *at).await,
            _ => return Err(Failure::for_another(told)),
        };
        handled.map_err(|error| Failure::new(error.kind(), &error))
    })
    .await?;
    Ok(())
}
