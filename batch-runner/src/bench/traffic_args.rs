//! The arguments of the **traffic**: how requests arrive, and what they ask for.

use std::io::{self, BufReader};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::content_hash::hash_bytes;
use domain::conversation::BadConversation;
use domain::duration::WrittenDuration;
use domain::lengths::Spread;
use domain::workload::{DataFile, Protocol};
use domain::{Arrival, Lengths, Load, Rate, RatePlan, Variety};
use traffic::dataset::{self, DatasetError};
use traffic::trace::{self, Format, TraceError};

use super::conversation_args::ConversationArgs;
use super::in_flight;
use crate::load::source::{Source, Trace};
use crate::load::{DEFAULT_MAX_IN_FLIGHT, TrialRequest, requests_within};

/// Requests that are measured, unless told otherwise or the schedule ends.
const USUAL_REQUESTS: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
/// With a tolerance, most requests are so many times those that were asked for, unless told otherwise.
const TIMES_TO_CONVERGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// How requests arrive, how many, and what they ask for.
#[derive(Debug, Clone, clap::Args)]
pub struct TrafficArgs {
    /// Requests in flight, at most 65535: one client has no more ports to one server
    #[arg(long, default_value = "16", value_parser = in_flight(),
          conflicts_with_all = ["rate", "trace", "batch_size"])]
    pub concurrency: NonZeroU32,
    /// Time in which they are started (default: 5 ms for each, 2 s at most)
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["rate", "trace", "batch_size"])]
    pub ramp: Option<WrittenDuration>,
    /// Requests that are sent at once, the next when all have ended
    #[arg(long, value_name = "COUNT", value_parser = in_flight(), conflicts_with_all = ["rate", "trace"])]
    pub batch_size: Option<NonZeroU32>,
    /// Requests per second, whether or not earlier ones have ended: 50, steps 10:30s,50:1m, ramps 10-100:2m
    #[arg(long, value_name = "RPS", group = "schedule")]
    pub rate: Option<RatePlan>,
    /// How requests at a rate follow each other: constant, poisson, gamma:BURSTINESS, bursts:SIZE
    #[arg(long, default_value_t = Arrival::Poisson, requires = "rate")]
    pub arrival: Arrival,
    /// Instants and lengths of a trace: Mooncake JSONL, or CSV of Azure's LLM traces or of BurstGPT
    #[arg(long, value_name = "FILE", group = "schedule", conflicts_with_all = ["input_tokens", "output_tokens"])]
    pub trace: Option<PathBuf>,
    /// Replay the trace so many times faster
    #[arg(long, value_name = "FACTOR", default_value = "1", requires = "trace", value_parser = speed)]
    pub trace_speed: f64,
    /// Most requests in flight at a rate or in a trace. What arrives beyond is dropped and counted, and the result
    /// is marked as limited by this client
    #[arg(long, value_name = "COUNT", default_value_t = DEFAULT_MAX_IN_FLIGHT, requires = "schedule",
          value_parser = in_flight())]
    pub max_in_flight: NonZeroU32,
    /// Requests to measure (default: 200, or all of a trace or of a rate that ends)
    #[arg(long)]
    pub requests: Option<NonZeroU32>,
    /// Most requests to measure, where --requests leave too few in a steady state, or intervals wider than --tolerance
    /// (default: twice --requests, or ten times with --tolerance)
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["duration", "trace"])]
    pub max_requests: Option<NonZeroU32>,
    /// Widest half of a 95 % interval of the latencies that an SLO bounds, or of TTFT and TPOT: 5%. Measures on until
    /// they are narrower
    #[arg(long, value_name = "PERCENT", value_parser = percent, conflicts_with_all = ["duration", "trace"])]
    pub tolerance: Option<f64>,
    /// Measure what arrives in this time, instead of --requests
    #[arg(long, value_name = "DURATION", requires = "schedule", conflicts_with = "requests")]
    pub duration: Option<WrittenDuration>,
    /// Tokens of a prompt, as the server counts them: 512, uniform:100-900, normal:512,128 or lognormal:512,400
    /// (mean, deviation)
    #[arg(long, default_value = "512")]
    pub input_tokens: Lengths,
    /// Tokens asked for in an answer, written likewise
    #[arg(long, default_value = "128")]
    pub output_tokens: Lengths,
    /// Tokens at the beginning of every prompt that are the same in all of them
    #[arg(long, value_name = "COUNT", default_value_t = 0, conflicts_with_all = ["dataset", "trace"])]
    pub shared_prefix_tokens: u32,
    /// Prompts from a file, in its order: JSON lines with `prompt` and `output_tokens`, or ShareGPT's JSON, of whose
    /// conversations the first turns are taken, or with --turns at most so many. Each load of several goes on where the
    /// last one ended; after the end it begins again, which the result tells
    #[arg(long, value_name = "FILE", conflicts_with_all = ["input_tokens", "trace"])]
    pub dataset: Option<PathBuf>,
    /// How requests build on each other.
    #[command(flatten)]
    pub conversation: ConversationArgs,
}

