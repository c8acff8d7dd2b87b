//! One **configuration**: what is known of it now, and how that came to be.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use catalog::{CatalogEntry, Column};
use chrono::{DateTime, Utc};
use domain::metrics::Interval;
use domain::result::Flag;
use domain::{BenchmarkResult, CampaignId, ConfigId, Configuration, MetricId, Provenance, RunId, Statistic};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::{Asked, warn, with_freshness};
use crate::parameters::Parameters;
use crate::{Context, Problem};

/// Results of a history when nobody says.
pub const USUAL_HISTORY: usize = 200;

/// Most results of a history.
pub const MOST_HISTORY: usize = 2000;

/// What is known of a configuration.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownConfiguration {
    /// Its id.
    pub config_id: ConfigId,
    /// What it is.
    pub configuration: Configuration,
    /// The latest result of each provenance, as the catalogue has it.
    pub entries: Vec<CatalogEntry>,
    /// The same results with everything that is known of them; absent while the results store is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<BenchmarkResult>>,
}

/// What was measured of a configuration, one result after another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    /// Its id.
    pub config_id: ConfigId,
    /// Results, oldest first. While the results store is away these are the latest of each provenance, with a `Warning`.
    pub entries: Vec<HistoryEntry>,
    /// How many there are before the oldest of them.
    pub older: usize,
}

/// One result of a history. A number that was not measured is absent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HistoryEntry {
    /// The run.
    pub run_id: RunId,
    /// Its campaign; absent while the results store is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// When the window began.
    pub measured_at: DateTime<Utc>,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// The version of the engine, as it told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// Whether the result of this provenance before was of another version.
    pub engine_version_changed: bool,
    /// What limits the conclusion.
    pub flags: Vec<Flag>,
    /// Whether it may be ranked.
    pub rankable: bool,
    /// Time to first token, ms, median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_p50_ms: Option<f64>,
    /// 90th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_p90_ms: Option<f64>,
    /// Time per output token, ms, median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpot_p50_ms: Option<f64>,
    /// 90th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpot_p90_ms: Option<f64>,
    /// End-to-end latency, ms, 90th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e2e_p90_ms: Option<f64>,
    /// Output tokens per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tps: Option<f64>,
    /// Its 95 % confidence interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tps_ci95: Option<Interval>,
    /// Requests per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rps: Option<f64>,
    /// The share of finished requests that failed, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_share: Option<f64>,
}

/// The latest result of each provenance.
pub async fn configuration(
    State(context): State<Context>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    Parameters::of(&asked.uri)?.none_left("it has none")?;
    let id = config_id(&id)?;
    let served = context.snapshot.get().await?;
    let entries = served.snapshot.results_of(&id);
    let Some(first) = entries.first() else { return Err(unknown(&id)) };
    let configuration = first.configuration.clone();
    let history = context.results.history(&id).await;
    let results =
        history.inspect_err(|error| tracing::warn!(%error, "the results are away")).ok().map(|results| {
            let shown = |result: &BenchmarkResult| entries.iter().any(|entry| entry.run_id == result.run_id);
            results.into_iter().filter(shown).collect()
        });
    let away = results.is_none();
    let known = KnownConfiguration { config_id: id, configuration, entries, results };
    let mut response = with_freshness(&served, Json(known).into_response());
    if away {
        warn(response.headers_mut());
    }
    Ok(response)
}

/// Everything that was measured of it, oldest first; of very many the latest.
pub async fn history(
    State(context): State<Context>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    let id = config_id(&id)?;
    let mut parameters = Parameters::of(&asked.uri)?;
    let provenance: Option<Provenance> = parameters.one("provenance")?;
    let limit = parameters.number("limit", 1..=MOST_HISTORY, USUAL_HISTORY)?;
    parameters.none_left("it has provenance and limit")?;
    let mut headers = HeaderMap::new();
    let mut entries: Vec<HistoryEntry> = match context.results.history(&id).await {
        Ok(results) => results.into_iter().map(HistoryEntry::of).collect(),
        Err(error) => {
            tracing::warn!(%error, "the results are away");
            warn(&mut headers);
            let served = context.snapshot.get().await?;
            served.snapshot.results_of(&id).into_iter().map(HistoryEntry::of_entry).collect()
        }
    };
    if entries.is_empty() {
        return Err(unknown(&id));
    }
    mark_versions(&mut entries);
    entries.retain(|entry| provenance.is_none_or(|wanted| entry.provenance == wanted));
    let older = entries.len().saturating_sub(limit);
    entries.drain(..older);
    Ok((headers, Json(History { config_id: id, entries, older })).into_response())
}

impl HistoryEntry {
    fn of(result: BenchmarkResult) -> Self {
        let number = |column: Column| Some(column.of(&result)).filter(|value| !value.is_nan());
        let latency = |metric, statistic| number(Column::Latency(metric, statistic));
        let (low, high) = (number(Column::OutputTpsLow), number(Column::OutputTpsHigh));
        Self {
            ttft_p50_ms: latency(MetricId::Ttft, Statistic::P50),
            ttft_p90_ms: latency(MetricId::Ttft, Statistic::P90),
            tpot_p50_ms: latency(MetricId::Tpot, Statistic::P50),
            tpot_p90_ms: latency(MetricId::Tpot, Statistic::P90),
            e2e_p90_ms: latency(MetricId::E2e, Statistic::P90),
            output_tps: number(Column::OutputTps),
            output_tps_ci95: low.zip(high).map(|(low, high)| Interval { low, high }),
            rps: number(Column::Rps),
            failed_share: number(Column::FailedShare),
            rankable: result.is_rankable(),
            run_id: result.run_id,
            campaign: Some(result.campaign),
            measured_at: result.measured_at,
            provenance: result.provenance,
            engine_version: result.environment.engine_version,
            engine_version_changed: false,
            flags: result.flags,
        }
    }

    fn of_entry(entry: CatalogEntry) -> Self {
        Self {
            rankable: !entry.flags.iter().any(|flag| matches!(flag, Flag::ClientLimited | Flag::RateLimited)),
            run_id: entry.run_id,
            campaign: None,
            measured_at: entry.measured_at,
            provenance: entry.provenance,
            engine_version: entry.engine_version,
            engine_version_changed: false,
            flags: entry.flags,
            ttft_p50_ms: entry.ttft_p50_ms,
            ttft_p90_ms: entry.ttft_p90_ms,
            tpot_p50_ms: entry.tpot_p50_ms,
            tpot_p90_ms: entry.tpot_p90_ms,
            e2e_p90_ms: entry.e2e_p90_ms,
            output_tps: entry.output_tps,
            output_tps_ci95: entry.output_tps_ci95,
            rps: entry.rps,
            failed_share: entry.failed_share,
        }
    }
}

/// Notes where the engine is of another version than at the result of the same provenance before.
fn mark_versions(entries: &mut [HistoryEntry]) {
    let mut last: BTreeMap<Provenance, Option<String>> = BTreeMap::new();
    for entry in entries {
        let before = last.insert(entry.provenance, entry.engine_version.clone());
        entry.engine_version_changed = before.is_some_and(|version| version != entry.engine_version);
    }
}

fn config_id(id: &str) -> Result<ConfigId, Problem> {
    id.parse().map_err(|e| Problem::bad_field("config_id", e))
}

fn unknown(id: &ConfigId) -> Problem {
    Problem::not_found(format!("there is no result of a configuration {id}; /v1/catalog lists them"))
}
