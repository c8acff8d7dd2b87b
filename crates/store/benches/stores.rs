//! How long the stores take, for docs/stores.md: `cargo bench -p store --bench stores [ledger | sqlite | postgres |
//! timescale]`; the last only when it is named, with `ASSAY_TEST_TIMESCALE` as in migrations/README.md.
//!
//! PostgreSQL is a private server without fsync, so that the disk of the machine is not measured; SQLite flushes every
//! commit to the disk that temporary files are on.

// A bench may panic and prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use chrono::{NaiveDate, TimeDelta};
use domain::{BatchId, BenchmarkResult, Engine, Load, Quantisation, UseCase};
use futures::TryStreamExt;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{AssertSqlSafe, PgPool};
use store::ports::telemetry::{Sample, Source};
use store::postgres::PostgresResults;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{Claim, Ledger, ResultStore, Rollups, Telemetry};
use testkit::fixtures::{at, batch_record, campaign_record, configuration, result};
use testkit::services::PrivatePostgres;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();

/// Results that are stored in one call.
const TOGETHER: usize = 20_000;

/// The best of so many counts: how long the file system takes for new files differs by half.
const ROUNDS: usize = 4;

/// What `insert` writes, those that others refer to first.
const WRITTEN: [&str; 6] =
    ["runs", "benchmark_results", "benchmark_configs", "launches", "workloads", "latest_results"];

#[tokio::main]
async fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    if is_wanted("ledger") {
        ledger().await;
    }
    if is_wanted("sqlite") {
        sqlite().await;
    }
    if is_wanted("postgres") {
        postgres().await;
    }
    if wanted.iter().any(|w| w == "timescale") {
        timescale().await;
    }
}

/// 90,000 configurations: 50 models, 3 precisions, 4 hardware configs, 3 engines, 5 use cases at 10 concurrencies.
fn ninety_thousand() -> Vec<BenchmarkResult> {
    let mut results = Vec::with_capacity(90_000);
    for model in 0..50 {
        for quantisation in [Quantisation::Fp16, Quantisation::Fp8, Quantisation::Int4] {
            for hardware in ["l4x1", "a100-80gbx1", "h100x1", "h100x2"] {
                for engine in [Engine::Vllm, Engine::Tgi, Engine::Lmdeploy] {
                    for use_case in UseCase::ALL {
                        for doubling in 0..10 {
                            let mut wanted = configuration(1);
                            let launch = wanted.serving.launch_mut().unwrap();
                            launch.model.model = format!("model-{model}").parse().unwrap();
                            launch.model.quantisation = quantisation;
                            launch.hardware = hardware.parse().unwrap();
                            launch.framework.engine = engine;
                            wanted.workload.use_case = use_case;
                            let concurrency = NonZeroU32::new(1 << doubling).unwrap();
                            wanted.workload.load = Load::ClosedLoop { concurrency };
                            let second = i64::try_from(results.len()).unwrap() * 30;
                            results.push(
                                result("bench", 1).configuration(wanted).measured_at(at(second)).build(),
                            );
                        }
                    }
                }
            }
        }
    }
    results
}

fn tell(what: &str, took: Duration, rows: usize) {
    let rate = rows as f64 / took.as_secs_f64();
    println!("{what:<58} {:>9.1} ms {rate:>10.0} rows/s", took.as_secs_f64() * 1e3);
}

fn percentile(sorted: &[Duration], share: f64) -> f64 {
    let place = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[place].as_secs_f64() * 1e3
}

async fn insert_all(store: &dyn ResultStore, results: &[BenchmarkResult]) -> Duration {
    let start = Instant::now();
    for chunk in results.chunks(TOGETHER) {
        assert_eq!(store.insert(chunk).await.unwrap(), chunk.len() as u64);
    }
    start.elapsed()
}

async fn read_columns(what: &str, store: &dyn ResultStore, rows: usize) {
    let mut took = Vec::new();
    for _ in 0..7 {
        let start = Instant::now();
        assert_eq!(store.latest_columns().await.unwrap().config_ids.len(), rows);
        took.push(start.elapsed());
    }
    took.sort();
    println!(
        "{what:<58} {:>9.1} ms median, {:.1} to {:.1}",
        percentile(&took, 0.5),
        percentile(&took, 0.0),
        percentile(&took, 1.0)
    );
}