/// Traffic, ready to be applied.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// How requests arrive.
    pub load: Load,
    /// Tokens of a prompt, in the mean.
    pub input_tokens: NonZeroU32,
    /// Tokens of an answer, in the mean.
    pub output_tokens: NonZeroU32,
    /// How requests differ.
    pub variety: Variety,
    /// Where they come from.
    pub source: Source,
    /// How many are measured.
    pub requests: NonZeroU32,
    /// How many at most.
    pub most_requests: NonZeroU32,
}

/// Why arguments make no traffic.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// Nothing would be measured.
    #[error("no request is due: measure longer, at a higher --rate, or with less --warm-up")]
    TooShort,
    /// Prompts that are text, over a protocol of tokens.
    #[error("a --dataset holds text: choose another --protocol than completions-tokens")]
    TextAsTokens,
    /// No such conversations.
    #[error("--turns: {0}")]
    Conversation(#[from] BadConversation),
    /// Nothing would be left that is a request's own.
    #[error("--shared-prefix-tokens must be less than the {0} of a prompt")]
    PrefixTooLong(NonZeroU32),
    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that is no trace.
    #[error(
        "{} is no known trace: give Mooncake's JSONL, or Azure's or BurstGPT's CSV with its header", .0.display()
    )]
    UnknownTrace(PathBuf),
    /// A trace with a mistake.
    #[error("{} is no trace", path.display())]
    Trace {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: TraceError,
    },
    /// A trace that is too slow or too fast to be replayed.
    #[error("{} replays at {rps} requests per second: choose another --trace-speed", path.display())]
    Pace {
        /// The file.
        path: PathBuf,
        /// Requests per second.
        rps: f64,
    },
    /// A dataset of single prompts.
    #[error("{} holds no conversation of more than one turn: leave out --turns, or give ShareGPT's JSON", .0.display())]
    NoTurns(PathBuf),
    /// A dataset with a mistake.
    #[error("{} is no dataset", path.display())]
    Dataset {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: DatasetError,
    },
}

impl TrafficArgs {
    /// Reads the files and puts the traffic together.
    ///
    /// # Errors
    /// When arguments do not go together, or a file is not what it should be.
    pub fn traffic(&self, seed: u64, warm_up: u32, protocol: Protocol) -> Result<Traffic, TrafficError> {
        if let Some(path) = &self.trace {
            return self.of_trace(path, warm_up);
        }
        let (load, requests) = self.load(seed, warm_up)?;
        let conversation = self.conversation.conversation(self.input_tokens, &load, protocol)?;
        let made_up = Traffic {
            load,
            input_tokens: self.input_tokens.mean(),
            output_tokens: self.output_tokens.mean(),
            variety: Variety {
                input: self.input_tokens.spread(),
                output: self.output_tokens.spread(),
                shared_prefix_tokens: self.shared_prefix_tokens,
                dataset: None,
                conversation,
            },
            source: Source::Synthetic,
            requests,
            most_requests: self.most_requests(requests),
        };
        match &self.dataset {
            Some(path) => of_dataset(path, made_up, self.output_tokens),
            None if self.shared_prefix_tokens >= made_up.input_tokens.get() => {
                Err(TrafficError::PrefixTooLong(made_up.input_tokens))
            }
            None => Ok(made_up),
        }
    }

    /// How many are measured at most.
    fn most_requests(&self, requests: NonZeroU32) -> NonZeroU32 {
        let usual = match (self.duration, self.tolerance) {
            (Some(_), _) => requests,
            (None, None) => TrialRequest::usual_most(requests),
            (None, Some(_)) => requests.saturating_mul(TIMES_TO_CONVERGE),
        };
        self.max_requests.unwrap_or(usual).max(requests)
    }

    /// How requests arrive, and how many.
    fn load(&self, seed: u64, warm_up: u32) -> Result<(Load, NonZeroU32), TrafficError> {
        let requests = self.requests.unwrap_or(USUAL_REQUESTS);
        let Some(rate) = &self.rate else {
            let closed = Load::ClosedLoop { concurrency: self.concurrency };
            return Ok((self.batch_size.map_or(closed, |size| Load::Batches { size }), requests));
        };
        let load = Load::OpenLoop { rate_rps: rate.clone(), arrival: self.arrival };
        let time = self.duration.or_else(|| rate.seconds().map(|s| WrittenDuration::from_ms(s * 1e3)));
        let Some(time) = time else { return Ok((load, requests)) };
        let due = requests_within(rate, self.arrival, seed, warm_up, time.as_duration());
        // Of conversations as many begin, with all their turns.
        let due = due.saturating_mul(self.conversation.turns.map_or(1, |turns| turns.mean().get()));
        let due = NonZeroU32::new(due).ok_or(TrafficError::TooShort)?;
        Ok((load, self.requests.map_or(due, |requests| requests.min(due))))
    }

