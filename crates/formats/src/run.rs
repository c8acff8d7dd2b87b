//! A **foreign run** is one measurement as the file of another tool tells it, by quantity, before it is known what is
//! missing. All latencies are in ms.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use domain::content_hash::content_hash;
use domain::framework::Framework;
use domain::imported::{Definition, ForeignFormat, Imported, OtherQuantity};
use domain::known::MODELS;
use domain::lengths::Spread;
use domain::result::{
    ChargedTime, Environment, FailureReason, Flag, RESULT_SCHEMA_VERSION, RequestCounts, TokenSource,
};
use domain::untold::{told, untold};
use domain::workload::Protocol;
use domain::{
    BatchId, BenchmarkResult, CampaignId, Configuration, Engine, Hardware, Launch, Load, Metrics, ModelName,
    ModelVersion, Provenance, Quantisation, Rate, RatePlan, RequestSlo, RunId, Summary, Variety, Workload,
};
use serde_json::{Map, Value};

use crate::Stated;
use crate::node::{Path, Problem};
use crate::plausible;
use crate::reading::{Ask, LeftOut};

/// How much later than ours another clock may be.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// How far a clock of another zone may be ahead.
const ZONES_DIFFER: TimeDelta = TimeDelta::hours(14);

/// Lengths vary when their standard deviation is above this share of the mean.
const VARIES: f64 = 0.05;

/// What a mean length may differ from what was asked for.
const LENGTH_TOLERANCE: f64 = 0.05;

/// What share of the requests that were to be in flight may be so at most times, and how many times as many: instants are of
/// several processes.
const LEAST_OF_ASKED: f64 = 0.5;
const MOST_OF_ASKED: f64 = 1.1;

/// What a distribution is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Our `ttft`.
    Ttft,
    /// Our `ttfo`.
    Ttfo,
    /// Our `tpot`.
    Tpot,
    /// Our `itl`.
    Itl,
    /// Our `e2e`.
    E2e,
    /// Our `tps_per_user`.
    TpsPerUser,
    /// None of ours.
    Other(Definition),
}

/// The length of prompts or answers, in tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, where it is known.
    pub deviation: Option<f64>,
}

/// A fact that the file may tell, with what it says where that is not understood.
#[derive(Debug, Clone)]
pub struct Fact<T> {
    /// What it is.
    pub known: Option<T>,
    /// What the file says, for whoever is asked.
    pub said: Option<String>,
}

impl<T> Fact<T> {
    /// Nothing is told.
    pub const fn unknown() -> Self {
        Self { known: None, said: None }
    }

    /// What was understood.
    pub fn known(value: T) -> Self {
        Self { known: Some(value), said: None }
    }

    /// What was not.
    pub fn said(text: impl Into<String>) -> Self {
        Self { known: None, said: Some(text.into()) }
    }
}

impl<T> From<Option<T>> for Fact<T> {
    fn from(known: Option<T>) -> Self {
        Self { known, said: None }
    }
}