async fn sqlite() {
    let results = ninety_thousand();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteResults::open(folder.path().join("results.db")).await.unwrap();
    tell("SQLite: store 90,000 results", insert_all(&store, &results).await, results.len());
    read_columns("SQLite: latest of 90,000 configurations as columns", &store, results.len()).await;
    let start = Instant::now();
    let days = store.refresh_daily_stats().await.unwrap();
    tell("SQLite: statistics of all days", start.elapsed(), usize::try_from(days).unwrap());
}

async fn postgres() {
    let results = ninety_thousand();
    let server = PrivatePostgres::start();
    let (mut ours, mut raw_results, mut raw_all) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let (mut url, mut copied_to) = (server.database(), server.database());
    let mut store = migrated(&url).await;
    for round in 0..ROUNDS {
        if round > 0 {
            // There may be no room for those of every round. The server stays, so that its files are as warm for us as for
            // the raw `COPY`.
            for url in [url, copied_to] {
                drop_database(&server, &url).await;
            }
            (url, copied_to) = (server.database(), server.database());
            store = migrated(&url).await;
        }
        ours = ours.min(insert_all(&store, &results).await);
        let raw = copy_between(&url, &copied_to).await;
        raw_results = raw_results.min(raw[1]);
        raw_all = raw_all.min(raw.iter().sum());
    }
    tell("PostgreSQL: store 90,000 results", ours, results.len());
    tell("PostgreSQL: raw COPY of the same rows, all six tables", raw_all, results.len());
    tell("PostgreSQL: raw COPY of benchmark_results alone", raw_results, results.len());
    let ratio = |raw: Duration| raw.as_secs_f64() / ours.as_secs_f64();
    println!(
        "ours / raw: {:.2} of all tables, {:.2} of benchmark_results",
        ratio(raw_all),
        ratio(raw_results)
    );
    read_columns("PostgreSQL: latest of 90,000 configurations as columns", &store, results.len()).await;
    let start = Instant::now();
    let days = store.refresh_daily_stats().await.unwrap();
    tell("PostgreSQL: statistics of all days", start.elapsed(), usize::try_from(days).unwrap());
    let mut took = Vec::new();
    for wanted in results.iter().step_by(900) {
        let start = Instant::now();
        assert_eq!(store.history(&wanted.config_id).await.unwrap().len(), 1);
        took.push(start.elapsed());
    }
    took.sort();
    println!("PostgreSQL: history of a configuration: p50 {:.2} ms", percentile(&took, 0.5));
}

async fn migrated(url: &str) -> PostgresResults {
    let store = PostgresResults::connect(url).await.unwrap();
    store.migrate(TODAY).await.unwrap();
    store
}

async fn drop_database(server: &PrivatePostgres, url: &str) {
    let name = url.trim_start_matches("postgres:///").split('?').next().unwrap();
    let pool = PgPool::connect(&server.database()).await.unwrap();
    let sql = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await.unwrap();
}

/// Copies the written tables to a new database with the same tables, as `psql` would, and times each.
async fn copy_between(from: &str, to: &str) -> Vec<Duration> {
    migrated(to).await;
    let (from, to) = (PgPool::connect(from).await.unwrap(), PgPool::connect(to).await.unwrap());
    let mut took = Vec::new();
    for table in WRITTEN {
        let out = format!("COPY {table} TO STDOUT (FORMAT BINARY)");
        let rows = from.copy_out_raw(&out).await.unwrap();
        let rows: Vec<u8> = rows
            .try_fold(Vec::new(), |mut all, part| async move {
                all.extend_from_slice(&part);
                Ok(all)
            })
            .await
            .unwrap();
        let start = Instant::now();
        let mut copy = to.copy_in_raw(&format!("COPY {table} FROM STDIN (FORMAT BINARY)")).await.unwrap();
        for part in rows.chunks(1 << 18) {
            copy.send(part).await.unwrap();
        }
        copy.finish().await.unwrap();
        took.push(start.elapsed());
    }
    took
}

