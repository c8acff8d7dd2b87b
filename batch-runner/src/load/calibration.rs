//! **Calibration** finds how many words make a prompt of the length asked for, as the server counts tokens:
//! two short requests give a line, and two more at the length it predicts correct it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use domain::Workload;
use http::StatusCode;
use measurement::openai;

use super::{LoadError, prompts};
use crate::control::{self, Address};

/// How often a request is tried: a server that has just started may refuse the first.
const TRIES: u32 = 3;
/// Pause between tries.
const PAUSE: Duration = Duration::from_millis(200);
/// Keeps the calibration's prompts apart from the run's, which a prefix cache would otherwise know.
const SEED_SALT: u64 = 0xca11_b8a7_e000_0000;

/// How many words a prompt has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calibration {
    /// Words of a prompt.
    pub words: u32,
    /// Whether the server counted. If not, a word is taken for a token.
    pub counted: bool,
}

/// Calibrates prompts against a server.
///
/// # Errors
/// When the server cannot be reached, refuses the request as wrong, or fails it time and again.
pub async fn calibrate(
    address: &Address,
    model: &str,
    workload: &Workload,
    seed: u64,
    limit: Duration,
) -> Result<Calibration, LoadError> {
    let probe = Probe { address, model, workload, seed: seed ^ SEED_SALT, limit };
    let wanted = f64::from(workload.input_tokens.get());
    let few = (workload.input_tokens.get() / 8).clamp(1, 256);
    let more = (few * 3).max(few + 8);
    let (Some(at_few), Some(at_more)) = (probe.tokens(0, few).await?, probe.tokens(1, more).await?) else {
        return Ok(Calibration { words: workload.input_tokens.get(), counted: false });
    };
    let slope = (at_more - at_few) / f64::from(more - few);
    if slope <= 0.0 {
        // The count does not follow the prompt: nothing can be predicted, and the flag will tell.
        return Ok(Calibration { words: workload.input_tokens.get(), counted: false });
    }
    let to_words = |tokens_more: f64, from: f64| (from + tokens_more / slope).round().max(1.0);
    let mut words = to_words(wanted - at_few, f64::from(few));
    for index in 2..4 {
        let Some(tokens) = probe.tokens(index, words as u32).await? else { break };
        let corrected = to_words(wanted - tokens, words);
        // The second correction is halved: tokenizers give words of the same number different lengths.
        words = if index == 2 { corrected } else { ((words + corrected) / 2.0).round() };
    }
    Ok(Calibration { words: words as u32, counted: true })
}

struct Probe<'a> {
    address: &'a Address,
    model: &'a str,
    workload: &'a Workload,
    seed: u64,
    limit: Duration,
}

impl Probe<'_> {
    /// Tokens of a prompt of `words` words. None when the server does not count.
    async fn tokens(&self, index: u64, words: u32) -> Result<Option<f64>, LoadError> {
        let prompt = prompts::prompt(self.seed, index, words);
        let body = Bytes::from(prompts::body(self.workload.protocol, self.model, &prompt, 1).to_string());
        let path = prompts::path(self.workload.protocol);
        let mut last = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            match control::post(self.address, path, body.clone(), self.limit).await {
                Ok(answer) if answer.status == StatusCode::OK => {
                    return Ok(openai::usage_of_answer(&answer.body).map(|u| u.prompt_tokens as f64));
                }
                Ok(answer) => last = Some(self.refused(answer.status.as_u16(), &answer.body)?),
                Err(source) => last = Some(LoadError::Unreachable { url: self.address.url(), source }),
            }
        }
        Err(last.unwrap_or_else(|| LoadError::Generator("the calibration made no request".to_owned())))
    }

    /// An error status: final when the request itself is wrong, else the error to give up with.
    fn refused(&self, status: u16, body: &[u8]) -> Result<LoadError, LoadError> {
        let sample = format!("HTTP {status}: {}", openai::error_message(body));
        if matches!(status, 400..=499) && status != 429 && status != 408 {
            let url = self.address.url();
            let mend = match status {
                401 | 403 => "start the server without a key",
                404 => "check the model's name and the protocol (chat or completions)",
                _ => "check the lengths asked for against the server's context",
            };
            return Err(LoadError::bad_target(format!("{url} refuses the request ({sample})"), mend));
        }
        let reasons = BTreeMap::from([(openai::reason_of_status(status), u64::from(TRIES))]);
        Ok(LoadError::AllFailed { reasons, sample })
    }
}
