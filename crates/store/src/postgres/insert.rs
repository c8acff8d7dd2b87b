//! Storing results in bulk, by `COPY`: it takes half the time of `INSERT ... ON CONFLICT`. What is new is found out before,
//! which only one writer at a time may do.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::untold::told;
use domain::{BenchmarkResult, CampaignId};
use sqlx::postgres::PgConnection;
use sqlx::{query, query_as, query_scalar};

use super::copy::{Rows, copy};
use crate::figures::FORM;
use crate::result_row::{LatestMaker, LatestValues, Percentiles, ResultRow, json, signed};

/// Results between two looks at what is new: few enough for the memory of their arrays.
///
/// What is new is asked for in statements that are planned each time: a plan that was made while a table was small, or
/// for a few results, looks through all of it.
const CHUNK: usize = 20_000;

/// Stores what is new, within the caller's transaction.
pub async fn insert(connection: &mut PgConnection, results: &[BenchmarkResult]) -> sqlx::Result<u64> {
    lock_writers(connection).await?;
    let mut new = 0;
    let mut maker = LatestMaker::default();
    for chunk in results.chunks(CHUNK) {
        new += insert_chunk(connection, chunk, &mut maker).await?;
    }
    query("UPDATE results_revision SET revision = revision + $1")
        .bind(signed(new))
        .execute(connection)
        .await?;
    Ok(new)
}

/// Writers follow one another until their transactions end: what one found out to be new stays so until it is written,
/// and a later revision does not become visible before an earlier one.
pub async fn lock_writers(connection: &mut PgConnection) -> sqlx::Result<()> {
    query("SELECT revision FROM results_revision FOR UPDATE").execute(connection).await?;
    Ok(())
}

async fn insert_chunk<'r>(
    connection: &mut PgConnection,
    chunk: &'r [BenchmarkResult],
    maker: &mut LatestMaker<'r>,
) -> sqlx::Result<u64> {
    // The run decides whether a result is new; adding it leaves the first of those that are told twice in one chunk.
    let mut known: HashSet<String> = known_runs(connection, chunk).await?.into_iter().collect();
    let is_new = |result: &&BenchmarkResult| known.insert(result.run_id.to_string());
    let new: Vec<&BenchmarkResult> = chunk.iter().filter(is_new).collect();
    if !new.is_empty() {
        copy_runs(connection, &new).await?;
        let latest = copy_results(connection, &new, maker).await?;
        copy_configs(connection, &latest).await?;
        maintain_latest(connection, &latest).await?;
        upsert_campaigns(connection, &new).await?;
        mark_days(connection, &new).await?;
    }
    Ok(new.len() as u64)
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

async fn known_runs(connection: &mut PgConnection, results: &[BenchmarkResult]) -> sqlx::Result<Vec<String>> {
    query_scalar("SELECT run_id FROM runs WHERE run_id = ANY($1)")
        .persistent(false)
        .bind(column(results, |r| r.run_id.as_str()))
        .fetch_all(connection)
        .await
}

async fn copy_runs(connection: &mut PgConnection, results: &[&BenchmarkResult]) -> sqlx::Result<()> {
    copy(connection, include_str!("sql/copy_runs.sql"), results, |rows, result| {
        rows.row(6);
        rows.text(result.run_id.as_str());
        rows.text(result.campaign.as_str());
        rows.text(result.config_id.as_str());
        rows.integer(result.trial.into());
        rows.text(result.batch.as_str());
        rows.integer(result.attempt.into());
        Ok(())
    })
    .await
}

/// Copies results, and makes what `latest_results` may have of them meanwhile.
async fn copy_results<'r>(
    connection: &mut PgConnection,
    results: &[&'r BenchmarkResult],
    maker: &mut LatestMaker<'r>,
) -> sqlx::Result<Vec<LatestValues<'r>>> {
    let mut latest = Vec::with_capacity(results.len());
    copy(connection, include_str!("sql/copy_results.sql"), results, |rows, result| {
        write_row(rows, &ResultRow::new(result)?);
        latest.push(maker.make(result)?);
        Ok(())
    })
    .await?;
    Ok(latest)
}

