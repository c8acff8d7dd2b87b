//! **Bench** measures a server that is running already, from the command line, and prints what it saw.

mod conversation_args;
pub mod dataset_use;
pub mod document;
pub mod explore;
mod live;
pub mod output;
mod table;
pub mod traffic_args;
mod transport_args;

use std::io::{ErrorKind, Write};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::builder::TypedValueParser;
use domain::duration::WrittenDuration;
use domain::workload::Protocol;
use domain::{Provenance, RequestSlo, UseCase, Workload};
use measurement::certificate::Ceiling;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::api_key::{ApiKey, ApiKeyError};
use crate::control::ControlError;
use crate::engine::identity::{served, version};
use crate::host_facts::HostFacts;
use crate::load::ceiling::cache::{CeilingCache, Found};
use crate::load::progress::Progress;
use crate::load::protocols::Dialect;
use crate::load::{LoadError, Target, TrialMeasurement, TrialRequest, Vocabulary, measure_watched};
use crate::transport::{Address, AddressError};

use document::{BenchDocument, Circumstances};
use explore::document::{ExplorationDocument, ProbeFindings};
use explore::{Exploration, ExploreArgs, ExploreError, Probe};
use live::Shown;
use output::{Content, Extent, Findings, Output, OutputArgs, OutputError};
use traffic_args::{Traffic, TrafficArgs, TrafficError};
use transport_args::TransportArgs;

/// Ports of one client address to one server address. Each request in flight has a connection of its own.
const MOST_IN_FLIGHT: i64 = 65_535;
/// Where Anthropic's key usually is.
const ANTHROPIC_KEY: &str = "ANTHROPIC_API_KEY";
/// Nothing was measured, or not every load that was to be.
const EXIT_FAILED: u8 = 1;
/// The arguments are wrong.
const EXIT_USAGE: u8 = 2;
/// It was measured, but the client was the bottleneck.
const EXIT_CLIENT_LIMITED: u8 = 3;

/// Measures a running server: in a closed loop, in batches, at a rate or by a trace. Exit status: 0 measured,
/// 1 not measured or not at every load, 2 wrong arguments, 3 measured but limited by this client.
#[derive(Debug, clap::Args)]
// A good request meets all that are stated: clap's own group would take one of them only.
#[command(group = clap::ArgGroup::new("slo").multiple(true))]
pub struct BenchArgs {
    /// Where the server is.
    #[command(flatten)]
    pub transport: TransportArgs,
    /// Name of the model to ask for
    #[arg(long)]
    pub model: String,
    /// How requests arrive and what they ask for.
    #[command(flatten)]
    pub traffic: TrafficArgs,
    /// The model's own tokenizer.json or its folder, for prompts of exactly that length (default: the server
    /// counts common words)
    #[arg(long, value_name = "PATH")]
    pub tokenizer: Option<PathBuf>,
    /// Requests before the measured ones (at least one for each request in flight, or those of the first second
    /// at a rate that holds; with --turns until as many conversations are over as are under way)
    #[arg(long, default_value_t = 0)]
    pub warm_up: u32,
    /// Seed of the prompts and the arrivals (default: from the clock, so that no prefix cache has seen them). Prompts of
    /// a --dataset come in its order
    #[arg(long)]
    pub seed: Option<u64>,
    /// Endpoint
    #[arg(long, value_enum, default_value_t = ProtocolArg::Chat)]
    pub protocol: ProtocolArg,
    /// Environment variable that holds the server's key (default with anthropic: ANTHROPIC_API_KEY, if it is set)
    #[arg(long, value_name = "NAME")]
    pub api_key_env: Option<String>,
    /// Longest time to first token of a good request, such as 300ms
    #[arg(long, value_name = "DURATION", group = "slo")]
    pub slo_ttft: Option<WrittenDuration>,
    /// Longest time per output token of a good request
    #[arg(long, value_name = "DURATION", group = "slo")]
    pub slo_tpot: Option<WrittenDuration>,
    /// Longest end-to-end latency of a good request
    #[arg(long, value_name = "DURATION", group = "slo")]
    pub slo_e2e: Option<WrittenDuration>,
    /// Several loads instead of one.
    #[command(flatten)]
    pub explore: ExploreArgs,
    /// GPUs that serve, for throughput per GPU
    #[arg(long, default_value_t = 0)]
    pub gpus: u32,
    /// Longest time of a request
    #[arg(long, default_value = "10m", value_name = "DURATION")]
    pub request_timeout: WrittenDuration,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Do not show how far it is (on a terminal a live view, else a line every 10 s, on standard error)
    #[arg(long, short)]
    pub quiet: bool,
    /// Files to write.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProtocolArg {
    /// `/v1/chat/completions`
    Chat,
    /// `/v1/completions`
    Completions,
    /// `/v1/completions` with the prompt as token ids; needs --tokenizer
    CompletionsTokens,
    /// `/generate_stream` of TGI
    Tgi,
    /// `/v1/messages` of Anthropic
    Anthropic,
}

