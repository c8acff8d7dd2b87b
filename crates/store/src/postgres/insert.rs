//! Storing results in bulk: each column travels as one array, so that a statement has the same few
//! parameters for any number of rows.

use std::collections::BTreeSet;

use domain::BenchmarkResult;
use sqlx::postgres::PgConnection;
use sqlx::{query, query_scalar};

use crate::result_row::{ResultRow, signed};

/// Rows in one statement.
const CHUNK: usize = 1000;

/// Stores what is new, within the caller's transaction.
pub async fn insert(connection: &mut PgConnection, rows: &[ResultRow<'_>]) -> sqlx::Result<u64> {
    // Writers follow one another: two that told the same results in different orders would otherwise wait
    // for each other's rows, and a later revision could become visible before an earlier one.
    query("SELECT revision FROM results_revision FOR UPDATE").execute(&mut *connection).await?;
    let mut new = 0;
    for chunk in rows.chunks(CHUNK) {
        new += insert_chunk(connection, chunk).await?;
    }
    query("UPDATE results_revision SET revision = revision + $1")
        .bind(signed(new))
        .execute(connection)
        .await?;
    Ok(new)
}

async fn insert_chunk(connection: &mut PgConnection, chunk: &[ResultRow<'_>]) -> sqlx::Result<u64> {
    // The run decides: whoever inserts it stores the result, in the same transaction.
    let mut new_runs: BTreeSet<String> = insert_runs(connection, chunk).await?.into_iter().collect();
    // Taking each run out once leaves the first of those that are told twice in one chunk.
    let new: Vec<&ResultRow<'_>> =
        chunk.iter().filter(|row| new_runs.remove(row.result.run_id.as_str())).collect();
    if !new.is_empty() {
        insert_results(connection, &new).await?;
        upsert_latest(connection, &new).await?;
    }
    Ok(new.len() as u64)
}

fn column<'r, T>(rows: &[&'r ResultRow<'r>], value: impl Fn(&'r ResultRow<'r>) -> T) -> Vec<T> {
    rows.iter().map(|row| value(row)).collect()
}

async fn insert_runs(connection: &mut PgConnection, rows: &[ResultRow<'_>]) -> sqlx::Result<Vec<String>> {
    let results: Vec<&BenchmarkResult> = rows.iter().map(|row| row.result).collect();
    query_scalar(include_str!("sql/insert_runs.sql"))
        .bind(results.iter().map(|r| r.run_id.as_str()).collect::<Vec<_>>())
        .bind(results.iter().map(|r| r.campaign.as_str()).collect::<Vec<_>>())
        .bind(results.iter().map(|r| r.config_id.as_str()).collect::<Vec<_>>())
        .bind(results.iter().map(|r| i64::from(r.trial)).collect::<Vec<_>>())
        .bind(results.iter().map(|r| r.batch.as_str()).collect::<Vec<_>>())
        .bind(results.iter().map(|r| i64::from(r.attempt)).collect::<Vec<_>>())
        .fetch_all(connection)
        .await
}

async fn insert_results(connection: &mut PgConnection, rows: &[&ResultRow<'_>]) -> sqlx::Result<()> {
    query(include_str!("sql/insert_results.sql"))
        .bind(column(rows, |r| r.result.run_id.as_str()))
        .bind(column(rows, |r| r.result.measured_at))
        .bind(column(rows, |r| r.result.campaign.as_str()))
        .bind(column(rows, |r| r.result.config_id.as_str()))
        .bind(column(rows, |r| r.result.provenance.name()))
        .bind(column(rows, |r| r.result.configuration.launch.model.model.as_str()))
        .bind(column(rows, |r| r.quantisation))
        .bind(column(rows, |r| r.hardware.as_str()))
        .bind(column(rows, |r| r.engine))
        .bind(column(rows, |r| r.result.environment.engine_version.as_deref()))
        .bind(column(rows, |r| r.use_case))
        .bind(column(rows, |r| i64::from(r.result.configuration.workload.input_tokens.get())))
        .bind(column(rows, |r| i64::from(r.result.configuration.workload.output_tokens.get())))
        .bind(column(rows, |r| i64::from(r.concurrency)))
        .bind(column(rows, |r| r.result.metrics.ttft.p50))
        .bind(column(rows, |r| r.result.metrics.ttft.p90))
        .bind(column(rows, |r| r.result.metrics.ttft.p99))
        .bind(column(rows, |r| r.tpot.p50))
        .bind(column(rows, |r| r.tpot.p90))
        .bind(column(rows, |r| r.tpot.p99))
        .bind(column(rows, |r| r.itl.p50))
        .bind(column(rows, |r| r.itl.p90))
        .bind(column(rows, |r| r.itl.p99))
        .bind(column(rows, |r| r.result.metrics.e2e.p50))
        .bind(column(rows, |r| r.result.metrics.e2e.p90))
        .bind(column(rows, |r| r.result.metrics.e2e.p99))
        .bind(column(rows, |r| r.result.metrics.output_tps))
        .bind(column(rows, |r| r.result.metrics.total_tps))
        .bind(column(rows, |r| r.result.metrics.rps))
        .bind(column(rows, |r| r.result.metrics.tps_per_gpu))
        .bind(column(rows, |r| r.result.metrics.goodput))
        .bind(column(rows, |r| r.result.metrics.attainment))
        .bind(column(rows, |r| r.serving_usd.spot))
        .bind(column(rows, |r| r.serving_usd.on_demand))
        .bind(column(rows, |r| r.measured_usd.spot))
        .bind(column(rows, |r| r.measured_usd.on_demand))
        .bind(column(rows, |r| r.result.metrics.energy_per_tok))
        .bind(column(rows, |r| signed(r.result.counts.succeeded)))
        .bind(column(rows, |r| signed(r.result.counts.failures())))
        .bind(column(rows, |r| r.result.charged.window_s))
        .bind(column(rows, |r| r.result.is_rankable()))
        .bind(column(rows, |r| r.document.as_str()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn upsert_latest(connection: &mut PgConnection, rows: &[&ResultRow<'_>]) -> sqlx::Result<()> {
    query(include_str!("sql/upsert_latest.sql"))
        .bind(column(rows, |r| r.result.config_id.as_str()))
        .bind(column(rows, |r| r.result.provenance.name()))
        .bind(column(rows, |r| r.result.run_id.as_str()))
        .bind(column(rows, |r| r.result.measured_at))
        .bind(column(rows, |r| r.result.is_rankable()))
        .execute(connection)
        .await?;
    Ok(())
}