async fn ledger() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(folder.path().join("ledger.db")).await.unwrap();
    let campaign = campaign_record("bench");
    ledger.create_campaign(&campaign).await.unwrap();
    let batches: Vec<_> = (0..2_000).map(|index| batch_record(&campaign.id, index)).collect();
    ledger.add_batches(&batches).await.unwrap();
    let mut took = Vec::new();
    for index in 0..2_000 {
        let start = Instant::now();
        let claim =
            ledger.claim(&BatchId::new(&campaign.id, index), "bench", at(0), TimeDelta::seconds(5)).await;
        took.push(start.elapsed());
        assert!(matches!(claim.unwrap(), Claim::Granted { .. }));
    }
    took.sort();
    println!(
        "SQLite: claim of a batch: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        percentile(&took, 0.5),
        percentile(&took, 0.99),
        percentile(&took, 1.0)
    );
    let (one, other) = (
        SqliteLedger::open(folder.path().join("work.db")).await.unwrap(),
        SqliteLedger::open(folder.path().join("work.db")).await.unwrap(),
    );
    let start = Instant::now();
    testkit::conformance::ledger_workers(&one, &other, 1_000).await;
    tell("SQLite: 1,000 configurations checkpointed by 16 workers", start.elapsed(), 1_000);
}

/// A day of samples once a second: 2,000 runs of a minute with ten series each.
async fn timescale() {
    let server = PrivatePostgres::start_with_timescale(true);
    for is_hypertable in [false, true] {
        let url = server.database();
        let store = if is_hypertable { migrated(&url).await } else { migrated_plain(&url).await };
        let kind = if is_hypertable { "hypertable" } else { "plain table" };
        let start = Instant::now();
        let mut samples = 0;
        for run in 0..2_000 {
            let told = samples_of_run(run);
            samples += store.insert_samples(&told).await.unwrap();
        }
        tell(
            &format!("{kind}: store samples, 600 together"),
            start.elapsed(),
            usize::try_from(samples).unwrap(),
        );
        let pool = PgPool::connect(&url).await.unwrap();
        sqlx::raw_sql("VACUUM ANALYZE telemetry_samples").execute(&pool).await.unwrap();
        look_at_samples(kind, &pool, is_hypertable).await;
        if is_hypertable {
            let start = Instant::now();
            sqlx::raw_sql("SELECT compress_chunk(c) FROM show_chunks('telemetry_samples') AS c")
                .execute(&pool)
                .await
                .unwrap();
            tell("hypertable: compress", start.elapsed(), usize::try_from(samples).unwrap());
            look_at_samples("compressed", &pool, true).await;
        }
    }
}

async fn migrated_plain(url: &str) -> PostgresResults {
    let pool = PgPool::connect(url).await.unwrap();
    sqlx::migrate!("../../migrations/core").run(&pool).await.unwrap();
    pool.close().await;
    PostgresResults::connect(url).await.unwrap()
}

fn samples_of_run(run: u32) -> Vec<Sample> {
    let run_id = result(&format!("bench-{run}"), 1).build().run_id;
    let value = |series: i64, second: i64| f64::from((series * 37 + second * second % 11) as i32) / 8.0;
    let series = (0..10).flat_map(|series| (0..60).map(move |second| (series, second)));
    series
        .map(|(series, second)| Sample {
            run_id: run_id.clone(),
            source: Source::Gpu,
            device: u32::try_from(series % 2).unwrap(),
            metric: ["power_w", "memory_mib", "sm_util", "mem_util", "temp_c"]
                [usize::try_from(series / 2).unwrap()]
            .to_owned(),
            at: at(i64::from(run) * 43 + second),
            value: value(series, second),
        })
        .collect()
}

async fn look_at_samples(kind: &str, pool: &PgPool, is_hypertable: bool) {
    let size = if is_hypertable {
        "SELECT hypertable_size('telemetry_samples')"
    } else {
        "SELECT pg_total_relation_size('telemetry_samples')"
    };
    let size: i64 = sqlx::query_scalar(size).fetch_one(pool).await.unwrap();
    println!("{kind}: {:.1} MB", size as f64 / 1e6);
    let run = samples_of_run(1_000).remove(0).run_id;
    let of_one_run = format!("SELECT count(*) FROM telemetry_samples WHERE run_id = '{run}'");
    for (what, sql) in [
        ("samples of one run", of_one_run.as_str()),
        (
            "mean power of every run in an hour",
            "SELECT count(*) FROM (SELECT run_id, avg(value) FROM telemetry_samples WHERE metric = 'power_w'
             AND at >= '2026-01-01 10:00Z' AND at < '2026-01-01 11:00Z' GROUP BY run_id) AS means",
        ),
        (
            "mean of each series over the day",
            "SELECT count(*) FROM (SELECT metric, avg(value) FROM telemetry_samples GROUP BY metric) AS means",
        ),
    ] {
        let mut took = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
            assert!(rows > 0, "{sql}");
            took.push(start.elapsed());
        }
        took.sort();
        println!("{kind}: {what}: {:.1} ms", percentile(&took, 0.5));
    }
}