/// Measures, prints, and returns the exit status.
pub async fn run(args: &BenchArgs) -> ExitCode {
    match bench(args).await {
        Ok(code) => code,
        Err(error) => {
            // The whole chain, once.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(if is_usage(&error) { EXIT_USAGE } else { EXIT_FAILED })
        }
    }
}

/// Whether the arguments are what is wrong.
fn is_usage(error: &anyhow::Error) -> bool {
    let output = matches!(
        error.downcast_ref(),
        Some(OutputError::UnknownEnd(_) | OutputError::Twice(_) | OutputError::OneLoad(_))
    );
    let proxy = matches!(error.downcast_ref(), Some(AddressError::Proxy(_) | AddressError::ProxyToSocket(_)));
    output || proxy || error.is::<TrafficError>() || error.is::<ExploreError>()
}

async fn bench(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let request = trial(args)?;
    let exploration = args.explore.exploration(&request)?;
    let extent = if exploration.is_some() { Extent::Loads } else { Extent::Load };
    let outputs = args.output.open(extent)?;
    let address = args.transport.address()?;
    let simulated = is_simulated(&address).await?;
    let client = Client { ceiling: ceiling(args.quiet).await?, simulated };
    let vocabulary = args.tokenizer.as_deref().map_or_else(|| Ok(Vocabulary::common()), Vocabulary::read)?;
    let target = Target {
        address,
        model: args.model.clone(),
        vocabulary: Arc::new(vocabulary),
        key: key(args)?,
        dialect: Dialect::Engine,
    };
    if let Some(exploration) = exploration {
        return explore_loads(args, exploration, outputs, &target, client).await;
    }
    let measurement = measure_once(args, &target, &request, client).await??;
    let document = BenchDocument::new(circumstances(target, request, simulated).await, &measurement);
    let text = if args.json { document.to_json()? } else { table::table(&document) };
    tell(&text, outputs, Content::Load(Findings { document: &document, measured: &measurement }))?;
    Ok(measured_with(measurement.certificate.is_client_limited()))
}

