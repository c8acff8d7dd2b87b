//! An **estimate** says what a launch would yield under a workload that was not measured, from the measured ones around
//! it.
//!
//! A workload is a point: the base-2 logarithms of its input tokens, output tokens and requests in flight. Measured
//! workloads form a grid there. Where all corners of the cell around the point were measured, the logarithm of each
//! number is interpolated linearly between them in every direction, which is exact where a number is a power of the
//! lengths and the load, as latencies and throughputs nearly are over a factor of two. Elsewhere the nearest measured
//! workload stands for the point, since what lies outside the measured workloads is not made up, if it is no more than a
//! doubling away: what lies farther says nothing, and is only counted. The distance to the nearest one is stated either
//! way, in doublings: 1 is twice or half of one length.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};

use domain::result::Flag;
use domain::workload::Protocol;
use domain::{ConfigId, Load, MetricId, Provenance, Serving, Statistic, UseCase, Variety, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{check_filter, check_limit, is_default, measured, ten};
use crate::{Column, Filter, NoRecommendation, PriceKind, PriceSource, Snapshot};

/// Input tokens, output tokens, requests in flight.
type Point = [u32; 3];

/// The farthest that a measured workload may be from one that it stands for, in doublings.
pub(crate) const FARTHEST: f64 = 1.0;

/// What is asked about: a closed loop of requests that differ in nothing but lengths and load from what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateRequest {
    /// What the traffic is for.
    pub use_case: UseCase,
    /// Which models, hardware and engines are estimated; all of them when absent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filter: Filter,
    /// Tokens of a prompt.
    pub input_tokens: NonZeroU32,
    /// Tokens of an answer.
    pub output_tokens: NonZeroU32,
    /// Requests in flight.
    pub concurrency: NonZeroU32,
    /// How requests differ, where they do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub variety: Variety,
    /// Which endpoint carries them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protocol: Protocol,
    /// Which results are estimated from.
    #[serde(default = "measured")]
    pub provenance: Provenance,
    /// Which price counts.
    #[serde(default)]
    pub price: PriceKind,
    /// Most entries in the answer, up to 1000.
    #[serde(default = "ten")]
    pub limit: NonZeroUsize,
}

/// What every launch would yield that was measured near enough to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Estimates {
    /// The traffic in words: `chatbot 700>150 c24`.
    pub traffic: String,
    /// The results that it was estimated from.
    pub provenance: Provenance,
    /// Which price counts.
    pub price: PriceKind,
    /// Where the prices are from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceSource>,
    /// How many launches are estimated in all.
    pub total: usize,
    /// How many more were measured, but only under workloads that are too far away to tell.
    #[serde(default, skip_serializing_if = "is_default")]
    pub too_far: usize,
    /// What was measured or lies between results before what only has one nearby; of each the cheapest per token first,
    /// and where the cost is not known, those after them that yield most.
    pub entries: Vec<EstimatedEntry>,
}

/// What a launch would yield.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimatedEntry {
    /// What to run, or which hosted model to use.
    pub launch: Serving,
    /// How it was estimated.
    #[serde(flatten)]
    pub basis: Basis,
    /// What limits the conclusion from any of the results that it was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Time to first token, ms, 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_p90_ms: Option<f64>,
    /// Time per output token, ms, 90th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tpot_p90_ms: Option<f64>,
    /// Output tokens per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tps: Option<f64>,
    /// USD per million output tokens in steady serving, at the price asked for, of a machine that is full of such
    /// servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serving_cost_per_mtok: Option<f64>,
}

/// How an estimate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Not at all: the workload itself was measured.
    Measured,
    /// Between measured workloads all around it.
    Interpolated,
    /// From the nearest measured workload, whose numbers stand for it.
    Nearest,
}

/// What an estimate is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// How it is made.
    pub method: Method,
    /// [`Provenance::Forecast`], unless the workload itself was measured.
    pub provenance: Provenance,
    /// The measured configurations that it was made from: one when it was measured itself or is the nearest.
    pub from: Vec<ConfigId>,
    /// Doublings from the nearest of them; 0 when it was measured itself.
    pub distance: f64,
}