/// One measurement.
#[derive(Debug, Clone)]
pub struct ForeignRun {
    /// The format of its file.
    pub format: ForeignFormat,
    /// Where it is in the file; empty when it is all of it.
    pub path: Path,
    /// Version of the tool.
    pub tool_version: Option<String>,
    /// Where its numbers come from, where the file tells.
    pub provenance: Option<Provenance>,
    /// What stands beside it.
    pub flags: Vec<Flag>,
    /// When the window began.
    pub started_at: Option<DateTime<Utc>>,
    /// Whether that is of a clock whose zone nobody told.
    pub zone_untold: bool,
    /// Seed of the prompts.
    pub seed: Option<u64>,
    /// The model as the file names it.
    pub model: Option<String>,
    /// Precision of its weights.
    pub quantisation: Fact<Quantisation>,
    /// What it ran on.
    pub hardware: Fact<Hardware>,
    /// What answered.
    pub engine: Fact<Engine>,
    /// Its version.
    pub engine_version: Option<String>,
    /// What else of its settings changes what is measured.
    pub engine_args: Vec<String>,
    /// What the traffic was for.
    pub use_case: Option<domain::UseCase>,
    /// Length of the prompts.
    pub input: Option<Length>,
    /// Length of the answers.
    pub output: Option<Length>,
    /// How requests arrived.
    pub load: Fact<Load>,
    /// The most requests that were in flight at once, where each of them is told.
    pub most_in_flight: Option<u64>,
    /// Requests per second that were asked for, where the file does not say how they followed each other.
    pub rate: Option<Rate>,
    /// Which endpoint carried them.
    pub protocol: Option<Protocol>,
    /// Length of the window, s.
    pub window_s: Option<f64>,
    /// Requests that ended well.
    pub succeeded: Option<u64>,
    /// Requests that did not.
    pub failed: Option<u64>,
    /// Prompt tokens in sum.
    pub input_tokens: Option<u64>,
    /// Answer tokens in sum.
    pub output_tokens: Option<u64>,
    /// Distributions.
    pub distributions: Vec<(Quantity, Summary)>,
    /// Single numbers that are none of ours.
    pub other_numbers: Vec<(Definition, f64)>,
    /// Whether it is known that events carry several tokens.
    pub multi_token: bool,
    /// Output tokens per second.
    pub output_tps: Option<f64>,
    /// Input and output tokens per second.
    pub total_tps: Option<f64>,
    /// Requests per second.
    pub rps: Option<f64>,
    /// J per output token.
    pub energy_per_tok: Option<f64>,
    /// GPUs that telemetry saw, by product name.
    pub gpus: Vec<String>,
    /// What the file says.
    pub original: Map<String, Value>,
    /// Numbers that were left away, and why.
    pub left_out: Vec<LeftOut>,
}

impl ForeignRun {
    /// A run of which nothing is known yet.
    pub fn new(format: ForeignFormat, path: Path) -> Self {
        Self {
            format,
            path,
            tool_version: None,
            provenance: None,
            flags: Vec::new(),
            started_at: None,
            zone_untold: false,
            seed: None,
            model: None,
            quantisation: None.into(),
            hardware: None.into(),
            engine: None.into(),
            engine_version: None,
            engine_args: Vec::new(),
            use_case: None,
            input: None,
            output: None,
            load: None.into(),
            most_in_flight: None,
            rate: None,
            protocol: None,
            window_s: None,
            succeeded: None,
            failed: None,
            input_tokens: None,
            output_tokens: None,
            distributions: Vec::new(),
            other_numbers: Vec::new(),
            multi_token: false,
            output_tps: None,
            total_tps: None,
            rps: None,
            energy_per_tok: None,
            gpus: Vec::new(),
            original: Map::new(),
            left_out: Vec::new(),
        }
    }

    /// The distribution of a quantity.
    pub fn distribution(&self, quantity: Quantity) -> Option<&Summary> {
        self.distributions.iter().find(|(of, _)| *of == quantity).map(|(_, summary)| summary)
    }

    /// Adds a distribution, if there is one.
    pub fn add(&mut self, quantity: Quantity, summary: Option<Summary>) {
        self.distributions.extend(summary.map(|summary| (quantity, summary)));
    }

    /// Leaves a number away.
    pub fn leave_out(&mut self, field: &str, reason: impl Into<String>) {
        let place = match self.path.to_string() {
            path if path.is_empty() => field.to_owned(),
            path => format!("{path}.{field}"),
        };
        self.left_out.push(LeftOut { place, reason: reason.into() });
    }

    /// Something is wrong with the run.
    pub fn bad(&self, problem: impl Into<String>) -> Problem {
        Problem { path: self.path.clone(), problem: problem.into() }
    }
}

/// What is common to the runs of a file.
pub struct Source<'a> {
    /// SHA-256 of the file.
    pub sha256: &'a str,
    /// What was stated.
    pub stated: &'a Stated,
    /// Today.
    pub now: DateTime<Utc>,
}

