//! Questions about what was measured.

use std::num::{NonZeroU32, NonZeroUsize};

use catalog::{AnyOf, Filter, Method, MinAccuracy, Normalisation, PriceKind, Turn};
use clap::Args;
use domain::duration::WrittenDuration;
use domain::use_case::Weights;
use domain::{Hardware, ModelName, OrHosted, Provenance, Quantisation, ServedBy, UseCase};

/// Which part of the catalogue a question is about. Each can be given several times; all of it without them.
#[derive(Debug, Args)]
pub struct Only {
    /// Only this model, such as llama-3.1-8b-instruct. Can be given several times, as can the next three.
    #[arg(long)]
    pub model: Vec<ModelName>,
    /// Only this precision of the weights, such as fp16, or hosted.
    #[arg(long)]
    pub quantisation: Vec<OrHosted<Quantisation>>,
    /// Only this hardware config, such as h100x2, or hosted.
    #[arg(long)]
    pub hardware: Vec<OrHosted<Hardware>>,
    /// Only this engine, such as vllm, or this provider of hosted models, such as openai.
    #[arg(long)]
    pub engine: Vec<ServedBy>,
}

impl Only {
    /// The same as a filter of the catalogue.
    pub fn filter(&self) -> Filter {
        Filter {
            model: AnyOf(self.model.clone()),
            quantisation: AnyOf(self.quantisation.clone()),
            hardware: AnyOf(self.hardware.clone()),
            engine: AnyOf(self.engine.clone()),
            ..Filter::default()
        }
    }
}

/// `assay recommend`
#[derive(Debug, Args)]
pub struct Recommend {
    /// chatbot, summarization, qa, code-generation or creative-writing, or a pipeline tag of Hugging Face that is of one
    /// of them. It sets what each criterion weighs, and without bounds of your own what nine of ten requests must meet,
    /// each bound taken alone. Without it, state --input-tokens and --output-tokens: the nearest workload that was measured
    /// stands for them and is named, and all criteria weigh alike.
    #[arg(long, required_unless_present_all = ["input_tokens", "output_tokens"])]
    pub use_case: Option<UseCase>,
    /// What is compared.
    #[command(flatten)]
    pub only: Only,
    /// The shape of the traffic, when several were measured, such as "512>128, 64 shared".
    #[arg(long)]
    pub shape: Option<String>,
    /// Tokens of a prompt, when several workloads were measured.
    #[arg(long)]
    pub input_tokens: Option<NonZeroU32>,
    /// Tokens of an answer, when several workloads were measured.
    #[arg(long)]
    pub output_tokens: Option<NonZeroU32>,
    /// Requests in flight on one server: only results of the nearest load that was measured compete. All loads do without
    /// it.
    #[arg(long)]
    pub concurrency: Option<NonZeroU32>,
    /// Longest time to first token of 90 % of requests, such as 300ms.
    #[arg(long)]
    pub max_ttft_p90: Option<WrittenDuration>,
    /// Longest time to first token of 99 % of requests.
    #[arg(long)]
    pub max_ttft_p99: Option<WrittenDuration>,
    /// Longest time per output token of 90 % of requests.
    #[arg(long)]
    pub max_tpot_p90: Option<WrittenDuration>,
    /// Longest time per output token of 99 % of requests.
    #[arg(long)]
    pub max_tpot_p99: Option<WrittenDuration>,
    /// Longest end-to-end latency of 90 % of requests.
    #[arg(long)]
    pub max_e2e_p90: Option<WrittenDuration>,
    /// Any other bound, such as itl_p99=80ms: ttft, tpot, itl or e2e, and p50, p90, p95, p99 or mean. Can be given several
    /// times.
    #[arg(long = "max", value_name = "METRIC_STAT=DURATION")]
    pub bounds: Vec<domain::SloBound>,
    /// No bounds at all, instead of those that are usual for the use case.
    #[arg(long, conflicts_with_all = ["max_ttft_p90", "max_ttft_p99", "max_tpot_p90", "max_tpot_p99", "max_e2e_p90", "bounds"])]
    pub no_slo: bool,
    /// Least accuracy, such as task_accuracy=0.6 or fidelity=0.9. What nobody asked is left out.
    #[arg(long, value_name = "MEASURE=SHARE")]
    pub min_accuracy: Option<MinAccuracy>,
    /// Which questions --min-accuracy is about, by their hash, when several sets were asked.
    #[arg(long, requires = "min_accuracy", value_name = "HASH")]
    pub questions: Option<String>,
    /// Most USD per hour for the machine that one server is rented as.
    #[arg(long)]
    pub max_usd_per_hour: Option<f64>,
    /// Requests per second to serve: tells how many servers that takes and what they cost per month.
    #[arg(long)]
    pub target_rps: Option<f64>,
    /// Most USD per month for the machines that these servers are rented as.
    #[arg(long, requires = "target_rps")]
    pub max_usd_per_month: Option<f64>,
    /// Which price counts: spot or on-demand.
    #[arg(long, default_value = "spot")]
    pub price: PriceKind,
    /// Which results count: measured, imported or simulated. They are never mixed. Forecasts are no results:
    /// `assay run --plan` and `assay estimate` make them.
    #[arg(long, default_value = "measured")]
    pub provenance: Provenance,
    /// How to order: topsis, by one score; pareto, those alone that none beats in everything; or lexicographic, by --order.
    #[arg(long, default_value = "topsis")]
    pub method: Method,
    /// With --method lexicographic: what decides, the most important first, with commas between them; with a tolerance, what is
    /// that close to the best goes on to the next, such as ttft_p90:5%,usd_per_month.
    #[arg(long, value_delimiter = ',', value_name = "CRITERION[:PERCENT]")]
    pub order: Vec<Turn>,
    /// What each group of criteria weighs, in any unit, such as latency=3,cost=1; one that is not named weighs nothing. The
    /// use case's own weights without it.
    #[arg(long, value_name = "GROUP=WEIGHT,...", value_parser = weights)]
    pub weights: Option<Weights>,
    /// What makes criteria comparable: vector, or min-max, which spreads every criterion alike.
    #[arg(long, default_value = "vector")]
    pub normalisation: Normalisation,
    /// How many to show.
    #[arg(long, default_value = "10")]
    pub limit: NonZeroUsize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Weights as they are written: `latency=3,cost=1`.
fn weights(text: &str) -> Result<Weights, String> {
    let mut weights = Weights { accuracy: 0.0, latency: 0.0, throughput: 0.0, cost: 0.0, memory: 0.0 };
    for part in text.split(',') {
        let mut read = || {
            let (group, weight) = part.split_once('=')?;
            let weight: f64 =
                weight.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight >= 0.0)?;
            let of_group = match group {
                "accuracy" => &mut weights.accuracy,
                "latency" => &mut weights.latency,
                "throughput" => &mut weights.throughput,
                "cost" => &mut weights.cost,
                "memory" => &mut weights.memory,
                _ => return None,
            };
            *of_group = weight;
            Some(())
        };
        read().ok_or_else(|| {
            format!("`{part}` is no weight: write GROUP=NUMBER; groups are accuracy, latency, throughput, cost, memory")
        })?;
    }
    Ok(weights)
}

