//! The **engine loop** plays the batch in real time.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::SimulationConfig;
use crate::batching::Batching;

/// A step that ends this late is not caught up with: the machine was away.
const MOST_CATCH_UP: Duration = Duration::from_millis(200);

/// A token of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Whether it is the last one.
    pub last: bool,
}

/// A request to the engine.
#[derive(Debug)]
struct Submission {
    prompt_tokens: u32,
    answer_tokens: u32,
    tokens: UnboundedSender<Token>,
}

/// A way to submit sequences to the engine.
#[derive(Debug, Clone)]
pub(crate) struct EngineHandle {
    submissions: UnboundedSender<Submission>,
}

impl EngineHandle {
    /// Submits a sequence; its tokens arrive on the returned channel. Dropping that cancels the sequence.
    pub(crate) fn submit(&self, prompt_tokens: u32, answer_tokens: u32) -> UnboundedReceiver<Token> {
        let (tokens, receiver) = unbounded_channel();
        // When the engine has stopped, the sender is dropped here and the receiver sees an end without a last
        // token, which its holder treats as a broken stream.
        let _ = self.submissions.send(Submission { prompt_tokens, answer_tokens, tokens });
        receiver
    }
}

/// The engine and the handle to it. The engine runs until every handle is gone.
pub(crate) fn engine(config: &SimulationConfig) -> (EngineHandle, impl Future<Output = ()> + use<>) {
    let (submissions, received) = unbounded_channel();
    (EngineHandle { submissions }, play(Batching::new(config), received))
}

async fn play(mut batching: Batching<UnboundedSender<Token>>, mut received: UnboundedReceiver<Submission>) {
    let mut due = Instant::now();
    loop {
        while let Ok(submission) = received.try_recv() {
            submit(&mut batching, submission);
        }
        batching.cancel_where(UnboundedSender::is_closed);
        let Some(step) = batching.begin_step() else {
            let Some(submission) = received.recv().await else { return };
            submit(&mut batching, submission);
            due = Instant::now();
            continue;
        };
        // Steps are due from the last due instant, not from the wake-up, so that a timer's lateness does not
        // add up.
        due += step;
        let now = Instant::now();
        if due + MOST_CATCH_UP < now {
            due = now;
        }
        tokio::time::sleep_until(due).await;
        batching.end_step(|tokens, last| {
            // A receiver that has just gone is found by the next step's cancellation.
            let _ = tokens.send(Token { last });
        });
    }
}

fn submit(batching: &mut Batching<UnboundedSender<Token>>, submission: Submission) {
    batching.submit(submission.prompt_tokens, submission.answer_tokens, submission.tokens);
}
