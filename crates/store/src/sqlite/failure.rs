//! What SQLite's error codes mean to a person.

use std::path::Path;

use sqlx::migrate::MigrateError;

use crate::StoreError;

/// A database as a person would call it, and what to do when it is damaged.
#[derive(Debug, Clone)]
pub struct Place {
    name: String,
    mend: &'static str,
}

// SQLite's primary result codes, <https://sqlite.org/rescode.html>.
const PERM: i32 = 3;
const BUSY: i32 = 5;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;
/// `SQLITE_IOERR_SHMSIZE`: the index of the write-ahead log cannot grow, which a full disk causes.
const IOERR_SHMSIZE: i32 = 4874;

impl Place {
    pub fn results(path: &Path) -> Self {
        Self {
            name: format!("the results store in {}", path.display()),
            mend: "restore it from a backup, or move it away to start empty",
        }
    }

    pub fn ledger(path: &Path) -> Self {
        Self {
            name: format!("the ledger in {}", path.display()),
            mend: "move it away and run the same command again: finished results are in the results store and are not repeated",
        }
    }

    pub fn io(&self, error: &std::io::Error) -> StoreError {
        let (place, detail) = (self.name.clone(), error.to_string());
        match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::Full { place, detail },
            _ => StoreError::Unavailable { place, detail },
        }
    }

    pub fn damaged(&self, detail: impl ToString) -> StoreError {
        StoreError::Damaged {
            place: self.name.clone(),
            detail: detail.to_string(),
            mend: self.mend.to_owned(),
        }
    }

    pub fn missing(&self, what: impl ToString) -> StoreError {
        StoreError::Missing { place: self.name.clone(), what: what.to_string() }
    }

    pub fn other(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::Other { place: self.name.clone(), source: source.into() }
    }

    pub fn sql(&self, error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::Io(io) => self.io(&io),
            sqlx::Error::PoolTimedOut => StoreError::Unavailable {
                place: self.name.clone(),
                detail: "every connection was busy for too long".to_owned(),
            },
            error @ (sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => self.damaged(error),
            error => self.by_code(error),
        }
    }

    pub fn migration(&self, error: MigrateError) -> StoreError {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => self.sql(error),
            error => self.other(error),
        }
    }

    fn by_code(&self, error: sqlx::Error) -> StoreError {
        // The extended code; its low byte is the primary one.
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|c| c.parse::<i32>().ok());
        let Some(code) = code else { return self.other(error) };
        let detail = error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
        let place = self.name.clone();
        match code & 0xff {
            FULL => StoreError::Full { place, detail },
            _ if code == IOERR_SHMSIZE => StoreError::Full { place, detail },
            CORRUPT | NOTADB => self.damaged(detail),
            BUSY => StoreError::Unavailable { place, detail: format!("another program holds it: {detail}") },
            CANTOPEN | PERM | READONLY => StoreError::Unavailable { place, detail },
            _ => self.other(error),
        }
    }
}
