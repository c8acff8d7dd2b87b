//! The command line.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use domain::duration::WrittenDuration;
use domain::imported::{Definition, ForeignFormat};
use domain::workload::Protocol;
use domain::{Arrival, Engine, Hardware, Lengths, ModelName, Provenance, Quantisation, UseCase};
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use serve_api::Scope;

use crate::schedules::CronExpression;

mod examples;
mod questions;

pub use questions::{Compare, Estimate, History, Recommend};

/// Which model version, engine and hardware to run, from measurements.
///
/// Exit codes: 0 done, 1 failed, 2 unusable command line or spec, 3 campaign ended with parts not measured,
/// 4 nothing fits the question, 130 interrupted (the same command goes on).
#[derive(Debug, Parser)]
#[command(name = "assay", version, after_help = examples::ASSAY)]
pub struct Arguments {
    /// Folder that keeps results, progress, raw records and logs.
    #[arg(long, global = true, env = "ASSAY_DATA", default_value = ".assay")]
    pub data: PathBuf,
    /// Results store to use instead of the folder's own: sqlite:PATH or postgres://...
    #[arg(long, global = true, env = store::open::STORE_VARIABLE, hide_env_values = true)]
    pub store: Option<String>,
    /// Ledger to use instead of the folder's own: sqlite:PATH or dynamodb://TABLE. One host at a time runs campaigns.
    #[arg(long, global = true, env = "ASSAY_LEDGER", value_name = "URL")]
    pub ledger: Option<String>,
    /// Objects to use instead of the folder's own: dir:PATH or s3://BUCKET/PREFIX.
    #[arg(long, global = true, env = "ASSAY_OBJECTS", value_name = "URL")]
    pub objects: Option<String>,
    /// Who is told when a campaign has ended, with commas between them: log:, slack:VARIABLE,
    /// slack:aws-sm:SECRET or sns:ARN.
    #[arg(long, global = true, env = "ASSAY_NOTIFY", value_name = "ADDRESSES")]
    pub notify: Option<String>,
    /// Where people reach the API, for links in what they are told: https://assay.example
    #[arg(long, global = true, env = "ASSAY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure the matrix of a spec, or go on with it where it stopped.
    #[command(after_help = examples::RUN)]
    Run(Run),
    /// How far campaigns are; pause, resume and cancel them.
    #[command(subcommand)]
    Campaign(Campaign),
    /// The report of a campaign that has ended: a page, a PDF, or all of its numbers.
    #[command(after_help = examples::REPORT)]
    Report(Report),
    /// What was measured.
    #[command(after_help = examples::RESULTS)]
    Results(Results),
    /// Take in results of another store, or of other tools: vLLM's bench, GuideLLM, AIPerf, inference-perf, InferenceX,
    /// inference-benchmarker and llm-d's Benchmark Report.
    #[command(after_help = examples::IMPORT)]
    Import(Box<Import>),
    /// Which configurations to run for a use case.
    #[command(after_help = examples::RECOMMEND)]
    Recommend(Box<Recommend>),
    /// A few configurations side by side: every number, which are the best, and what they differ in.
    #[command(after_help = examples::COMPARE)]
    Compare(Compare),
    /// Every result of a configuration, oldest first, with the engine's version.
    #[command(after_help = examples::HISTORY)]
    History(History),
    /// What traffic that was not measured would yield, from the closed loops around it. A forecast.
    #[command(after_help = examples::ESTIMATE)]
    Estimate(Estimate),
    /// The models that a spec can name.
    #[command(subcommand)]
    Model(Model),
    /// What hardware costs.
    #[command(subcommand)]
    Prices(Prices),
    /// Serve the HTTP API and the page.
    #[command(after_help = examples::UP)]
    Up(Up),
    /// API keys for `assay up --keys`.
    #[command(subcommand)]
    Key(Key),
    /// Completion of this command line by a shell.
    #[command(after_help = examples::COMPLETION)]
    Completion(Completion),
    /// Prepare and check the stores.
    #[command(subcommand)]
    Db(Db),
    /// One stage of a campaign, for workflows.
    #[command(hide = true)]
    Stage(Stage),
}