/// Prints and writes what was found.
fn tell(text: &str, outputs: Vec<Output>, content: Content<'_>) -> anyhow::Result<()> {
    let told = std::io::stdout().write_all(text.as_bytes());
    // Whatever became of the text, the measurement is kept.
    for output in outputs {
        output.write(content)?;
    }
    match told {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What is known before anything is measured.
#[derive(Debug, Clone, Copy)]
struct Client {
    /// What it can do on this host. None: it could not be found out.
    ceiling: Option<Ceiling>,
    /// Whether the simulated engine answers.
    simulated: bool,
}

/// What this client can do on this host. Says so where that takes time.
async fn ceiling(quiet: bool) -> anyhow::Result<Option<Ceiling>> {
    let found = tokio::task::spawn_blocking(|| CeilingCache::of_user().ceiling()).await?;
    let (ceiling, told) = match found {
        Ok(Found { ceiling, took: None }) => (Some(ceiling), None),
        Ok(Found { ceiling, took: Some(took) }) => {
            let seconds = took.as_secs_f64();
            (
                Some(ceiling),
                Some(format!("this client was calibrated in {seconds:.1} s: the first run on this host")),
            )
        }
        Err(error) => (None, Some(format!("this client could not be calibrated: {error}"))),
    };
    if let Some(told) = told.filter(|_| !quiet) {
        // Nobody has to listen.
        let _ = writeln!(std::io::stderr(), "{told}");
    }
    Ok(ceiling)
}

/// Measures one load and shows how far it is. The inner error is the measurement's.
async fn measure_once(
    args: &BenchArgs,
    target: &Target,
    request: &TrialRequest,
    Client { ceiling, simulated }: Client,
) -> anyhow::Result<Result<TrialMeasurement, LoadError>> {
    let cancel = CancellationToken::new();
    let progress = Arc::new(Progress::new(request.requests));
    tokio::select! {
        measured = measure_watched(target, request, ceiling, &progress, &cancel) => Ok(measured),
        never = live::show(&progress, ceiling, simulated, Shown::new(args.quiet, args.json)) => match never {},
        stopped = until_stopped() => {
            stopped?;
            anyhow::bail!("stopped before the measurement was complete: it is not reported");
        }
    }
}

/// Measures one load after the other, as long as the server is there and this client is not the bottleneck.
async fn explore_loads(
    args: &BenchArgs,
    mut exploration: Exploration,
    outputs: Vec<Output>,
    target: &Target,
    client: Client,
) -> anyhow::Result<ExitCode> {
    // Loads that were measured before an error have taken their time: they are kept.
    let error = match try_loads(args, &mut exploration, target, client).await {
        Err(error) if exploration.probes.is_empty() => return Err(error),
        tried => tried.err(),
    };
    let (model, url) = (target.model.clone(), target.address.url());
    let mut document =
        ExplorationDocument::new(exploration, provenance(client.simulated), command(), model, url);
    document.incomplete = error.as_ref().map(|error| format!("{error:#}"));
    let text = if args.json { document.to_json()? } else { explore::table(&document) };
    tell(&text, outputs, Content::Loads(&document))?;
    match error {
        Some(error) => Err(error),
        None => Ok(measured_with(document.probes.iter().any(ProbeFindings::is_client_limited))),
    }
}

/// Measures loads until there is no more to try.
async fn try_loads(
    args: &BenchArgs,
    exploration: &mut Exploration,
    target: &Target,
    client: Client,
) -> anyhow::Result<()> {
    while let Some((load, request)) = exploration.next()? {
        let probe = match measure_once(args, target, &request, client).await? {
            Ok(measured) => {
                let circumstances = circumstances(target.clone(), request, client.simulated).await;
                Probe::measured(load, BenchDocument::new(circumstances, &measured))
            }
            Err(error) => Probe::failed(load, &request, error)?,
        };
        exploration.saw(probe);
        if exploration.is_stopped() {
            break;
        }
    }
    Ok(())
}

/// The exit status of what was measured.
fn measured_with(client_limited: bool) -> ExitCode {
    if client_limited { ExitCode::from(EXIT_CLIENT_LIMITED) } else { ExitCode::SUCCESS }
}

/// What a measurement does not tell itself. Asked for after it, which it would disturb.
async fn circumstances(target: Target, request: TrialRequest, simulated: bool) -> Circumstances {
    Circumstances {
        provenance: provenance(simulated),
        command: command(),
        environment: HostFacts::read().await.environment(version(&target.address).await, vec![]),
        target,
        request,
    }
}

/// The command line.
fn command() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

const fn provenance(simulated: bool) -> Provenance {
    if simulated { Provenance::Simulated } else { Provenance::Measured }
}

/// The server's key: from the variable that was named, else from Anthropic's usual one.
fn key(args: &BenchArgs) -> Result<Option<ApiKey>, ApiKeyError> {
    match (&args.api_key_env, args.protocol) {
        (Some(name), _) => ApiKey::from_variable(name).map(Some),
        (None, ProtocolArg::Anthropic) if std::env::var_os(ANTHROPIC_KEY).is_some() => {
            ApiKey::from_variable(ANTHROPIC_KEY).map(Some)
        }
        (None, _) => Ok(None),
    }
}

/// Whether the simulated engine is at an address. A server that lists no models is another.
async fn is_simulated(address: &Address) -> Result<bool, LoadError> {
    match served(address).await {
        Ok(served) => Ok(served.is_simulated()),
        Err(ControlError::Status(_) | ControlError::Unexpected(_)) => Ok(false),
        Err(source @ (ControlError::Network(_) | ControlError::Timeout(_))) => {
            Err(LoadError::Unreachable { url: address.url(), source })
        }
    }
}

/// Reads how many requests are in flight.
fn in_flight() -> impl TypedValueParser<Value = NonZeroU32> {
    clap::value_parser!(u32).range(1..=MOST_IN_FLIGHT).try_map(NonZeroU32::try_from)
}

fn trial(args: &BenchArgs) -> Result<TrialRequest, TrafficError> {
    let from_clock = || {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| u64::from(d.subsec_nanos()) ^ d.as_secs())
    };
    if args.protocol == ProtocolArg::CompletionsTokens && args.traffic.dataset.is_some() {
        return Err(TrafficError::TextAsTokens);
    }
    let seed = args.seed.unwrap_or_else(from_clock);
    let protocol = match args.protocol {
        ProtocolArg::Chat => Protocol::Chat,
        ProtocolArg::Completions => Protocol::Completions,
        ProtocolArg::CompletionsTokens => Protocol::CompletionsTokens,
        ProtocolArg::Tgi => Protocol::Tgi,
        ProtocolArg::Anthropic => Protocol::Anthropic,
    };
    let Traffic { load, input_tokens, output_tokens, variety, source, requests, most_requests } =
        args.traffic.traffic(seed, args.warm_up, protocol)?;
    Ok(TrialRequest {
        workload: Workload {
            use_case: UseCase::Chatbot,
            input_tokens,
            output_tokens,
            load,
            protocol,
            variety,
        },
        source,
        requests,
        most_requests,
        tolerance: args.traffic.tolerance,
        warm_up: args.warm_up,
        ramp: args.traffic.ramp.map(WrittenDuration::as_duration),
        max_in_flight: args.traffic.max_in_flight,
        seed,
        slo: RequestSlo { ttft: args.slo_ttft, tpot: args.slo_tpot, e2e: args.slo_e2e },
        gpu_count: args.gpus,
        request_timeout: args.request_timeout.as_duration(),
    })
}

async fn until_stopped() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
