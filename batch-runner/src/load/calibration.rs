//! **Calibration** finds how many words make a prompt of the length asked for, as the server counts tokens:
//! two short requests give a line, and two more at the length it predicts correct it. Words that are known to
//! be one token each need one short request, which tells what the server adds, and one that checks. What the server puts
//! around the messages of a conversation is told by two that say the same, in one message and in three.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::Workload;
use domain::workload::Protocol;
use http::StatusCode;
use measurement::answer;

use super::protocols::{self, Ask, Dialect, Prompt, Said};
use super::{LoadError, Target, prompts};
use crate::control;

/// How often a request is tried: a server that has just started may refuse the first.
const TRIES: u32 = 3;
/// Pause between tries.
const PAUSE: Duration = Duration::from_millis(200);
/// Words of a message in the requests that tell what is put around it.
const WORDS_OF_MESSAGE: u32 = 8;
/// Keeps the calibration's prompts apart from the run's, which a prefix cache would otherwise know.
const SEED_SALT: u64 = 0xca11_b8a7_e000_0000;

/// How many words a prompt has: a line through the point that was checked last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    at_words: f64,
    at_tokens: f64,
    tokens_per_word: f64,
    /// Tokens that the server puts around the messages of another turn.
    around_turn: f64,
    /// Prompt tokens that it took to find out.
    pub sent_tokens: u64,
    /// Whether the server counted. If not, a word is taken for a token.
    pub counted: bool,
}

impl Calibration {
    /// A word is taken for a token, since nobody counts.
    pub(super) const UNCOUNTED: Self = Self {
        at_words: 0.0,
        at_tokens: 0.0,
        tokens_per_word: 1.0,
        around_turn: 0.0,
        sent_tokens: 0,
        counted: false,
    };

    /// Words of a prompt of so many tokens, one at least.
    #[must_use]
    pub fn words(&self, tokens: u32) -> u32 {
        let more = (f64::from(tokens) - self.at_tokens) / self.tokens_per_word;
        (self.at_words + more).round().max(1.0) as u32
    }

    /// Words that make so many tokens inside a prompt, without what the server adds around it.
    #[must_use]
    pub fn words_within(&self, tokens: u32) -> u32 {
        (f64::from(tokens) / self.tokens_per_word).round() as u32
    }

    /// Words of a message that adds so many tokens to a conversation, one at least.
    #[must_use]
    pub fn words_of_turn(&self, tokens: u32) -> u32 {
        ((f64::from(tokens) - self.around_turn) / self.tokens_per_word).round().max(1.0) as u32
    }

    const fn through(at_words: f64, at_tokens: f64, tokens_per_word: f64) -> Self {
        Self { at_words, at_tokens, tokens_per_word, around_turn: 0.0, sent_tokens: 0, counted: true }
    }
}

/// Calibrates prompts against a server.
///
/// # Errors
/// When the server cannot be reached, refuses the request as wrong, or fails it time and again.
pub async fn calibrate(
    target: &Target,
    workload: &Workload,
    seed: u64,
    limit: Duration,
) -> Result<Calibration, LoadError> {
    let vocabulary = &*target.vocabulary;
    if workload.protocol == Protocol::CompletionsTokens && !vocabulary.is_exact() {
        let mend = "give its tokenizer, or ask for text";
        return Err(LoadError::bad_target("prompts of tokens need the model's tokenizer", mend));
    }
    let probe = Probe { target, workload, seed: seed ^ SEED_SALT, limit, sent_tokens: AtomicU64::new(0) };
    let wanted = f64::from(workload.input_tokens.get());
    let few = (workload.input_tokens.get() / 8).clamp(1, 256);
    let Some(at_few) = probe.tokens(0, few).await? else { return Ok(Calibration::UNCOUNTED) };
    let few_words = f64::from(few);
    let mut line = if vocabulary.is_exact() {
        // Only what the server adds is unknown: a template, a mark at the beginning.
        Calibration::through(few_words, at_few, 1.0)
    } else {
        let more = (few * 3).max(few + 8);
        let Some(at_more) = probe.tokens(1, more).await? else { return Ok(Calibration::UNCOUNTED) };
        let tokens_per_word = (at_more - at_few) / f64::from(more - few);
        if tokens_per_word <= 0.0 {
            // The count does not follow the prompt: nothing can be predicted, and the flag will tell.
            return Ok(Calibration::UNCOUNTED);
        }
        Calibration::through(few_words, at_few, tokens_per_word)
    };
    for index in 2..4 {
        let words = f64::from(line.words(workload.input_tokens.get()));
        let Some(tokens) = probe.tokens(index, words as u32).await? else { break };
        if vocabulary.is_exact() {
            if (tokens - wanted).abs() < 0.5 || words <= 1.0 {
                break;
            }
            // The server's tokenizer is another one after all.
            let tokens_per_word = (tokens - at_few) / (words - few_words);
            if tokens_per_word.is_finite() && tokens_per_word > 0.0 {
                line.tokens_per_word = tokens_per_word;
            }
        }
        let corrected = words + (wanted - tokens) / line.tokens_per_word;
        // The second correction is halved: tokenizers give words of the same number different lengths.
        let words = if index == 2 { corrected } else { f64::midpoint(words, corrected) };
        line = Calibration::through(words, wanted, line.tokens_per_word);
    }
    if workload.variety.conversation.is_some() {
        line.around_turn = probe.around_turn().await?;
    }
    line.sent_tokens = probe.sent_tokens.into_inner();
    Ok(line)
}

