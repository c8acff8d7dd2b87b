//! **Hot results in Redis**, shared by every server of the API.
//!
//! Redis saves time and may not cost any: a server that is away or slow is the same as an answer that is not
//! there. An answer must come back within [`RESPONSE_TIMEOUT`], and after a failure Redis is left alone for
//! [`REST`], so that a dead one does not slow every request down by its timeout.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, FromRedisValue, RedisResult};
use store::breaker::Breaker;
use store::open::{bad_url, without_credentials};
use store::{HotResults, StoreError};

/// Longest that one answer may take. Recomputing an answer takes milliseconds.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_millis(100);

/// Longest that a connection may take.
const CONNECTION_TIMEOUT: Duration = Duration::from_millis(250);

/// How long a Redis that failed is left alone.
pub const REST: Duration = Duration::from_secs(1);

/// Our keys among those of others.
const PREFIX: &str = "assay:hot:";

/// Hot results in a Redis.
pub struct RedisHotResults {
    connection: ConnectionManager,
    breaker: Breaker,
    place: String,
}

impl RedisHotResults {
    /// Uses a Redis: `redis://HOST`, `redis://:PASSWORD@HOST:PORT/DATABASE`, the same with `rediss` for TLS, whose
    /// certificate is checked against those that the machine trusts, or `redis+unix://PATH`. It need not be there now,
    /// or ever. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(url: &str) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECTION_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(0);
        let connection = Client::open(url)
            .and_then(|client| ConnectionManager::new_lazy_with_config(client, config))
            .map_err(|_| {
                let expected = "redis://HOST, redis://:PASSWORD@HOST:PORT/DATABASE, rediss://... with TLS or \
                                redis+unix://PATH";
                bad_url(url, "address of a Redis", expected)
            })?;
        let place = format!("the Redis at {}", without_credentials(url));
        Ok(Self { connection, breaker: Breaker::new(REST), place })
    }

    /// Asks, unless Redis rests; a failure is told once per rest.
    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Option<T> {
        if !self.breaker.may_ask(Instant::now()) {
            return None;
        }
        match self.ask_always(&command).await {
            Ok(answer) => {
                self.breaker.succeeded();
                Some(answer)
            }
            Err(error) => {
                tracing::warn!(%error, "Redis does not answer; hot results are recomputed");
                self.breaker.failed(Instant::now());
                None
            }
        }
    }

    /// The response timeout counts from the sending; connecting again comes on top of it.
    async fn ask_always<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        command.query_async(&mut self.connection.clone()).await
    }
}

#[async_trait]
impl HotResults for RedisHotResults {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let mut command = redis::cmd("GET");
        command.arg([PREFIX, key].concat());
        self.ask::<Option<Vec<u8>>>(command).await.flatten()
    }

    async fn put(&self, key: &str, answer: &[u8], ttl: Duration) {
        // Redis counts in milliseconds and refuses none of them.
        let ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).min(i64::MAX as u64 / 2);
        let key = [PREFIX, key].concat();
        let command = if ms == 0 {
            redis::cmd("DEL").arg(key).to_owned()
        } else {
            redis::cmd("SET").arg(key).arg(answer).arg("PX").arg(ms).to_owned()
        };
        // An answer that could not be kept is computed again.
        let _kept: Option<redis::Value> = self.ask(command).await;
    }

    async fn check(&self) -> Result<(), StoreError> {
        let answer: RedisResult<redis::Value> = self.ask_always(&redis::cmd("PING")).await;
        let unavailable = |e: redis::RedisError| StoreError::Unavailable {
            place: self.place.clone(),
            detail: e.to_string(),
        };
        answer.map(drop).map_err(unavailable)
    }
}
