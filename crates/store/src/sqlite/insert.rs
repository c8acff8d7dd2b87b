//! Storing results, row by row: within one transaction SQLite gains nothing from more.

use std::collections::BTreeSet;

use domain::BenchmarkResult;
use domain::untold::told;
use sqlx::query;
use sqlx::sqlite::SqliteConnection;

use super::instant::to_text;
use crate::figures::FORM;
use crate::result_row::{LatestMaker, LatestValues, ResultRow, json, signed};

/// Stores what is new, within the caller's transaction.
pub async fn insert(connection: &mut SqliteConnection, results: &[BenchmarkResult]) -> sqlx::Result<u64> {
    let mut new = 0;
    let mut days = BTreeSet::new();
    let mut maker = LatestMaker::default();
    for result in results {
        // The run decides: whoever inserts it stores the result, in the same transaction.
        if insert_run(connection, result).await? {
            insert_result(connection, &ResultRow::new(result)?).await?;
            let latest = maker.make(result)?;
            insert_config(connection, &latest).await?;
            upsert_latest(connection, &latest).await?;
            upsert_campaign(connection, result).await?;
            days.insert(result.measured_at.date_naive());
            new += 1;
        }
    }
    for day in days {
        query("INSERT INTO stale_days (day) VALUES (?) ON CONFLICT (day) DO NOTHING")
            .bind(day.to_string())
            .execute(&mut *connection)
            .await?;
    }
    query("UPDATE results_revision SET revision = revision + ?")
        .bind(signed(new))
        .execute(connection)
        .await?;
    Ok(new)
}

async fn insert_run(connection: &mut SqliteConnection, result: &BenchmarkResult) -> sqlx::Result<bool> {
    let done = query(include_str!("sql/insert_run.sql"))
        .bind(result.run_id.as_str())
        .bind(result.campaign.as_str())
        .bind(result.config_id.as_str())
        .bind(result.trial)
        .bind(result.batch.as_str())
        .bind(result.attempt)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_result(connection: &mut SqliteConnection, row: &ResultRow<'_>) -> sqlx::Result<()> {
    let result = row.result;
    let (serving, workload) = (&result.configuration.serving, &result.configuration.workload);
    let metrics = &result.metrics;
    query(include_str!("sql/insert_result.sql"))
        .bind(result.run_id.as_str())
        .bind(to_text(result.measured_at))
        .bind(result.campaign.as_str())
        .bind(result.config_id.as_str())
        .bind(result.provenance.name())
        .bind(serving.model().as_str())
        .bind(row.quantisation)
        .bind(&row.hardware)
        .bind(row.engine)
        .bind(result.environment.engine_version.as_deref())
        .bind(row.use_case)
        .bind(workload.input_tokens.get())
        .bind(workload.output_tokens.get())
        .bind(row.concurrency)
        .bind(row.ttft.p50)
        .bind(row.ttft.p90)
        .bind(row.ttft.p99)
        .bind(row.tpot.p50)
        .bind(row.tpot.p90)
        .bind(row.tpot.p99)
        .bind(row.itl.p50)
        .bind(row.itl.p90)
        .bind(row.itl.p99)
        .bind(row.e2e.p50)
        .bind(row.e2e.p90)
        .bind(row.e2e.p99)
        .bind(metrics.output_tps)
        .bind(told(metrics.total_tps))
        .bind(told(metrics.rps))
        .bind(metrics.tps_per_gpu)
        .bind(metrics.goodput)
        .bind(metrics.attainment)
        .bind(row.serving_usd.spot)
        .bind(row.serving_usd.on_demand)
        .bind(row.measured_usd.spot)
        .bind(row.measured_usd.on_demand)
        .bind(metrics.energy_per_tok)
        .bind(signed(result.counts.succeeded))
        .bind(signed(result.counts.failures()))
        .bind(told(result.charged.window_s))
        .bind(result.is_rankable())
        .bind(&row.document)
        .execute(connection)
        .await?;
    Ok(())
}

/// A configuration that is new, with the launch and the workload that may be new with it.
pub async fn insert_config(connection: &mut SqliteConnection, latest: &LatestValues<'_>) -> sqlx::Result<()> {
    let (serving, workload) = (&latest.result.configuration.serving, &latest.result.configuration.workload);
    let done = query(include_str!("sql/insert_config.sql"))
        .bind(latest.result.config_id.as_str())
        .bind(serving.model().as_str())
        .bind(serving.offered().precision_name())
        .bind(serving.hardware().to_string())
        .bind(serving.served_by().name())
        .bind(workload.use_case.name())
        .bind(workload.label())
        .bind(latest.launch.as_str())
        .bind(&latest.workload)
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    query("INSERT INTO launches (id, description) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
        .bind(latest.launch.as_str())
        .bind(json(serving)?)
        .execute(&mut *connection)
        .await?;
    query("INSERT INTO workloads (id, description) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
        .bind(&latest.workload)
        .bind(json(workload)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn upsert_latest(connection: &mut SqliteConnection, latest: &LatestValues<'_>) -> sqlx::Result<()> {
    query(include_str!("sql/upsert_latest.sql"))
        .bind(latest.result.config_id.as_str())
        .bind(latest.result.provenance.name())
        .bind(latest.result.run_id.as_str())
        .bind(to_text(latest.result.measured_at))
        .bind(latest.result.is_rankable())
        .bind(latest.result.is_verified())
        .bind(latest.launch.as_str())
        .bind(&latest.workload)
        .bind(&latest.result.environment.engine_version)
        .bind(&latest.caveats)
        .bind(*FORM)
        .bind(latest.figures.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the figures of a latest result anew that another version wrote.
pub async fn renew_latest(connection: &mut SqliteConnection, latest: &LatestValues<'_>) -> sqlx::Result<()> {
    insert_config(connection, latest).await?;
    query(include_str!("sql/renew_latest.sql"))
        .bind(latest.launch.as_str())
        .bind(&latest.workload)
        .bind(&latest.result.environment.engine_version)
        .bind(&latest.caveats)
        .bind(*FORM)
        .bind(latest.figures.as_slice())
        .bind(latest.result.config_id.as_str())
        .bind(latest.result.provenance.name())
        .execute(connection)
        .await?;
    Ok(())
}

async fn upsert_campaign(connection: &mut SqliteConnection, result: &BenchmarkResult) -> sqlx::Result<()> {
    query(include_str!("sql/upsert_campaign.sql"))
        .bind(result.campaign.as_str())
        .bind(to_text(result.measured_at))
        .execute(connection)
        .await?;
    Ok(())
}