/// `assay import`
#[derive(Debug, Args)]
pub struct Import {
    /// Files with results; each is stored whole or refused whole. What a file does not say is asked and must be stated.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The format; found out from the content when absent.
    #[arg(long, value_parser = named::<ForeignFormat>)]
    pub format: Option<ForeignFormat>,
    /// The model, such as llama-3.1-8b-instruct.
    #[arg(long)]
    pub model: Option<ModelName>,
    /// The precision of its weights: fp16, fp8, int8 or int4.
    #[arg(long, value_parser = named::<Quantisation>)]
    pub quantisation: Option<Quantisation>,
    /// What it ran on, such as h100x2.
    #[arg(long)]
    pub hardware: Option<Hardware>,
    /// The engine that answered, such as vllm.
    #[arg(long, value_parser = named::<Engine>)]
    pub engine: Option<Engine>,
    /// Its version; unknown without it.
    #[arg(long, value_name = "VERSION")]
    pub engine_version: Option<String>,
    /// What the traffic was for, as in `assay recommend`.
    #[arg(long)]
    pub use_case: Option<UseCase>,
    /// Tokens of a prompt that were asked for, such as 512 or normal:512,100; what the file tells of them without it.
    #[arg(long)]
    pub input_tokens: Option<Lengths>,
    /// Tokens of an answer that were asked for.
    #[arg(long)]
    pub output_tokens: Option<Lengths>,
    /// Requests that were kept in flight.
    #[arg(long)]
    pub concurrency: Option<NonZeroU32>,
    /// How requests at a rate followed each other: constant, poisson or gamma:0.5.
    #[arg(long)]
    pub arrival: Option<Arrival>,
    /// Which endpoint carried them, such as chat or completions.
    #[arg(long, value_parser = named::<Protocol>)]
    pub protocol: Option<Protocol>,
    /// When it was measured: 2026-11-26 or 2026-11-26T12:00:00Z.
    #[arg(long, value_parser = formats::Stated::instant)]
    pub measured_at: Option<DateTime<Utc>>,
    /// A definition of another tool whose numbers may stand for ours, such as ttft_first_chunk (docs/imports.md). They are
    /// flagged. Can be given several times.
    #[arg(long, value_name = "DEFINITION")]
    pub accept: Vec<Definition>,
    /// Print what became of each file as JSON.
    #[arg(long)]
    pub json: bool,
}

impl Import {
    /// What was stated about the files.
    pub fn stated(&self) -> formats::Stated {
        formats::Stated {
            format: self.format,
            model: self.model.clone(),
            quantisation: self.quantisation,
            hardware: self.hardware,
            engine: self.engine,
            engine_version: self.engine_version.clone(),
            use_case: self.use_case,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            concurrency: self.concurrency,
            arrival: self.arrival,
            protocol: self.protocol,
            measured_at: self.measured_at,
            accept: self.accept.clone(),
        }
    }
}

/// A value of a closed set by its name in JSON.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).map_err(|error| error.to_string())
}

/// `assay run`
#[derive(Debug, Args)]
pub struct Run {
    /// The campaign spec (YAML).
    pub spec: PathBuf,
    /// Measure everything again, as a new campaign.
    #[arg(long)]
    pub again: bool,
    /// Only say what would run, what cannot and why, and what it would take, by a forecast that stored results correct.
    #[arg(long)]
    pub plan: bool,
    /// Only what is due: what has no result yet, or one that --newer-than or --engine-version make stale.
    #[arg(long)]
    pub due: bool,
    /// With --due: results older than this are stale, such as 30d.
    #[arg(long, requires = "due", value_name = "AGE")]
    pub newer_than: Option<WrittenDuration>,
    /// With --due: results of other versions of the engine are stale, such as vllm=0.11.2. Can be given several times.
    #[arg(long, requires = "due", value_name = "ENGINE=VERSION", value_parser = engine_version)]
    pub engine_version: Vec<(Engine, String)>,
    /// Print the results as JSON.
    #[arg(long)]
    pub json: bool,
}

fn engine_version(text: &str) -> Result<(Engine, String), String> {
    let read = || {
        let (name, version) = text.split_once('=')?;
        let engine = Engine::ALL.into_iter().find(|engine| engine.name() == name)?;
        (!version.is_empty()).then(|| (engine, version.to_owned()))
    };
    read().ok_or_else(|| {
        let names = Engine::ALL.map(Engine::name).join(", ");
        format!("write ENGINE=VERSION, such as vllm=0.11.2; engines are {names}")
    })
}

/// `assay campaign`
#[derive(Debug, Subcommand)]
pub enum Campaign {
    /// Every campaign, newest first.
    #[command(after_help = examples::CAMPAIGNS)]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One campaign: what is done and to go, its batches, and why trials failed.
    #[command(after_help = examples::SHOW)]
    Show(Show),
    /// Let nothing of a campaign run until it is resumed. What is finished is kept.
    #[command(after_help = examples::PAUSE)]
    Pause(Controlled),
    /// Let a paused campaign go on.
    #[command(after_help = examples::RESUME)]
    Resume(Controlled),
    /// Let nothing more of a campaign run, for good. What was measured is kept and published.
    #[command(after_help = examples::CANCEL)]
    Cancel(Controlled),
    /// Try again what failed, and what did not fit the budget or the deadline.
    #[command(after_help = examples::RETRY)]
    Retry(Controlled),
    /// Campaigns that begin by the clock.
    #[command(subcommand)]
    Schedule(ScheduleCommand),
}

