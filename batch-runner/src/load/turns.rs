//! The **next turn** of a conversation is made from what the server answered to the one before. It takes an answer's
//! text, which the timed path does not read, and has to be ready when the time to think is over: so each finished
//! exchange comes here first, on a thread of its own, and goes on to the decoder afterwards. What it takes to make a turn
//! that was due at once is issue lag.
//!
//! A conversation ends with its last turn, and before it when a request failed or its answer held no text.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender};

use measurement::answer::{self, StreamEnd};
use measurement::record::Outcome;
use traffic::conversations::{Place, think_ns};

use super::prompts::RequestMaker;
use super::protocols::Said;
use super::timed::{Close, Exchange, NextTurn};

/// Makes the turns that follow others.
pub(super) struct Turns {
    maker: RequestMaker,
    /// Conversations that go on.
    open: HashMap<u32, History>,
}

/// What was said in a conversation.
struct History {
    said: Vec<Said>,
    /// Its tokens: those of the messages as they were asked for, those of the answers as they were counted.
    tokens: Option<u64>,
}

impl Turns {
    pub(super) fn new(maker: RequestMaker) -> Self {
        Self { maker, open: HashMap::new() }
    }

    /// Makes the next turn after every exchange that has one, and hands the exchange on.
    pub(super) fn follow(mut self, exchanges: &Receiver<Exchange>, decoder: &Sender<Exchange>) {
        for mut exchange in exchanges {
            let reply = exchange.reply.take();
            let next = reply.as_ref().and_then(|_| self.next(&exchange));
            if next.is_none()
                && let Some(turn) = exchange.turn
            {
                self.open.remove(&turn.conversation);
            }
            if let Some(reply) = reply {
                // Nobody waits for it when the request failed or the run is over.
                let _ = reply.send(next);
            }
            if decoder.send(exchange).is_err() {
                return;
            }
        }
    }

    /// The turn after an exchange. None when its answer cannot be sent again.
    fn next(&mut self, exchange: &Exchange) -> Option<NextTurn> {
        let turn = exchange.turn?;
        let Close::Stream(StreamEnd::Closed) = exchange.close else { return None };
        let protocol = self.maker.workload.protocol;
        let (read, answer) = answer::read_text(protocol, &exchange.recording, StreamEnd::Closed);
        if read.outcome != Outcome::Succeeded || answer.is_empty() {
            return None;
        }
        let over = Place { index: turn.conversation, before: turn.turn - 1 };
        let place = Place { before: turn.turn, ..over };
        let history =
            self.open.entry(turn.conversation).or_insert(History { said: Vec::new(), tokens: None });
        history.said.push(Said { message: self.maker.message(over), answer });
        history.tokens = turn.asked_input_tokens.map(|tokens| tokens + read.output_tokens);
        let think = self.maker.workload.variety.conversation?.think_time;
        Some(NextTurn {
            due_ns: exchange.t_end_ns.saturating_add(think_ns(think, self.maker.seed, place)),
            // The host was checked when the address was read.
            request: self.maker.make_turn(place, &history.said, history.tokens).ok()?,
        })
    }
}
