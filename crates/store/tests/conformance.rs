//! Every adapter of this crate passes its port's suite.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use store::directory::DirectoryObjects;
use store::memory::MemoryHotResults;
use store::sqlite::{SqliteLedger, SqliteResults};
use testkit::conformance;

/// Two adapters over one file, as two processes would have them.
macro_rules! twice {
    ($folder:ident, $adapter:ident) => {{
        let path = $folder.path().join("deep/er/file.db");
        ($adapter::open(&path).await.unwrap(), $adapter::open(&path).await.unwrap())
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_results() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = twice!(folder, SqliteResults);
    conformance::results(&one).await;
    conformance::results_race(&one, &other).await;
}

#[tokio::test]
async fn sqlite_rollups_and_telemetry() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteResults::open(folder.path().join("results.db")).await.unwrap();
    conformance::rollups(&store, &store).await;
    conformance::telemetry(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = twice!(folder, SqliteLedger);
    conformance::ledger(&one).await;
    conformance::ledger_claims(&one, &other).await;
    conformance::ledger_workers(&one, &other, 1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_objects() {
    let folder = tempfile::tempdir().unwrap();
    conformance::objects(&DirectoryObjects::open(&folder.path().join("objects")).unwrap()).await;
}

#[tokio::test]
async fn memory_hot_results() {
    conformance::hot_results(&MemoryHotResults::new(1_000)).await;
}