/// `assay campaign schedule`
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Begin the next campaign of a spec whenever a cron expression is due, while `assay up` runs. One of the same name is
    /// replaced.
    #[command(after_help = examples::ADD_SCHEDULE)]
    Add(Box<AddSchedule>),
    /// Every schedule.
    #[command(after_help = examples::SCHEDULES)]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove a schedule.
    #[command(after_help = examples::REMOVE_SCHEDULE)]
    Remove {
        /// Its name.
        name: String,
    },
}

/// `assay campaign schedule add`
#[derive(Debug, Args)]
pub struct AddSchedule {
    /// The campaign spec (YAML), which is read now.
    pub spec: PathBuf,
    /// When: minute, hour, day of month, month and day of week, in UTC, such as "0 3 * * *".
    #[arg(long, value_name = "EXPRESSION")]
    pub cron: CronExpression,
    /// What to call it; the spec's name when absent.
    #[arg(long)]
    pub name: Option<String>,
}

/// `assay campaign show`
#[derive(Debug, Args)]
pub struct Show {
    /// The campaign.
    pub campaign: String,
    /// Tell how far it is, with the time and cost to go by the forecast, until it ends or is paused.
    #[arg(long)]
    pub follow: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `assay campaign pause` and the like
#[derive(Debug, Args)]
pub struct Controlled {
    /// The campaign.
    pub campaign: String,
    /// The bus of the functions that run it, where that is not the folder's own: eventbridge://BUS, with --ledger.
    #[arg(long, env = "ASSAY_BUS", value_name = "URL")]
    pub bus: Option<String>,
}

/// `assay report`
#[derive(Debug, Args)]
pub struct Report {
    /// The campaign.
    pub campaign: String,
    /// As a page that needs nothing else; this is what is printed without a form.
    #[arg(long, group = "form")]
    pub html: bool,
    /// As PDF.
    #[arg(long, group = "form")]
    pub pdf: bool,
    /// With all of its numbers.
    #[arg(long, group = "form")]
    pub json: bool,
    /// Write it to a file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `assay results`
#[derive(Debug, Args)]
pub struct Results {
    /// Results of one campaign; the latest of every configuration without it.
    #[arg(long)]
    pub campaign: Option<String>,
    /// Only this provenance.
    #[arg(long)]
    pub provenance: Option<Provenance>,
    /// Print JSON, with everything that is known of each result; the same as --format json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// What to print or write: json, csv, parquet, or llm-d, the Benchmark Report of llm-d.
    #[arg(long, value_enum, default_value = "table")]
    pub format: ResultsFormat,
    /// Write it to a file instead of standard output; of llm-d a folder, with a report for each result.
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

impl Results {
    /// The format that was asked for.
    pub const fn format(&self) -> ResultsFormat {
        if self.json { ResultsFormat::Json } else { self.format }
    }
}

/// A form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ResultsFormat {
    /// Tables for people.
    Table,
    /// Everything that is known of each result; can be imported.
    Json,
    /// A row for each result.
    Csv,
    /// The same in columns, with each result whole; can be imported.
    Parquet,
    /// The Benchmark Report of llm-d, 0.2.1; can be imported.
    LlmD,
}

/// `assay completion`
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell: bash, zsh, fish, elvish or powershell.
    pub shell: Shell,
}

/// `assay up`
#[derive(Debug, Args)]
pub struct Up {
    /// Where to listen. Port 0 takes a free one.
    #[arg(long, env = "ASSAY_LISTEN", default_value = "127.0.0.1:8700")]
    pub listen: SocketAddr,
    /// Where answers are kept close: memory, or redis://... (rediss:// with TLS) for several servers.
    #[arg(long, env = "ASSAY_HOT", hide_env_values = true, default_value = "memory")]
    pub hot: String,
    /// Who runs batches, when not this machine: argo://NAMESPACE/TEMPLATE. The ledger and the objects must be ones that
    /// its pods reach.
    #[arg(long, env = "ASSAY_DISPATCHER", value_name = "URL")]
    pub dispatcher: Option<String>,
    /// Who may ask: a file with hashed API keys, as `assay key new` writes it. Needed wherever others can reach the server.
    #[arg(long, env = "ASSAY_API_KEYS", hide_env_values = true, value_name = "FILE")]
    pub keys: Option<String>,
    /// Keys of the issuer whose tokens (JWT) are believed: an https URL or a file.
    #[arg(long, env = "ASSAY_JWKS", value_name = "URL|FILE")]
    pub jwks: Option<String>,
    /// The issuer of these tokens: their `iss`.
    #[arg(long, env = "ASSAY_JWT_ISSUER", value_name = "ISSUER")]
    pub jwt_issuer: Option<String>,
    /// Whom these tokens must be for: their `aud`.
    #[arg(long, env = "ASSAY_JWT_AUDIENCE", value_name = "AUDIENCE")]
    pub jwt_audience: Option<String>,
    /// Requests a minute that each asker has; 3000 where there are keys, else no limit.
    #[arg(long, env = "ASSAY_RATE_LIMIT", value_name = "REQUESTS")]
    pub rate_limit: Option<NonZeroU32>,
    /// A page elsewhere that may ask: https://page.example. Can be given several times.
    #[arg(long = "cors-origin", env = "ASSAY_CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGIN")]
    pub cors_origins: Vec<String>,
}

/// `assay stage`: one stage of a campaign, for workflows that call one after the other.
#[derive(Debug, Args)]
pub struct Stage {
    /// Who runs batches: argo://NAMESPACE/TEMPLATE.
    #[arg(long, global = true, env = "ASSAY_DISPATCHER", value_name = "URL")]
    pub dispatcher: Option<String>,
    /// Which.
    #[command(subcommand)]
    pub which: WhichStage,
}

/// The stages, in their order, and what runs by the clock.
#[derive(Debug, Subcommand)]
pub enum WhichStage {
    /// Check a spec and enter its campaign into the ledger.
    Validate {
        /// The campaign spec (YAML).
        spec: PathBuf,
        /// Measure everything again, as a new campaign.
        #[arg(long)]
        again: bool,
        /// File that gets the id of the campaign.
        #[arg(long, value_name = "FILE")]
        campaign_to: PathBuf,
    },
    /// Generate the matrix of a campaign.
    Matrix(OfCampaign),
    /// Split it into batches and submit their jobs.
    Split(OfCampaign),
    /// Follow the jobs of a campaign until all of its batches have ended; what was interrupted goes on.
    Follow(OfCampaign),
    /// Publish the catalogue with what a campaign measured.
    Publish(OfCampaign),
    /// Put every campaign right that waits for something that will not come. Takes no input; to be called by the clock.
    Reconcile,
}

/// A stage of one campaign.
#[derive(Debug, Args)]
pub struct OfCampaign {
    /// The campaign.
    #[arg(long)]
    pub campaign: String,
}

/// `assay key`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a random API key: it is printed once, and its hash is added to a file for `assay up --keys`.
    #[command(after_help = examples::NEW_KEY)]
    New {
        /// Whose it is: it stands in logs and counts the rate.
        name: String,
        /// What its owner may: read, run (campaigns and imports, which cost money) or admin.
        #[arg(long, default_value = "read")]
        scope: Scope,
        /// The file; made when it is not there.
        #[arg(long, default_value = "assay-keys.json", value_name = "FILE")]
        file: PathBuf,
    },
}