struct Probe<'a> {
    target: &'a Target,
    workload: &'a Workload,
    seed: u64,
    limit: Duration,
    /// Prompt tokens of all questions so far.
    sent_tokens: AtomicU64,
}

impl Probe<'_> {
    /// Tokens of a prompt of `words` words. None when the server does not count.
    async fn tokens(&self, index: u64, words: u32) -> Result<Option<f64>, LoadError> {
        self.count(&[], self.prompt(index, words)).await
    }

    fn prompt(&self, index: u64, words: u32) -> Prompt {
        prompts::prompt(self.workload.protocol, &self.target.vocabulary, (self.seed, index), words)
    }

    /// Tokens that the server puts around the messages of another turn; 0 when it does not count.
    async fn around_turn(&self) -> Result<f64, LoadError> {
        let text = |index| match self.prompt(index, WORDS_OF_MESSAGE) {
            Prompt::Text(text) => text,
            // No conversation is held in tokens.
            Prompt::Tokens(_) => String::new(),
        };
        let (message, answer, last) = (text(4), text(5), text(6));
        let alone = self.count(&[], Prompt::Text(format!("{message} {answer} {last}"))).await?;
        let apart = self.count(&[Said { message, answer }], Prompt::Text(last)).await?;
        Ok(apart.zip(alone).map_or(0.0, |(apart, alone)| (apart - alone).max(0.0)))
    }

    /// Tokens of a prompt after what was said before. None when the server does not count.
    async fn count(&self, before: &[Said], prompt: Prompt) -> Result<Option<f64>, LoadError> {
        let Target { address, model, key, dialect, .. } = self.target;
        let protocol = self.workload.protocol;
        // Some hosted models refuse to answer in fewer tokens.
        let output_tokens = match dialect {
            Dialect::Engine => 1,
            Dialect::Hosted => 16,
        };
        let ask = Ask { model, before, prompt, output_tokens, stream: false, dialect: *dialect };
        let body = Bytes::from(protocols::body(protocol, ask).to_string());
        let (path, headers) = (protocols::path(protocol), protocols::headers(protocol, key.as_ref()));
        let mut last = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match control::post(address, path, headers.clone(), body.clone(), self.limit).await {
                Ok(told) if told.status == StatusCode::OK => {
                    let tokens = answer::prompt_tokens(protocol, &told.body);
                    self.sent_tokens.fetch_add(tokens.unwrap_or(0), Ordering::Relaxed);
                    return Ok(tokens.map(|n| n as f64));
                }
                Ok(told) => last = Some(self.refused(told.status.as_u16(), &told.body)?),
                Err(source) => last = Some(LoadError::Unreachable { url: address.url(), source }),
            }
        }
        Err(last.unwrap_or_else(|| LoadError::Generator("the calibration made no request".to_owned())))
    }

    /// An error status: final when the request itself is wrong, else the error to give up with.
    fn refused(&self, status: u16, body: &[u8]) -> Result<LoadError, LoadError> {
        let mut sample = format!("HTTP {status}: {}", answer::error_message(body));
        // A server may quote what it was sent.
        if let Some(key) = &self.target.key {
            key.redact(&mut sample);
        }
        if matches!(status, 400..=499) && status != 429 && status != 408 {
            let url = self.target.address.url();
            let mend = match status {
                401 | 403 => "give its key, in an environment variable (--api-key-env)",
                404 => "check the model's name and the protocol",
                _ => "check the lengths asked for against the server's context",
            };
            return Err(LoadError::bad_target(format!("{url} refuses the request ({sample})"), mend));
        }
        let reasons = BTreeMap::from([(answer::reason_of_status(status), u64::from(TRIES))]);
        Ok(LoadError::AllFailed { reasons, sample })
    }
}
