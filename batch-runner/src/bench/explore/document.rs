//! The **document** of an exploration is everything that was found at its loads. Every output is made from it;
//! written as JSON, it follows `schemas/exploration.json`.

use domain::{Metrics, Provenance};
use measurement::repeats::between_runs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use traffic::search::Counts;

use super::super::document::BenchDocument;
use super::{Exploration, Probe};

/// The version of the document's shape.
pub const EXPLORATION_SCHEMA_VERSION: u32 = 1;

/// What was found at several loads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExplorationDocument {
    /// [`EXPLORATION_SCHEMA_VERSION`] when it was written.
    pub schema_version: u32,
    /// Whether a real engine answered.
    pub provenance: Provenance,
    /// The command line.
    pub command: Vec<String>,
    /// The model's name.
    pub model: String,
    /// The server.
    pub url: String,
    /// What was varied.
    pub axis: Axis,
    /// The error, or the signal, that ended it before every load was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// What was searched for, and what was found.
    pub search: Option<SearchFindings>,
    /// From which load on more yields no more output tokens per second.
    pub saturation: Option<f64>,
    /// Every run, in the order of measuring.
    pub probes: Vec<ProbeFindings>,
    /// The means over the runs of each load that was measured more than once on purpose.
    pub repeated: Vec<RepeatedLoad>,
}

/// What is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Requests in flight.
    Concurrency,
    /// Requests of a batch.
    BatchSize,
    /// Requests per second.
    RateRps,
    /// Conversations that begin in a second.
    ConversationsPerS,
}

/// The highest load that meets the SLO.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SearchFindings {
    /// Least share of the requests that has to meet the SLO.
    pub target_attainment: f64,
    /// The highest load at which so many did. None when there was none.
    pub highest_met: Option<f64>,
    /// The lowest load at which they did not, or a rate that was not steady and so not kept up with. None when there was
    /// none.
    pub lowest_missed: Option<f64>,
    /// Whether both are beyond doubt; otherwise chance may have decided about one of them, or it was a rate that was not
    /// steady.
    pub certain: bool,
    /// Whether it ended at a load at which this client was the bottleneck, which says nothing of the server.
    pub stopped_by_client: bool,
}

/// A run at one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeFindings {
    /// Slots, requests at once, or requests per second.
    pub load: f64,
    /// Requests that met the SLO. Without an SLO every success is good.
    pub good: u64,
    /// All that ended.
    pub finished: u64,
    /// The share of good ones.
    pub attainment: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub attainment_low: f64,
    /// Upper end.
    pub attainment_high: f64,
    /// What was found. None when most requests failed.
    pub found: Option<BenchDocument>,
    /// Why most requests failed.
    pub failure: Option<String>,
}

/// A load that was measured more than once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RepeatedLoad {
    /// Slots, requests at once, or requests per second.
    pub load: f64,
    /// How often it was measured.
    pub runs: u32,
    /// 90th percentile of the time to first token, ms.
    pub ttft_p90_ms: Option<Mean>,
    /// 90th percentile of the time per output token, ms.
    pub tpot_p90_ms: Option<Mean>,
    /// Output tokens per second.
    pub output_tps: Option<Mean>,
}

/// A mean over runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mean {
    /// The mean of the runs' values.
    pub mean: f64,
    /// Half of its 95 % interval (Student's t).
    pub half_width: f64,
}

impl ExplorationDocument {
    pub(in crate::bench) fn new(
        explored: Exploration,
        provenance: Provenance,
        command: Vec<String>,
        model: String,
        url: String,
    ) -> Self {
        let stopped_by_client = explored.is_stopped();
        let search =
            explored.target.zip(explored.answer()).map(|(target_attainment, answer)| SearchFindings {
                target_attainment,
                highest_met: answer.highest_met,
                lowest_missed: answer.lowest_missed,
                certain: answer.certain,
                stopped_by_client,
            });
        Self {
            schema_version: EXPLORATION_SCHEMA_VERSION,
            provenance,
            command,
            model,
            url,
            axis: explored.axis,
            incomplete: None,
            search,
            saturation: explored.saturation(),
            repeated: if search.is_none() { repeated(&explored.probes) } else { vec![] },
            probes: explored.probes.into_iter().map(ProbeFindings::from).collect(),
        }
    }

    /// Whether the simulated engine answered.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.provenance == Provenance::Simulated
    }

    /// Whether a rate is among the loads at which nothing got steady, the client not being the bottleneck.
    pub(in crate::bench) fn has_unsteady_rate(&self) -> bool {
        let unsteady = |probe: &ProbeFindings| probe.found.as_ref().is_some_and(BenchDocument::is_unsteady);
        self.axis.is_rate() && self.probes.iter().any(|p| unsteady(p) && !p.is_client_limited())
    }

    /// The document as indented JSON.
    ///
    /// # Errors
    /// When a number cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl ProbeFindings {
    /// Whether this client was the bottleneck.
    #[must_use]
    pub fn is_client_limited(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.certificate.is_client_limited())
    }
}

impl From<Probe> for ProbeFindings {
    fn from(probe: Probe) -> Self {
        let Probe { load, counts, found, failure, .. } = probe;
        let (attainment_low, attainment_high) = counts.interval();
        let Counts { good, finished } = counts;
        let attainment = counts.share();
        Self { load, good, finished, attainment, attainment_low, attainment_high, found, failure }
    }
}

/// The loads that were measured more than once, in their order.
fn repeated(probes: &[Probe]) -> Vec<RepeatedLoad> {
    let mut loads: Vec<f64> = probes.iter().map(|probe| probe.load).collect();
    loads.sort_unstable_by(f64::total_cmp);
    loads.dedup();
    let of_load = |load: f64| {
        let found = probes.iter().filter(|probe| probe.load == load).filter_map(|p| p.found.as_ref());
        let runs: Vec<&Metrics> = found.map(|found| &found.metrics).collect();
        let mean = |value: fn(&Metrics) -> Option<f64>| {
            let values: Vec<f64> = runs.iter().filter_map(|metrics| value(metrics)).collect();
            between_runs(&values).map(|b| Mean { mean: b.mean, half_width: b.half_width })
        };
        RepeatedLoad {
            load,
            runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
            ttft_p90_ms: mean(|m| m.ttft.as_ref().map(|ttft| ttft.p90)),
            tpot_p90_ms: mean(|m| m.tpot.as_ref().map(|tpot| tpot.p90)),
            output_tps: mean(|m| Some(m.output_tps)),
        }
    };
    loads.into_iter().map(of_load).filter(|load| load.runs > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_in_step() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/exploration.json");
        let schema =
            serde_json::to_string_pretty(&schemars::schema_for!(ExplorationDocument)).unwrap() + "\n";
        if std::env::var_os("UPDATE_CONTRACTS").is_some() {
            std::fs::write(&path, &schema).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), schema, "{} has drifted", path.display());
    }
}
