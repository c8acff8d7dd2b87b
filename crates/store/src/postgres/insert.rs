//! Storing results in bulk: the results themselves by `COPY`, everything beside them with each column as one array, so
//! that a statement has the same few parameters for any number of rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{BenchmarkResult, CampaignId};
use sqlx::postgres::PgConnection;
use sqlx::{query, query_scalar};

use super::copy::Rows;
use crate::figures::FORM;
use crate::result_row::{LatestMaker, LatestValues, ResultRow, json, signed};

/// Results between two looks at what is new: few enough for the memory of their arrays.
const CHUNK: usize = 5_000;

/// Stores what is new, within the caller's transaction.
pub async fn insert(connection: &mut PgConnection, results: &[BenchmarkResult]) -> sqlx::Result<u64> {
    // Writers follow one another: two that told the same results in different orders would otherwise wait
    // for each other's rows, and a later revision could become visible before an earlier one.
    query("SELECT revision FROM results_revision FOR UPDATE").execute(&mut *connection).await?;
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

async fn insert_chunk<'r>(
    connection: &mut PgConnection,
    chunk: &'r [BenchmarkResult],
    maker: &mut LatestMaker<'r>,
) -> sqlx::Result<u64> {
    // The run decides: whoever inserts it stores the result, in the same transaction.
    let mut new_runs: HashSet<String> = insert_runs(connection, chunk).await?.into_iter().collect();
    // Taking each run out once leaves the first of those that are told twice in one chunk.
    let new: Vec<&BenchmarkResult> =
        chunk.iter().filter(|result| new_runs.remove(result.run_id.as_str())).collect();
    if !new.is_empty() {
        copy_results(connection, &new).await?;
        let latest: Vec<_> = new.iter().map(|result| maker.make(result)).collect::<sqlx::Result<_>>()?;
        insert_configs(connection, &latest).await?;
        upsert_latest(connection, &latest).await?;
        upsert_campaigns(connection, &new).await?;
        mark_days(connection, &new).await?;
    }
    Ok(new.len() as u64)
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

async fn insert_runs(
    connection: &mut PgConnection,
    results: &[BenchmarkResult],
) -> sqlx::Result<Vec<String>> {
    query_scalar(include_str!("sql/insert_runs.sql"))
        .bind(column(results, |r| r.run_id.as_str()))
        .bind(column(results, |r| r.campaign.as_str()))
        .bind(column(results, |r| r.config_id.as_str()))
        .bind(column(results, |r| i64::from(r.trial)))
        .bind(column(results, |r| r.batch.as_str()))
        .bind(column(results, |r| i64::from(r.attempt)))
        .fetch_all(connection)
        .await
}

/// The server takes what was sent while the next rows are written down.
async fn copy_results(connection: &mut PgConnection, results: &[&BenchmarkResult]) -> sqlx::Result<()> {
    let mut copy = connection.copy_in_raw(include_str!("sql/copy_results.sql")).await?;
    let mut rows = Rows::new();
    for result in results {
        match ResultRow::new(result) {
            Ok(row) => write_row(&mut rows, &row),
            Err(error) => {
                copy.abort(error.to_string()).await?;
                return Err(error.into());
            }
        }
        if let Some(bytes) = rows.enough() {
            copy.send(bytes).await?;
        }
    }
    copy.send(rows.end()).await?;
    copy.finish().await?;
    Ok(())
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
    rows.text(result.configuration.launch.model.model.as_str());
    rows.text(row.quantisation);
    rows.text(&row.hardware);
    rows.text(row.engine);
    rows.maybe(result.environment.engine_version.as_deref(), Rows::text);
    rows.text(row.use_case);
    rows.integer(workload.input_tokens.get().into());
    rows.integer(workload.output_tokens.get().into());
    rows.maybe(row.concurrency.map(i64::from), Rows::integer);
    for value in [metrics.ttft.p50, metrics.ttft.p90, metrics.ttft.p99] {
        rows.float(value);
    }
    for value in [row.tpot.p50, row.tpot.p90, row.tpot.p99, row.itl.p50, row.itl.p90, row.itl.p99] {
        rows.maybe(value, Rows::float);
    }
    for value in [metrics.e2e.p50, metrics.e2e.p90, metrics.e2e.p99] {
        rows.float(value);
    }
    for value in [metrics.output_tps, metrics.total_tps, metrics.rps] {
        rows.float(value);
    }
    for value in [metrics.tps_per_gpu, metrics.goodput, metrics.attainment] {
        rows.maybe(value, Rows::float);
    }
    for price in [row.serving_usd, row.measured_usd] {
        rows.maybe(price.spot, Rows::float);
        rows.maybe(price.on_demand, Rows::float);
    }
    rows.maybe(metrics.energy_per_tok, Rows::float);
    rows.integer(signed(result.counts.succeeded));
    rows.integer(signed(result.counts.failures()));
    rows.float(result.charged.window_s);
    rows.boolean(result.is_rankable());
    rows.text(&row.document);
}

/// Configurations that are new, with the launches and workloads that may be new with them.
pub async fn insert_configs(connection: &mut PgConnection, latest: &[LatestValues<'_>]) -> sqlx::Result<()> {
    let mut told = BTreeSet::new();
    let once: Vec<&LatestValues<'_>> =
        latest.iter().filter(|l| told.insert(l.result.config_id.as_str())).collect();
    let launch = |l: &LatestValues<'_>| l.result.configuration.launch.clone();
    let new: Vec<String> = query_scalar(include_str!("sql/insert_configs.sql"))
        .bind(column(&once, |l| l.result.config_id.as_str()))
        .bind(column(&once, |l| l.result.configuration.launch.model.model.as_str()))
        .bind(column(&once, |l| l.result.configuration.launch.model.quantisation.name()))
        .bind(column(&once, |l| launch(l).hardware.to_string()))
        .bind(column(&once, |l| l.result.configuration.launch.framework.engine.name()))
        .bind(column(&once, |l| l.result.configuration.workload.use_case.name()))
        .bind(column(&once, |l| l.result.configuration.workload.label()))
        .bind(column(&once, |l| l.launch.as_str()))
        .bind(column(&once, |l| l.workload.as_str()))
        .fetch_all(&mut *connection)
        .await?;
    if new.is_empty() {
        return Ok(());
    }
    let new: HashSet<String> = new.into_iter().collect();
    let (mut launches, mut workloads) = (BTreeMap::new(), BTreeMap::new());
    for values in once.iter().filter(|l| new.contains(l.result.config_id.as_str())) {
        let configuration = &values.result.configuration;
        launches.entry(values.launch.as_str()).or_insert(&configuration.launch);
        workloads.entry(values.workload.as_str()).or_insert(&configuration.workload);
    }
    let launches: Vec<(&str, String)> =
        launches.into_iter().map(|(id, l)| Ok((id, json(l)?))).collect::<sqlx::Result<_>>()?;
    let workloads: Vec<(&str, String)> =
        workloads.into_iter().map(|(id, w)| Ok((id, json(w)?))).collect::<sqlx::Result<_>>()?;
    query(include_str!("sql/insert_launches.sql"))
        .bind(column(&launches, |(id, _)| *id))
        .bind(column(&launches, |(_, text)| text.as_str()))
        .execute(&mut *connection)
        .await?;
    query(include_str!("sql/insert_workloads.sql"))
        .bind(column(&workloads, |(id, _)| *id))
        .bind(column(&workloads, |(_, text)| text.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn upsert_latest(connection: &mut PgConnection, latest: &[LatestValues<'_>]) -> sqlx::Result<()> {
    query(include_str!("sql/upsert_latest.sql"))
        .bind(*FORM)
        .bind(column(latest, |l| l.result.config_id.as_str()))
        .bind(column(latest, |l| l.result.provenance.name()))
        .bind(column(latest, |l| l.result.run_id.as_str()))
        .bind(column(latest, |l| l.result.measured_at))
        .bind(column(latest, |l| l.result.is_rankable()))
        .bind(column(latest, |l| l.launch.as_str()))
        .bind(column(latest, |l| l.workload.as_str()))
        .bind(column(latest, |l| l.caveats.as_str()))
        .bind(column(latest, |l| l.figures.as_slice()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the figures of latest results anew that another version wrote.
pub async fn renew_latest(connection: &mut PgConnection, latest: &[LatestValues<'_>]) -> sqlx::Result<()> {
    insert_configs(connection, latest).await?;
    query(include_str!("sql/renew_latest.sql"))
        .bind(*FORM)
        .bind(column(latest, |l| l.result.config_id.as_str()))
        .bind(column(latest, |l| l.result.provenance.name()))
        .bind(column(latest, |l| l.result.run_id.as_str()))
        .bind(column(latest, |l| l.launch.as_str()))
        .bind(column(latest, |l| l.workload.as_str()))
        .bind(column(latest, |l| l.caveats.as_str()))
        .bind(column(latest, |l| l.figures.as_slice()))
        .execute(connection)
        .await?;
    Ok(())
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
