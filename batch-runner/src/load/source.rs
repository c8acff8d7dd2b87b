//! A **source** says what each request of a run asks for: how long its prompt and its answer are, and what the
//! prompt is made of. It is a pure function of the run's seed and the request's index, or its place in a conversation.

use std::num::NonZeroU32;
use std::sync::Arc;

use domain::{Lengths, Load, Workload};
use traffic::conversations::{self, Place};
use traffic::dataset::Entry;
use traffic::lengths::draw;
use traffic::trace::TraceRequest;

/// Keep the random numbers of the two lengths apart from each other's and from the prompts'.
const INPUT_SALT: u64 = 0x1e49_7421_0000_0001;
const OUTPUT_SALT: u64 = 0x1e49_7421_0000_0002;

/// Where requests come from. What it holds must be what the workload names.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Source {
    /// Prompts are made up, with lengths as the workload says.
    #[default]
    Synthetic,
    /// Instants and lengths of a trace.
    Trace(Arc<Trace>),
    /// Prompts of a dataset, in its order and around again, whatever the seed: the first turns of its conversations, or
    /// where requests are turns all of them, with the server's own answers in between.
    Dataset {
        /// The conversations, each of one turn at least.
        conversations: Arc<[Vec<Entry>]>,
        /// Those that other runs sent before: this one begins after them.
        sent_before: u64,
        /// Lengths of the answers to those that do not tell.
        otherwise: Lengths,
    },
}

/// A trace and the pace at which it is replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Its requests, one at least.
    pub requests: Vec<TraceRequest>,
    /// So many times faster than it was recorded.
    pub speed: f64,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub made_of: MadeOf<'a>,
    /// Tokens of the answer.
    pub output_tokens: NonZeroU32,
}

/// What a prompt is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum MadeOf<'a> {
    /// Words for so many tokens.
    Words(NonZeroU32),
    /// The same, in blocks: those of equal names are equal.
    Blocks(NonZeroU32, &'a [u64]),
    /// This text.
    Text(&'a str),
}

impl MadeOf<'_> {
    /// Its tokens. None when only the server can tell.
    pub(super) const fn tokens(&self) -> Option<NonZeroU32> {
        match self {
            Self::Words(tokens) | Self::Blocks(tokens, _) => Some(*tokens),
            Self::Text(_) => None,
        }
    }
}

impl Source {
    /// How many turns a conversation has. Where many begin at once, in a closed loop, the first of each slot ends after
    /// any of its turns, so that they do not all walk in step. One of a dataset has no more than there. None where
    /// requests stand alone.
    pub(super) fn turns(&self, workload: &Workload, seed: u64, conversation: u32) -> Option<NonZeroU32> {
        let drawn = conversations::turns(workload.variety.conversation.as_ref()?, seed, conversation);
        let there = match self {
            Self::Dataset { conversations, sent_before, .. } => {
                around(conversations, sent_before + u64::from(conversation)).map(Vec::len)
            }
            Self::Synthetic | Self::Trace(_) => None,
        };
        let there = there.and_then(|turns| NonZeroU32::new(u32::try_from(turns).ok()?));
        let turns = there.map_or(drawn, |there| drawn.min(there));
        Some(match workload.load {
            Load::ClosedLoop { concurrency } if (2..=concurrency.get()).contains(&(conversation + 1)) => {
                conversations::first_turns(turns, seed, conversation)
            }
            _ => turns,
        })
    }

    /// What a request asks for.
    pub(super) fn wanted(&self, workload: &Workload, seed: u64, place: Place) -> Wanted<'_> {
        let output = |lengths| draw(lengths, seed ^ OUTPUT_SALT, place.number());
        let input = match workload.variety.conversation {
            Some(conversation) if place.before > 0 => conversation.turn_input_tokens,
            _ => workload.input_lengths(),
        };
        let made_up = || Wanted {
            made_of: MadeOf::Words(draw(input, seed ^ INPUT_SALT, place.number())),
            output_tokens: output(workload.output_lengths()),
        };
        match self {
            Self::Synthetic => made_up(),
            Self::Trace(trace) => {
                around(&trace.requests, place.index.into()).map_or_else(made_up, |request| Wanted {
                    made_of: MadeOf::Blocks(request.input_tokens, &request.blocks),
                    output_tokens: request.output_tokens,
                })
            }
            Self::Dataset { conversations, sent_before, otherwise } => {
                let turns = around(conversations, sent_before + u64::from(place.index));
                turns.and_then(|turns| turns.get(place.before as usize)).map_or_else(made_up, |entry| {
                    Wanted {
                        made_of: MadeOf::Text(&entry.prompt),
                        output_tokens: entry.output_tokens.unwrap_or_else(|| output(*otherwise)),
                    }
                })
            }
        }
    }
}

/// The one with an index, from the first on and around again.
fn around<T>(all: &[T], index: u64) -> Option<&T> {
    all.get(usize::try_from(index.checked_rem(all.len() as u64)?).ok()?)
}
