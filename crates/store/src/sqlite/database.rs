//! A **database** is one SQLite file with its connections: one that writes, so that writers of one process
//! queue instead of racing for the lock, and some that read.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::failure::Place;
use crate::StoreError;

/// How long a write waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a task waits for a connection of its own process.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(60);

const READERS: u32 = 4;

/// A clone has the same connections.
#[derive(Debug, Clone)]
pub struct Database {
    pub read: SqlitePool,
    write: SqlitePool,
    pub place: Place,
}

impl Database {
    /// Opens a file, creating it and its folder if need be, and brings its tables up to date.
    pub async fn open(path: &Path, place: Place, migrator: &Migrator) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await.map_err(|e| place.io(&e))?;
        }
        Self::open_with(options(path), place, migrator).await
    }

    /// Opens a file to read it. On a disk that is full, where there is no room for the memory that processes share
    /// beside the file, it is opened for this process alone.
    pub async fn open_to_read(path: &Path, place: Place, migrator: &Migrator) -> Result<Self, StoreError> {
        match Self::open(path, place.clone(), migrator).await {
            Err(StoreError::Full { .. }) => {}
            opened => return opened,
        }
        let alone = options(path).locking_mode(SqliteLockingMode::Exclusive);
        let only = Self::connect_first(&alone, &place).await?;
        Ok(Self { read: only.clone(), write: only, place })
    }

    /// Opens a file whose folder is there.
    pub async fn open_with(
        options: SqliteConnectOptions,
        place: Place,
        migrator: &Migrator,
    ) -> Result<Self, StoreError> {
        let write = Self::connect_first(&options, &place).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options);
        let database = Self { read, write, place };
        database.migrate(migrator).await?;
        Ok(database)
    }

    /// Switching a new file to the write-ahead log answers "busy" at once, without waiting, when another
    /// process does the same at that moment.
    async fn connect_first(options: &SqliteConnectOptions, place: &Place) -> Result<SqlitePool, StoreError> {
        let mut wait = Duration::from_millis(5);
        loop {
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT);
            match pool.connect_with(options.clone()).await {
                Ok(pool) => return Ok(pool),
                Err(error) if is_locked(&error) && wait < Duration::from_secs(2) => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => return Err(place.sql(error)),
            }
        }
    }

    /// In one transaction that holds the write lock, since two processes may open a new file at once.
    async fn migrate(&self, migrator: &Migrator) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        migrator.run_direct(None, &mut *transaction, false).await.map_err(|e| self.place.migration(e))?;
        transaction.commit().await.map_err(|e| self.place.sql(e))
    }

    /// Begins a write: nobody else writes until it ends.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        match self.write.begin_with(BEGIN).await {
            // On a full disk SQLite ends a transaction by itself, and sqlx takes it for open ever after. A new
            // connection has none.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let stale = self.write.acquire().await.map_err(|e| self.place.sql(e))?;
                stale.close().await.map_err(|e| self.place.sql(e))?;
                self.write.begin_with(BEGIN).await
            }
            begun => begun,
        }
        .map_err(|e| self.place.sql(e))
    }
}

/// How every connection is opened.
pub fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
}

fn is_locked(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.message().contains("database is locked"))
}
