//! What a publisher could not do is done by the next.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use publish_catalog::refresh;
use store::directory::DirectoryObjects;
use store::open::{ResultStores, open_result_stores};
use store::ports::rollups::{DailyStats, PublishedRanking, Rollups, Suitability};
use store::sqlite::SqliteLedger;
use store::{ObjectKey, Objects, StoreError};
use testkit::fixtures::{at, result};

/// Which call fails, once.
#[derive(Clone, Copy, PartialEq)]
enum Failing {
    Rankings,
    DailyStats,
}

struct FailsOnce {
    kept: Arc<dyn Rollups>,
    failing: Failing,
    has_failed: AtomicBool,
}

impl FailsOnce {
    fn fail(&self, call: Failing) -> Result<(), StoreError> {
        if self.failing != call || self.has_failed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        Err(StoreError::Unavailable { place: "the results".to_owned(), detail: "no answer".to_owned() })
    }
}

#[async_trait]
impl Rollups for FailsOnce {
    async fn refresh_daily_stats(&self) -> Result<u64, StoreError> {
        self.fail(Failing::DailyStats)?;
        self.kept.refresh_daily_stats().await
    }
    async fn daily_stats(&self, since: NaiveDate) -> Result<Vec<DailyStats>, StoreError> {
        self.kept.daily_stats(since).await
    }
    async fn publish_rankings(
        &self,
        revision: u64,
        rankings: &[PublishedRanking],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.fail(Failing::Rankings)?;
        self.kept.publish_rankings(revision, rankings, now).await
    }
    async fn rankings(&self, revision: u64) -> Result<Vec<PublishedRanking>, StoreError> {
        self.kept.rankings(revision).await
    }
    async fn suitabilities(&self) -> Result<Vec<Suitability>, StoreError> {
        self.kept.suitabilities().await
    }
}

#[tokio::test]
async fn what_failed_after_the_catalogue_is_made_up_for() {
    for failing in [Failing::Rankings, Failing::DailyStats] {
        let folder = tempfile::tempdir().unwrap();
        let at_path = |name: &str| folder.path().join(name);
        let kept = open_result_stores(&format!("sqlite:{}", at_path("results.db").display())).await.unwrap();
        let rollups = FailsOnce { kept: kept.rollups.clone(), failing, has_failed: AtomicBool::new(false) };
        let stores = ResultStores { rollups: Arc::new(rollups), ..kept };
        let ledger = SqliteLedger::open(&at_path("ledger.db")).await.unwrap();
        let objects = DirectoryObjects::open(&at_path("objects")).unwrap();
        stores.results.insert(&[result("first", 1).build()]).await.unwrap();
        refresh(&stores, &ledger, &objects, at(0)).await.unwrap_err();

        // The next time that the clock tells it to.
        let revision = refresh(&stores, &ledger, &objects, at(60)).await.unwrap().unwrap();
        assert!(!stores.rollups.rankings(revision).await.unwrap().is_empty());
        assert_eq!(stores.rollups.daily_stats(at(0).date_naive()).await.unwrap().len(), 1);
        assert!(objects.get(&ObjectKey::rankings()).await.unwrap().is_some());
        assert_eq!(refresh(&stores, &ledger, &objects, at(120)).await.unwrap(), None);
    }
}