/// `assay model`
#[derive(Debug, Subcommand)]
pub enum Model {
    /// Add a model from the Hugging Face config.json that lies beside its weights.
    #[command(after_help = examples::ADD_MODEL)]
    Add {
        /// Path or URL of the file, such as https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json
        config: String,
        /// What to call the model; the name of the repository or folder when absent.
        #[arg(long)]
        name: Option<String>,
    },
    /// List the models that ship with Assay and those that were added.
    #[command(after_help = examples::MODELS)]
    List,
}

/// `assay prices`
#[derive(Debug, Subcommand)]
pub enum Prices {
    /// Instance types with their prices on demand and spot, and how old these are.
    #[command(after_help = examples::PRICES)]
    List,
    /// The names of the instance types, to ask AWS for their prices.
    #[command(after_help = examples::INSTANCES)]
    Instances,
    /// Read `aws ec2 describe-spot-price-history --output json` from standard input and print
    /// crates/domain/data/spot_prices.yaml anew (`make spot-prices` does both).
    #[command(after_help = examples::SPOT)]
    Spot,
}

/// `assay db`
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Bring the tables of the results store up to date; a step of a deployment.
    #[command(after_help = examples::MIGRATE)]
    Migrate,
    /// Look whether everything that a campaign needs is there.
    #[command(after_help = examples::DOCTOR)]
    Doctor {
        /// Where `assay up` keeps answers close.
        #[arg(long, env = "ASSAY_HOT", hide_env_values = true, default_value = "memory")]
        hot: String,
        /// Who runs batches, when not this machine: argo://NAMESPACE/TEMPLATE.
        #[arg(long, env = "ASSAY_DISPATCHER", value_name = "URL")]
        dispatcher: Option<String>,
    },
}
