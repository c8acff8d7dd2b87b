//! PostgreSQL: the suites, and what a shared database goes through.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use domain::{Architecture, ModelName};
use store::open::{Tables, migrate_results, tables_of_results};
use store::postgres::{Policies, PostgresResults, REST, Series};
use store::{ResultStore, StoreError};
use testkit::conformance;
use testkit::fixtures::{at, result};
use testkit::services::PrivatePostgres;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A model of seven parameters.
fn model_of(name: &str) -> (ModelName, Architecture) {
    let mut sizes = domain::known::MODELS.values().next().unwrap().architecture.clone();
    sizes.parameters = 7;
    (name.parse().unwrap(), sizes)
}

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();

async fn migrated(url: &str) -> PostgresResults {
    let store = PostgresResults::connect(url).await.unwrap();
    store.migrate(TODAY).await.unwrap();
    store
}

/// A connection of our own, past the adapter.
async fn tamper(url: &str, sql: &'static str) {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn count(url: &str, sql: &'static str) -> i64 {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let count = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn conformance() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let (one, other) = (migrated(&url).await, migrated(&url).await);
    conformance::results(&one).await;
    conformance::results_race(&one, &other).await;
    let store = migrated(&server.database()).await;
    conformance::rollups(&store, &store).await;
    conformance::telemetry(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_told_with_its_mend() {
    let server = PrivatePostgres::start();
    let url = server.database();

    // A database that nobody has migrated.
    let store = PostgresResults::connect(&url).await.unwrap();
    let error = store.latest().await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error:?}");
    assert!(error.to_string().contains("`assay db migrate`"), "{error}");
    let behind = store.migrations_missing().await.unwrap();
    assert!(behind > 0);
    let tables = tables_of_results(&url).await.unwrap();
    assert!(
        matches!(tables, Tables::Shared { missing, facts_known: false, .. } if missing == behind),
        "{tables:?}"
    );

    // Many may migrate at once, and the URL opens the same store.
    let migrations = futures::future::join_all((0..4).map(|_| store.migrate(TODAY))).await;
    migrations.into_iter().for_each(Result::unwrap);
    let (before, after) = migrate_results(&url, TODAY).await.unwrap();
    assert!(matches!(before, Tables::Shared { missing: 0, facts_known: true, .. }), "{before:?}");
    assert_eq!(before, after);
    let told = result("trouble", 1).build();
    store.insert(std::slice::from_ref(&told)).await.unwrap();
    assert_eq!(store::open::open_results(&url).await.unwrap().latest().await.unwrap(), [told]);

    // A database that is not there.
    let absent = url.replace("test_0", "absent");
    let error = PostgresResults::connect(&absent).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_knows_is_taken_over_and_prices_keep_their_history() {
    let server = PrivatePostgres::start();
    let url = server.database();
    migrated(&url).await;
    for (sql, least) in [
        ("SELECT count(*) FROM models WHERE architecture IS NOT NULL", 50),
        ("SELECT count(*) FROM model_versions", 51),
        ("SELECT count(*) FROM hardware_configs WHERE usd_per_hour_on_demand > 0", 30),
        ("SELECT count(*) FROM inference_frameworks", 6),
        ("SELECT count(*) FROM use_case_taxonomy", 5),
        ("SELECT count(*) FROM provenance", 4),
    ] {
        assert!(count(&url, sql).await >= least, "{sql}");
    }
    let prices = count(&url, "SELECT count(*) FROM price_history").await;

    // A program that knows something else.
    tamper(
        &url,
        "UPDATE known_facts SET fingerprint = 'older'; DELETE FROM provenance;
         UPDATE price_history SET usd_per_hour = 1, since = '2026-01-01' WHERE instance_type = 'g6.xlarge'",
    )
    .await;
    let tables = tables_of_results(&url).await.unwrap();
    assert!(matches!(tables, Tables::Shared { missing: 0, facts_known: false, .. }), "{tables:?}");
    migrated(&url).await;
    migrated(&url).await;
    assert_eq!(count(&url, "SELECT count(*) FROM provenance").await, 4);
    assert_eq!(count(&url, "SELECT count(*) FROM price_history").await, prices + 2, "both kinds of price");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_that_a_campaign_brought_stay_and_do_not_replace_those_that_ship() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = migrated(&url).await;
    let models = [at(0), at(9)].map(|now| (model_of("of-our-own"), model_of("qwen3-8b"), now));
    for (own, shipped, now) in models {
        store.note_models(&[own, shipped], now).await.unwrap();
    }
    let own = "SELECT count(*) FROM models WHERE name = 'of-our-own' AND parameters = 7 AND added_at > '2026-01-01'";
    assert_eq!(count(&url, own).await, 1);
    let shipped =
        "SELECT count(*) FROM models WHERE name = 'qwen3-8b' AND parameters > 7 AND added_at IS NULL";
    assert_eq!(count(&url, shipped).await, 1);
    // A version that ships another model which somebody had added.
    tamper(
        &url,
        "UPDATE known_facts SET fingerprint = 'older';
         UPDATE models SET parameters = 7, added_at = now() WHERE name = 'qwen3-8b'",
    )
    .await;
    migrated(&url).await;
    assert_eq!((count(&url, own).await, count(&url, shipped).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_another_version_are_read_from_documents_and_renewed() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = migrated(&url).await;
    store.insert(&[result("renewed", 1).build(), result("renewed", 2).build()]).await.unwrap();
    let expected = format!("{:?}", store.latest_columns().await.unwrap());
    tamper(&url, "UPDATE latest_results SET figures_form = 7, figures = '' WHERE run_id LIKE '%.t1'").await;
    assert_eq!(format!("{:?}", store.latest_columns().await.unwrap()), expected);
    store.migrate(TODAY).await.unwrap();
    assert_eq!(count(&url, "SELECT count(*) FROM latest_results WHERE figures_form = 7").await, 0);
    assert_eq!(format!("{:?}", store.latest_columns().await.unwrap()), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_left_alone_and_used_again_when_it_is_back() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = migrated(&url).await;
    let told = result("outage", 1).build();
    store.insert(std::slice::from_ref(&told)).await.unwrap();

    // Connections that break between calls are nobody's concern.
    tamper(
        &url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    assert_eq!(store.latest().await.unwrap(), *std::slice::from_ref(&told));

    server.stop();
    let error = store.latest().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let start = Instant::now();
    for _ in 0..1_000 {
        let error = store.revision().await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
    assert!(start.elapsed() < REST, "{:?}", start.elapsed());
    let error = PostgresResults::connect(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");

    server.start_again();
    let start = Instant::now();
    while store.latest().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "it is never used again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(store.latest().await.unwrap(), [told]);
}

/// Carries connections of a TCP port to the server's socket, each piece after a while, until it is stopped.
struct Forwarder {
    port: u16,
    work: tokio::task::JoinHandle<()>,
}

impl Forwarder {
    async fn start(port: u16, socket: std::path::PathBuf, lag: Duration) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let work = tokio::spawn(async move {
            let mut carried = tokio::task::JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = tokio::net::UnixStream::connect(&socket).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                carried.spawn(carry(near_in, far_out, lag));
                carried.spawn(carry(far_in, near_out, lag));
            }
        });
        Self { port, work }
    }

    async fn stop(self) {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, lag: Duration) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        tokio::time::sleep(lag).await;
        if to.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
}

/// A server on the other side of the world, or one that has a lot to do: slow is not away.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_gets_its_time_and_loses_nothing() {
    let server = PrivatePostgres::start();
    let url = server.database();
    migrated(&url).await;
    let forwarder = Forwarder::start(0, server.socket(), Duration::from_millis(100)).await;
    let url = format!("postgres://postgres@127.0.0.1:{}/test_0", forwarder.port);
    let store = PostgresResults::connect(&url).await.unwrap();
    let results: Vec<_> = (1..=200).map(|trial| result("slow", 1).trial(trial).build()).collect();
    let start = Instant::now();
    assert_eq!(store.insert(&results).await.unwrap(), 200);
    assert_eq!(store.insert(&results).await.unwrap(), 0, "told twice, stored once");
    assert!(start.elapsed() > Duration::from_millis(400), "the link is not slow: {:?}", start.elapsed());
    assert_eq!(store.revision().await.unwrap(), 200);
    // Those who ask at once each get an answer, and the breaker takes none of it for an outage.
    let calls = futures::future::join_all((0..20).map(|_| store.revision())).await;
    assert!(calls.iter().all(|call| matches!(call, Ok(200))), "{calls:?}");
    forwarder.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_connection_is_told_at_once() {
    let server = PrivatePostgres::start();
    let url = server.database();
    migrated(&url).await;
    let socket = server.socket();
    let forwarder = Forwarder::start(0, socket.clone(), Duration::ZERO).await;
    let port = forwarder.port;
    let url = format!("postgres://postgres@127.0.0.1:{port}/test_0");
    let store = PostgresResults::connect(&url).await.unwrap();
    assert_eq!(store.revision().await.unwrap(), 0);

    // Its connection is broken, and nobody listens for a new one.
    forwarder.stop().await;
    let start = Instant::now();
    let calls = futures::future::join_all((0..20).map(|_| store.revision())).await;
    assert!(calls.iter().all(|call| matches!(call, Err(StoreError::Unavailable { .. }))), "{calls:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let error = store.revision().await.unwrap_err();
    assert!(error.to_string().contains("left alone"), "{error}");
    let error = PostgresResults::connect(&url).await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());

    let forwarder = Forwarder::start(port, socket, Duration::ZERO).await;
    let start = Instant::now();
    while store.revision().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "it is never used again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    forwarder.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_frozen_costs_its_bound_and_no_more() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = migrated(&url).await.patient_for(Duration::from_secs(1));
    assert_eq!(store.revision().await.unwrap(), 0);
    server.pause();
    let start = Instant::now();
    let error = store.revision().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    server.resume();
    while store.revision().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(30), "it is never used again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What was acknowledged is there, and nothing by halves.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_in_the_middle_of_a_write_has_all_of_it_or_nothing() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let store = std::sync::Arc::new(migrated(&url).await);
    let (acknowledge, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for round in 1_u32.. {
            let results: Vec<_> =
                (1..=50).map(|trial| result(&format!("crash-{round}"), 1).trial(trial).build()).collect();
            match writer.insert(&results).await {
                Ok(_) => acknowledge.send(round).unwrap(),
                Err(error) => return error,
            }
        }
        unreachable!()
    });
    // Some rounds are through, and one is under way.
    for _ in 0..5 {
        acknowledged.recv().await.unwrap();
    }
    server.stop();
    let error = writing.await.unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    server.start_again();
    let mut rounds = 5;
    while acknowledged.recv().await.is_some() {
        rounds += 1;
    }
    let store = PostgresResults::connect(&url).await.unwrap();
    let stored = store.revision().await.unwrap();
    // A commit may have reached the server though its acknowledgement did not reach us.
    assert!(stored == rounds * 50 || stored == (rounds + 1) * 50, "{stored} results of {rounds} rounds");
    assert_eq!(count(&url, "SELECT count(*) FROM benchmark_results").await, i64::try_from(stored).unwrap());
    assert_eq!(count(&url, "SELECT count(*) FROM runs").await, i64::try_from(stored).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL with TimescaleDB; see migrations/README.md"]
async fn timescale_makes_hypertables_of_what_is_there() {
    let mut server = PrivatePostgres::start_with_timescale(false);
    let url = server.database();
    let store = migrated(&url).await;
    let mode = store.mode().await.unwrap();
    assert!(matches!(mode.series, Series::NotPreloaded { .. }), "{mode}");
    assert!(mode.to_string().contains("shared_preload_libraries"), "{mode}");
    let told = [result("before", 1).build(), result("before", 2).measured_at(at(90 * 86_400)).build()];
    store.insert(&told).await.unwrap();

    server.stop();
    server.start_again_preloaded();
    let store = PostgresResults::connect(&url).await.unwrap();
    let mode = store.mode().await.unwrap();
    assert!(matches!(mode.series, Series::Ready { .. }), "{mode}");
    store.migrate(TODAY).await.unwrap();
    store.migrate(TODAY).await.unwrap();
    let mode = store.mode().await.unwrap();
    assert!(matches!(mode.series, Series::Hypertables { policies: Policies::There, .. }), "{mode}");
    assert_eq!(store.latest().await.unwrap().len(), 2, "rows are moved into chunks");
    assert_eq!(
        count(&url, "SELECT num_chunks FROM timescaledb_information.hypertables WHERE hypertable_name = 'benchmark_results'").await,
        2
    );

    // Compressed, results are read, added to and replaced as before.
    tamper(&url, "SELECT compress_chunk(c) FROM show_chunks('benchmark_results') AS c").await;
    assert_eq!(store.history(&told[0].config_id).await.unwrap(), told[..1]);
    assert_eq!(store.insert(&[result("after", 1).measured_at(at(1)).build()]).await.unwrap(), 1);
    assert_eq!(store.history(&told[0].config_id).await.unwrap().len(), 2);
    assert_eq!(store.insert(&told).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a PostgreSQL with TimescaleDB; see migrations/README.md"]
async fn timescale_conformance() {
    let server = PrivatePostgres::start_with_timescale(true);
    let url = server.database();
    let (one, other) = (migrated(&url).await, migrated(&url).await);
    conformance::results(&one).await;
    conformance::results_race(&one, &other).await;
    let store = migrated(&server.database()).await;
    conformance::rollups(&store, &store).await;
    conformance::telemetry(&store).await;
}