/// `assay compare`
#[derive(Debug, Args)]
pub struct Compare {
    /// Ids of two to ten configurations, or how they begin; `assay recommend` and `assay results --json` tell them.
    #[arg(required = true, num_args = 2..=10, value_name = "ID")]
    pub ids: Vec<String>,
    /// Which price counts: spot or on-demand.
    #[arg(long, default_value = "spot")]
    pub price: PriceKind,
    /// Only results of this provenance; of each configuration what says most without it, measured first.
    #[arg(long)]
    pub provenance: Option<Provenance>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `assay history`
#[derive(Debug, Args)]
pub struct History {
    /// Id of a configuration, or how it begins; `assay recommend` and `assay results --json` tell it.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only this provenance.
    #[arg(long)]
    pub provenance: Option<Provenance>,
    /// How many of the latest to show.
    #[arg(long, default_value = "50")]
    pub limit: NonZeroUsize,
    /// Print JSON, with everything that is known of each result.
    #[arg(long)]
    pub json: bool,
}

/// `assay estimate`
#[derive(Debug, Args)]
pub struct Estimate {
    /// What the traffic is for, as in `assay recommend`.
    #[arg(long)]
    pub use_case: UseCase,
    /// What is estimated.
    #[command(flatten)]
    pub only: Only,
    /// Tokens of a prompt.
    #[arg(long)]
    pub input_tokens: NonZeroU32,
    /// Tokens of an answer.
    #[arg(long)]
    pub output_tokens: NonZeroU32,
    /// Requests in flight.
    #[arg(long)]
    pub concurrency: NonZeroU32,
    /// Which price counts: spot or on-demand.
    #[arg(long, default_value = "spot")]
    pub price: PriceKind,
    /// Which results are estimated from: measured, imported or simulated.
    #[arg(long, default_value = "measured")]
    pub provenance: Provenance,
    /// How many to show.
    #[arg(long, default_value = "10")]
    pub limit: NonZeroUsize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