impl Source<'_> {
    /// The campaign that stands for the file with these statements: the same import has the same runs.
    pub fn campaign(&self) -> Result<CampaignId, Problem> {
        let bad = |problem: String| Problem { path: Path::default(), problem };
        let hash = content_hash(&(self.sha256, self.stated)).map_err(|e| bad(e.to_string()))?;
        format!("import-{hash}").parse().map_err(|e: domain::ids::BadId| bad(e.to_string()))
    }
}

/// What must be asked, or a result.
pub type Outcome = Result<Box<BenchmarkResult>, Vec<Ask>>;

/// The result that a run is with what was stated. `trials` counts the runs of each configuration.
pub fn result(
    mut run: ForeignRun,
    source: &Source<'_>,
    trials: &mut BTreeMap<domain::ConfigId, u32>,
) -> Result<(Outcome, Vec<LeftOut>), Problem> {
    let stated = source.stated;
    plausible::check(&run)?;
    let mut facts = Facts { run: &run, asks: Vec::new(), stated: Vec::new() };
    let model = facts.model(stated)?;
    let quantisation = match (&model, run.quantisation.known) {
        (Some((_, Some(of_name))), None) => Fact::known(*of_name),
        _ => run.quantisation.clone(),
    };
    let quantisation = facts.choose("quantisation", &quantisation, stated.quantisation, |q| q.to_string())?;
    let hardware = facts.choose("hardware", &run.hardware, stated.hardware, |h| h.to_string())?;
    let engine = facts.choose("engine", &run.engine, stated.engine, |e| e.to_string())?;
    let use_case = facts.choose("use_case", &run.use_case.into(), stated.use_case, |u| u.to_string())?;
    let input = facts.length("input_tokens", run.input, stated.input_tokens);
    let output = facts.length("output_tokens", run.output, stated.output_tokens);
    let load = facts.load(stated)?;
    let measured_at = run.started_at.or(stated.measured_at).map(|at| {
        // The day there may have begun before ours.
        let ahead = run.zone_untold && at > source.now && at <= source.now + ZONES_DIFFER;
        if ahead { source.now } else { at }
    });
    if run.started_at.is_none() {
        facts.note("measured_at", stated.measured_at.is_some());
    }
    if stated.engine_version.is_some() && run.engine_version.is_none() {
        facts.note("engine_version", true);
    }
    if measured_at.is_some_and(|at| at > source.now + CLOCKS_DIFFER) {
        return Err(run.bad("was measured at an instant that is yet to come; is its clock right?"));
    }
    let Facts { asks, stated: by_hand, .. } = facts;
    let (
        Some((model, _)),
        Some(quantisation),
        Some(hardware),
        Some(engine),
        Some(use_case),
        Some((input_tokens, input)),
        Some((output_tokens, output)),
        Some(load),
        Some(measured_at),
    ) = (model, quantisation, hardware, engine, use_case, input, output, load, measured_at)
    else {
        return Ok((Err(asks), run.left_out));
    };
    let Some(output_tps) = run.output_tps else {
        return Err(run.bad("tells no output tokens per second; without them it is no result"));
    };
    let workload = Workload {
        use_case,
        input_tokens,
        output_tokens,
        load,
        protocol: run.protocol.or(stated.protocol).unwrap_or_default(),
        variety: Variety { input, output, ..Variety::default() },
    };
    let framework = Framework { engine, version: None, args: std::mem::take(&mut run.engine_args) };
    let launch = Launch { model: ModelVersion { model, quantisation }, hardware, framework };
    let configuration = Configuration { serving: launch.into(), workload };
    let config_id = configuration.id();
    let trial = *trials.entry(config_id.clone()).and_modify(|trial| *trial += 1).or_insert(1);
    let campaign = source.campaign()?;
    let flags = flags(&run, &configuration.workload, stated);
    let (metrics, quantities, accepted) = metrics(&mut run, &stated.accept, output_tps, hardware);
    let tool = run.tool_version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let provenance = match run.provenance {
        Some(told @ (Provenance::Simulated | Provenance::Imported)) => told,
        _ if engine == Engine::Simulated => Provenance::Simulated,
        _ => Provenance::Imported,
    };
    let failed = run.failed.filter(|failed| *failed > 0);
    let result = BenchmarkResult {
        schema_version: RESULT_SCHEMA_VERSION,
        run_id: RunId::new(&campaign, &config_id, trial),
        batch: BatchId::new(&campaign, 0),
        campaign,
        attempt: 1,
        trial,
        configuration,
        config_id,
        provenance,
        measured_at,
        seed: run.seed,
        slo: RequestSlo::default(),
        rent: None,
        token_rate: None,
        tokens_sold: None,
        metrics,
        fidelity: None,
        task_accuracy: None,
        by_turn: None,
        counts: RequestCounts {
            succeeded: run.succeeded.unwrap_or(0),
            failed: failed.map(|failed| (FailureReason::Untold, failed)).into_iter().collect(),
            input_tokens: run.input_tokens.unwrap_or(0),
            input_uncounted: if run.input_tokens.is_some() { 0 } else { run.succeeded.unwrap_or(0) },
            output_tokens: run.output_tokens.unwrap_or(0),
            ..RequestCounts::default()
        },
        token_source: TokenSource::OtherTool,
        flags: if accepted.is_empty() { flags } else { [flags, vec![Flag::OtherDefinition]].concat() },
        certificate: None,
        charged: ChargedTime {
            engine_start_s: untold(),
            warm_up_s: untold(),
            window_s: run.window_s.unwrap_or(untold()),
            lost_s: untold(),
        },
        environment: Environment {
            engine_version: run.engine_version.or_else(|| stated.engine_version.clone()),
            engine_command: Vec::new(),
            weights: None,
            runner_version: format!("{}{tool}", run.format),
            runner_revision: None,
            image_digest: None,
            cpu_model: None,
            cpu_count: 0,
            gpus: run.gpus,
            gpu_driver: None,
        },
        telemetry: None,
        raw_records: None,
        imported: Some(Imported {
            format: run.format,
            tool_version: run.tool_version,
            sha256: source.sha256.to_owned(),
            place: run.path.to_string(),
            stated: by_hand,
            quantities,
            accepted,
            original: run.original,
        }),
    };
    Ok((Ok(Box::new(result)), run.left_out))
}

