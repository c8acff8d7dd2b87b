//! PostgreSQL: the suite, and what a shared database goes through.

// A test may panic; clippy knows that only of functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use store::open::{Tables, migrate_results, tables_of_results};
use store::postgres::PostgresResults;
use store::{ResultStore, StoreError};
use testkit::conformance;
use testkit::fixtures::result;
use testkit::services::PrivatePostgres;

async fn migrated(url: &str) -> PostgresResults {
    let store = PostgresResults::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn conformance() {
    let server = PrivatePostgres::start();
    let url = server.database();
    let (one, other) = (migrated(&url).await, migrated(&url).await);
    conformance::results(&one).await;
    conformance::results_race(&one, &other).await;
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
    let missing = store.migrations_missing().await.unwrap();
    assert!(missing > 0);
    assert_eq!(tables_of_results(&url).await.unwrap(), Tables::Behind(missing), "looking changes nothing");

    // Many may migrate at once, and the URL opens the same store.
    let migrations = futures::future::join_all((0..4).map(|_| store.migrate())).await;
    migrations.into_iter().for_each(Result::unwrap);
    assert_eq!(migrate_results(&url).await.unwrap(), Tables::UpToDate);
    let told = result("trouble", 1).build();
    store.insert(std::slice::from_ref(&told)).await.unwrap();
    assert_eq!(store::open::open_results(&url).await.unwrap().latest().await.unwrap(), [told]);

    // A database that is not there.
    let absent = url.replace("test_0", "absent");
    let error = PostgresResults::connect(&absent).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");

    // A server that goes away.
    server.stop();
    let error = store.latest().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let error = PostgresResults::connect(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}
