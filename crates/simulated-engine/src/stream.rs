//! The **stream** of an answer, in the shape of vLLM's: for a chat a role chunk that comes with the first
//! token, a chunk for each token, the finish reason on the last of them, usage in a chunk of its own when it
//! was asked for, `[DONE]`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use rand::rngs::StdRng;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::api::Kind;
use crate::engine::Token;
use crate::tokens;
use crate::truth::{RequestTruth, Truth};

/// What a stream says beside its tokens.
#[derive(Debug, Clone)]
pub(crate) struct StreamPlan {
    pub kind: Kind,
    pub id: String,
    pub model: String,
    pub created: u64,
    pub finish_reason: &'static str,
    pub prompt_tokens: u32,
    pub include_usage: bool,
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
        use std::fmt::Write;
        let StreamPlan { kind, id, model, created, .. } = &self.plan;
        let object = kind.chunk_object();
        let head = format!(r#"data: {{"id":"{id}","object":"{object}","created":{created},"model":{model}"#);
        let mut text = String::with_capacity(3 * head.len() + 128);
        let mut add = |choices: std::fmt::Arguments<'_>| {
            // Writing to a String does not fail.
            let _ = write!(text, "{head},{choices}}}\n\n");
        };
        if *kind == Kind::Chat && self.written == 0 {
            add(format_args!(
                r#""choices":[{{"index":0,"delta":{{"role":"assistant","content":""}},"logprobs":null,"finish_reason":null}}]"#
            ));
        }
        let word = tokens::draw(&mut self.rng);
        let finish = if token.last { format!("\"{}\"", self.plan.finish_reason) } else { "null".to_owned() };
        match kind {
            Kind::Chat => add(format_args!(
                r#""choices":[{{"index":0,"delta":{{"content":" {word}"}},"logprobs":null,"finish_reason":{finish}}}]"#
            )),
            Kind::Completions => add(format_args!(
                r#""choices":[{{"index":0,"text":" {word}","logprobs":null,"finish_reason":{finish},"stop_reason":null}}]"#
            )),
        }
        self.written += 1;
        if token.last {
            if self.plan.include_usage {
                let (prompt, completion) = (self.plan.prompt_tokens, self.written);
                let total = prompt + completion;
                add(format_args!(
                    r#""choices":[],"usage":{{"prompt_tokens":{prompt},"total_tokens":{total},"completion_tokens":{completion}}}"#
                ));
            }
            text.push_str("data: [DONE]\n\n");
        }
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
