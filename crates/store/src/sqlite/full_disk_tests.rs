//! A disk that is full, played by SQLite's own limit on the size of a file.

use std::path::Path;

use testkit::fixtures::{at, result};

use super::database::{Database, options};
use super::failure::Place;
use super::results::{MIGRATIONS, SqliteResults};
use crate::{ResultStore, StoreError};

async fn open_limited(path: &Path) -> SqliteResults {
    let options = options(path).pragma("max_page_count", "120");
    let database = Database::open_with(options, Place::results(path), &MIGRATIONS).await.unwrap();
    SqliteResults { database }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let store = open_limited(&path).await;
    let mut stored = Vec::new();
    let error = loop {
        let trial = u32::try_from(stored.len()).unwrap() + 1;
        let told = result("full", 1).trial(trial).measured_at(at(trial.into())).build();
        match store.insert(std::slice::from_ref(&told)).await {
            Ok(_) => stored.push(told),
            Err(error) => break error,
        }
        assert!(stored.len() < 1_000, "the limit is never reached");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("what was finished is kept"), "{error}");
    assert!(!stored.is_empty());
    assert_eq!(store.of_campaign(&stored[0].campaign).await.unwrap(), stored);
    drop(store);

    // With room again the same store goes on.
    let store = SqliteResults::open(&path).await.unwrap();
    assert_eq!(store.insert(&[result("full", 2).build()]).await.unwrap(), 1);
    assert_eq!(store.revision().await.unwrap(), stored.len() as u64 + 1);
}
