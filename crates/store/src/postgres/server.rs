//! The **server**: its connections, and how long it may take to answer.
//!
//! A call is bounded on both sides, since a server that is frozen does not look at its own clock. A call that failed
//! soon is sent again after a jittered wait; every call made here may be made twice. After a call that failed for good
//! the server is left alone for [`REST`], so that callers who have another answer give it at once.

use std::future::Future;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Executor, Postgres};

use super::failure::Place;
use super::knock::{is_refusal, until_refused};
use crate::StoreError;
use crate::breaker::Breaker;
use crate::open::{bad_url, without_credentials};

/// Connections of one process at most. They are opened as they are needed and closed after [`IDLE`], so that a runner or
/// a function that handles one request at a time has one; a server has about a hundred for all of them.
const CONNECTIONS: u32 = 8;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(60);

/// Longest that one statement may take on the server, and a lock or a transaction may wait there.
const SERVER_LIMITS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '30s'; \
                             SET idle_in_transaction_session_timeout = '60s'";

/// Longest that one call may take when nobody says otherwise.
const CALL_TIMEOUT: Duration = Duration::from_secs(65);

/// How long a server that failed is left alone.
pub const REST: Duration = Duration::from_secs(2);

/// Attempts of a call.
const ATTEMPTS: u32 = 3;

/// Bound of the wait before the second attempt; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// A call that took longer than this is not sent again: whoever waits has waited enough.
const SOON: Duration = Duration::from_secs(2);

/// A connection, which goes back to the others when it is dropped.
pub type Connection = PoolConnection<Postgres>;

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Server {
    pool: PgPool,
    pub place: Place,
    /// Longest that one call may take, all its attempts together.
    pub patience: Duration,
    breaker: Breaker,
}

impl Server {
    /// Connects.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let place = Place(format!("the results store at {}", without_credentials(url)));
        let options: PgConnectOptions = url.parse().map_err(|_| {
            bad_url(url, "address of a PostgreSQL database", "postgres://USER:PASSWORD@HOST/DATABASE")
        })?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .idle_timeout(IDLE)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(SERVER_LIMITS).await.map(drop) })
            })
            .connect_lazy_with(options);
        let server = Self { pool, place, patience: CALL_TIMEOUT, breaker: Breaker::new(REST) };
        server.connection().await.map_err(|e| server.place.sql(e))?;
        Ok(server)
    }

    /// A connection: one that is idle, or a new one. At once an error when nobody listens.
    pub async fn connection(&self) -> sqlx::Result<Connection> {
        let address = self.pool.connect_options();
        tokio::select! {
            connection = self.pool.acquire() => connection,
            Err(refusal) = until_refused(&address) => Err(refusal.into()),
        }
    }

    /// Makes a call that may be made twice.
    pub async fn ask<T, F>(&self, call: impl Fn(Connection) -> F + Send + Sync) -> Result<T, StoreError>
    where
        F: Future<Output = sqlx::Result<T>> + Send,
        T: Send,
    {
        self.ask_longer(Duration::ZERO, call).await
    }

    /// The same for as much longer.
    pub async fn ask_longer<T, F>(
        &self,
        longer: Duration,
        call: impl Fn(Connection) -> F + Send + Sync,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = sqlx::Result<T>> + Send,
        T: Send,
    {
        if !self.breaker.may_ask(Instant::now()) {
            return Err(self.place.unavailable("it failed a moment ago and is left alone for a while"));
        }
        let answer = match tokio::time::timeout(self.patience + longer, self.ask_again(&call)).await {
            Ok(answer) => answer.map_err(|error| self.place.sql(error)),
            Err(_) => Err(self.place.unavailable("no answer in time")),
        };
        match &answer {
            Err(StoreError::Unavailable { .. }) => self.breaker.failed(Instant::now()),
            _ => self.breaker.succeeded(),
        }
        answer
    }

    async fn call<T, F>(&self, call: &(impl Fn(Connection) -> F + Send + Sync)) -> sqlx::Result<T>
    where
        F: Future<Output = sqlx::Result<T>> + Send,
    {
        call(self.connection().await?).await
    }

    async fn ask_again<T, F>(&self, call: &(impl Fn(Connection) -> F + Send + Sync)) -> sqlx::Result<T>
    where
        F: Future<Output = sqlx::Result<T>> + Send,
    {
        let mut attempt = 1;
        loop {
            let start = Instant::now();
            match self.call(call).await {
                Err(error) if attempt < ATTEMPTS && start.elapsed() < SOON && is_passing(&error) => {
                    tracing::debug!(%error, attempt, "a call of PostgreSQL is sent again");
                    let bound = FIRST_WAIT * 2_u32.pow(attempt - 1);
                    tokio::time::sleep(bound.mul_f64(fastrand::f64())).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }
}

/// Whether the same call may succeed a moment later: a connection that broke, a server that restarts, a deadlock.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => !is_refusal(error),
        sqlx::Error::Database(told) => {
            let code = told.code().unwrap_or_default();
            code.starts_with("08") || code.starts_with("57P") || matches!(&*code, "40001" | "40P01" | "53300")
        }
        _ => false,
    }
}