    fn of_trace(&self, path: &Path, warm_up: u32) -> Result<Traffic, TrafficError> {
        let bytes = read(path)?;
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let format = Format::of(&String::from_utf8_lossy(first));
        let format = format.ok_or_else(|| TrafficError::UnknownTrace(path.to_owned()))?;
        let mut requests = trace::read(format, BufReader::new(&*bytes), usize::MAX)
            .map_err(|source| TrafficError::Trace { path: path.to_owned(), source })?;
        let most = match (self.duration, self.requests) {
            (Some(time), _) => {
                let end_ns = time.as_ms() * 1e6 * self.trace_speed;
                requests.partition_point(|request| request.at_ns as f64 <= end_ns)
            }
            (None, Some(measured)) => (warm_up as usize).saturating_add(measured.get() as usize),
            (None, None) => usize::MAX,
        };
        requests.truncate(most);
        let count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        let measured = NonZeroU32::new(count.saturating_sub(warm_up)).ok_or(TrafficError::TooShort)?;
        let seconds = requests.last().map_or(0, |last| last.at_ns) as f64 / 1e9 / self.trace_speed;
        // Requests that all come at once come within a second.
        let rps = f64::from(count) / if seconds > 0.0 { seconds } else { 1.0 };
        let rate_rps = Rate::try_from(rps).map_err(|_| TrafficError::Pace { path: path.to_owned(), rps })?;
        Ok(Traffic {
            load: Load::Trace { trace: data_file(path, &bytes), rate_rps },
            input_tokens: mean(requests.iter().map(|request| request.input_tokens)),
            output_tokens: mean(requests.iter().map(|request| request.output_tokens)),
            variety: Variety::default(),
            source: Source::Trace(Arc::new(Trace { requests, speed: self.trace_speed })),
            requests: measured,
            most_requests: measured,
        })
    }
}

/// Takes prompts from a file: the first turns of its conversations, or where requests are turns all of them. Where an entry does not say how long its answer is, `otherwise` does.
fn of_dataset(path: &Path, made_up: Traffic, otherwise: Lengths) -> Result<Traffic, TrafficError> {
    let bytes = read(path)?;
    let most_turns =
        made_up.variety.conversation.map_or(1, |conversation| conversation.turns.longest().get());
    let conversations = dataset::read(&String::from_utf8_lossy(&bytes), most_turns as usize)
        .map_err(|source| TrafficError::Dataset { path: path.to_owned(), source })?;
    let first = || conversations.iter().filter_map(|turns| turns.first());
    let later = || conversations.iter().flat_map(|turns| turns.iter().skip(1));
    let all = || conversations.iter().flatten();
    let prompt = |entry: &dataset::Entry| {
        let tokens = u32::try_from(entry.prompt.len() / dataset::BYTES_PER_TOKEN).unwrap_or(u32::MAX);
        NonZeroU32::new(tokens).unwrap_or(NonZeroU32::MIN)
    };
    let mut conversation = made_up.variety.conversation;
    if let Some(conversation) = &mut conversation {
        if later().next().is_none() {
            return Err(TrafficError::NoTurns(path.to_owned()));
        }
        conversation.turn_input_tokens = Lengths::new(mean(later().map(prompt)), Spread::None);
    }
    Ok(Traffic {
        input_tokens: mean(first().map(prompt)),
        output_tokens: mean(all().map(|entry| entry.output_tokens.unwrap_or(made_up.output_tokens))),
        variety: Variety { dataset: Some(data_file(path, &bytes)), conversation, ..made_up.variety },
        source: Source::Dataset { conversations: conversations.into(), sent_before: 0, otherwise },
        ..made_up
    })
}

fn read(path: &Path) -> Result<Vec<u8>, TrafficError> {
    std::fs::read(path).map_err(|source| TrafficError::File { path: path.to_owned(), source })
}

fn data_file(path: &Path, bytes: &[u8]) -> DataFile {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    DataFile { name, hash: hash_bytes(bytes) }
}

/// The mean of lengths, rounded.
fn mean(lengths: impl Iterator<Item = NonZeroU32>) -> NonZeroU32 {
    let (mut sum, mut count) = (0.0, 0.0_f64);
    for length in lengths {
        sum += f64::from(length.get());
        count += 1.0;
    }
    NonZeroU32::new((sum / count.max(1.0)).round() as u32).unwrap_or(NonZeroU32::MIN)
}

/// Reads a share that is written as a percentage.
pub(super) fn percent(text: &str) -> Result<f64, &'static str> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse().ok();
    let percent = number.filter(|percent: &f64| (0.01..=100.0).contains(percent));
    percent.map(|percent| percent / 100.0).ok_or("it is a percentage from 0.01 to 100, such as 5%")
}

/// Reads a factor above 0.
fn speed(text: &str) -> Result<f64, &'static str> {
    let factor = text.parse().ok().filter(|factor| (1e-6..=1e6).contains(factor));
    factor.ok_or("it is a number above 0, such as 2 or 0.5")
}
