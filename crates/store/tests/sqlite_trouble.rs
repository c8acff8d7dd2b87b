//! What SQLite files go through: many openers, damage, full disks, other people's files.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use futures::future::join_all;
use store::sqlite::{SqliteLedger, SqliteResults};
use store::{CampaignRecord, Ledger, ResultStore, StoreError};
use testkit::fixtures::{at, campaign_record, result};

fn campaign(name: &str, message: Option<String>) -> CampaignRecord {
    CampaignRecord { message, ..campaign_record(name) }
}

/// A connection of our own, past the adapter.
async fn tamper(path: &Path, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

async fn count(path: &Path, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let count = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_file_at_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        let opened = join_all((0..16).map(|_| tokio::spawn(SqliteResults::open(path.clone())))).await;
        for store in opened {
            assert_eq!(store.unwrap().unwrap().revision().await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let told = result("again", 1).build();
    SqliteResults::open(&path).await.unwrap().insert(std::slice::from_ref(&told)).await.unwrap();
    assert_eq!(SqliteResults::open(&path).await.unwrap().latest().await.unwrap(), [told]);
}

#[tokio::test]
async fn models_that_a_campaign_brought_stay_and_do_not_replace_those_that_ship() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let store = SqliteResults::open(&path).await.unwrap();
    let mut sizes = domain::known::MODELS.values().next().unwrap().architecture.clone();
    sizes.parameters = 7;
    let models = ["of-our-own", "qwen3-8b"].map(|name| (name.parse().unwrap(), sizes.clone()));
    store.note_models(&models, at(0)).await.unwrap();
    store.note_models(&models, at(9)).await.unwrap();
    let own =
        "SELECT count(*) FROM models WHERE name = 'of-our-own' AND parameters = 7 AND added_at > '2026'";
    let shipped =
        "SELECT count(*) FROM models WHERE name = 'qwen3-8b' AND parameters > 7 AND added_at IS NULL";
    assert_eq!((count(&path, own).await, count(&path, shipped).await), (1, 1));
    // A version that ships another model which somebody had added.
    tamper(&path, "UPDATE known_facts SET fingerprint = 'older'").await;
    tamper(&path, "UPDATE models SET parameters = 7, added_at = '2026-11-01' WHERE name = 'qwen3-8b'").await;
    SqliteResults::open(&path).await.unwrap();
    assert_eq!((count(&path, own).await, count(&path, shipped).await), (1, 1));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged_and_the_mend_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    std::fs::write(&path, "this is no database, though it is long enough to be one. ".repeat(100)).unwrap();
    let error = SqliteLedger::open(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("move it away and run the same command again"), "{error}");
    let error = SqliteResults::open(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("restore it from a backup"), "{error}");
}

#[tokio::test]
async fn overwritten_pages_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let store = SqliteResults::open(&path).await.unwrap();
    let all: Vec<_> = (1..=50).map(|trial| result("pages", 1).trial(trial).build()).collect();
    store.insert(&all).await.unwrap();
    drop(store);
    tamper(&path, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();

    let read = async { SqliteResults::open(&path).await?.of_campaign(&all[0].campaign).await };
    let error = read.await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_damage_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let store = SqliteResults::open(&path).await.unwrap();
    let told = result("row", 1).build();
    store.insert(std::slice::from_ref(&told)).await.unwrap();
    tamper(&path, "UPDATE benchmark_results SET document = '{'").await;
    let error = store.latest().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains(told.run_id.as_str()), "{error}");

    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).await.unwrap();
    ledger.create_campaign(&campaign("row", None)).await.unwrap();
    for sql in [
        "UPDATE campaigns SET state = 'resting'",
        "UPDATE campaigns SET state = 'running', created_at = 'yesterday'",
    ] {
        tamper(&path, sql).await;
        let error = ledger.campaigns().await.unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_opened_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), {
        std::fs::write(folder.path().join("file"), "").unwrap();
        folder.path().join("file/results.db")
    }] {
        let error = SqliteResults::open(&path).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
}