impl Snapshot {
    /// Estimates a workload on every launch that a closed loop of its kind was measured on.
    ///
    /// # Errors
    /// When there is none, or the request makes no sense.
    pub fn estimates(&self, request: &EstimateRequest) -> Result<Estimates, NoRecommendation> {
        check_limit(request.limit)?;
        check_filter(&request.filter)?;
        let measured = self.measured_near(request);
        let launches = measured.len();
        let rows: Vec<usize> = measured.values().flatten().map(|(_, row)| *row).collect();
        let prices = self.price_sources(&rows, &[request.price]);
        let estimated = |(launch, measured): (u32, Vec<_>)| self.estimated(launch, &measured, request);
        let mut entries: Vec<EstimatedEntry> = measured.into_iter().filter_map(estimated).collect();
        let too_far = launches - entries.len();
        if entries.is_empty() {
            let EstimateRequest { use_case, provenance, .. } = *request;
            return Err(NoRecommendation::NothingNear { use_case, provenance, too_far });
        }
        let unknown_last = |value: Option<f64>| value.unwrap_or(f64::INFINITY);
        entries.sort_by(|a, b| {
            let cost = |e: &EstimatedEntry| unknown_last(e.serving_cost_per_mtok);
            let slowness = |e: &EstimatedEntry| unknown_last(e.output_tps.map(|tps| -tps));
            let stands_in = |e: &EstimatedEntry| e.basis.method == Method::Nearest;
            let cheaper = cost(a).total_cmp(&cost(b)).then(slowness(a).total_cmp(&slowness(b)));
            stands_in(a).cmp(&stands_in(b)).then(cheaper)
        });
        let total = entries.len();
        entries.truncate(request.limit.get());
        let EstimateRequest { provenance, price, .. } = *request;
        Ok(Estimates { traffic: request.traffic(), provenance, price, prices, total, too_far, entries })
    }

    /// The closed loops of a request's kind by launch, as points with their rows.
    fn measured_near(&self, request: &EstimateRequest) -> BTreeMap<u32, Vec<(Point, usize)>> {
        let filter = Filter {
            use_case: Some(request.use_case),
            provenance: Some(request.provenance),
            ..request.filter.clone()
        };
        let mut by_launch: BTreeMap<u32, Vec<(Point, usize)>> = BTreeMap::new();
        for row in self.rows_of(&filter) {
            let rankable = self.says_something(row);
            let point = self.workload(row).and_then(|workload| request.point_of(workload));
            if let (true, Some(point), Some(&launch)) = (rankable, point, self.rows.servings.codes().get(row))
            {
                by_launch.entry(launch).or_default().push((point, row));
            }
        }
        by_launch
    }

    /// What a launch would yield; none when nothing was measured near enough.
    fn estimated(
        &self,
        launch: u32,
        measured: &[(Point, usize)],
        request: &EstimateRequest,
    ) -> Option<EstimatedEntry> {
        let asked = [request.input_tokens, request.output_tokens, request.concurrency].map(NonZeroU32::get);
        let nearest =
            *measured.iter().min_by(|a, b| distance(a.0, asked).total_cmp(&distance(b.0, asked)))?;
        let distance = distance(nearest.0, asked);
        let itself = || vec![(nearest.1, 1.0)];
        let (method, corners) = match cell(measured, asked) {
            _ if nearest.0 == asked => (Method::Measured, itself()),
            Some(corners) => (Method::Interpolated, corners),
            None if distance <= FARTHEST => (Method::Nearest, itself()),
            None => return None,
        };
        let number = |column: Column| {
            let interpolated = |(row, weight): &(usize, f64)| Some(self.present(*row, column)?.ln() * weight);
            match corners.as_slice() {
                [(row, _)] => self.present(*row, column),
                corners => corners.iter().map(interpolated).sum::<Option<f64>>().map(f64::exp),
            }
        };
        let flags: BTreeSet<Flag> = corners
            .iter()
            .filter_map(|(row, _)| self.caveats(*row))
            .flat_map(|caveats| caveats.flags.iter().copied())
            .collect();
        let measured_itself = method == Method::Measured;
        Some(EstimatedEntry {
            launch: self.rows.servings.values().get(launch as usize)?.clone(),
            basis: Basis {
                method,
                provenance: if measured_itself { request.provenance } else { Provenance::Forecast },
                from: corners.iter().filter_map(|(row, _)| self.rows.config_ids.get(*row).cloned()).collect(),
                distance,
            },
            flags: flags.into_iter().collect(),
            ttft_p90_ms: number(Column::Latency(MetricId::Ttft, Statistic::P90)),
            tpot_p90_ms: number(Column::Latency(MetricId::Tpot, Statistic::P90)),
            output_tps: number(Column::OutputTps),
            serving_cost_per_mtok: number(Column::ServingCost(request.price)),
        })
    }
}