/// In the order of `sql/copy_results.sql`.
fn write_row(rows: &mut Rows, row: &ResultRow<'_>) {
    let result = row.result;
    let (metrics, workload) = (&result.metrics, &result.configuration.workload);
    rows.row(42);
    rows.text(result.run_id.as_str());
    rows.instant(result.measured_at);
    rows.text(result.campaign.as_str());
    rows.text(result.config_id.as_str());
    rows.text(result.provenance.name());
    rows.text(result.configuration.serving.model().as_str());
    rows.text(row.quantisation);
    rows.text(&row.hardware);
    rows.text(row.engine);
    rows.maybe(result.environment.engine_version.as_deref(), Rows::text);
    rows.text(row.use_case);
    rows.integer(workload.input_tokens.get().into());
    rows.integer(workload.output_tokens.get().into());
    rows.maybe(row.concurrency.map(i64::from), Rows::integer);
    for Percentiles { p50, p90, p99 } in [row.ttft, row.tpot, row.itl, row.e2e] {
        for value in [p50, p90, p99] {
            rows.maybe(value, Rows::float);
        }
    }
    rows.float(metrics.output_tps);
    for value in
        [told(metrics.total_tps), told(metrics.rps), metrics.tps_per_gpu, metrics.goodput, metrics.attainment]
    {
        rows.maybe(value, Rows::float);
    }
    for price in [row.serving_usd, row.measured_usd] {
        rows.maybe(price.spot, Rows::float);
        rows.maybe(price.on_demand, Rows::float);
    }
    rows.maybe(metrics.energy_per_tok, Rows::float);
    rows.integer(signed(result.counts.succeeded));
    rows.integer(signed(result.counts.failures()));
    rows.maybe(told(result.charged.window_s), Rows::float);
    rows.boolean(result.is_rankable());
    rows.text(&row.document);
}

