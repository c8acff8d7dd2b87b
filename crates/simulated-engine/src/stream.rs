//! The **stream** of an answer: a body that yields what [`wire`] makes of each token when the engine has it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use rand::rngs::StdRng;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::api::Asked;
use crate::engine::Token;
use crate::tokens;
use crate::truth::{RequestTruth, Truth};
use crate::wire::{self, Word};

/// What a stream says beside its tokens.
#[derive(Debug, Clone)]
pub(crate) struct StreamPlan {
    pub asked: Asked,
    pub id: String,
    /// The model's name as JSON.
    pub model: String,
    pub created: u64,
    /// Break off after this many tokens.
    pub truncate_after: Option<u32>,
}

/// The body of a streamed answer.
#[derive(Debug)]
pub(crate) struct TokenStream {
    plan: StreamPlan,
    received: UnboundedReceiver<Token>,
    rng: StdRng,
    written: u32,
    ended: bool,
    truth: RequestTruth,
    report_to: Option<Arc<Truth>>,
}

impl TokenStream {
    pub(crate) fn new(
        plan: StreamPlan,
        received: UnboundedReceiver<Token>,
        rng: StdRng,
        truth: RequestTruth,
        report_to: Option<Arc<Truth>>,
    ) -> Self {
        Self { plan, received, rng, written: 0, ended: false, truth, report_to }
    }

    fn write(&mut self, token: Token) -> Bytes {
        let mut text = String::with_capacity(512);
        let word = Word { text: tokens::draw(&mut self.rng), nth: self.written, last: token.last };
        // Writing to a String does not fail.
        let _ = wire::write(&mut text, &self.plan, word);
        self.written += 1;
        Bytes::from(text)
    }
}

impl Body for TokenStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let token = ready!(self.received.poll_recv(cx));
        let cut = self.plan.truncate_after.is_some_and(|limit| self.written >= limit);
        let Some(token) = token.filter(|_| !cut) else {
            self.ended = true;
            return Poll::Ready(Some(Err(io::Error::other("the stream was broken off"))));
        };
        self.ended = token.last;
        let bytes = self.write(token);
        self.truth.writes.push(Instant::now());
        self.truth.complete = token.last;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Drop for TokenStream {
    fn drop(&mut self) {
        if let Some(report_to) = &self.report_to {
            report_to.add(self.truth.clone());
        }
    }
}
