//! A **prompt** is a sequence of random words, unique to its request, so that no prefix cache can
//! help, and a pure function of the seed and the request's place, so that a run can be repeated. Where prompts are to
//! share something, those words are a function of the seed and of what is shared. Only what a server answered is not
//! known before, and a later turn of a conversation sends it again.

use std::sync::Arc;

use bytes::Bytes;
use domain::Workload;
use domain::workload::Protocol;
use http::{HeaderValue, Request, header};
use measurement::record::Turn;
use rand::SeedableRng;
use rand::rngs::StdRng;
use traffic::conversations::Place;
use traffic::trace;

use super::calibration::Calibration;
use super::protocols::{self, Ask, Dialect, Prompt, Said};
use super::source::{MadeOf, Source, Wanted};
use super::{Vocabulary, timed};
use crate::api_key::ApiKey;
use crate::transport::Address;

/// The prompt of a request of a run (its seed and index): `words` words.
#[must_use]
pub fn prompt(protocol: Protocol, vocabulary: &Vocabulary, (seed, index): (u64, u64), words: u32) -> Prompt {
    // Streams of one seed are kept apart by the odd constant of splitmix64.
    let mut rng = StdRng::seed_from_u64(seed ^ index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    match protocol {
        Protocol::CompletionsTokens => Prompt::Tokens(vocabulary.tokens(&mut rng, words)),
        Protocol::Chat | Protocol::Completions | Protocol::Tgi | Protocol::Anthropic => {
            Prompt::Text(vocabulary.text(&mut rng, words))
        }
    }
}

/// Makes the requests of a run.
#[derive(Debug, Clone)]
pub struct RequestMaker {
    /// Where they go.
    pub address: Address,
    /// The model's name.
    pub model: String,
    /// What is asked.
    pub workload: Workload,
    /// What prompts are made of.
    pub vocabulary: Arc<Vocabulary>,
    /// The server's key.
    pub key: Option<ApiKey>,
    /// What it understands.
    pub dialect: Dialect,
    /// How many words they have.
    pub calibration: Calibration,
    /// Where requests come from.
    pub source: Source,
    /// Seed of the run.
    pub seed: u64,
}

/// Stands for the index of a request in what all prompts share.
const SHARED: u64 = u64::MAX - 1;
/// Added to the names of blocks, so that they are no indices.
const BLOCKS: u64 = 1 << 40;

impl RequestMaker {
    /// The request with an index, or the first turn of the conversation with it, ready to be sent.
    ///
    /// # Errors
    /// Those of [`Self::make_turn`].
    pub(super) fn make(&self, index: u32) -> Result<timed::Prepared, http::Error> {
        self.make_turn(Place::first(index), Vec::new(), Some(0))
    }

    /// The request at a place, after what was `said` before in so many tokens. Its `x-request-id` is
    /// `assay-<seed>-<index>`, and of a later turn `assay-<seed>-<conversation>.<turn>`.
    ///
    /// # Errors
    /// When the host cannot be written in a URI or a header.
    pub(super) fn make_turn(
        &self,
        place: Place,
        said: Vec<Said>,
        tokens_before: Option<u64>,
    ) -> Result<timed::Prepared, http::Error> {
        let Wanted { made_of, output_tokens } = self.source.wanted(&self.workload, self.seed, place);
        let protocol = self.workload.protocol;
        let turn = self.source.turns(&self.workload, self.seed, place.index).map(|turns| Turn {
            conversation: place.index,
            turn: place.before + 1,
            turns: turns.get(),
            asked_input_tokens: tokens_before
                .zip(made_of.tokens())
                .map(|(before, own)| before + u64::from(own.get())),
        });
        let prompt = self.prompt(made_of, place);
        let ask = Ask {
            model: &self.model,
            before: &said,
            prompt,
            output_tokens: output_tokens.get(),
            stream: true,
            dialect: self.dialect,
        };
        let name = if place.before == 0 {
            place.index.to_string()
        } else {
            format!("{}.{}", place.index, place.before + 1)
        };
        let body = protocols::body(protocol, ask).to_string();
        let mut request = Request::post(self.address.uri(protocols::path(protocol))?)
            .header(header::HOST, HeaderValue::try_from(self.address.authority())?)
            .header(header::ACCEPT, HeaderValue::from_static("text/event-stream"))
            .header("x-request-id", format!("assay-{:x}-{name}", self.seed))
            .body(Bytes::from(body))?;
        request.headers_mut().extend(protocols::headers(protocol, self.key.as_ref()));
        Ok(timed::Prepared { request, output_tokens: output_tokens.get(), turn, said })
    }

    /// The message that a turn of a conversation adds to what was said before.
    pub(super) fn message(&self, place: Place) -> String {
        match self.prompt(self.source.wanted(&self.workload, self.seed, place).made_of, place) {
            Prompt::Text(text) => text,
            // No conversation is held in tokens.
            Prompt::Tokens(_) => String::new(),
        }
    }

    fn prompt(&self, made_of: MadeOf<'_>, place: Place) -> Prompt {
        let own = place.number();
        match made_of {
            MadeOf::Text(text) => Prompt::Text(text.to_owned()),
            MadeOf::Words(tokens) if place.before > 0 => {
                self.joined([], own, self.calibration.words_of_turn(tokens.get()))
            }
            MadeOf::Words(tokens) => {
                let words = self.calibration.words(tokens.get());
                // Something is left that is the request's own.
                let shared = self.workload.variety.shared_prefix_tokens;
                let shared = self.calibration.words_within(shared).min(words.saturating_sub(1));
                self.joined([(SHARED, shared)], own, words)
            }
            MadeOf::Blocks(tokens, blocks) => {
                let of_block = self.calibration.words_within(trace::BLOCK_TOKENS);
                let named = blocks.iter().map(|block| (BLOCKS.wrapping_add(*block), of_block));
                self.joined(named, own, self.calibration.words(tokens.get()))
            }
        }
    }

    /// So many words: of each named part its own until there are enough, then the request's own.
    fn joined(&self, named: impl IntoIterator<Item = (u64, u32)>, own: u64, words: u32) -> Prompt {
        let made =
            |of: u64, words: u32| prompt(self.workload.protocol, &self.vocabulary, (self.seed, of), words);
        let mut left = words;
        let mut whole: Option<Prompt> = None;
        for (of, words) in named.into_iter().chain([(own, u32::MAX)]) {
            let words = words.min(left);
            left -= words;
            if words > 0 {
                let part = made(of, words);
                whole = Some(match whole {
                    Some(whole) => whole.then(part),
                    None => part,
                });
            }
        }
        whole.unwrap_or_else(|| made(own, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_unique_and_repeatable() {
        let common = Vocabulary::common();
        let prompt = |seed, index, words| match prompt(Protocol::Chat, &common, (seed, index), words) {
            Prompt::Text(text) => text,
            Prompt::Tokens(_) => String::new(),
        };
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..4 {
            for index in 0..100 {
                let text = prompt(seed, index, 20);
                assert_eq!(text.split(' ').count(), 20);
                assert_eq!(text, prompt(seed, index, 20));
                assert!(seen.insert(text));
            }
        }
        assert_eq!(prompt(1, 1, 0), "");
    }

    use crate::load::source::Trace;

    fn maker(source: Source, shared_prefix_tokens: u32) -> RequestMaker {
        RequestMaker {
            address: Address::parse("http://127.0.0.1:1").unwrap(),
            model: "m".to_owned(),
            workload: Workload {
                use_case: domain::UseCase::Chatbot,
                input_tokens: "40".parse().unwrap(),
                output_tokens: "7".parse().unwrap(),
                load: domain::Load::ClosedLoop { concurrency: "1".parse().unwrap() },
                protocol: Protocol::Chat,
                variety: domain::Variety { shared_prefix_tokens, ..Default::default() },
            },
            vocabulary: Arc::new(Vocabulary::common()),
            key: None,
            dialect: Dialect::Engine,
            calibration: Calibration::UNCOUNTED,
            source,
            seed: 3,
        }
    }

    fn words(maker: &RequestMaker, index: u32) -> (Vec<String>, u32) {
        let place = Place::first(index);
        let Wanted { made_of, output_tokens } = maker.source.wanted(&maker.workload, maker.seed, place);
        let Prompt::Text(text) = maker.prompt(made_of, place) else { panic!("tokens") };
        (text.split(' ').map(str::to_owned).collect(), output_tokens.get())
    }

    #[test]
    fn a_shared_prefix_is_the_same_in_every_prompt_and_nothing_else_is() {
        let maker = maker(Source::Synthetic, 30);
        let (a, b) = (words(&maker, 0).0, words(&maker, 1).0);
        assert_eq!((a.len(), b.len()), (40, 40));
        assert_eq!(a[..30], b[..30]);
        assert_ne!(a[30..], b[30..]);
    }

    #[test]
    fn a_message_depends_on_its_place_alone() {
        let mut maker = maker(Source::Synthetic, 30);
        maker.workload.variety.conversation = Some(domain::Conversation {
            turns: "4".parse().unwrap(),
            turn_input_tokens: "uniform:8-12".parse().unwrap(),
            think_time: "1s".parse().unwrap(),
        });
        let places = || (0..20).flat_map(|index| (0..4).map(move |before| Place { index, before }));
        let messages: Vec<String> = places().map(|place| maker.message(place)).collect();
        maker.workload.load = domain::Load::ClosedLoop { concurrency: "7".parse().unwrap() };
        let mut again: Vec<String> = places().rev().map(|place| maker.message(place)).collect();
        again.reverse();
        assert_eq!(messages, again);
        for (place, message) in places().zip(&messages) {
            let words = message.split(' ').count();
            assert!(if place.before == 0 { words == 40 } else { (8..=12).contains(&words) }, "{message}");
        }
        assert_eq!(messages.iter().collect::<std::collections::BTreeSet<_>>().len(), 80);
    }

    #[test]
    fn blocks_of_a_trace_are_shared_by_name() {
        let request = |input: u32, blocks: &[u64]| trace::TraceRequest {
            at_ns: 0,
            input_tokens: input.try_into().unwrap(),
            output_tokens: input.div_ceil(100).try_into().unwrap(),
            blocks: blocks.into(),
        };
        let requests = vec![request(1100, &[1, 2, 3]), request(1100, &[1, 2, 4]), request(600, &[9])];
        let trace = Trace { requests, speed: 1.0 };
        let maker = maker(Source::Trace(Arc::new(trace)), 0);
        let all: Vec<(Vec<String>, u32)> = (0..4).map(|index| words(&maker, index)).collect();
        assert_eq!(
            all.iter().map(|(w, out)| (w.len(), *out)).collect::<Vec<_>>(),
            [(1100, 11), (1100, 11), (600, 6), (1100, 11)]
        );
        assert_eq!(all[0].0[..1024], all[1].0[..1024]);
        assert_ne!(all[0].0[1024..], all[1].0[1024..]);
        assert_ne!(all[0].0[..512], all[2].0[..512]);
    }
}
