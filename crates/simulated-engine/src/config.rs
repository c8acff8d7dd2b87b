//! The **configuration** of a simulation: how fast it is, how much it holds, and which faults it plays.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

/// Everything that can be set. The defaults resemble an 8B model on one data-centre GPU.
#[derive(Debug, Clone, Args)]
pub struct SimulationConfig {
    /// Port on 127.0.0.1; 0 takes a free one, which is printed
    #[arg(long, default_value_t = 8000)]
    pub port: u16,
    /// Name of the model that is served
    #[arg(long, default_value = "simulated")]
    pub served_model_name: String,
    /// Wait this long before listening, as a real engine loads weights
    #[arg(long, default_value_t = 0)]
    pub start_delay_ms: u64,
    /// Prompt tokens processed per second
    #[arg(long, default_value_t = 20_000.0, value_parser = positive)]
    pub prefill_tokens_per_s: f64,
    /// Time of a decode step, whatever the batch
    #[arg(long, default_value_t = 8.0, value_parser = not_negative)]
    pub step_base_ms: f64,
    /// Time that each sequence of the batch adds to a step
    #[arg(long, default_value_t = 0.05, value_parser = not_negative)]
    pub step_per_seq_ms: f64,
    /// Time that each thousand tokens in the KV cache add to a step
    #[arg(long, default_value_t = 0.02, value_parser = not_negative)]
    pub step_per_ktoken_ms: f64,
    /// Random part of each step's time: up to this much longer or shorter
    #[arg(long, default_value_t = 2.0, value_parser = percentage)]
    pub step_jitter_percent: f64,
    /// Most sequences in a batch; others wait in line
    #[arg(long, default_value = "256")]
    pub max_num_seqs: NonZeroU32,
    /// Longest prompt and answer together
    #[arg(long, default_value = "32768")]
    pub context_tokens: NonZeroU32,
    /// Seed of jitter, words and answer lengths
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Faults to play.
    #[command(flatten)]
    pub faults: Faults,
}

/// Faults for tests. None happens unless it is asked for.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Faults {
    /// Die (exit status 1) when this many requests have been received
    #[arg(long)]
    pub fail_after: Option<NonZeroU32>,
    /// Answer every Nth request with status 500
    #[arg(long)]
    pub error_every: Option<NonZeroU32>,
    /// Break the connection in the middle of every Nth stream
    #[arg(long)]
    pub truncate_every: Option<NonZeroU32>,
}

impl Default for SimulationConfig {
    fn default() -> Self {
        Self {
            port: 0,
            served_model_name: "simulated".to_owned(),
            start_delay_ms: 0,
            prefill_tokens_per_s: 20_000.0,
            step_base_ms: 8.0,
            step_per_seq_ms: 0.05,
            step_per_ktoken_ms: 0.02,
            step_jitter_percent: 2.0,
            max_num_seqs: NonZeroU32::MIN.saturating_add(255),
            context_tokens: NonZeroU32::MIN.saturating_add(32_767),
            seed: 0,
            faults: Faults::default(),
        }
    }
}

impl SimulationConfig {
    /// How long it takes to start.
    #[must_use]
    pub const fn start_delay(&self) -> Duration {
        Duration::from_millis(self.start_delay_ms)
    }
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, what: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value.is_finite() && allowed(value) { Ok(value) } else { Err(format!("`{text}` is not {what}")) }
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, |v| v > 0.0, "a number above 0")
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |v| v >= 0.0, "0 or above")
}

fn percentage(text: &str) -> Result<f64, String> {
    number(text, |v| (0.0..=100.0).contains(&v), "between 0 and 100")
}
