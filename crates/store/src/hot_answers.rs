//! **Hot answers** are kept close so that the same question is worked out once: by one caller while the others wait for
//! it, and not again while its answer is fresh. One that is no longer fresh is still given, and worked out anew behind it.
//!
//! The revision of the results belongs into a key. So storing a result is the one write that makes every answer before it
//! unreachable, wherever it is kept, and an answer never outlives what it was made from.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use crate::HotResults;

/// How long an answer is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TtlClass {
    /// Often asked and cheap to make: 5 minutes.
    Hot,
    /// 30 minutes.
    Warm,
    /// Seldom asked or dear to make: 2 hours.
    Cold,
}

impl TtlClass {
    /// How long it is fresh. It is kept for twice as long, so that it can be given while it is worked out anew.
    #[must_use]
    pub const fn fresh(self) -> Duration {
        match self {
            Self::Hot => Duration::from_secs(5 * 60),
            Self::Warm => Duration::from_secs(30 * 60),
            Self::Cold => Duration::from_secs(2 * 3600),
        }
    }
}

/// Gives answers, or has them worked out.
#[derive(Clone)]
pub struct HotAnswers {
    kept: Arc<dyn HotResults>,
    flights: Arc<Mutex<Flights>>,
    counted: Arc<Counted>,
}

/// How questions were answered.
#[derive(Debug, Default)]
struct Counted {
    hits: AtomicU64,
    shared: AtomicU64,
    misses: AtomicU64,
}

/// How many questions were answered how, since the process began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HotCounts {
    /// By an answer that was kept.
    pub hits: u64,
    /// By one that somebody else was working out.
    pub shared: u64,
    /// By one that was worked out.
    pub misses: u64,
}

impl HotCounts {
    /// The share of questions whose answer was not worked out for them, 0 to 1. None where nothing was asked.
    #[must_use]
    pub fn hit_ratio(self) -> Option<f64> {
        let Self { hits, shared, misses } = self;
        let all = hits + shared + misses;
        (all > 0).then(|| (hits + shared) as f64 / all as f64)
    }
}

/// Questions that are being worked out. An error is not kept: whoever waited tries for itself.
type Flights = HashMap<String, Arc<OnceCell<Arc<[u8]>>>>;

/// An instant in front of every answer that is kept: when it was made, in milliseconds since 1970.
const STAMP: usize = 8;

impl HotAnswers {
    /// Answers that are kept in a place.
    #[must_use]
    pub fn new(kept: Arc<dyn HotResults>) -> Self {
        Self { kept, flights: Arc::default(), counted: Arc::default() }
    }

    /// How questions were answered so far.
    #[must_use]
    pub fn counts(&self) -> HotCounts {
        let Counted { hits, shared, misses } = &*self.counted;
        let [hits, shared, misses] = [hits, shared, misses].map(|count| count.load(Ordering::Relaxed));
        HotCounts { hits, shared, misses }
    }

    /// The answer to the question of a key. `make` works it out; of callers at once one does.
    ///
    /// # Errors
    /// Those of `make`, when there is no answer.
    pub async fn answer<F, E>(
        &self,
        key: &str,
        class: TtlClass,
        now: DateTime<Utc>,
        make: impl FnOnce() -> F,
    ) -> Result<Arc<[u8]>, E>
    where
        F: Future<Output = Result<Vec<u8>, E>> + Send + 'static,
        E: Send + 'static,
    {
        match self.kept(key, now).await {
            Some((answer, age)) if age < class.fresh() => {
                self.counted.hits.fetch_add(1, Ordering::Relaxed);
                Ok(answer)
            }
            Some((answer, _)) => {
                self.counted.hits.fetch_add(1, Ordering::Relaxed);
                self.work_out_behind(key, class, now, make());
                Ok(answer)
            }
            None => {
                let (answer, made) = self.work_out(key, class, now, make()).await;
                let counted = if made { &self.counted.misses } else { &self.counted.shared };
                counted.fetch_add(1, Ordering::Relaxed);
                answer
            }
        }
    }

    async fn kept(&self, key: &str, now: DateTime<Utc>) -> Option<(Arc<[u8]>, Duration)> {
        let kept = self.kept.get(key).await?;
        let (stamp, answer) = kept.split_first_chunk::<STAMP>()?;
        let made = DateTime::from_timestamp_millis(i64::from_be_bytes(*stamp))?;
        // Clocks differ between servers: one that was made in the future is new.
        let age = (now - made).max(TimeDelta::zero()).to_std().ok()?;
        Some((answer.into(), age))
    }

