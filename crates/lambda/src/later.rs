//! What failed comes again **later**. Lambda would leave it until the visibility timeout of the queue is over, which is six times the
//! function's: up to an hour. So the function puts it off itself, as our own consumer does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use cloud::aws::Aws;
use cloud::event_bridge::{SqsQueue, Unhandled};
use store::StoreError;
use tokio::sync::{Mutex, OnceCell};

/// The queues that messages come from. Each is looked for when the first of its messages has failed.
#[derive(Debug, Default)]
pub struct Later {
    aws: OnceCell<Aws>,
    queues: Mutex<BTreeMap<String, SqsQueue>>,
}

impl Later {
    /// Of an account that is known already.
    #[must_use]
    pub fn of(aws: Aws) -> Self {
        Self { aws: OnceCell::new_with(Some(aws)), queues: Mutex::default() }
    }

    /// Puts messages of the queue with this ARN off. Where that fails they come again all the same, when the visibility timeout is
    /// over.
    pub(crate) async fn put_off(&self, arn: &str, messages: &[Unhandled<'_>]) {
        // Boxed: a call of the SDK is so deep a future that the compiler would not lay out whoever awaits it.
        if let Err(error) = Box::pin(self.try_put_off(arn, messages)).await {
            tracing::warn!(queue = arn, %error, "what failed comes again only when its visibility timeout is over");
        }
    }

    async fn try_put_off(&self, arn: &str, messages: &[Unhandled<'_>]) -> Result<(), StoreError> {
        let Some((_, name)) = arn.rsplit_once(':') else { return Ok(()) };
        let aws = self.aws.get_or_init(Aws::from_environment).await;
        let mut queues = self.queues.lock().await;
        let queue = match queues.entry(name.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(SqsQueue::find(aws, name).await?),
        };
        queue.put_off(messages).await
    }
}