/// What limits the conclusion.
fn flags(run: &ForeignRun, workload: &Workload, stated: &Stated) -> Vec<Flag> {
    let off = |found: Option<Length>, asked: NonZeroU32, is_stated: bool| {
        let asked = f64::from(asked.get());
        is_stated && found.is_some_and(|found| (found.mean / asked - 1.0).abs() > LENGTH_TOLERANCE)
    };
    let mut flags = run.flags.clone();
    let own = [
        (off(run.input, workload.input_tokens, stated.input_tokens.is_some()), Flag::InputLengthOff),
        (off(run.output, workload.output_tokens, stated.output_tokens.is_some()), Flag::OutputLengthOff),
        (run.failed.is_some_and(|failed| failed > 0), Flag::SomeFailed),
        (true, Flag::HardwareUnverified),
    ];
    for (applies, flag) in own {
        if applies && !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    flags
}

/// The numbers that are ours, those that are not, and which of these were accepted for ours.
fn metrics(
    run: &mut ForeignRun,
    accept: &[Definition],
    output_tps: f64,
    hardware: Hardware,
) -> (Metrics, BTreeMap<Definition, OtherQuantity>, Vec<Definition>) {
    let mut others: BTreeMap<Definition, OtherQuantity> =
        run.other_numbers.iter().map(|(of, number)| (*of, OtherQuantity::Number(*number))).collect();
    let mut metrics = Metrics {
        ttft: None,
        ttfo: None,
        e2e: None,
        tpot: None,
        itl: None,
        itl_multi_token: run.multi_token,
        of_all: BTreeMap::new(),
        ttft_sched: None,
        e2e_sched: None,
        tps_per_user: None,
        output_tps,
        output_tps_ci95: None,
        total_tps: run.total_tps.unwrap_or(untold()),
        rps: run.rps.unwrap_or(untold()),
        tps_per_gpu: (hardware.gpu_count() > 0).then(|| output_tps / f64::from(hardware.gpu_count())),
        goodput: None,
        attainment: None,
        cost_per_mtok: None,
        serving_cost_per_mtok: None,
        energy_per_tok: run.energy_per_tok,
    };
    for (quantity, summary) in std::mem::take(&mut run.distributions) {
        let place = match quantity {
            Quantity::Ttft => &mut metrics.ttft,
            Quantity::Ttfo => &mut metrics.ttfo,
            Quantity::Tpot => &mut metrics.tpot,
            Quantity::Itl => &mut metrics.itl,
            Quantity::E2e => &mut metrics.e2e,
            Quantity::TpsPerUser => &mut metrics.tps_per_user,
            Quantity::Other(definition) => {
                others.insert(definition, OtherQuantity::Distribution(summary));
                continue;
            }
        };
        *place = Some(summary);
    }
    let mut accepted = Vec::new();
    for (definition, other) in &others {
        let OtherQuantity::Distribution(summary) = other else { continue };
        let place = match definition {
            Definition::TtftFirstChunk | Definition::TtftFirstOutput | Definition::TtftUndefined => {
                &mut metrics.ttft
            }
            Definition::E2eStreamEnd => &mut metrics.e2e,
            Definition::TokenGapUndefined => &mut metrics.tpot,
            Definition::E2ePerToken
            | Definition::ItlPerToken
            | Definition::SecondToken
            | Definition::TotalTpsPerGpu => continue,
        };
        if place.is_none() && accept.contains(definition) {
            *place = Some(summary.clone());
            accepted.push(*definition);
        }
    }
    (metrics, others, accepted)
}

/// Facts of a run, with what was stated and what must be asked.
struct Facts<'a> {
    run: &'a ForeignRun,
    asks: Vec<Ask>,
    stated: Vec<String>,
}