/// Configurations that are new, with the launches and workloads that may be new with them.
async fn copy_configs(connection: &mut PgConnection, latest: &[LatestValues<'_>]) -> sqlx::Result<()> {
    let known: Vec<String> =
        query_scalar("SELECT config_id FROM benchmark_configs WHERE config_id = ANY($1)")
            .persistent(false)
            .bind(column(latest, |l| l.result.config_id.as_str()))
            .fetch_all(&mut *connection)
            .await?;
    let mut known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let new: Vec<_> = latest.iter().filter(|l| known.insert(l.result.config_id.as_str())).collect();
    if new.is_empty() {
        return Ok(());
    }
    let (mut launches, mut workloads) = (BTreeMap::new(), BTreeMap::new());
    copy(connection, include_str!("sql/copy_configs.sql"), new, |rows, values| {
        let (serving, workload) =
            (&values.result.configuration.serving, &values.result.configuration.workload);
        rows.row(9);
        rows.text(values.result.config_id.as_str());
        rows.text(serving.model().as_str());
        rows.text(serving.offered().precision_name());
        rows.text(&serving.hardware().to_string());
        rows.text(serving.served_by().name());
        rows.text(workload.use_case.name());
        rows.text(&workload.label());
        rows.text(values.launch.as_str());
        rows.text(&values.workload);
        launches.entry(values.launch.as_str()).or_insert(serving);
        workloads.entry(values.workload.as_str()).or_insert(workload);
        Ok(())
    })
    .await?;
    let launches = described(launches)?;
    query(include_str!("sql/insert_launches.sql"))
        .bind(column(&launches, |(id, _)| *id))
        .bind(column(&launches, |(_, text)| text.as_str()))
        .execute(&mut *connection)
        .await?;
    let workloads = described(workloads)?;
    query(include_str!("sql/insert_workloads.sql"))
        .bind(column(&workloads, |(id, _)| *id))
        .bind(column(&workloads, |(_, text)| text.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}

fn described<'v, T: serde::Serialize>(values: BTreeMap<&'v str, &T>) -> sqlx::Result<Vec<(&'v str, String)>> {
    values.into_iter().map(|(id, value)| Ok((id, json(value)?))).collect()
}

/// What decides which of two results of a configuration and provenance is the latest: the greater one. Instants count to
/// the microsecond, as they are stored.
type Precedence<'v> = (bool, bool, i64, &'v str);

fn precedence<'v>(values: &'v LatestValues<'_>) -> Precedence<'v> {
    let result = values.result;
    let at = result.measured_at.timestamp_micros();
    (result.is_rankable(), result.is_verified(), at, result.run_id.as_str())
}

type LatestKey<'v> = (&'v str, &'v str);

async fn maintain_latest(connection: &mut PgConnection, told: &[LatestValues<'_>]) -> sqlx::Result<()> {
    let mut greatest: BTreeMap<LatestKey<'_>, &LatestValues<'_>> = BTreeMap::new();
    for values in told {
        let key = (values.result.config_id.as_str(), values.result.provenance.name());
        let kept = greatest.entry(key).or_insert(values);
        if precedence(kept) < precedence(values) {
            *kept = values;
        }
    }
    let stored: Vec<(String, String, bool, bool, DateTime<Utc>, String)> =
        query_as(include_str!("sql/select_precedences.sql"))
            .persistent(false)
            .bind(greatest.keys().map(|(config, _)| *config).collect::<Vec<_>>())
            .fetch_all(&mut *connection)
            .await?;
    let stored: HashMap<LatestKey<'_>, Precedence<'_>> = stored
        .iter()
        .map(|(config, provenance, rankable, verified, at, run)| {
            let key = (config.as_str(), provenance.as_str());
            (key, (*rankable, *verified, at.timestamp_micros(), run.as_str()))
        })
        .collect();
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for (key, values) in greatest {
        match stored.get(&key) {
            None => first.push(values),
            Some(stored) if *stored < precedence(values) => later.push(values),
            Some(_) => {}
        }
    }
    copy_latest(connection, &first).await?;
    update_latest(connection, &later).await
}

async fn copy_latest(connection: &mut PgConnection, latest: &[&LatestValues<'_>]) -> sqlx::Result<()> {
    if latest.is_empty() {
        return Ok(());
    }
    copy(connection, include_str!("sql/copy_latest.sql"), latest, |rows, values| {
        rows.row(12);
        rows.text(values.result.config_id.as_str());
        rows.text(values.result.provenance.name());
        rows.text(values.result.run_id.as_str());
        rows.instant(values.result.measured_at);
        rows.boolean(values.result.is_rankable());
        rows.boolean(values.result.is_verified());
        rows.text(values.launch.as_str());
        rows.text(&values.workload);
        rows.maybe(values.result.environment.engine_version.as_deref(), Rows::text);
        rows.text(&values.caveats);
        rows.integer(*FORM);
        rows.bytes(&values.figures);
        Ok(())
    })
    .await
}

async fn update_latest(connection: &mut PgConnection, latest: &[&LatestValues<'_>]) -> sqlx::Result<()> {
    if latest.is_empty() {
        return Ok(());
    }
    query(include_str!("sql/update_latest.sql"))
        .bind(*FORM)
        .bind(column(latest, |l| l.result.config_id.as_str()))
        .bind(column(latest, |l| l.result.provenance.name()))
        .bind(column(latest, |l| l.result.run_id.as_str()))
        .bind(column(latest, |l| l.result.measured_at))
        .bind(column(latest, |l| l.result.is_rankable()))
        .bind(column(latest, |l| l.result.is_verified()))
        .bind(column(latest, |l| l.launch.as_str()))
        .bind(column(latest, |l| l.workload.as_str()))
        .bind(column(latest, |l| l.result.environment.engine_version.as_deref()))
        .bind(column(latest, |l| l.caveats.as_str()))
        .bind(column(latest, |l| l.figures.as_slice()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the figures of latest results anew that another version wrote. No other writer may be at work.
pub async fn renew_latest(connection: &mut PgConnection, latest: &[LatestValues<'_>]) -> sqlx::Result<()> {
    copy_configs(connection, latest).await?;
    update_latest(connection, &latest.iter().collect::<Vec<_>>()).await
}

/// Results of a campaign, and when the first and the last of them were measured.
type Told = (i64, DateTime<Utc>, DateTime<Utc>);

async fn upsert_campaigns(connection: &mut PgConnection, new: &[&BenchmarkResult]) -> sqlx::Result<()> {
    let mut campaigns: BTreeMap<&CampaignId, Told> = BTreeMap::new();
    for result in new {
        let at = result.measured_at;
        let (results, first, last) = campaigns.entry(&result.campaign).or_insert((0, at, at));
        (*results, *first, *last) = (*results + 1, (*first).min(at), (*last).max(at));
    }
    let campaigns: Vec<(&CampaignId, Told)> = campaigns.into_iter().collect();
    query(include_str!("sql/upsert_campaigns.sql"))
        .bind(column(&campaigns, |(id, _)| id.as_str()))
        .bind(column(&campaigns, |(_, told)| told.0))
        .bind(column(&campaigns, |(_, told)| told.1))
        .bind(column(&campaigns, |(_, told)| told.2))
        .execute(connection)
        .await?;
    Ok(())
}

async fn mark_days(connection: &mut PgConnection, new: &[&BenchmarkResult]) -> sqlx::Result<()> {
    let days: BTreeSet<NaiveDate> = new.iter().map(|result| result.measured_at.date_naive()).collect();
    query("INSERT INTO stale_days (day) SELECT unnest($1::date[]) ON CONFLICT (day) DO NOTHING")
        .bind(days.into_iter().collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}
