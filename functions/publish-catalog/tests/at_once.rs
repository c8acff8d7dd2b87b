//! Of publishers at once each writes its file and says so before the next begins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use catalog::Published;
use domain::content_hash::hash_bytes;
use publish_catalog::refresh;
use store::directory::DirectoryObjects;
use store::open::open_result_stores;
use store::sqlite::SqliteLedger;
use store::{ObjectKey, ObjectPrefix, Objects, StoreError};
use testkit::fixtures::{at, result};

/// Notes the order in which the catalogue is written, slowly.
struct Slow {
    kept: DirectoryObjects,
    written: Mutex<Vec<ObjectKey>>,
}

#[async_trait]
impl Objects for Slow {
    async fn put(&self, key: &ObjectKey, bytes: &[u8]) -> Result<(), StoreError> {
        if [ObjectKey::snapshot(), ObjectKey::published()].contains(key) {
            self.written.lock().unwrap().push(key.clone());
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        }
        self.kept.put(key, bytes).await
    }
    async fn put_if_absent(&self, key: &ObjectKey, bytes: &[u8]) -> Result<bool, StoreError> {
        self.kept.put_if_absent(key, bytes).await
    }
    async fn get(&self, key: &ObjectKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.kept.get(key).await
    }
    async fn list(&self, prefix: &ObjectPrefix) -> Result<Vec<ObjectKey>, StoreError> {
        self.kept.list(prefix).await
    }
}

#[tokio::test]
async fn the_file_and_what_is_said_of_it_belong_together() {
    let folder = tempfile::tempdir().unwrap();
    let at_path = |name: &str| folder.path().join(name);
    let address = |path: &Path| format!("sqlite:{}", path.display());
    let stores = open_result_stores(&address(&at_path("results.db"))).await.unwrap();
    let ledger = SqliteLedger::open(&at_path("ledger.db")).await.unwrap();
    let kept = DirectoryObjects::open(&at_path("objects")).unwrap();
    let objects = Slow { kept, written: Mutex::default() };
    stores.results.insert(&[result("first", 1).build()]).await.unwrap();
    let publish = || refresh(&stores, &ledger, &objects, at(0));
    let more = async {
        stores.results.insert(&[result("second", 2).build()]).await.unwrap();
        publish().await
    };
    let (a, b, c) = tokio::join!(publish(), more, publish());
    for done in [a, b, c] {
        done.unwrap();
    }
    let written = objects.written.lock().unwrap().clone();
    for pair in written.chunks(2) {
        assert_eq!(pair, [ObjectKey::snapshot(), ObjectKey::published()], "{written:?}");
    }
    let file = objects.get(&ObjectKey::snapshot()).await.unwrap().unwrap();
    let told: Published =
        serde_json::from_slice(&objects.get(&ObjectKey::published()).await.unwrap().unwrap()).unwrap();
    assert_eq!(told.hash, hash_bytes(&file));
    assert_eq!(told.revision, stores.results.revision().await.unwrap());
}