    /// The answer, and whether it was worked out here.
    async fn work_out<E>(
        &self,
        key: &str,
        class: TtlClass,
        now: DateTime<Utc>,
        make: impl Future<Output = Result<Vec<u8>, E>>,
    ) -> (Result<Arc<[u8]>, E>, bool) {
        let mut here = false;
        let flight = self.lock().entry(key.to_owned()).or_default().clone();
        let answer = flight.get_or_try_init(async || {
            here = true;
            let made = make.await?;
            let stamped = [&now.timestamp_millis().to_be_bytes(), made.as_slice()].concat();
            self.kept.put(key, &stamped, class.fresh() * 2).await;
            Ok(made.into())
        });
        let answer = answer.await.cloned();
        // Whoever comes now finds it where it is kept, or works it out.
        let mut flights = self.lock();
        if flights.get(key).is_some_and(|current| Arc::ptr_eq(current, &flight)) {
            flights.remove(key);
        }
        (answer, here)
    }

    fn work_out_behind<E: Send + 'static>(
        &self,
        key: &str,
        class: TtlClass,
        now: DateTime<Utc>,
        make: impl Future<Output = Result<Vec<u8>, E>> + Send + 'static,
    ) {
        if self.lock().contains_key(key) {
            return;
        }
        let (answers, key) = (self.clone(), key.to_owned());
        tokio::spawn(async move {
            // The old answer stays as long as it is kept.
            drop(answers.work_out(&key, class, now, make).await);
        });
    }

    fn lock(&self) -> MutexGuard<'_, Flights> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use async_trait::async_trait;
    use futures::future::{BoxFuture, join_all};
    use testkit::fixtures::at;
    use tokio::sync::Notify;

    use super::*;
    use crate::StoreError;
    use crate::memory::MemoryHotResults;

    /// Works out answers that tell how often one was worked out.
    #[derive(Clone, Default)]
    struct Worker {
        times: Arc<AtomicU32>,
        done: Arc<Notify>,
    }

    impl Worker {
        fn make(&self) -> impl FnOnce() -> BoxFuture<'static, Result<Vec<u8>, String>> {
            let worker = self.clone();
            move || {
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    let nth = worker.times.fetch_add(1, Ordering::SeqCst) + 1;
                    worker.done.notify_one();
                    Ok(nth.to_string().into_bytes())
                })
            }
        }
    }

    fn in_memory() -> HotAnswers {
        HotAnswers::new(Arc::new(MemoryHotResults::new(100)))
    }

    #[tokio::test]
    async fn a_question_is_worked_out_once_for_all_who_ask_it() {
        let (answers, worker) = (in_memory(), Worker::default());
        let asked = (0..64).map(|_| answers.answer("a", TtlClass::Hot, at(0), worker.make()));
        for answer in join_all(asked).await {
            assert_eq!(*answer.unwrap(), *b"1");
        }
        assert_eq!(*answers.answer("a", TtlClass::Hot, at(299), worker.make()).await.unwrap(), *b"1");
        assert_eq!(
            *answers.answer("b", TtlClass::Hot, at(0), worker.make()).await.unwrap(),
            *b"2",
            "another"
        );
        assert!(answers.lock().is_empty());
        assert_eq!(answers.counts(), HotCounts { hits: 1, shared: 63, misses: 2 });
        assert_eq!(answers.counts().hit_ratio(), Some(64.0 / 66.0));
    }

    #[tokio::test]
    async fn an_answer_that_is_no_longer_fresh_is_given_and_worked_out_anew() {
        let (answers, worker) = (in_memory(), Worker::default());
        answers.answer("a", TtlClass::Hot, at(0), worker.make()).await.unwrap();
        worker.done.notified().await;
        assert_eq!(*answers.answer("a", TtlClass::Hot, at(301), worker.make()).await.unwrap(), *b"1");
        worker.done.notified().await;
        while answers.lock().contains_key("a") {
            tokio::task::yield_now().await;
        }
        assert_eq!(*answers.answer("a", TtlClass::Hot, at(301), worker.make()).await.unwrap(), *b"2");
        assert_eq!(worker.times.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let (answers, worker) = (in_memory(), Worker::default());
        let failing = || async { Err("no".to_owned()) };
        assert_eq!(answers.answer("a", TtlClass::Hot, at(0), failing).await, Err("no".to_owned()));
        assert_eq!(*answers.answer("a", TtlClass::Hot, at(0), worker.make()).await.unwrap(), *b"1");
    }

    /// Keeps nothing, as a Redis that is away.
    struct Nothing;

    #[async_trait]
    impl HotResults for Nothing {
        async fn get(&self, _: &str) -> Option<Vec<u8>> {
            None
        }
        async fn put(&self, _: &str, _: &[u8], _: Duration) {}
        async fn check(&self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn without_a_place_to_keep_answers_those_who_wait_still_share_one() {
        let (answers, worker) = (HotAnswers::new(Arc::new(Nothing)), Worker::default());
        let asked = (0..64).map(|_| answers.answer("a", TtlClass::Hot, at(0), worker.make()));
        for answer in join_all(asked).await {
            assert_eq!(*answer.unwrap(), *b"1");
        }
        assert_eq!(*answers.answer("a", TtlClass::Hot, at(0), worker.make()).await.unwrap(), *b"2");
    }
}