impl EstimateRequest {
    /// A request with the defaults: requests that do not vary, as chat, from measured results, at spot price.
    #[must_use]
    pub fn new(use_case: UseCase, tokens: [NonZeroU32; 2], concurrency: NonZeroU32) -> Self {
        let [input_tokens, output_tokens] = tokens;
        Self {
            use_case,
            filter: Filter::default(),
            input_tokens,
            output_tokens,
            concurrency,
            variety: Variety::default(),
            protocol: Protocol::default(),
            provenance: measured(),
            price: PriceKind::default(),
            limit: ten(),
        }
    }

    fn traffic(&self) -> String {
        let workload = Workload {
            use_case: self.use_case,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            load: Load::ClosedLoop { concurrency: self.concurrency },
            protocol: self.protocol,
            variety: self.variety.clone(),
        };
        format!("{} {}", self.use_case, workload.label())
    }

    /// The point of a closed loop whose requests differ in nothing but their lengths from those asked about. Batches of
    /// as many are none: their requests wait for each other.
    fn point_of(&self, workload: &Workload) -> Option<Point> {
        let Load::ClosedLoop { concurrency } = workload.load else { return None };
        let alike = workload.variety == self.variety && workload.protocol == self.protocol;
        alike.then(|| [workload.input_tokens, workload.output_tokens, concurrency].map(NonZeroU32::get))
    }
}

/// How often one number doubles to become another; negative where it halves.
pub(crate) fn doublings(from: u32, to: u32) -> f64 {
    (f64::from(to) / f64::from(from)).log2()
}

fn distance(a: Point, b: Point) -> f64 {
    a.iter().zip(b).map(|(&a, b)| doublings(a, b).powi(2)).sum::<f64>().sqrt()
}

/// The rows at the corners of the cell around a point with their weights, which add up to 1. None when the point is
/// outside the grid or a corner was not measured. In a direction in which the point is on the grid, the cell has no
/// extent.
fn cell(measured: &[(Point, usize)], asked: Point) -> Option<Vec<(usize, f64)>> {
    let mut corners: Vec<(Vec<u32>, f64)> = vec![(Vec::new(), 1.0)];
    for (direction, &at) in asked.iter().enumerate() {
        let grid: BTreeSet<u32> = measured.iter().map(|(point, _)| point[direction]).collect();
        let below = *grid.range(..=at).next_back()?;
        let above = *grid.range(at..).next()?;
        let share = if above == below { 0.0 } else { doublings(below, at) / doublings(below, above) };
        let ends = [(below, 1.0 - share), (above, share)].into_iter().filter(|(_, weight)| *weight > 0.0);
        corners = corners
            .into_iter()
            .flat_map(|(corner, weight)| {
                ends.clone().map(move |(end, share)| ([corner.clone(), vec![end]].concat(), weight * share))
            })
            .collect();
    }
    let row_at = |corner: &[u32]| measured.iter().find(|(point, _)| point == corner).map(|(_, row)| *row);
    corners.into_iter().map(|(corner, weight)| Some((row_at(&corner)?, weight))).collect()
}
