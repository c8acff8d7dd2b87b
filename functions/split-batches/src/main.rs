//! split-batches on AWS Lambda.

use anyhow::Result;
use chrono::Utc;
use events::{Event, EventBody};
use lambda::{Campaigns, Environment, Failure, Told};
use split_batches::{Context, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::of_function()?;
    let context = Context {
        ledger: environment.ledger().await?,
        objects: environment.objects().await?,
        dispatcher: environment.dispatcher().await?,
        bus: environment.bus().await?,
    };
    let campaigns = Campaigns::of(&context.ledger, &context.bus);
    lambda::run(Some(campaigns), async |told| {
        let now = Utc::now();
        let handled = match told {
            Told::Event(Event { body: EventBody::MatrixGenerated(e), .. }) => handle(&context, e, now).await,
            _ => return Err(Failure::for_another(told)),
        };
        handled.map_err(|error| Failure::new(error.kind(), &error))
    })
    .await?;
    Ok(())
}
