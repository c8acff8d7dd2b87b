//! The **next turn** of a conversation is made from what the server answered to the one before. It takes an answer's
//! text, which the timed path does not read, and has to be ready when the time to think is over: so each finished
//! exchange comes here first, on a thread of its own, and goes on to the decoder afterwards. What it takes to make a turn
//! that was due at once is issue lag.
//!
//! A conversation ends with its last turn, and before it when a request failed or its answer held no text.

use std::mem;
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
}

impl Turns {
    pub(super) const fn new(maker: RequestMaker) -> Self {
        Self { maker }
    }

    /// Makes the next turn after every exchange that has one, and hands the exchange on.
    pub(super) fn follow(self, exchanges: &Receiver<Exchange>, decoder: &Sender<Exchange>) {
        for mut exchange in exchanges {
            let said = mem::take(&mut exchange.said);
            if let Some(reply) = exchange.reply.take() {
                // Nobody waits for it when the request failed or the run is over.
                let _ = reply.send(self.next(&exchange, said));
            }
            if decoder.send(exchange).is_err() {
                return;
            }
        }
    }

    /// The turn after an exchange, before which so much was `said`. None when its answer cannot be sent again.
    fn next(&self, exchange: &Exchange, mut said: Vec<Said>) -> Option<NextTurn> {
        let turn = exchange.turn?;
        let Close::Stream(StreamEnd::Closed) = exchange.close else { return None };
        let protocol = self.maker.workload.protocol;
        let (read, answer) = answer::read_text(protocol, &exchange.recording, StreamEnd::Closed);
        if read.outcome != Outcome::Succeeded || answer.is_empty() {
            return None;
        }
        let over = Place { index: turn.conversation, before: turn.turn - 1 };
        let place = Place { before: turn.turn, ..over };
        said.push(Said { message: self.maker.message(over), answer });
        // Those of the messages as they were asked for, those of the answers as they were counted. A count has the tokens
        // of reasoning in it, which is not sent again.
        let is_all_text = read.first_output == Some(0);
        let tokens =
            turn.asked_input_tokens.filter(|_| is_all_text).map(|tokens| tokens + read.output_tokens);
        let think = self.maker.workload.variety.conversation?.think_time;
        Some(NextTurn {
            due_ns: exchange.t_end_ns.saturating_add(think_ns(think, self.maker.seed, place)),
            // The host was checked when the address was read.
            request: self.maker.make_turn(place, said, tokens).ok()?,
        })
    }
}