impl Facts<'_> {
    /// Notes that a field was stated, or asks for it.
    fn note(&mut self, field: &str, is_stated: bool) {
        if is_stated {
            self.stated.push(field.to_owned());
        } else {
            self.ask(field, "the file does not say it".to_owned());
        }
    }

    fn ask(&mut self, field: &str, why: String) {
        self.asks.push(Ask { field: field.to_owned(), why });
    }

    /// What the file says, or what was stated. Both must agree.
    fn choose<T: PartialEq + Clone>(
        &mut self,
        field: &str,
        fact: &Fact<T>,
        stated: Option<T>,
        show: impl Fn(&T) -> String,
    ) -> Result<Option<T>, Problem> {
        match (fact.known.clone(), stated) {
            (Some(told), Some(stated)) if told != stated => {
                let (told, stated) = (show(&told), show(&stated));
                Err(self.run.bad(format!("is of {field} {told}, and {stated} was stated; leave that out")))
            }
            (Some(told), _) => Ok(Some(told)),
            (None, Some(stated)) => {
                self.note(field, true);
                Ok(Some(stated))
            }
            (None, None) => {
                match &fact.said {
                    Some(said) => self.ask(field, format!("the file says {said}")),
                    None => self.note(field, false),
                }
                Ok(None)
            }
        }
    }

    /// The model, with the precision that its name on the hub stands for.
    fn model(&mut self, stated: &Stated) -> Result<Option<(ModelName, Option<Quantisation>)>, Problem> {
        let known = self.run.model.as_deref().and_then(of_hub);
        if let Some((name, precision)) = known {
            if let Some(other) = stated.model.as_ref().filter(|stated| **stated != name) {
                return Err(self.run.bad(format!("is of {name}, and {other} was stated; leave that out")));
            }
            return Ok(Some((name, Some(precision))));
        }
        if let Some(stated) = &stated.model {
            self.note("model", true);
            return Ok(Some((stated.clone(), None)));
        }
        let said = self.run.model.as_deref();
        let why = said.map_or_else(
            || "the file does not say it".to_owned(),
            |said| format!("the file says `{said}`, which is no model of a hub that is known here"),
        );
        self.ask("model", why);
        Ok(None)
    }

    /// How requests arrived. At a rate it must be known how they followed each other.
    fn load(&mut self, stated: &Stated) -> Result<Option<Load>, Problem> {
        let closed = stated.concurrency.map(|concurrency| Load::ClosedLoop { concurrency });
        if let (Some(asked), Some(most)) = (stated.concurrency, self.run.most_in_flight) {
            self.kept_in_flight(asked, most)?;
        }
        let Some(rate) = self.run.rate.filter(|_| self.run.load.known.is_none()) else {
            let fact = self.run.load.clone();
            return self.choose("concurrency", &fact, closed, |load| load.to_string());
        };
        let said = format!("{rate} requests per second, and not how they followed each other");
        let arrival =
            self.choose("arrival", &Fact::said(said), stated.arrival, |arrival| arrival.to_string())?;
        Ok(arrival.map(|arrival| Load::OpenLoop { rate_rps: RatePlan::Steady(rate), arrival }))
    }

    /// Refuses a number of requests in flight that the requests themselves contradict. A closed loop that has enough requests
    /// has as many in flight as were asked for.
    fn kept_in_flight(&self, asked: NonZeroU32, most: u64) -> Result<(), Problem> {
        let requests = self.run.succeeded.unwrap_or(0) + self.run.failed.unwrap_or(0);
        let (asked_of, most_of) = (f64::from(asked.get()), most as f64);
        let too_few = most_of < asked_of.min(requests as f64) * LEAST_OF_ASKED;
        if too_few || most_of > asked_of * MOST_OF_ASKED + 1.0 {
            return Err(self.run.bad(format!(
                "has at most {most} requests in flight at once, and {asked} were stated as its concurrency; mend that"
            )));
        }
        Ok(())
    }

    /// A length: what was stated, else what the file tells of it.
    fn length(
        &mut self,
        field: &str,
        found: Option<Length>,
        stated: Option<domain::Lengths>,
    ) -> Option<(NonZeroU32, Spread)> {
        if let Some(stated) = stated {
            self.note(field, true);
            return Some((stated.mean(), stated.spread()));
        }
        let whole = |number: f64| {
            let rounded = number.round();
            (1.0..=1e8).contains(&rounded).then_some(rounded as u32)
        };
        let Some(mean) = found.and_then(|found| NonZeroU32::new(whole(found.mean)?)) else {
            self.note(field, false);
            return None;
        };
        let deviation = found.and_then(|found| found.deviation).and_then(told);
        let deviation = deviation.filter(|deviation| *deviation > VARIES * f64::from(mean.get()));
        let spread = deviation.and_then(whole).map(|deviation| Spread::Normal { deviation });
        Some((mean, spread.unwrap_or_default()))
    }
}

/// The model that a repository holds, and in which precision.
fn of_hub(repository: &str) -> Option<(ModelName, Quantisation)> {
    let same = |hub: &str| hub.eq_ignore_ascii_case(repository);
    MODELS.iter().find_map(|(name, known)| {
        let quantised = known.quantised.iter().find(|(_, hub)| same(hub)).map(|(precision, _)| *precision);
        let precision = if same(&known.hub) { Some(known.precision) } else { quantised };
        precision.map(|precision| (name.clone(), precision))
    })
}
