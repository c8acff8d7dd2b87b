//! **Continuous batching**: at every step each running sequence yields a token; sequences join when there is
//! room and leave when they are done. Prompts are processed in the same steps, in pieces.
//!
//! A step takes `base + per_seq x sequences + per_ktoken x kilotokens in the KV cache + prompt tokens /
//! prefill speed`, give or take the jitter. This module knows no clock: it plans a step, says how long it
//! takes, and is told when that time is over.

use std::collections::VecDeque;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::SimulationConfig;

/// Most prompt tokens in one step, so that long prompts do not stop the others' answers.
const PREFILL_TOKENS_PER_STEP: u32 = 2_048;

/// A sequence in the batch or in line for it; `T` is whoever waits for its tokens.
#[derive(Debug)]
struct Sequence<T> {
    prompt_left: u32,
    in_cache: u32,
    answer_left: u32,
    receiver: T,
}

/// The state of the batch.
#[derive(Debug)]
pub struct Batching<T> {
    prefill_tokens_per_s: f64,
    base_ms: f64,
    per_seq_ms: f64,
    per_ktoken_ms: f64,
    jitter: f64,
    max_num_seqs: usize,
    rng: StdRng,
    waiting: VecDeque<Sequence<T>>,
    running: Vec<Sequence<T>>,
}

impl<T> Batching<T> {
    /// An empty batch.
    #[must_use]
    pub fn new(config: &SimulationConfig) -> Self {
        Self {
            prefill_tokens_per_s: config.prefill_tokens_per_s,
            base_ms: config.step_base_ms,
            per_seq_ms: config.step_per_seq_ms,
            per_ktoken_ms: config.step_per_ktoken_ms,
            jitter: config.step_jitter_percent / 100.0,
            max_num_seqs: usize::try_from(config.max_num_seqs.get()).unwrap_or(usize::MAX),
            rng: StdRng::seed_from_u64(config.seed),
            waiting: VecDeque::new(),
            running: Vec::new(),
        }
    }

    /// Puts a sequence in line.
    pub fn submit(&mut self, prompt_tokens: u32, answer_tokens: u32, receiver: T) {
        self.waiting.push_back(Sequence {
            prompt_left: prompt_tokens,
            in_cache: 0,
            answer_left: answer_tokens.max(1),
            receiver,
        });
    }

    /// Drops the sequences that nobody waits for any more.
    pub fn cancel_where(&mut self, gone: impl Fn(&T) -> bool) {
        self.waiting.retain(|s| !gone(&s.receiver));
        self.running.retain(|s| !gone(&s.receiver));
    }

    /// Sequences in the batch.
    #[must_use]
    pub const fn running(&self) -> usize {
        self.running.len()
    }

    /// Begins a step: lets sequences join and processes prompts. Returns how long it takes, or None when
    /// there is nothing to do.
    pub fn begin_step(&mut self) -> Option<Duration> {
        while self.running.len() < self.max_num_seqs {
            let Some(sequence) = self.waiting.pop_front() else { break };
            self.running.push(sequence);
        }
        if self.running.is_empty() {
            return None;
        }
        let mut budget = PREFILL_TOKENS_PER_STEP;
        let mut cached: u64 = 0;
        for sequence in &mut self.running {
            let piece = sequence.prompt_left.min(budget);
            sequence.prompt_left -= piece;
            sequence.in_cache += piece;
            budget -= piece;
            cached += u64::from(sequence.in_cache);
        }
        let prompt_tokens = f64::from(PREFILL_TOKENS_PER_STEP - budget);
        let ms = self.base_ms
            + self.per_seq_ms * self.running.len() as f64
            + self.per_ktoken_ms * cached as f64 / 1_000.0
            + prompt_tokens / self.prefill_tokens_per_s * 1_000.0;
        let jitter = 1.0 + self.jitter * self.rng.random_range(-1.0..=1.0);
        Some(Duration::from_secs_f64((ms * jitter / 1_000.0).max(0.0)))
    }

    /// Ends the step: calls `emit` for every sequence that yields a token, with whether it is its last.
    pub fn end_step(&mut self, mut emit: impl FnMut(&T, bool)) {
        self.running.retain_mut(|sequence| {
            if sequence.prompt_left > 0 {
                return true;
            }
            sequence.in_cache += 1;
            sequence.answer_left -= 1;
            let last = sequence.answer_left == 0;
            emit(&sequence.receiver, last);
            !last
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SimulationConfig {
        SimulationConfig {
            prefill_tokens_per_s: 1_000.0,
            step_base_ms: 10.0,
            step_per_seq_ms: 1.0,
            step_per_ktoken_ms: 0.0,
            step_jitter_percent: 0.0,
            max_num_seqs: 2.try_into().unwrap(),
            ..SimulationConfig::default()
        }
    }

    /// Runs until idle: the time and receiver of every token, in ms.
    fn run(batching: &mut Batching<u32>) -> Vec<(u128, u32)> {
        let (mut now, mut tokens) = (Duration::ZERO, Vec::new());
        while let Some(step) = batching.begin_step() {
            now += step;
            batching.end_step(|id, _| tokens.push((now.as_millis(), *id)));
        }
        tokens
    }

    #[test]
    fn the_first_token_waits_for_the_prompt_and_others_for_a_step() {
        let mut batching = Batching::new(&config());
        batching.submit(100, 3, 1);
        assert_eq!(run(&mut batching), [(111, 1), (122, 1), (133, 1)]);
    }

    #[test]
    fn beyond_the_largest_batch_sequences_wait_in_line() {
        let mut batching = Batching::new(&config());
        for id in 1..=3 {
            batching.submit(0, 2, id);
        }
        let tokens = run(&mut batching);
        assert_eq!(tokens, [(12, 1), (12, 2), (24, 1), (24, 2), (35, 3), (46, 3)]);
    }

    #[test]
    fn a_long_prompt_is_processed_in_pieces_while_others_go_on() {
        let mut batching = Batching::new(&config());
        batching.submit(0, 3, 1);
        batching.submit(4_096, 1, 2);
        let tokens: Vec<u32> = run(&mut batching).into_iter().map(|(_, id)| id).collect();
        assert_eq!(tokens, [1, 1, 2, 1]);
    }

    #[test]
    fn a_cancelled_sequence_frees_its_slot() {
        let mut batching = Batching::new(&config());
        for id in 1..=3 {
            batching.submit(0, 100, id);
        }
        batching.begin_step();
        assert_eq!(batching.running(), 2);
        batching.cancel_where(|id| *id == 1);
        batching.begin_step();
        batching.cancel_where(|id| *id == 2);
        assert_eq!(batching.running(), 1);
    }

    #[test]
    fn the_same_seed_gives_the_same_steps() {
        let times = |seed| {
            let mut batching =
                Batching::new(&SimulationConfig { step_jitter_percent: 10.0, seed, ..config() });
            batching.submit(0, 20, 1);
            run(&mut batching)
        };
        assert_eq!(times(1), times(1));
        assert_ne!(times(1), times(2));
    }
}
