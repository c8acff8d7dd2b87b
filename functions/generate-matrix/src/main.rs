//! generate-matrix on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use events::{Event, EventBody};
use generate_matrix::{Context, handle};
use lambda::{Campaigns, Environment, Failure, Told};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        ledger: environment.ledger().await?,
        results: environment.result_stores().await?.results,
        objects: environment.objects().await?,
        bus: environment.bus().await?,
    };
    let campaigns = Campaigns::of(&context.ledger, &context.bus);
    lambda::run(Some(campaigns), async |told| {
        let now = Utc::now();
        let handled = match told {
            Told::Event(Event { body: EventBody::CampaignRequested(e), .. }) => {
                handle(&context, e, now).await
            }
            _ => return Err(Failure::for_another(told)),
        };
        handled.map_err(|error| Failure::new(error.kind(), &error))
    })
    .await?;
    Ok(())
}
