//! The **nearest** workload stands for one that is asked about by its lengths and its load alone.
//!
//! Near is counted in doublings, as for estimates: the root of the summed squares of the binary logarithms of input
//! tokens, output tokens and, where it is stated, requests in flight. What is farther than one doubling stands for nothing. Only
//! requests that stand alone are looked at: those of conversations, with shared prefixes or from datasets are asked for
//! by their shape.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use domain::{Load, Shape, UseCase, Workload};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::estimate::{FARTHEST, doublings};
use crate::request::RecommendationRequest;
use crate::{NoRecommendation, Snapshot};

/// A workload that was asked about by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedWorkload {
    /// Tokens of a prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<NonZeroU32>,
    /// Tokens of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<NonZeroU32>,
    /// Requests in flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<NonZeroU32>,
}

/// `700>150 c24`
impl std::fmt::Display for AskedWorkload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lengths = self.input_tokens.zip(self.output_tokens);
        let lengths = lengths.map(|(input, output)| format!("{input}>{output}"));
        let load = self.concurrency.map(|concurrency| format!("c{concurrency}"));
        f.write_str(&lengths.into_iter().chain(load).collect::<Vec<_>>().join(" "))
    }
}

/// The workload that stands for what was asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearestWorkload {
    /// What was asked about.
    pub asked: AskedWorkload,
    /// What the traffic that was measured is for.
    pub use_case: UseCase,
    /// Its shape.
    pub shape: Shape,
    /// Its requests in flight, where they were asked about: only results of this load compete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<NonZeroU32>,
    /// How far it is from what was asked about, in doublings; 0: it was measured itself.
    pub doublings: f64,
}

impl NearestWorkload {
    /// `700>150 c24 was not measured: chatbot 512>128 c16 is the nearest, 0.8 doublings away`
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { asked, use_case, shape, concurrency, doublings } = self;
        let load = concurrency.map_or_else(String::new, |concurrency| format!(" c{concurrency}"));
        if *doublings == 0.0 {
            return format!("{asked} was measured as {use_case} {shape}{load}");
        }
        format!(
            "{asked} was not measured: {use_case} {shape}{load} is the nearest, {doublings:.1} doublings away; an estimate \
             (`assay estimate`, POST /v1/estimates) lies between what was measured around it"
        )
    }
}

/// Leaves the rows of the nearest workload. None where the request names one by its use case and shape.
pub(crate) fn nearest(
    snapshot: &Snapshot,
    request: &RecommendationRequest,
    rows: &mut Vec<usize>,
) -> Result<Option<NearestWorkload>, NoRecommendation> {
    let &RecommendationRequest { use_case, input_tokens, output_tokens, concurrency, .. } = request;
    if (use_case.is_some() && concurrency.is_none()) || rows.is_empty() {
        return Ok(None);
    }
    let asked = AskedWorkload { input_tokens, output_tokens, concurrency };
    let squared = |from: NonZeroU32, to: Option<NonZeroU32>| {
        to.map_or(0.0, |to| doublings(from.get(), to.get()).powi(2))
    };
    let distance = |workload: &Workload| -> Option<f64> {
        let in_flight = match (concurrency, &workload.load) {
            (None, _) => 0.0,
            (Some(_), Load::ClosedLoop { concurrency: measured }) => squared(*measured, concurrency),
            (Some(_), _) => return None,
        };
        let lengths =
            squared(workload.input_tokens, input_tokens) + squared(workload.output_tokens, output_tokens);
        Some((lengths + in_flight).sqrt())
    };
    // A shape that the request names is meant as it is.
    let is_meant =
        |workload: &Workload| request.shape.is_some() || use_case.is_some() || stands_alone(workload);
    let workloads = &snapshot.rows.workloads;
    let mut results = vec![0_usize; workloads.values().len()];
    for &row in rows.iter() {
        if let Some(&code) = workloads.codes().get(row) {
            results[code as usize] += 1;
        }
    }
    let there = || workloads.values().iter().zip(&results).filter(|(_, count)| **count > 0);
    let mut of_traffic: BTreeMap<(UseCase, Shape), usize> = BTreeMap::new();
    for (workload, count) in there() {
        *of_traffic.entry((workload.use_case, workload.shape())).or_default() += count;
    }
    // Of several as near the traffic with most results.
    let near =
        there().map(|(workload, _)| workload).filter(|workload| is_meant(workload)).filter_map(|workload| {
            let results = of_traffic.get(&(workload.use_case, workload.shape())).copied().unwrap_or_default();
            Some((distance(workload)?, workload, results))
        });
    let by_distance = |a: &(f64, &Workload, usize), b: &(f64, &Workload, usize)| {
        a.0.total_cmp(&b.0).then(b.2.cmp(&a.2)).then_with(|| a.1.cmp(b.1))
    };
    let Some((distance, workload, _)) = near.min_by(by_distance) else {
        return Err(NoRecommendation::NoWorkloadNear { asked, nearest: None });
    };
    let measured_load = match workload.load {
        Load::ClosedLoop { concurrency: measured } if concurrency.is_some() => Some(measured),
        _ => None,
    };
    let nearest = NearestWorkload {
        asked,
        use_case: workload.use_case,
        shape: workload.shape(),
        concurrency: measured_load,
        doublings: distance,
    };
    if distance > FARTHEST {
        return Err(NoRecommendation::NoWorkloadNear { asked, nearest: Some(Box::new(nearest)) });
    }
    let alike = |w: &Workload| {
        let same_load = measured_load.is_none_or(|concurrency| w.load == Load::ClosedLoop { concurrency });
        w.use_case == nearest.use_case && w.shape() == nearest.shape && same_load
    };
    let alike: Vec<bool> = workloads.values().iter().map(alike).collect();
    rows.retain(|&row| workloads.codes().get(row).is_some_and(|&code| alike[code as usize]));
    Ok(Some(nearest))
}

/// Whether its requests have nothing to do with each other.
fn stands_alone(workload: &Workload) -> bool {
    let variety = &workload.variety;
    variety.shared_prefix_tokens == 0 && variety.dataset.is_none() && variety.conversation.is_none()
}
